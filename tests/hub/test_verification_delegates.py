"""Departments ask about people who were authorised on a phone; the unit sees who asked."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from core.clock import china_date
from core.rehearsal.people import Person, make_people
from hub.facts import void_certificates
from hub.ledger import Ledger
from hub.showing import keep
from tests.hub.conftest import Station
from tests.hub.department import Department
from tests.hub.holder import Holder, take
from tests.hub.sample_office import Approved, SampleOffice
from tests.hub.test_verification_api import next_index


@dataclass
class Unit:
    """A unit with its first manager's phone, and an invented user of its certificate."""

    phone: Holder
    approved: Approved
    office: SampleOffice
    person: Person

    @property
    def named(self) -> dict[str, str]:
        return {"name": self.person.name, "id_number": self.person.id_number}

    @property
    def place(self) -> dict[str, str]:
        return {"uscc": self.approved.invented.values["uscc"]}


@pytest.fixture
def unit(station: Station, office: SampleOffice) -> Unit:
    from random import Random

    approved = office.approved_case(next_index())
    minted = office.mint(approved)
    office.push_all_recorded()
    wallet = station.wallet()
    phone = Holder(station, wallet, wallet.claim(minted.text, minted.pin))
    (person,) = make_people(Random(5), 1, china_date(station.hands()))
    return Unit(phone, approved, office, person)


def asked(unit: Unit, department: Department) -> tuple[str, list[str]]:
    told = department.ask("matter", unit=unit.place, person=unit.named, matter="SOCIAL").body
    return told["answer"], told["reasons"]


def test_a_user_may_act_in_what_was_granted_and_no_longer(
    station: Station, unit: Unit, department: Department
) -> None:
    assert asked(unit, department) == ("not valid", ["person_differs"])
    offered = unit.phone.grant(**unit.named, matters=["TAX"])
    assert offered.status == 200, offered.body
    assert asked(unit, department) == ("not valid", ["delegation_not_claimed"])
    user = take(station, offered)
    assert asked(unit, department) == ("not valid", ["matter_not_covered"])
    assert unit.phone.ask("revoke", {"delegation": offered.json["delegation"]}).status == 200
    assert asked(unit, department) == ("not valid", ["delegation_void"])
    # A former authorisation does not stand in the way of a newer one.
    offered = unit.phone.grant(**unit.named, matters=["SOCIAL"])
    again = take(station, offered)
    assert asked(unit, department) == ("valid", [])
    shown = {"presentation": again.sd_jwt}
    assert department.ask("authenticity", document=shown).body["answer"] == "valid"
    told = department.ask("authenticity", document={"presentation": user.sd_jwt}).body
    assert (told["answer"], told["reasons"]) == ("not valid", ["delegation_void"])
    with station.hub.database.write() as connection:
        ledger = Ledger(station.hub, connection, unit.office.office)
        void_certificates(station.hub, connection, ledger, unit.approved.unit, "test")
    assert asked(unit, department) == ("not valid", ["certificate_void"])
    assert department.ask("authenticity", document=shown).body["answer"] == "not valid"


def test_what_a_phone_shows_is_judged_by_its_reference(
    station: Station, unit: Unit, department: Department
) -> None:
    shown = unit.phone.show("name", "uscc").json
    for reference in (shown["link"], shown["ref"]):
        told = department.ask("authenticity", document={"shown": reference})
        assert told.body["answer"] == "valid"
    station.hands.forward(seconds=121)
    late = department.ask("authenticity", document={"shown": shown["link"]})
    assert late.refusal is not None and late.refusal.code == "shown_expired"


def test_a_shown_link_is_good_as_long_as_the_hub_keeps_it(
    station: Station, unit: Unit, department: Department
) -> None:
    """The phone signed up to two minutes before the hub took it; desk and page allow the same."""
    issuer = station.hub.issuer
    text = unit.phone.presentation(f"{issuer}/v", fields=("name",))
    station.hands.forward(seconds=100)
    with station.hub.database.write() as connection:
        ref = keep(station.hub, connection, text)
    station.hands.forward(seconds=100)
    assert department.ask("authenticity", document={"shown": f"{issuer}/v/{ref}"}).body["answer"] == "valid"
    relayed = department.ask("authenticity", document={"presentation": text}).body
    assert relayed["reasons"] == ["key_binding"], "a text that somebody kept is no link"


def test_the_unit_sees_who_verified_it_and_why(station: Station, unit: Unit, department: Department) -> None:
    assert unit.phone.ask("receipts").json == {"receipts": [], "after": ""}
    department.ask("basic", unit=unit.place, reason="核对缴费单位名称")
    station.hands.forward(seconds=1)
    department.ask("compare", unit=unit.place, holder={"role": "manager", **unit.named})
    newest, first = unit.phone.ask("receipts").json["receipts"]
    assert first["reason"] == "核对缴费单位名称"
    assert (first["party_name"], first["purpose"]) == ("演练市人力资源和社会保障局", "社会保险登记")
    assert (first["function"], first["answer"]) == ("basic", "valid")
    assert (newest["function"], newest["answer"]) == ("compare", "not valid")
    assert "operator" not in first and "serial" not in first
    user = take(station, unit.phone.grant(**unit.named))
    assert user.ask("receipts").json["error"] == "receipts_not_yours"
