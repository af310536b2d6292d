"""A unit handed over, the whole way: two offices at one hub, the code, the old certificate, a claim there."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.credentials.certificate_claims import VCT
from core.credentials.key_proof import make_proof, new_holder_key
from core.credentials.sdjwt import verify
from core.errors import Refusal, UserError
from core.forms.divisions import Office, get_office
from core.keys.keyring import Keyring
from core.records.changes import HANDED_OVER, HANDOVER_CODE
from core.services import applications, changes, claims, recording, review, void_notice
from core.services.audit import audit_lines
from core.services.conflicts import open_items, settle
from core.services.handover import Handover, handover_code, read_handover
from core.services.offices import found_office
from core.services.people import NewPerson
from core.services.register import import_units
from core.services.session import Folder, Ports, Session
from core.services.sync import sync
from core.services.units import find_units, get_unit, register_unit, unit_by_code
from core.verbs.changing import add_change, approve
from core.verbs.units import add_unit
from hub import claims as hub_claims
from hub import delivery
from hub.checking import differences
from hub.nonces import make_nonce
from hub.verification import Verification, places_with_code
from tests.core.documents.samples import bare, text_of
from tests.core.services.office_kit import (
    OFFICE,
    ROLES,
    OfficeKit,
    SeededRandom,
    invented_units,
    open_kit,
    password,
)
from tests.core.services.real_hub import RealHub, open_real_hub

THERE = get_office("469024")


def kit_elsewhere(place: Path, kit: OfficeKit) -> OfficeKit:
    """An office of another county with the same people and the same clock."""
    folder, ports = Folder(place / "there"), Ports(kit.clock, SeededRandom("there"))
    first, *others = [NewPerson(x, f"演{x}", password(x), frozenset(ROLES[x])) for x in ROLES]
    founded = found_office(folder, THERE, THERE.registrar, first, others, rehearsal=True, ports=ports)
    founded.session.close()
    keyring = Keyring.load(folder.keyring)
    unlocked = {login: keyring.unlock(login, password(login)) for login in ROLES}
    return OfficeKit(folder, kit.clock, ports, unlocked, founded.recovery)


BOTH = pytest.mark.parametrize("offices", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture
def offices(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[OfficeKit, OfficeKit, RealHub]]:
    here = open_kit(tmp_path)
    there = kit_elsewhere(tmp_path, here)
    plain = getattr(request, "param", "sqlite") == "sqlite"
    url = "" if plain else request.getfixturevalue("make_postgres")()
    real = open_real_hub(tmp_path, here, url)
    for kit in (here, there):
        real.enrol(kit)
    yield here, there, real
    real.close()
    for kit in (here, there):
        kit.close()


def approved(kit: OfficeKit, unit: str) -> str:
    """Return an application of a unit that is there already, approved."""
    with kit.sit("clerk") as clerk:
        case = applications.file_case(clerk, "attachment-1", unit, kit.typed(clerk, unit))
        kit.print_case(clerk, case)
        kit.scan_case(clerk, case)
        kit.tick_all(clerk, case)
        applications.submit(clerk, case)
    with kit.sit("reviewer") as reviewer:
        review.approve(reviewer, case)
    return case


def claimed(kit: OfficeKit, real: RealHub, case: str) -> str:
    """Return the certificate that a phone claims for a case."""
    hub = real.hub
    with kit.sit("clerk") as clerk:
        sync(clerk, real.port)
        minted = claims.mint_claim(clerk, case)
        sync(clerk, real.port)
    token = hub_claims.token(hub, minted.code, minted.pin).token
    proof = make_proof(new_holder_key(), hub.issuer, make_nonce(hub), hub.now())
    text = delivery.credential(hub, token, proof).sd_jwt
    verify(text, [hub.root_pem], hub.clock(), VCT, rehearsal=True)
    return text


def answer(real: RealHub, text: str) -> tuple[str, tuple[str, ...]]:
    """What the hub says of a certificate now."""
    with real.hub.database.read() as connection:
        found = Verification(real.hub, connection).authenticity(text).judgement
    return found.answer, found.reasons


def handed_over(kit: OfficeKit, unit: str, office: Office = THERE) -> tuple[str, str]:
    """Hand a unit over by the verbs; return the change and its code."""
    row = {"kind": "handover", "unit": unit, "basis": "演练编办〔2026〕9号", "office": office.code}
    with kit.sit("clerk") as clerk:
        change = add_change(clerk, row)["change"]
    with kit.sit("reviewer") as reviewer:
        assert handover_code(changes.change_detail(reviewer, change).change) == "", "not approved yet"
        told = approve(reviewer, argparse.Namespace(change=change))
    return change, told["handover"]


def pushed(session: Session, real: RealHub) -> dict[str, str]:
    """Run a cycle; return what was refused, kind to code."""
    sync(session, real.port)
    with session.read() as uow:
        found = uow.refusals.open()
    return {each.signed.action.kind: each.receipt.code for each in found if each.receipt is not None}


def test_from_one_office_to_the_other(offices: tuple[OfficeKit, OfficeKit, RealHub]) -> None:
    here, there, real = offices
    with here.sit("clerk") as clerk:
        unit = here.unit(clerk)
        values = dict(get_unit(clerk, unit).values)
    old = claimed(here, real, approved(here, unit))
    assert answer(real, old)[0] == "valid"
    change, code = handed_over(here, unit)
    with here.sit("reviewer") as reviewer:
        notice = bare(text_of(void_notice.void_notice(reviewer, change).pdf))
        assert code.replace("-", "") in notice.replace("-", "") and "移交码" in notice
        sync(reviewer, real.port)
        drawn = get_unit(reviewer, unit).moved["unit"]
        former = Handover(reviewer.office, unit, drawn)
    assert answer(real, old) == ("not valid", ("certificate_void",))

    typed = values | {"office_name": THERE.registrar}
    with there.sit("clerk") as clerk:
        assert add_unit(clerk, {**typed, "handover": code.lower()})["unit"] == drawn
        assert get_unit(clerk, drawn).former == {"office": former.office, "unit": unit}
        assert read_handover(code) == former
        with pytest.raises(Refusal, match="unit_exists"):
            register_unit(clerk, typed, code)
        assert pushed(clerk, real) == {}
    fresh = claimed(there, real, approved(there, drawn))
    assert answer(real, fresh)[0] == "valid" and answer(real, old)[0] == "not valid"
    with real.hub.database.read() as connection:
        judge = Verification(real.hub, connection)
        place = judge.place_of(values["uscc"])
        assert len(places_with_code(connection, values["uscc"])) == 2
        assert place is not None and place.unit == drawn


def passed_on(kit: OfficeKit, real: RealHub, unit: str, office: Office) -> tuple[str, dict[str, str]]:
    """Hand a unit over and tell the hub; return its code and the values to enter there."""
    code = handed_over(kit, unit, office)[1]
    with kit.sit("clerk") as clerk:
        assert pushed(clerk, real) == {}
        return code, get_unit(clerk, unit).values | {"office_name": office.registrar}


def registered(kit: OfficeKit, entry: str) -> str:
    """Register a unit, by hand or on a page with another one."""
    with kit.sit("clerk") as clerk:
        if entry == "by hand":
            return kit.unit(clerk)
        import_units(clerk, [(at, invented_units()[at].values) for at in (1, 2)])
        unit = unit_by_code(clerk, invented_units()[1].values["uscc"])
        assert unit is not None
        return unit.id


def taken_back(kit: OfficeKit, real: RealHub, code: str, values: dict[str, str]) -> str:
    """Register a unit that comes back to the office that handed it over: by its code alone, and once."""
    with kit.sit("clerk") as clerk:
        with pytest.raises(Refusal, match="unit_handed_over"):
            register_unit(clerk, values)
        assert [each.code for each in import_units(clerk, [(1, values)]).refused] == ["unit_exists"]
        back = add_unit(clerk, {**values, "handover": code})["unit"]
        standing = unit_by_code(clerk, values["uscc"])
        assert standing is not None and standing.id == back and standing.open
        for given in ("", code):
            with pytest.raises(Refusal, match="unit_exists"):
                register_unit(clerk, values, given)
        assert pushed(clerk, real) == {}
    return str(back)


@BOTH
@pytest.mark.parametrize("entry", ["by hand", "on a page"])
def test_to_the_other_office_and_back_again(
    offices: tuple[OfficeKit, OfficeKit, RealHub], entry: str
) -> None:
    here, there, real = offices
    mine = [registered(here, entry)]
    issued = [claimed(here, real, approved(here, mine[0]))]
    for _ in range(2):  # each time the record before is left closed
        code, values = passed_on(here, real, mine[-1], THERE)
        with there.sit("clerk") as clerk:
            away = add_unit(clerk, {**values, "handover": code})["unit"]
            assert pushed(clerk, real) == {}
        issued.append(claimed(there, real, approved(there, away)))
        code, values = passed_on(there, real, away, OFFICE)
        mine.append(taken_back(here, real, code, values))
        issued.append(claimed(here, real, approved(here, mine[-1])))
        assert [answer(real, each)[0] for each in issued] == ["not valid"] * (len(issued) - 1) + ["valid"]

    with here.sit("clerk") as clerk:
        lines = find_units(clerk, values["uscc"])
        assert [line.unit for line in lines] == [mine[-1], *sorted(mine[:-1])]
        assert [line.closed for line in lines] == ["", HANDED_OVER, HANDED_OVER]
        assert audit_lines(clerk, mine[0])[0].recorded.signed.action.kind == "unit_handed_over"
        assert get_unit(clerk, mine[0]).values["uscc"] == values["uscc"], "what it was stays readable"
        with clerk.begin() as uow:
            uow.projection.rebuild()
        assert find_units(clerk, values["uscc"]) == lines
    with real.hub.database.read() as connection:
        place = Verification(real.hub, connection).place_of(values["uscc"])
        assert place is not None and place.unit == mine[-1]
        assert list(differences(real.hub.sealed, connection, place.office)) == []


@BOTH
def test_the_hub_takes_no_unit_back_without_its_hand_over(
    offices: tuple[OfficeKit, OfficeKit, RealHub], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A desk that does not judge meets the same rule there."""
    here, there, real = offices
    unit = registered(here, "by hand")
    code, values = passed_on(here, real, unit, THERE)
    with there.sit("clerk") as clerk:
        add_unit(clerk, {**values, "handover": code})
        assert pushed(clerk, real) == {}
    monkeypatch.setattr(recording, "judge", lambda *_: None)
    with here.sit("clerk") as clerk:
        register_unit(clerk, values | {"office_name": OFFICE.registrar})
        assert pushed(clerk, real) == {"unit_registered": "unit_handed_over"}
        settle(clerk, open_items(clerk)[0].id, "drop")
        register_unit(clerk, values | {"office_name": OFFICE.registrar}, code)
        assert pushed(clerk, real) == {"unit_registered": "handover_unknown"}, "it is another's hand-over"


def test_a_unit_entered_before_its_hand_over_reached_the_hub_is_entered_again_from_what_was_typed(
    offices: tuple[OfficeKit, OfficeKit, RealHub],
) -> None:
    """The draft that is laid out keeps the code: without it the unit could not come back."""
    here, there, real = offices
    code, values = passed_on(here, real, registered(here, "by hand"), THERE)
    with there.sit("clerk") as clerk:
        away = add_unit(clerk, {**values, "handover": code})["unit"]
        assert pushed(clerk, real) == {}
        values = get_unit(clerk, away).values | {"office_name": OFFICE.registrar}
    code = handed_over(there, away, OFFICE)[1]
    with here.sit("clerk") as clerk:
        back = register_unit(clerk, values, code)
        assert pushed(clerk, real) == {"unit_registered": "handover_unknown"}
        (item,) = open_items(clerk)
        assert (item.obstacle, item.option("redo").way) == (None, "new_unit"), "the former is in nobody's way"
    with there.sit("clerk") as clerk:
        sync(clerk, real.port)
    with here.sit("clerk") as clerk:
        laid = settle(clerk, item.id, "redo")
        (draft,) = (each for each in applications.drafts(clerk) if each.id == laid.draft)
        typed = dict(draft.values)
        assert typed.pop(HANDOVER_CODE) == code and typed == values
        assert register_unit(clerk, typed, code) == back
        assert pushed(clerk, real) == {}
        standing = unit_by_code(clerk, values["uscc"])
        assert standing is not None and standing.id == back


def test_a_code_that_the_hub_knows_nothing_of_is_refused(
    offices: tuple[OfficeKit, OfficeKit, RealHub],
) -> None:
    here, there, real = offices
    with here.sit("clerk") as clerk:
        unit = here.unit(clerk)
        values = get_unit(clerk, unit).values | {"office_name": THERE.registrar}
    _, code = handed_over(here, unit)
    # The record of the hand-over has not reached the hub.
    with there.sit("clerk") as clerk:
        register_unit(clerk, values, code)
        assert pushed(clerk, real) == {"unit_registered": "handover_unknown"}


def test_what_is_no_code_is_told_at_the_desk(offices: tuple[OfficeKit, OfficeKit, RealHub]) -> None:
    here, there, _ = offices
    with here.sit("clerk") as clerk:
        unit = here.unit(clerk)
        values = get_unit(clerk, unit).values
    code = handed_over(here, unit)[1]
    swapped = code[1] + code[0] + code[2:] if code[0] != code[1] else "X" + code[1:]
    with there.sit("clerk") as clerk:
        for wrong in ("x", code[:-1], code + "0", swapped, "Y" * 84, code.replace("-", "")[28:] * 2):
            with pytest.raises(UserError, match="handover_code_wrong"):
                register_unit(clerk, values, wrong)
        with pytest.raises(UserError, match="input_malformed"):
            add_unit(clerk, {**values, "handover": 7})
