"""Every verb in a row, as an operator types them: from an empty folder to a claimed certificate.

The row runs once per process; each test looks at one thing it left behind.
"""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from core.clock import system_clock
from core.credentials.certificate_claims import VCT
from core.credentials.sdjwt import leaves, verify
from core.errors import UserError
from core.verbs.wallet import claim
from tests.e2e import desk_kit as kit
from tests.e2e.desk_kit import Answer, Desk, Hub, app
from tests.hub.wallet import http

pytestmark = pytest.mark.slow

_PEOPLE = (
    ("boss", "演练管理员", ["admin"]),
    ("clerk", "演练受理员", ["clerk", "reviewer"]),
    ("check", "演练审核员", ["reviewer"]),
)


@dataclass
class Row:
    """What happened."""

    place: Path
    desk: Desk
    hub: Hub
    answers: dict[str, Answer] = field(default_factory=dict)
    certificate: str = ""
    phone: dict[str, str] = field(default_factory=dict)
    sent: str = ""

    def __getitem__(self, name: str) -> Answer:
        return self.answers[name]

    def keep(self, name: str, answer: Answer, exit: int = 0) -> Answer:
        assert answer.exit == exit, (name, answer.exit, answer.out.decode(), answer.err.decode())
        self.answers[name] = answer
        return answer


def _unit(code: str, name: str) -> dict[str, str]:
    return {
        "uscc": code,
        "name": name,
        "purpose": "演练数据，不是真实登记信息。",
        "address": "演练镇示范路1号",
        "representative_name": kit.NAME,
        "funding_source": "财政补助",
        "starting_capital": "10万元",
        "sponsor": "演练局",
        "valid_from": "2024-01-01",
        "valid_to": "2099-01-01",
    }


def _values() -> dict[str, str]:
    return {
        "representative_id": kit.ID,
        "representative_mobile": kit.PHONE,
        "other_manager": "yes",
        "manager_name": kit.MANAGER,
        "manager_mobile": kit.MANAGER_PHONE,
        "manager_id": kit.MANAGER_ID,
        "handset_confirmed": "yes",
        "occasion": "alone",
        "attendant": "representative",
        "identity_checked": "yes",
    }


def _set_up(row: Row) -> None:
    desk, hub, inputs = row.desk, row.hub, row.desk.inputs
    people = []
    for login, name, roles in _PEOPLE:
        (inputs / f"{login}.txt").write_text(f"secret of {login}\n", "utf-8")
        people.append({"login": login, "name": name, "password_file": f"{login}.txt", "roles": roles})
    office = kit.write_json(inputs / "office.json", {"office": kit.OFFICE, "people": people})
    recovery = inputs / "recovery.json"
    init = ("office", "init", office, "--rehearsal", "--data", desk.data)
    row.keep("office init", app(*init, "--recovery-out", recovery))
    row.keep("office init again", app(*init), 1)
    row.keep("enrol in clear", desk.as_("boss", "office", "enrol", hub.url), 1)
    row.keep("enrol alone", desk.as_("boss", "office", "enrol", hub.url, "--http"), 3)
    row.keep("hub init", hub.init(row.place / "root.pem"))
    hub.start()
    row.keep("enrol asked", desk.as_("boss", "office", "enrol", hub.url, "--http"))
    row.keep("hub enrol", app("hub", "enrol", row["enrol asked"].body["fingerprint"], *hub.where))
    row.keep("enrolled", desk.as_("boss", "office", "enrol", hub.url, "--http"))


def _carry(row: Row) -> None:
    desk = row.desk
    units = desk.file("units.jsonl", _unit(kit.USCC, "演练第九小学"), _unit(kit.OTHER_USCC, "演练第十小学"))
    row.keep("unit add", desk.as_("clerk", "unit", "add", units))
    good = {"form": "attachment-1", "unit": kit.USCC, "values": _values()}
    wrong = good | {"unit": kit.OTHER_USCC, "values": _values() | {"manager_id": kit.ID}}
    row.keep("case add", desk.as_("clerk", "case", "add", desk.file("cases.jsonl", good, wrong)), 1)
    case = row["case add"].body["lines"][0]["case"]
    pdf = row.place / "attachment-1.pdf"
    row.keep("case print", desk.as_("clerk", "case", "print", case, "--out", pdf))
    scan = desk.inputs / "scan.jpg"
    scan.write_bytes(kit.picture(pdf))
    row.keep("case scan", desk.as_("clerk", "case", "scan", case, scan))
    row.keep("case scan with papers", desk.as_("clerk", "case", "scan", case, scan, "--papers", "all"))
    row.keep("self approval", desk.as_("clerk", "case", "approve", case), 1)
    remark = desk.inputs / "remark.txt"
    remark.write_text(f"请核对{kit.NAME}的签名", "utf-8")
    back = ("case", "return", case, "--reason", "seal_missing", "other", "--remark-file", remark)
    row.keep("case return", desk.as_("check", *back))
    row.keep("returned", desk.as_("check", "case", "show", case))
    row.keep("case scan again", desk.as_("clerk", "case", "scan", case, scan))
    row.keep("case approve", desk.as_("check", "case", "approve", case))
    row.keep("approved", desk.as_("check", "case", "show", row["case add"].body["lines"][0]["case_no"]))


def _phone(row: Row, place: str, **body: str) -> dict[str, str]:
    address = f"{row.hub.url}/api/v1/holder/{place}"
    answer: dict[str, str] = http(address, json.dumps(body).encode(), Content_Type="application/json").json
    return answer


def _claim(row: Row) -> None:
    desk, place = row.desk, row.place
    case = row["case approve"].body["case"]
    row.keep("sync", desk.as_("boss", "sync"))
    row.keep("mint void", desk.as_("clerk", "claim", "mint", case, "--out", place / "voided"))
    row.keep("claim void", desk.as_("clerk", "claim", "void", case))
    row.keep("claim mint", desk.as_("clerk", "claim", "mint", case, "--out", place / "claim"))
    row.phone = _phone(row, "reverse")
    short = row.phone["short"]
    wrong = short[:-1] + ("3" if short[-1] != "3" else "4")
    row.keep("claim reverse wrong", desk.as_("clerk", "claim", "reverse", place / "claim", wrong), 1)
    row.keep("claim reverse", desk.as_("clerk", "claim", "reverse", place / "claim", short))
    row.sent = _phone(row, "reverse/poll", ticket=row.phone["ticket"])["credential_offer_uri"]
    offer, pin = (place / "claim" / "offer-by-value.txt", place / "claim" / "pin.txt")
    row.certificate = claim(offer.read_text(), pin.read_text()).certificate
    (place / "certificate.sdjwt").write_text(row.certificate)
    row.keep("sync after", desk.as_("boss", "sync"))
    row.keep("claimed", desk.as_("clerk", "case", "show", case, "--reveal"))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def row(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Row]:
    db = request.getfixturevalue("postgres_url") if request.param == "postgresql" else ""
    place = tmp_path_factory.mktemp("row")
    inputs, hub_folder = place / "inputs", place / "hub"
    inputs.mkdir()
    hub_folder.mkdir()
    row = Row(place, Desk(place, inputs), Hub(hub_folder, db))
    try:
        _set_up(row)
        _carry(row)
        _claim(row)
        yield row
    finally:
        if row.hub.process is not None:
            row.hub.stop()


def test_an_office_is_set_up_once_with_everybody_in_it(row: Row) -> None:
    body = row["office init"].body
    assert [(each["login"], each["roles"]) for each in body["people"]] == [
        ("boss", ["admin"]), ("check", ["reviewer"]), ("clerk", ["clerk", "reviewer"]),
    ]  # fmt: skip
    recovery = Path(body["recovery"])
    assert set(json.loads(recovery.read_text())) == {"boss", "clerk", "check"}
    assert stat.S_IMODE(recovery.stat().st_mode) == 0o600
    assert row["office init again"].body["error"] == "data_folder_in_use"


def test_enrolment_waits_for_the_operator_and_its_request_survives_a_dead_line(row: Row) -> None:
    assert row["enrol in clear"].body["error"] == "hub_http_not_chosen"
    assert "--http" in row["enrol in clear"].body["message"]
    alone, asked, done = row["enrol alone"].body, row["enrol asked"].body, row["enrolled"].body
    assert alone["error"] == "hub_unreachable"
    assert alone["params"] == {"request": asked["request"], "fingerprint": asked["fingerprint"]}
    assert (asked["state"], done["state"]) == ("pending", "enrolled")
    assert row["hub enrol"].body["office"] == row["office init"].body["office"]
    assert not done["single_clerk"]


def test_a_refused_line_is_told_beside_the_others_and_leaves_nothing(row: Row) -> None:
    body = row["case add"].body
    first, second = body["lines"]
    assert (body["done"], body["refused"], body["error"]) == (1, 1, "lines_refused")
    assert (first["line"], second["line"]) == (1, 2)
    assert second["error"] == "form_incomplete"
    assert [(f["field"], f["code"]) for f in second["params"]["findings"]] == [
        ("manager_id", "manager_is_representative")
    ]
    other = row.desk.file(
        "again.jsonl", {"form": "attachment-1", "unit": kit.OTHER_USCC, "values": _values()}
    )
    again = row.desk.as_("clerk", "case", "add", other)
    assert again.exit == 0, "half a case was left behind"


def test_a_case_with_papers_missing_is_not_submitted(row: Row) -> None:
    first, second = row["case scan"].body, row["case scan with papers"].body
    assert not first["submitted"]
    assert {line["paper"] for line in first["missing"]} == set(row["case add"].body["lines"][0]["missing"])
    assert second["submitted"] and second["missing"] == []


def test_nobody_approves_their_own_case(row: Row) -> None:
    assert row["self approval"].body["error"] == "self_approval"
    assert row["self approval"].body["message"]


def test_a_case_goes_back_with_reasons_and_comes_again(row: Row) -> None:
    assert row["returned"].body["lifecycle"] == "returned"
    assert row["returned"].body["reasons"] == ["seal_missing", "other"]
    assert row["case scan again"].body["submitted"]
    assert row["approved"].body["lifecycle"] == "approved"


def test_what_is_shown_is_covered_unless_revealed(row: Row) -> None:
    covered, revealed = row["approved"], row["claimed"]
    for text in kit.PLANTED:
        assert text.encode() not in covered.out
        assert text.encode() in revealed.out
    assert revealed.body["lifecycle"] == "claimed"
    assert revealed.body["delivery"] == "recorded"


def test_the_claim_folder_says_the_same_four_times(row: Row) -> None:
    place = row.place / "claim"
    link = (place / "offer.txt").read_text()
    read = zxingcpp.read_barcode(Image.open(place / "claim.png"))
    assert read is not None and read.text == link
    code = link.rpartition("/o/")[2]
    assert link == f"{row.hub.url}/c?credential_offer_uri={row.hub.url}/o/{code}"
    assert code in (place / "offer-by-value.txt").read_text()
    assert (place / "pin.txt").read_text().isdigit()
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in place.iterdir())
    assert (place / "pin.txt").read_bytes() not in row["claim mint"].out


def test_a_code_goes_to_the_phone_that_shows_a_short_code(row: Row) -> None:
    assert row["claim reverse wrong"].body["error"] == "reverse_wrong"
    assert row["claim reverse"].body["sent"] is True
    assert (row.place / "claim" / "offer.txt").read_text().endswith(row.sent)


def test_the_certificate_says_what_case_json_expects(row: Row) -> None:
    about = json.loads((row.place / "claim" / "case.json").read_text("utf-8"))
    roots = [(row.place / "root.pem").read_bytes()]
    found = verify(row.certificate, roots, system_clock(), VCT, rehearsal=True)
    said = leaves(found.claims)
    assert about["claims"].items() <= said.items()
    assert (said["manager.name"], said["manager.role"]) == (kit.MANAGER, "appointed")
    assert kit.MANAGER in about["attachment-1"]["printed"]


def test_a_voided_code_is_refused_at_the_phone(row: Row) -> None:
    place = row.place / "voided"
    with pytest.raises(UserError) as refusal:
        claim((place / "offer.txt").read_text(), (place / "pin.txt").read_text())
    assert refusal.value.code == "claim_refused"
    assert refusal.value.params["word"] in ("voided", "superseded", "used")


def test_sync_carries_everything_and_nothing_is_refused(row: Row) -> None:
    assert row["sync"].body["pending"] == 0
    assert row["sync"].body["pushed"] > 10
    after = row["sync after"].body
    assert (after["rejected"], after["pending"], after["pulled"]) == ([], 0, 1)


def test_no_planted_person_stands_in_any_file_but_the_chosen_exports(row: Row) -> None:
    """While the hub runs and its log and WAL lie there."""
    exports = tuple(row.place / name for name in ("claim/case.json", "voided/case.json", "certificate.sdjwt"))
    exempt = (*exports, row.desk.inputs, row.place / "attachment-1.pdf")
    assert row.hub.db.startswith("postgresql") or (row.hub.folder / "hub.db-wal").exists()
    assert kit.places_of(kit.PLANTED, row.place, exempt=exempt) == []
    assert kit.places_of(kit.PLANTED, row.place, exempt=exempt[1:]) != [], "the search finds what is there"
    quiet = [a.out + a.err for name, a in row.answers.items() if name != "claimed"]
    assert not any(text.encode() in said for text in kit.PLANTED for said in quiet)


@pytest.mark.parametrize(
    ("typed", "exit", "code"),
    [
        (("case", "show", "nothing"), 1, "case_unknown"),
        (("case", "print", "{case}", "--out", "/proc/none/a.pdf"), 3, "file_unwritable"),
        (("case", "scan", "{case}", "{root}"), 1, "scan_type_unknown"),
        (("case", "return", "{case}", "--reason", "because"), 2, "reason_unknown"),
        (("claim", "mint", "{case}", "--out", "{root}/x"), 3, "file_unwritable"),
        (("unit", "add", "/nowhere"), 3, "file_unreadable"),
        (("sync", "--never"), 2, "usage"),
    ],
)
def test_each_failure_has_its_exit_code(row: Row, typed: tuple[str, ...], exit: int, code: str) -> None:
    case = row["case approve"].body["case"]
    words = [word.format(case=case, root=row.place / "root.pem") for word in typed]
    answer = row.desk.as_("clerk", *words)
    assert (answer.exit, answer.body["error"]) == (exit, code)


def test_a_wrong_password_and_a_missing_folder(row: Row) -> None:
    boss = row.desk.inputs / "boss.txt"
    wrong = app("sync", "--data", row.desk.data, "--as", "clerk", "--password-file", boss)
    assert (wrong.exit, wrong.body["error"]) == (1, "wrong_password")
    nowhere = app("sync", "--data", row.place / "none", "--as", "clerk", "--password-file", boss)
    assert (nowhere.exit, nowhere.body["error"]) == (3, "data_folder_missing")


def test_a_folder_that_cannot_be_written_is_the_machines_fault(row: Row) -> None:
    office = row.desk.inputs / "office.json"
    answer = app("office", "init", office, "--data", row.place / "root.pem" / "desk")
    assert (answer.exit, answer.body["error"]) == (3, "disk_readonly")


def test_a_second_hub_on_the_port_is_told_so(row: Row) -> None:
    answer = app("hub", *row.hub.where, "--listen", f"127.0.0.1:{row.hub.port}", "--http")
    assert (answer.exit, answer.body["error"]) == (3, "port_taken")


def test_the_hub_ends_when_asked_and_then_sync_says_it_is_gone(row: Row) -> None:
    """Last in the row: it stops the hub."""
    assert row.hub.stop() == 0
    answer = row.desk.as_("boss", "sync")
    assert (answer.exit, answer.body["error"]) == (3, "hub_unreachable")
