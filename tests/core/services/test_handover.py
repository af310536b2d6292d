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
from core.forms.divisions import get_office
from core.keys.keyring import Keyring
from core.services import applications, changes, claims, review, void_notice
from core.services.handover import Handover, handover_code, read_handover
from core.services.offices import found_office
from core.services.people import NewPerson
from core.services.session import Folder, Ports, Session
from core.services.sync import sync
from core.services.units import get_unit, register_unit
from core.verbs.changing import add_change, approve
from core.verbs.units import add_unit
from hub import claims as hub_claims
from hub import delivery
from hub.nonces import make_nonce
from hub.verification import Verification, places_with_code
from tests.core.documents.samples import bare, text_of
from tests.core.services.office_kit import ROLES, OfficeKit, SeededRandom, open_kit, password
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


@pytest.fixture
def offices(tmp_path: Path) -> Iterator[tuple[OfficeKit, OfficeKit, RealHub]]:
    here = open_kit(tmp_path)
    there = kit_elsewhere(tmp_path, here)
    real = open_real_hub(tmp_path, here)
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


def handed_over(kit: OfficeKit, unit: str) -> tuple[str, str]:
    """Hand a unit over by the verbs; return the change and its code."""
    row = {"kind": "handover", "unit": unit, "basis": "演练编办〔2026〕9号", "office": THERE.code}
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
