"""The departments' four questions over HTTP: true answers, refusals with code and sentence, one line each."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import select

from core.credentials.chain import check_chain
from core.credentials.jose import parse_compact, verify_compact
from core.forms.check_digits import uscc_check_character
from hub.facts import suspend_certificates, void_certificates
from hub.ledger import Ledger
from hub.party_profile import profile_of
from hub.party_tables import party_budget, use_record
from hub.uses import operator_digest
from tests.hub.conftest import Station
from tests.hub.department import OPERATOR, PLENTY, Department, strangers
from tests.hub.sample_office import Approved, SampleOffice

ROOT = Path(__file__).parents[2]
_INDEXES = count(20)
"""Invented units that no other office of the session's hub has."""


@dataclass
class Held:
    """A unit whose certificate is on a phone."""

    office: SampleOffice
    approved: Approved
    text: str

    @property
    def uscc(self) -> str:
        return self.approved.invented.values["uscc"]

    @property
    def unit(self) -> dict[str, str]:
        return {"uscc": self.uscc}

    def representative(self) -> dict[str, str]:
        who = self.approved.invented.representative
        return {"name": who.name, "id_number": who.id_number}


def next_index() -> int:
    return next(_INDEXES)


@pytest.fixture
def held(station: Station, office: SampleOffice) -> Held:
    return hold(station, office, next_index())


def hold(station: Station, office: SampleOffice, index: int) -> Held:
    approved = office.approved_case(index)
    minted = office.mint(approved)
    office.push_all_recorded()
    return Held(office, approved, station.wallet().claim(minted.text, minted.pin))


def lines(station: Station, department: Department) -> list[Any]:
    with station.hub.database.read() as connection:
        mine = select(use_record).where(use_record.c.party == department.id).order_by(use_record.c.at)
        return list(connection.execute(mine))


def change(station: Station, held: Held, what: str) -> None:
    hub, office = station.hub, held.office.office
    with hub.database.write() as connection:
        ledger = Ledger(hub, connection, office)
        if what == "void":
            void_certificates(hub, connection, ledger, held.approved.unit, "test")
        else:
            suspend_certificates(hub, connection, ledger, held.approved.unit, "test", 99)


def test_the_four_questions_have_true_answers(station: Station, held: Held, department: Department) -> None:
    document = {"presentation": held.text}
    real = department.post("authenticity", department.request(document=document))
    assert (real.status, real.json["answer"], real.json["reasons"]) == (200, "valid", ["holder_not_proven"])
    assert "未证明出示人持有" in real.json["explained"][0]
    basic = department.post("basic", department.request(unit={"unit_ref": real.json["unit_ref"]})).json
    values = held.approved.invented.values
    assert basic["data"] == {
        "unit.uscc": held.uscc,
        "unit.name": values["name"],
        "representative.name": values["representative_name"],
    }
    holder = {"role": "representative", **held.representative()}
    match = department.post("compare", department.request(unit=held.unit, holder=holder)).json
    assert (match["answer"], match["match"]) == ("valid", True)
    matter = {"unit": held.unit, "person": held.representative(), "matter": "SOCIAL"}
    assert department.post("matter", department.request(**matter)).json["answer"] == "valid"


def test_what_is_not_so_is_not_valid(station: Station, held: Held, department: Department) -> None:
    (stranger,) = strangers(1)
    wrong = {"role": "representative", **held.representative(), "name": stranger["name"]}
    told = department.post("compare", department.request(unit=held.unit, holder=wrong)).json
    assert (told["answer"], told["match"], told["reasons"]) == ("not valid", False, ["holder_differs"])
    nobody = department.request(unit=held.unit, person=stranger, matter="SOCIAL")
    told = department.post("matter", nobody).json
    assert (told["answer"], told["reasons"]) == ("not valid", ["person_differs"])
    assert told["explained"][0].startswith("这个人没有得到")
    altered = held.text.replace("~", "A~", 1)
    told = department.post("authenticity", department.request(document={"presentation": altered})).json
    assert told["answer"] == "not valid" and told["reasons"] != []
    unknown = {"uscc": "12460000MB0X00001" + uscc_check_character("12460000MB0X00001")}
    told = department.post("basic", department.request(unit=unknown)).json
    assert (told["answer"], told["reasons"]) == ("unknown", ["unit_unknown"])
    assert "data" not in told and "unit_ref" not in told


@pytest.mark.parametrize(
    ("what", "answer", "reason"),
    [("void", "not valid", "certificate_void"), ("suspend", "not valid", "certificate_suspended")],
)
def test_what_was_valid_is_not_from_the_commit_on(
    station: Station, held: Held, department: Department, what: str, answer: str, reason: str
) -> None:
    holder = {"role": "representative", **held.representative()}
    asked: dict[str, dict[str, Any]] = {
        "authenticity": {"document": {"presentation": held.text}},
        "basic": {"unit": held.unit},
        "compare": {"unit": held.unit, "holder": holder},
        "matter": {"unit": held.unit, "person": held.representative(), "matter": "SOCIAL"},
    }
    before = {name: department.post(name, department.request(**each)).json for name, each in asked.items()}
    assert {told["answer"] for told in before.values()} == {"valid"}
    change(station, held, what)
    for name, each in asked.items():
        told = department.post(name, department.request(**each)).json
        assert (told["answer"], told["reasons"]) == (answer, [reason]), name
        assert "data" not in told and "match" not in told


def test_a_unit_whose_period_is_over_is_not_valid_from_that_second_on(
    make_station: Callable[..., Station],
) -> None:
    station = make_station()
    held, department = hold(station, station.new_office(), next_index()), Department(station.hub)
    ends = datetime.fromtimestamp(parse_compact(held.text.split("~")[0]).payload["exp"], UTC)
    station.hands.forward(seconds=(ends - station.hands()).total_seconds() - 5)
    department.register(valid_until=(ends + timedelta(days=300)).date().isoformat())
    assert department.ask("basic", unit=held.unit).body["answer"] == "valid"
    station.hands.forward(seconds=10)
    for function, more in (
        ("basic", {}),
        ("compare", {"holder": {"role": "manager", **held.representative()}}),
        ("matter", {"person": held.representative(), "matter": "SOCIAL"}),
    ):
        told = department.ask(function, unit=held.unit, **more).body
        assert (told["answer"], told["reasons"]) == ("not valid", ["unit_expired"])
        assert "data" not in told and "换领" in told["explained"][0]


def test_an_answer_is_signed_below_the_root(station: Station, held: Held, department: Department) -> None:
    told = department.post("basic", department.request(unit=held.unit)).json
    jws = parse_compact(told.pop("signed"))
    leaf = check_chain(jws.header["x5c"], [station.root], station.hands())
    verify_compact(jws, leaf.jwk)
    assert jws.payload["aud"] == department.id
    assert {name: jws.payload[name] for name in told} == told


def test_one_line_a_request_and_nothing_of_the_certificate(
    station: Station, held: Held, department: Department
) -> None:
    told = department.post("basic", department.request(unit=held.unit)).json
    (line,) = lines(station, department)
    assert (line.use, line.office, line.unit) == (told["use"], held.office.office, held.approved.unit)
    assert (line.answer, line.purpose, line.function) == ("valid", "social", "basic")
    assert line.operator == "核**** *******31"
    digest = operator_digest(line.operator_salt, OPERATOR["name"], OPERATOR["number"])
    assert line.operator_digest == digest
    written = json.dumps([str(value) for value in line], ensure_ascii=False)
    values = held.approved.invented.values
    for secret in (
        values["name"],
        held.uscc,
        values["representative_name"],
        OPERATOR["name"],
        "办理社会保险",
    ):
        assert secret not in written
    assert "社" not in written and line.serial in written  # control: what is meant to be there is found


def test_the_example_client_works_as_printed(station: Station, held: Held) -> None:
    spec = importlib.util.spec_from_file_location("verify_client", ROOT / "docs/api/verify_client.py")
    assert spec is not None and spec.loader is not None
    client = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(client)
    key = generate_private_key(SECP256R1())
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    department = Department(station.hub)
    department.register(key=pem)
    request = department.request(unit=held.unit)
    status, told = client.ask(station.hub.issuer, department.id, key, "basic", request)
    assert (status, told["answer"]) == (200, "valid")
    status, told = client.ask(
        station.hub.issuer, department.id, generate_private_key(SECP256R1()), "basic", request
    )
    assert (status, told["error"]) == (401, "request_forged")


def bad(department: Department) -> dict[str, tuple[int, str, Any]]:
    """Requests that are refused: status, code, and how each is posted."""
    good = department.request(unit={"uscc": "12460000MB0X000000"})
    text = json.dumps(good).encode()

    def post(request: Any, **changed: Any) -> Any:
        return lambda: department.post("basic", request, **changed)

    return {
        "no json": (400, "body_malformed", post(b"{")),
        "a list": (400, "field_type", post(b"[]")),
        "twins": (400, "body_malformed", post(b'{"a":1,"a":2}')),
        "no reason": (400, "field_missing", post({k: v for k, v in good.items() if k != "reason"})),
        "blank reason": (400, "field_blank", post({**good, "reason": "  "})),
        "long reason": (400, "field_too_long", post({**good, "reason": "因" * 201})),
        "number as reason": (400, "field_type", post({**good, "reason": 5})),
        "hidden": (400, "field_wrong", post({**good, "reason": "办\u202e理"})),
        "nul": (400, "field_wrong", post({**good, "serial": "a\x00"})),
        "surrogate": (400, "field_wrong", post(text.replace(b"SB-", b"\\ud800-"))),
        "too much": (400, "field_strange", post({**good, "fields": ["unit.address"]})),
        "two units": (400, "field_not_one", post({**good, "unit": {"uscc": "1" * 18, "unit_ref": "a" * 43}})),
        "no operator": (400, "field_missing", post({**good, "operator": {"name": "甲"}})),
        "code mistyped": (422, "uscc_wrong", post({**good, "unit": {"uscc": "12460000MB0X000001"}})),
        "not our reference": (422, "unit_ref_unknown", post({**good, "unit": {"unit_ref": "a" * 43}})),
        "purpose": (403, "purpose_unknown", post({**good, "purpose": "tax"})),
        "old": (401, "request_old", post(good, issued_at=department.hub.now() - 121)),
        "early": (401, "request_old", post(good, issued_at=department.hub.now() + 121)),
        "elsewhere": (401, "request_elsewhere", post(good, audience=department.hub.issuer)),
        "other body": (401, "request_body_differs", post(good, body=b"{}")),
        "short number": (401, "request_unnumbered", post(good, jti="abc")),
    }


def test_bad_requests_get_code_and_sentence_count_and_change_nothing(
    station: Station, department: Department
) -> None:
    for at, (name, (status, code, post)) in enumerate(bad(department).items(), start=1):
        reply = post()
        assert (name, reply.status, reply.json["error"]) == (name, status, code)
        assert reply.json["message"].endswith("。") and "{" not in reply.json["message"]
        with station.hub.database.read() as connection:
            mine = party_budget.c.party == department.id
            assert connection.execute(select(party_budget.c.day_used).where(mine)).scalar_one() == at
    found = lines(station, department)
    assert len(found) == len(bad(department))
    assert {line.answer for line in found} == {"refused"}


def test_a_request_counts_once(station: Station, department: Department) -> None:
    request = department.request(unit={"uscc": "124600000000000000"})
    first = department.post("basic", request, jti="once-and-only-once")
    again = department.post("basic", request, jti="once-and-only-once")
    assert first.json["error"] == "uscc_wrong"
    assert (again.status, again.json["error"]) == (409, "request_replayed")


def test_a_stranger_leaves_nothing(station: Station, department: Department) -> None:
    stranger = Department(station.hub)
    request = department.request(unit={"uscc": "124600000000000000"})
    assert stranger.post("basic", request).json["error"] == "party_unknown"
    forged = stranger.post("basic", request, kid=department.id)
    assert (forged.status, forged.json["error"]) == (401, "request_forged")
    assert lines(station, department) == [] == lines(station, stranger)
    with station.hub.database.read() as connection:
        assert (
            connection.execute(select(party_budget).where(party_budget.c.party == department.id)).all() == []
        )


def test_a_department_is_stopped_at_once_and_at_its_end(station: Station, held: Held) -> None:
    from hub.parties import disable_party

    department = Department(station.hub)
    department.register()
    asked = {"unit": held.unit}
    assert department.post("basic", department.request(**asked)).status == 200
    disable_party(station.hub, department.id)
    reply = department.post("basic", department.request(**asked))
    assert (reply.status, reply.json["error"]) == (403, "party_disabled")
    department.register(valid_until="2026-12-31")
    assert department.post("basic", department.request(**asked)).status == 200
    station.hands.forward(days=60)
    assert department.post("basic", department.request(**asked)).json["error"] == "party_expired"


def test_matters_functions_and_numbers_of_a_purpose(station: Station, held: Held) -> None:
    department = Department(station.hub)
    purpose = {"id": "social", "name": "社保", "functions": ["matter"], "matters": ["SOCIAL"]}
    department.register(purposes=[purpose])
    asked: dict[str, Any] = {"unit": held.unit, "person": held.representative(), "matter": "TAX"}
    assert department.ask("matter", **asked).refusal.code == "matter_not_registered"  # type: ignore[union-attr]
    assert department.ask("basic", unit=held.unit).refusal.code == "function_not_registered"  # type: ignore[union-attr]
    department.register(purposes=[{**purpose, "matters": ["*"]}])
    assert department.ask("matter", **asked).body["answer"] == "valid"
    unheard = {**asked, "matter": "NOBODY"}
    assert department.ask("matter", **unheard).refusal.code == "matter_unknown"  # type: ignore[union-attr]
    number = held.representative()["id_number"]
    mistyped = {
        **asked,
        "person": {
            **asked["person"],
            "id_number": number[:16] + str((int(number[16]) + 1) % 10) + number[17],
        },
    }
    assert department.ask("matter", **mistyped).refusal.code == "id_number_wrong"  # type: ignore[union-attr]


def test_a_function_that_is_not_registered_counts_and_leaves_its_line(station: Station, held: Held) -> None:
    department = Department(station.hub)
    purpose = {"id": "social", "name": "社保", "functions": ["basic"], "fields": ["unit.name"]}
    department.register(purposes=[purpose], budgets={"basic": PLENTY})
    asked = {"unit": held.unit, "holder": {"role": "manager", **held.representative()}}
    reply = department.post("compare", department.request(**asked))
    assert (reply.status, reply.json["error"]) == (403, "function_not_registered")
    (line,) = lines(station, department)
    assert (line.function, line.answer, line.purpose) == ("compare", "refused", "social")
    assert json.loads(line.reasons) == ["function_not_registered"]
    codes = [department.ask("compare", **asked).refusal.code for _ in range(10)]  # type: ignore[union-attr]
    assert codes == ["function_not_registered"] * 9 + ["budget_spent"]
    assert len(lines(station, department)) == 10
    assert department.ask("basic", unit=held.unit).body["answer"] == "valid"


def test_numbers_cannot_be_guessed(station: Station, held: Held, department: Department) -> None:
    asked = []
    for who in strangers(11):
        holder = {"role": "representative", **who, "name": held.representative()["name"]}
        told = department.ask("compare", unit=held.unit, holder=holder)
        asked.append(told.refusal.code if told.refusal else told.body["answer"])
    assert asked == ["not valid"] * 10 + ["tries_spent"]
    right = {"role": "representative", **held.representative()}
    assert department.ask("compare", unit=held.unit, holder=right).refusal is not None
    station.hands.forward(days=1)
    assert department.ask("compare", unit=held.unit, holder=right).body["match"] is True


def test_profiles_keep_their_versions(station: Station, department: Department) -> None:
    again = department.register(name="改名后的部门")
    assert again.version == 2
    jws = parse_compact(again.signed)
    verify_compact(jws, check_chain(jws.header["x5c"], [station.root], station.hands()).jwk)
    assert profile_of(jws.payload["profile"]).name == "改名后的部门"
