"""The desk's certificates over the years: fetched, renewed in time, pinned, and never minted beyond."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import update

from core.canonical import canonical
from core.clock import from_stamp
from core.errors import EnvironmentFault, Refusal
from core.keys.signer import SoftwareSigner
from core.services import claims, sync
from core.services.device_certificates import Kept, identity, kept_certificate, renew_if_due
from core.services.offices import enrol
from core.sync.enrolment import first_issue, read_certificate, sign_certificate
from hub import tables
from hub.certificates import find_office
from tests.core.services.office_kit import OfficeKit
from tests.core.services.test_desks import House, open_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as opened:
        yield opened


def kept(kit: OfficeKit) -> Kept:
    with kit.sit("clerk") as clerk, clerk.read() as uow:
        found = kept_certificate(clerk, uow)
    assert found is not None
    return found


def set_office(house: House, data: object) -> None:
    """Put a certificate where desk and hub keep the office's."""
    with house.first.sit("admin") as admin, admin.begin() as uow:
        uow.set_meta("certificate", json.dumps(data))
    with house.hub.database.write() as connection:
        connection.execute(update(tables.office).values(certificate=canonical(data).decode()))


def test_a_desk_renews_when_thirty_days_are_left_and_not_before(house: House) -> None:
    first = kept(house.first)
    house.first.clock.move(days=58)
    house.sync(house.first)
    assert kept(house.first) == first
    house.first.clock.move(days=3)
    house.sync(house.first)
    second = kept(house.first)
    assert second.certificate.not_after > first.certificate.not_after and second.x509 != first.x509


def test_an_expired_desk_makes_no_codes_until_it_has_synced(house: House) -> None:
    house.first.made = 1  # a unit whose own period outlasts the desk's
    case = house.first.approved_case()
    house.sync(house.first)
    house.first.clock.move(days=95)
    with house.first.sit("clerk") as clerk:
        assert identity(clerk) is None  # nothing expired is ever shown
        with pytest.raises(Refusal, match="certificate_expired") as caught:
            claims.mint_claim(clerk, case)
        assert caught.value.params == {"days": 5}
        assert claims.claims_of(clerk, case) == []
    house.sync(house.first)
    with house.first.sit("clerk") as clerk:
        assert claims.mint_claim(clerk, case).code and identity(clerk) is not None


def test_an_office_of_the_first_release_gets_issue_2_at_its_next_sync(house: House) -> None:
    with house.hub.database.read() as connection:
        [office] = connection.execute(tables.office.select()).all()
        data = find_office(connection, office.office)
    old = sign_certificate(first_issue(read_certificate(data)), house.hub.signer)
    set_office(house, old)
    with house.first.sit("admin") as admin, admin.begin() as uow:
        uow.set_meta("device_certificate", json.dumps({}))
        uow.connection.exec_driver_sql("DELETE FROM meta WHERE key = 'device_certificate'")
    house.first.clock.move(minutes=1)
    house.sync(house.first)
    with house.first.sit("clerk") as clerk, clerk.read() as uow:
        certificate = clerk.certificate(uow)
    assert certificate is not None and certificate.issue == 2
    assert certificate.hub_key == read_certificate(old).hub_key


def test_a_hub_under_another_root_is_not_believed(house: House) -> None:
    with house.hub.database.read() as connection:
        [office] = connection.execute(tables.office.select()).all()
        data = find_office(connection, office.office)
    thief = SoftwareSigner.generate()
    known = read_certificate(data)
    late = replace(known, root_key=thief.public_bytes().hex(), not_before="2027-01-01T00:00:00.000Z")
    with house.hub.database.write() as connection:
        made = sign_certificate(late, thief, house.hub.signer)
        connection.execute(update(tables.office).values(certificate=canonical(made).decode()))
    house.first.clock.move(days=80)
    with house.first.sit("admin") as admin:
        with pytest.raises(Refusal, match="hub_changed"):
            sync.sync(admin, house.wire)
        with pytest.raises(Refusal, match="hub_changed"):
            enrol(admin, house.wire)
        with admin.read() as uow:
            assert admin.certificate(uow) == known


def test_a_purpose_that_was_not_granted_makes_no_code(house: House) -> None:
    case = house.first.approved_case()
    house.sync(house.first)
    with house.hub.database.read() as connection:
        [office] = connection.execute(tables.office.select()).all()
        known = read_certificate(find_office(connection, office.office))
        root = house.hub.trust.root(connection)
    set_office(house, sign_certificate(replace(known, purposes=(2,)), root, house.hub.signer))
    with house.first.sit("clerk") as clerk, pytest.raises(Refusal, match="purpose_not_granted"):
        claims.mint_claim(clerk, case)


def test_an_answer_for_another_question_or_desk_is_not_kept(house: House) -> None:
    second = house.join("second")
    theirs, before = kept(second), kept(house.first)
    house.first.clock.move(days=80)
    real = house.wire.post

    def swapped(path: str, body: bytes) -> tuple[int, bytes]:
        status, data = real(path, body)
        if path.endswith("device-certificate"):
            return replayed.setdefault("first", (status, data))
        return status, data

    replayed: dict[str, tuple[int, bytes]] = {}
    with second.sit("clerk") as clerk:
        house.wire.post = swapped
        assert renew_if_due(clerk, house.wire)
    with house.first.sit("clerk") as clerk, pytest.raises(EnvironmentFault, match="hub_answer_damaged"):
        renew_if_due(clerk, house.wire)
    assert kept(house.first) == before != theirs
    assert from_stamp(before.certificate.not_after) < from_stamp(kept(second).certificate.not_after)
