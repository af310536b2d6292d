"""The use list and the reach of a voiding, as a desk asks for them and as an operator writes them out."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from pypdfium2 import PdfDocument
from sqlalchemy import delete, select

from app import main
from core.clock import to_stamp
from core.documents.use_list import use_list_csv
from core.errors import UserError
from core.records.uses import UseLine
from hub.bundle import bundle_file
from hub.party_tables import holding
from hub.reach import DESK, FILE, PARTY, note_holding, reach_of
from hub.status_lists import LIFETIME
from tests.hub.conftest import Station
from tests.hub.department import Department
from tests.hub.sample_office import SampleOffice
from tests.hub.test_verification_api import change, hold, next_index

Captured = pytest.CaptureFixture[bytes]


@pytest.fixture
def where(station: Station, tmp_path: Path) -> list[str]:
    key = tmp_path / "key"
    key.write_text(station.key.hex())
    key.chmod(0o600)
    return ["--db", station.db_url, "--key-file", str(key)]


def run(captured: Captured, *typed: str) -> tuple[int, dict[str, Any]]:
    captured.readouterr()
    code = main(list(typed))
    answer: dict[str, Any] = json.loads(captured.readouterr().out)
    return code, answer


def ask(office: SampleOffice, kind: str, **fields: Any) -> dict[str, Any]:
    office.protocol = 2
    return office.ask(f"/api/v1/{kind}", office.envelope(kind, **fields))


def test_an_office_reads_its_own_use_list(station: Station) -> None:
    office, other = station.new_office(), station.new_office()
    mine, theirs = hold(station, office, next_index()), hold(station, other, next_index())
    department = Department(station.hub)
    department.register()
    since = to_stamp(station.hands())
    for held in (mine, theirs, mine):
        department.ask("basic", unit=held.unit)
        station.hands.forward(seconds=1)
    told = ask(office, "uses", since=since, until=to_stamp(station.hands()))
    assert (len(told["lines"]), told["more"]) == (2, False)
    line = UseLine.read(told["lines"][0])
    assert (line.uscc, line.unit_name) == (mine.uscc, mine.approved.invented.values["name"])
    assert (line.function, line.answer, line.reason) == ("basic", "valid", "办理社会保险登记")
    assert ask(office, "uses", since=since, until=since)["lines"] == []
    status, body = station.post("/api/v1/uses", office.envelope("uses", since="x", until=since))
    assert (status, json.loads(body)["error"]) == (400, "envelope_malformed")


def test_a_voiding_has_reached_everybody_when_every_older_list_has_ended(station: Station) -> None:
    office = station.new_office()
    held = hold(station, office, next_index())
    now = station.hub.now()
    department = Department(station.hub)
    department.register()
    with station.hub.database.write() as connection:
        connection.execute(delete(holding))  # what other tests gave away
        note_holding(connection, PARTY, department.id, now - 60, now + 7200)
        note_holding(connection, DESK, office.device, now - 60, now + 90_000)
    assert ask(office, "reach", unit=held.approved.unit)["units"] == []
    change(station, held, "void")
    (told,) = ask(office, "reach", unit=held.approved.unit)["units"]
    assert told["name"] == held.approved.invented.values["name"]
    assert told["by"] == now + 90_000 and told["public_until"] == told["ended_at"] + LIFETIME
    mine = {(each["kind"], each["holder"]): each for each in told["holders"]}
    assert mine[PARTY, department.id]["name"] == "演练市人力资源和社会保障局"
    assert mine[DESK, office.device]["expires_at"] == now + 90_000
    with station.hub.database.write() as connection:  # the desk fetched anew: its old list is gone
        note_holding(connection, DESK, office.device, now + 1, now + 90_001)
        note_holding(connection, DESK, office.device, now - 500, now + 200_000)  # late news of an older one
        reach = reach_of(connection, now, now)
    assert (DESK, office.device) not in {(each.kind, each.holder) for each in reach.holders}
    (told,) = [each for each in ask(office, "reach")["units"] if each["unit"] == held.approved.unit]
    assert told["by"] == now + 7200


def test_a_bundle_that_an_operator_wrote_out_is_held_until_it_ends(
    station: Station, where: list[str], tmp_path: Path, capfdbinary: Captured
) -> None:
    office = station.new_office()
    held = hold(station, office, next_index())
    department = Department(station.hub)
    department.register()
    with station.hub.database.write() as connection:
        connection.execute(delete(holding))
    named = bundle_file(station.hub, department.id, 72)
    assert bundle_file(station.hub, "", 48).expires_at == named.expires_at - 24 * 3600
    department.ask("bundle")  # newer, on another computer: the file is where it was
    station.hands.forward(seconds=1)
    change(station, held, "void")
    (told,) = [each for each in ask(office, "reach")["units"] if each["unit"] == held.approved.unit]
    assert told["by"] == named.expires_at
    files = {(each["name"], each["expires_at"]) for each in told["holders"] if each["kind"] == FILE}
    assert files == {("演练市人力资源和社会保障局", named.expires_at), ("", named.expires_at - 24 * 3600)}
    with pytest.raises(UserError, match="party_unknown"):
        bundle_file(station.hub, "nobody", 24)

    out = tmp_path / "by.bundle"
    words = ("hub", "bundle", *where, "--out", str(out), "--hours", "5", "--for", department.id)
    code, said = run(capfdbinary, *words)
    assert (code, said["expires_at"] - said["as_of"], said["bytes"]) == (0, 5 * 3600, out.stat().st_size)
    with station.hub.database.read() as connection:
        kept = connection.execute(select(holding).where(holding.c.expires_at == said["expires_at"])).all()
    assert [row.holder.startswith(f"{department.id}:") for row in kept if row.holder_kind == FILE] == [True]


def test_the_verbs_of_a_department_from_its_file_to_its_end(
    station: Station, where: list[str], tmp_path: Path, capfdbinary: Captured
) -> None:
    department, file, signed = Department(station.hub), tmp_path / "d.json", tmp_path / "signed.jws"
    file.write_text(json.dumps(department.profile()), "utf-8")
    code, told = run(capfdbinary, "hub", "party", "add", str(file), *where, "--out", str(signed))
    assert (code, told["party"], told["version"]) == (0, department.id, 1)
    assert signed.read_text().count(".") == 2
    held = hold(station, station.new_office(), next_index())
    assert department.ask("basic", unit=held.unit, reason="=1+1 核对").body["answer"] == "valid"
    code, told = run(capfdbinary, "hub", "party", "list", *where)
    (mine,) = [each for each in told["parties"] if each["party"] == department.id]
    assert mine["budgets"]["basic"]["used_today"] == 1
    for suffix in ("csv", "pdf"):
        out = tmp_path / f"uses.{suffix}"
        code, told = run(
            capfdbinary, "hub", "party", "uses", *where, "--out", str(out), "--party", department.id
        )
        assert (code, told["lines"]) == (0, 1)
    rows = list(csv.reader(io.StringIO((tmp_path / "uses.csv").read_bytes().decode("utf-8-sig"))))
    assert rows[1][10] == "'=1+1 核对" and rows[1][6] == held.uscc
    text = "".join(page.get_textpage().get_text_bounded() for page in PdfDocument(tmp_path / "uses.pdf"))
    assert "用证清单" in text and "=1+1 核对" in text
    assert (
        run(capfdbinary, "hub", "party", "uses", *where, "--out", "x.txt")[1]["error"] == "out_suffix_wrong"
    )
    assert run(capfdbinary, "hub", "party", "disable", department.id, *where)[1]["disabled_at"]
    code, told = run(capfdbinary, "hub", "party", "disable", "nobody", *where)
    assert (code, told["error"]) == (1, "party_unknown")


def wrong_files(department: Department) -> dict[str, tuple[str, Any]]:
    """Profiles that are refused: the code, and the file."""
    good = department.profile()
    purpose = good["purposes"][0]
    return {
        "no json": ("party_file_malformed", "{"),
        "private key": ("party_key_private", {**good, "key": department.key}),
        "no key": ("party_key_wrong", {**good, "key": {"kty": "EC"}}),
        "private pem": ("party_key_private", {**good, "key": "-----BEGIN PRIVATE KEY-----"}),
        "number field": ("field_wrong", {**good, "purposes": [{**purpose, "fields": ["manager.id_number"]}]}),
        "no fields": ("party_fields_missing", {**good, "purposes": [{**purpose, "fields": []}]}),
        "unheard matter": ("party_matter_unknown", {**good, "purposes": [{**purpose, "matters": ["NOPE"]}]}),
        "twice": ("party_repeated", {**good, "purposes": [purpose, purpose]}),
        "no budget": ("party_budget_missing", {**good, "budgets": {"basic": {"minute": 1, "day": 1}}}),
        "free": ("field_range", {**good, "budgets": {**good["budgets"], "basic": {"minute": 0, "day": 1}}}),
        "past": ("party_period_wrong", {**good, "valid_until": "2020-01-01"}),
        "no day": ("party_period_wrong", {**good, "valid_until": "2027-02-30"}),
        "for ever": ("party_period_wrong", {**good, "valid_until": "2199-01-01"}),
        "id": ("field_wrong", {**good, "id": "有名"}),
        "more": ("field_strange", {**good, "admin": True}),
    }


def test_bad_files_are_refused_with_code_and_sentence(
    station: Station, where: list[str], tmp_path: Path, capfdbinary: Captured
) -> None:
    department, file = Department(station.hub), tmp_path / "d.json"
    for name, (code, value) in wrong_files(department).items():
        file.write_text(value if isinstance(value, str) else json.dumps(value), "utf-8")
        exit_code, told = run(capfdbinary, "hub", "party", "add", str(file), *where)
        if name == "no fields":
            code = "field_blank"
        assert (name, exit_code, told["error"]) == (name, 1, code)
        assert told["message"].endswith("。")


def test_scenarios_and_guide_are_kept_and_published(
    station: Station, where: list[str], tmp_path: Path, capfdbinary: Captured
) -> None:
    from tests.hub.wallet import http

    file = tmp_path / "f.json"
    entry = {"code": "HOUSING", "name": "住房公积金<缴存>", "department": "住房公积金管理机构"}
    file.write_text(json.dumps({"scenarios": [entry]}), "utf-8")
    assert run(capfdbinary, "hub", "scenario", "add", str(file), *where)[1]["added"] == 1
    page = http(f"{station.hub.issuer}/scenarios")
    assert "住房公积金&lt;缴存&gt;" in page.body.decode() and "公章刻制备案" in page.body.decode()
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert "script" not in page.body.decode() and "unsafe" not in page.headers["content-security-policy"]
    assert http(f"{station.hub.issuer}/public.css").headers["content-type"].startswith("text/css")
    file.write_text(json.dumps({"codes": ["HOUSING", "SEAL"]}), "utf-8")
    assert run(capfdbinary, "hub", "scenario", "remove", str(file), *where)[1]["removed"] == 2
    listed = run(capfdbinary, "hub", "scenario", "list", *where)[1]["scenarios"]
    assert {each["code"] for each in listed}.isdisjoint({"HOUSING", "SEAL"}) and len(listed) == 14
    assert (
        run(capfdbinary, "hub", "scenario", "remove", str(file), *where)[1]["error"] == "party_matter_unknown"
    )
    _, told = run(capfdbinary, "hub", "publish", *where, "--out", str(tmp_path / "out"))
    text = "".join(
        page.get_textpage().get_text_bounded() for page in PdfDocument(tmp_path / "out/scenarios.pdf")
    )
    assert told["scenarios"] == 14 and "公章刻制" not in text and "税务登记" in text
    own = {"title": "本省指南", "sections": [{"heading": "在哪里", "lines": ["窗口"]}]}
    file.write_text(json.dumps(own), "utf-8")
    assert run(capfdbinary, "hub", "guide", "set", str(file), *where)[1]["sections"] == 1
    assert "本省指南" in http(f"{station.hub.issuer}/guide").body.decode()
    file.write_text(json.dumps({**own, "sections": []}), "utf-8")
    assert run(capfdbinary, "hub", "guide", "set", str(file), *where)[1]["error"] == "field_blank"
    file.write_text(json.dumps({"scenarios": [{**entry, "code": "SEAL"}]}), "utf-8")
    run(capfdbinary, "hub", "scenario", "add", str(file), *where)


def test_a_cell_is_never_a_formula() -> None:
    line = UseLine(
        "u",
        "2026-11-29T00:00:00.000Z",
        "p",
        "@名",
        "-",
        "+",
        "basic",
        "",
        "=x",
        "",
        "1",
        "o",
        "valid",
        (),
        "\t=1",
    )
    cells = list(csv.reader(io.StringIO(use_list_csv([line], rehearsal=True).decode("utf-8-sig"))))
    assert cells[0][0].endswith("（演练）")
    assert not [cell for cell in cells[1] if cell[:1] in "=+-@\t" and cell]
