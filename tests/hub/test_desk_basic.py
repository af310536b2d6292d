"""Basic data asked at a desk: the office is a party like a department, and nobody asks in another's name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import select

from core.clock import to_stamp
from core.errors import Refusal, UserError
from core.forms.check_digits import uscc_check_character
from core.records.uses import REFUSED, UseLine
from core.sync.envelope import wrap
from hub.desk_requests import answer
from hub.party_profile import BASIC_FIELDS, OFFICE_BUDGET
from hub.party_tables import use_record
from hub.uses import operator_digest
from tests.hub.conftest import Station
from tests.hub.department import Department
from tests.hub.sample_office import Member, SampleOffice, member
from tests.hub.test_delegation import CertificateHolder, manager
from tests.hub.test_verification_api import Held, change, hold, next_index

__all__ = ["manager"]

REASON = "办理变更登记前核对登记事项"


@pytest.fixture
def held(station: Station) -> Held:
    """A unit of another office than the one that asks."""
    return hold(station, station.new_office(), next_index())


def envelope(
    office: SampleOffice,
    by: Member,
    said: Mapping[str, Any],
    head: Mapping[str, Any] | None = None,
    **more: Any,
) -> bytes:
    """A question as a desk sends it; ``head`` overrides what the person's envelope repeats of the desk's."""
    office.protocol = 2
    outer = json.loads(office.envelope("unit-basic"))["payload"] | more
    same = {name: outer[name] for name in ("type", "protocol", "office", "device", "sent_at", "nonce")}
    asked = wrap({**same, "person": by.id, "reason": REASON, **said, **(head or {})}, by.signer)
    return wrap({**outer, "asked": asked.decode()}, office.signer)


def ask(office: SampleOffice, uscc: Any, by: Member | None = None, **said: Any) -> dict[str, Any]:
    return office.ask("/api/v1/unit-basic", envelope(office, by or office.clerk, {"uscc": uscc, **said}))


def refused(office: SampleOffice, data: bytes) -> tuple[int, str]:
    status, body = office.post("/api/v1/unit-basic", data)
    return status, json.loads(body)["error"]


def lines(station: Station, office: SampleOffice) -> list[Any]:
    with station.hub.database.read() as connection:
        mine = select(use_record).where(use_record.c.party == f"office:{office.office}")
        return list(connection.execute(mine.order_by(use_record.c.at)))


def test_a_desk_is_told_the_registered_facts_and_leaves_its_line(
    station: Station, office: SampleOffice, held: Held
) -> None:
    told = ask(office, held.uscc)
    values = held.approved.invented.values
    assert (told["answer"], told["reasons"]) == ("valid", [])
    assert told["data"]["unit.name"] == values["name"]
    assert told["data"]["representative.name"] == values["representative_name"]
    assert set(told["data"]) <= set(BASIC_FIELDS) and len(told["data"]) > 8
    assert held.representative()["id_number"] not in json.dumps(told)
    assert not {"signed", "unit_ref"} & told.keys()
    (line,) = lines(station, office)
    assert (line.office, line.unit, line.use) == (held.office.office, held.approved.unit, told["use"])
    assert (line.function, line.purpose, line.answer) == ("basic", "registration", "valid")
    clerk = office.clerk
    assert line.operator.startswith(clerk.name[0]) and clerk.name not in line.operator
    assert line.operator_digest == operator_digest(line.operator_salt, clerk.name, clerk.id)
    assert held.uscc not in repr(line) and REASON not in repr(line)


def test_the_units_office_and_the_unit_itself_see_who_asked_and_why(
    station: Station, office: SampleOffice, manager: CertificateHolder
) -> None:
    since = to_stamp(station.hands())
    ask(office, manager.approved.invented.values["uscc"])
    station.hands.forward(seconds=1)
    theirs, until = manager.office, to_stamp(station.hands())
    told = theirs.ask("/api/v1/uses", theirs.envelope("uses", since=since, until=until))
    (line,) = [UseLine.read(each) for each in told["lines"]]
    assert (line.party_kind, line.purpose, line.reason) == ("登记管理机关", "登记管理核对", REASON)
    assert line.party_name and line.party_name == theirs.founding.action.public["name"]  # type: ignore[union-attr]
    (receipt,) = manager.phone.ask("receipts", {}).json["receipts"]
    assert (receipt["party_name"], receipt["purpose"]) == (line.party_name, "登记管理核对")
    assert (receipt["function"], receipt["reason"]) == ("basic", REASON)


def test_what_does_not_stand_is_told_without_data(station: Station, office: SampleOffice, held: Held) -> None:
    unknown = "12460000MB0X00002" + uscc_check_character("12460000MB0X00002")
    told = ask(office, unknown)
    assert (told["answer"], told["reasons"]) == ("unknown", ["unit_unknown"]) and "data" not in told
    change(station, held, "void")
    told = ask(office, held.uscc)
    assert (told["answer"], told["reasons"]) == ("not valid", ["certificate_void"]) and "data" not in told
    assert [line.answer for line in lines(station, office)] == ["unknown", "not valid"]


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no reason": ({"reason": None}, "field_type"),
    "blank reason": ({"reason": "  "}, "field_blank"),
    "long reason": ({"reason": "事" * 201}, "field_too_long"),
    "hidden reason": ({"reason": "事\u202e由"}, "field_wrong"),
    "NUL": ({"reason": "事\x00由"}, "field_wrong"),
    "a list": ({"reason": ["x"]}, "field_type"),
    "mistyped code": ({"uscc": "12460000MB0X000021"}, "uscc_wrong"),
    "short code": ({"uscc": "1246"}, "field_wrong"),
    "code of a number": ({"uscc": 12}, "field_type"),
    "code with NUL": ({"uscc": "12460000MB0X0000\x001"}, "field_wrong"),
    "no code": ({"uscc": None}, "field_type"),
    "a wide code": ({"uscc": "%" * 18}, "field_wrong"),
}


@pytest.mark.parametrize(("said", "code"), WRONG.values(), ids=WRONG.keys())
def test_what_is_refused_counts_and_leaves_its_line(
    station: Station, office: SampleOffice, held: Held, said: dict[str, Any], code: str
) -> None:
    status, told = refused(office, envelope(office, office.clerk, {"uscc": held.uscc, **said}))
    assert (status, told) == (400, code)
    (line,) = lines(station, office)
    assert (line.answer, json.loads(line.reasons), line.unit) == (REFUSED, [code], None)


def test_the_longest_reason_is_taken(station: Station, office: SampleOffice, held: Held) -> None:
    assert ask(office, held.uscc, reason="事" * 200)["answer"] == "valid"


def test_nobody_asks_in_anothers_name(station: Station, office: SampleOffice, held: Held) -> None:
    stranger, other = member("外人演练", "clerk"), station.new_office()
    said = {"uscc": held.uscc}
    posing = Member(office.clerk.id, ("clerk",), office.clerk.name, stranger.signer)
    assert refused(office, envelope(office, posing, said)) == (401, "signature_wrong")
    assert refused(office, envelope(office, stranger, said)) == (400, "operator_unknown")
    assert refused(office, envelope(office, other.clerk, said)) == (400, "operator_unknown")
    assert refused(office, envelope(office, office.admin, said)) == (403, "role_missing")
    for head in (
        {"office": other.office},
        {"device": other.device},
        {"nonce": "another nonce 16"},
        {"sent_at": "2026-01-01T00:00:00.000Z"},
        {"type": "uses"},
    ):
        wrong = envelope(office, office.clerk, said, head)
        assert refused(office, wrong) == (400, "envelope_malformed"), head
    office.protocol = 2
    for asked in ("", "{}", "x" * 9000, "\ud83d"):
        try:
            wrong = office.envelope("unit-basic", asked=asked)
        except ValueError:  # no canonical spelling: it cannot even be sent
            continue
        assert refused(office, wrong) == (400, "envelope_malformed")
    assert lines(station, office) == lines(station, other) == [], "nobody who is known: no line"
    signed_by_another_desk = json.loads(envelope(office, office.clerk, said))["payload"]
    forged = wrap(signed_by_another_desk, other.signer)
    assert refused(office, forged)[1] == "signature_wrong"


def test_a_request_counts_once_and_is_soon_too_old(
    station: Station, office: SampleOffice, held: Held
) -> None:
    data = envelope(office, office.clerk, {"uscc": held.uscc})
    assert office.post("/api/v1/unit-basic", data)[0] == 200
    assert refused(office, data) == (409, "request_replayed")
    station.hands.forward(seconds=121)
    assert refused(office, data) == (400, "request_old")
    unnumbered = envelope(office, office.clerk, {"uscc": held.uscc}, nonce="short")
    assert refused(office, unnumbered) == (400, "request_unnumbered")
    assert [line.answer for line in lines(station, office)] == ["valid", REFUSED, REFUSED, REFUSED]


def test_an_office_has_a_budget_of_its_own(station: Station, office: SampleOffice, held: Held) -> None:
    other = station.new_office()
    for _ in range(OFFICE_BUDGET.minute):
        assert ask(office, held.uscc)["answer"] == "valid"
    spent = envelope(office, office.reviewer, {"uscc": held.uscc})
    assert refused(office, spent) == (429, "budget_spent")
    assert len(lines(station, office)) == OFFICE_BUDGET.minute, "over the budget no line is left"
    assert ask(other, held.uscc)["answer"] == "valid"
    station.hands.forward(minutes=1)
    assert ask(office, held.uscc, office.reviewer)["answer"] == "valid"


def test_a_stick_carries_no_such_question(station: Station, office: SampleOffice, held: Held) -> None:
    data = envelope(office, office.clerk, {"uscc": held.uscc})
    with pytest.raises(Refusal, match="online_only"):
        answer(station.hub, "unit-basic", data, fresh=False)
    assert lines(station, office) == []


def test_no_department_is_an_office(station: Station, office: SampleOffice, held: Held) -> None:
    posing = Department(station.hub, id=f"office:{office.office}")
    told = posing.post("basic", posing.request(unit=held.unit, purpose="registration"))
    assert (told.status, told.json["error"]) == (401, "party_unknown")
    with pytest.raises(UserError, match="field_"):
        posing.register()
