"""A newer legal representative in a signed code suspends the old certificate before the facts come."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from core.credentials.certificate_claims import VCT
from core.credentials.sdjwt import verify
from core.credentials.status import INVALID, SUSPENDED, VALID, StatusReference, read_token
from core.rehearsal.units import RehearsalUnit
from hub.after_batch import after_batch
from hub.desks import revoke_desk
from hub.engine import lock_office
from hub.ledger import Ledger
from tests.hub.conftest import Station
from tests.hub.sample_office import Approved, Minted, SampleOffice
from tests.hub.wallet import Wallet, http


@dataclass
class Claimed:
    """A unit whose certificate is on a phone."""

    unit: str
    invented: RehearsalUnit
    reference: StatusReference


def status(station: Station, reference: StatusReference) -> int:
    reply = http(reference.uri)
    values = read_token(reply.body.decode(), reference.uri, [station.root], station.hands())
    found = values.answer(reference, int(station.hands().timestamp()))
    assert found is not None
    return found


@pytest.fixture()
def claimed(station: Station, office: SampleOffice) -> Claimed:
    approved = office.approved_case()
    minted = office.mint(approved)
    office.push_all_recorded()
    seen = verify(station.wallet().claim(minted.text, minted.pin), [station.root], station.hands(), VCT)
    assert seen.status is not None and status(station, seen.status) == VALID
    station.hands.forward(minutes=1)
    return Claimed(approved.unit, approved.invented, seen.status)


def changed_unit(office: SampleOffice, old: Claimed) -> RehearsalUnit:
    """The office's own record of the change, not yet pushed."""
    other = office.invented(7)
    values = {**old.invented.values, "representative_name": other.values["representative_name"]}
    unit = replace(old.invented, values=values, representative=other.representative)
    office.change("representative", old.unit, unit, number=2)
    return unit


def new_claim(office: SampleOffice, old: Claimed) -> tuple[Approved, Minted]:
    """Everything for the new representative, minted offline."""
    unit = changed_unit(office, old)
    case = office.file(old.unit, unit)
    office.submit(case)
    approved = Approved(case, old.unit, unit, office.approve(case).hash)
    return approved, office.mint(approved, number=2)


def waiting(station: Station, minted: Minted) -> tuple[Wallet, dict[str, Any]]:
    wallet = station.wallet()
    assert wallet.ask_token(minted.text, minted.pin).status == 200
    answer = wallet.ask_credential()
    assert answer.status == 202
    return wallet, {"transaction_id": answer.json["transaction_id"]}


def kinds(office: SampleOffice) -> list[str]:
    return [item["action"]["kind"] for item in office.feed()["items"]]


def test_the_code_alone_suspends_and_the_facts_void(
    station: Station, office: SampleOffice, claimed: Claimed
) -> None:
    _, minted = new_claim(office, claimed)
    assert station.wallet().offer(minted.text).status == 200

    assert status(station, claimed.reference) == SUSPENDED
    wallet, ticket = waiting(station, minted)
    assert wallet.post("/deferred", ticket).status == 202
    assert status(station, claimed.reference) == SUSPENDED
    assert kinds(office).count("certificate_suspended") == 1

    office.push_all_recorded()

    assert status(station, claimed.reference) == INVALID
    done = wallet.post("/deferred", ticket)
    assert done.status == 200
    new = verify(done.json["credentials"][0]["credential"], [station.root], station.hands(), VCT)
    assert new.claims["representative"]["no"] == 2
    assert new.status is not None and status(station, new.status) == VALID
    assert "certificate_resumed" not in kinds(office)


def test_the_change_alone_voids_without_any_code(
    station: Station, office: SampleOffice, claimed: Claimed
) -> None:
    changed_unit(office, claimed)
    assert status(station, claimed.reference) == VALID
    office.push_all_recorded()
    assert status(station, claimed.reference) == INVALID
    assert kinds(office)[-2:] == ["representative_changed", "certificate_voided"]


def test_facts_that_contradict_lift_the_suspension(
    station: Station, office: SampleOffice, claimed: Claimed
) -> None:
    """The desk said a newer number, but nothing it did up to there changed the representative."""
    case = office.file(claimed.unit, claimed.invented)
    office.submit(case)
    approved = Approved(case, claimed.unit, claimed.invented, office.approve(case).hash)
    minted = office.mint(approved, representative_no=2)
    wallet, ticket = waiting(station, minted)
    assert status(station, claimed.reference) == SUSPENDED

    office.push_all_recorded()

    assert status(station, claimed.reference) == VALID
    assert kinds(office)[-1] == "certificate_resumed"
    refused = wallet.post("/deferred", ticket)
    assert refused.status == 400 and refused.json["error_description"].startswith("forged")


def test_a_revoked_desk_suspends_nothing_any_more(
    station: Station, office: SampleOffice, claimed: Claimed
) -> None:
    """A thief with a desk's key can suspend; taking the key away undoes it."""
    _, minted = new_claim(office, claimed)
    assert station.wallet().offer(minted.text).status == 200
    assert status(station, claimed.reference) == SUSPENDED
    with station.hub.database.write() as connection:
        lock_office(connection, office.office)
        revoke_desk(connection, office.office, office.device, station.hub.now())
        ledger = Ledger(station.hub, connection, office.office)
        after_batch(station.hub, connection, ledger, office.office)
    assert status(station, claimed.reference) == VALID


def test_an_equal_or_lower_number_suspends_nothing(
    station: Station, office: SampleOffice, claimed: Claimed
) -> None:
    case = office.file(claimed.unit, claimed.invented)
    office.submit(case)
    approved = Approved(case, claimed.unit, claimed.invented, office.approve(case).hash)
    assert station.wallet().offer(office.mint(approved).text).status == 200
    assert status(station, claimed.reference) == VALID


def test_a_forged_or_foreign_code_suspends_nothing(
    station: Station, office: SampleOffice, claimed: Claimed
) -> None:
    _, minted = new_claim(office, claimed)
    broken = minted.text[:-4] + ("AAAA" if minted.text[-4:] != "AAAA" else "BBBB")
    assert station.wallet().offer(broken).status >= 400
    other = station.new_office()
    approved = other.approved_case(0)  # the same invented unit, registered by another office
    assert station.wallet().offer(other.mint(approved, representative_no=9).text).status < 500
    assert status(station, claimed.reference) == VALID
