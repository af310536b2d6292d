"""Two and five desks of one office: asked for, admitted, joined, and all of them hold the same in the end."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from core.errors import EnvironmentFault, Refusal, UserError
from core.keys.keyring import Keyring
from core.keys.signer import SoftwareSigner
from core.records.people import Role
from core.services import audit, claims, desks, people, review, sync
from core.services.conflicts import open_items
from core.services.device_certificates import kept_certificate
from core.services.offices import enrol, enrolment_request
from core.services.session import Folder, Ports
from core.services.waiting_keys import open_waiting
from core.sync import desk_package
from core.sync.desk_package import open_package, seal_package
from hub.claims import offer
from hub.revocation import revoke_key
from hub.setup import Hub, init
from tests.contract.fake_hub import ISSUER, PostedHub
from tests.contract.test_real_hub import Asgi
from tests.core.services.office_kit import OfficeKit, SeededRandom, open_kit, password


@dataclass
class House:
    """An enrolled office with one desk, a real hub, and a place for further desks."""

    place: Path
    first: OfficeKit
    hub: Hub
    wire: PostedHub
    desks: list[OfficeKit] = field(default_factory=list)

    def ask(self, name: str) -> tuple[Folder, Ports, bytes, str]:
        """A new desk makes its keys and asks."""
        folder = Folder(self.place / name)
        ports = Ports(self.first.clock, SeededRandom(name))
        request, mark = desks.request_desk(folder, ports, password=password("clerk"))
        return folder, ports, request, mark

    def admit(self, request: bytes, by: OfficeKit | None = None) -> bytes:
        """The administrator at a desk admits; the package."""
        target = self.place / "package"
        with (by or self.first).sit("admin") as admin:
            desks.admit_desk(admin, request, target)
        return target.read_bytes()

    def join(self, name: str, by: OfficeKit | None = None) -> OfficeKit:
        """The whole way of a new desk, up to its first cycle."""
        folder, ports, request, _ = self.ask(name)
        package = self.admit(request, by)
        self.sync(by or self.first)
        desks.join_office(folder, package, "clerk", password("clerk"), ports).close()
        kit = replace(self.first, folder=folder, ports=ports, sessions=[])
        self.desks.append(kit)
        self.sync(kit)
        return kit

    def sync(self, *kits: OfficeKit) -> None:
        for kit in kits:
            with kit.sit("clerk") as session:
                assert sync.sync(session, self.wire).rejected == ()

    def settle(self) -> None:
        """Everybody syncs until nobody has anything new."""
        for _ in range(2):
            self.sync(*self.desks)

    def all_equal(self) -> int:
        """Fail unless every desk holds what every other holds, verified; return how many actions."""
        told = []
        for kit in self.desks:
            with kit.sit("admin") as admin:
                status = sync.status(admin)
                assert (status.pending, status.open_refusals, status.halt) == (0, 0, None)
                assert open_items(admin) == ()
                count = audit.verify_record(admin)
                audit.check_rebuild(admin)
                with admin.read() as uow:
                    told_of = [row for row in uow.ledger.record(None, 0, 10**6) if row.receipt is not None]
                    lines = [
                        (row.receipt.position, row.signed.hash)
                        for row in told_of
                        if row.receipt is not None and row.receipt.verdict == "recorded"
                    ]
                    lists = ([*uow.lists.cases(limit=10**6)], [*uow.lists.units(limit=10**6)])
                assert len(told_of) == count
                told.append((sorted(lines), sorted(map(repr, lists[0])), sorted(map(repr, lists[1]))))
        assert all(each == told[0] for each in told)
        return len(told[0][0])


@contextmanager
def open_house(place: Path) -> Iterator[House]:
    first = open_kit(place, "first")
    url = f"sqlite:///{place / 'hub.db'}"
    hub = init(url, ISSUER, place / "root.pem", b"k" * 32, True, first.clock, SeededRandom("hub"))
    asgi = Asgi(hub)
    house = House(place, first, hub, PostedHub(asgi.post))
    house.desks.append(first)
    try:
        with first.sit("admin") as admin:
            enrol(admin, house.wire)
            asgi.accept(enrolment_request(admin))
            assert enrol(admin, house.wire) is not None
        house.sync(first)
        yield house
    finally:
        for kit in house.desks:
            kit.close()
        hub.database.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as opened:
        yield opened


# --- the way in -----------------------------------------------------------------------------------


def test_a_second_desk_joins_and_everybody_opens_it_with_their_own_password(house: House) -> None:
    folder, ports, request, mark = house.ask("second")
    with house.first.sit("admin") as admin:
        assert desks.requested(request) == mark
        assert desks.admit_desk(admin, request, house.place / "package") == mark
        assert [line.here for line in desks.devices(admin)] == [True, False]
    house.sync(house.first)
    package = (house.place / "package").read_bytes()
    session = desks.join_office(folder, package, "clerk", password("clerk"), ports)
    assert session.person == house.first.person("clerk")
    session.close()
    assert not (folder.root / "joining.json").exists()
    opener = Keyring.load(folder.keyring)
    for login in opener.logins():
        assert opener.unlock(login, password(login)).person == house.first.person(login)
    kit = replace(house.first, folder=folder, ports=ports, sessions=[])
    house.desks.append(kit)
    house.sync(kit)
    with kit.sit("clerk") as clerk, clerk.read() as uow:
        kept = kept_certificate(clerk, uow)
        office = clerk.certificate(uow)
    assert kept is not None and kept.certificate.device == clerk.device.id and "BEGIN" in kept.x509
    assert office is not None and office.issue == 2
    house.settle()
    assert house.all_equal() == 6  # founding, four people, the second desk


def test_a_package_that_says_more_than_we_read_is_taken_and_nothing_of_it_kept(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another release may tell a joining desk other facts; a key for covered values is kept by none."""
    said = desk_package.wrap
    more = {"blind_key": "ab" * 32, "novelty": ["x"]}
    monkeypatch.setattr(desk_package, "wrap", lambda fields, signer: said({**fields, **more}, signer))
    second = house.join("second")
    with second.sit("clerk") as clerk, clerk.read() as uow:
        assert uow.find_meta("blind_key") is uow.find_meta("novelty") is None
        assert uow.find_meta("office") == clerk.office
    with house.first.sit("clerk") as clerk, clerk.read() as uow:
        assert uow.find_meta("blind_key") is None


def test_cases_of_either_desk_are_everybodys_and_its_codes_are_honoured(house: House) -> None:
    case_here = house.first.approved_case()
    second = house.join("second")
    second.made = 7
    case_there = second.approved_case()
    house.settle()
    house.all_equal()
    with second.sit("clerk") as clerk:
        assert claims.mint_claim(clerk, case_here).code != claims.mint_claim(clerk, case_there).code
        minted = claims.mint_claim(clerk, case_there)
    assert offer(house.hub, minted.code)
    house.settle()
    house.all_equal()


@pytest.mark.slow
def test_five_desks_work_in_turns_and_end_equal(house: House) -> None:
    kits = [house.first]
    for number in range(2, 6):
        kits.append(house.join(f"desk-{number}", by=kits[-1]))
    for number, kit in enumerate(kits):
        kit.made = 20 * number
        kit.approved_case()
    house.sync(*kits)
    for number, kit in enumerate(kits):
        with kit.sit("clerk") as clerk:
            case = kit.submitted_case(clerk)
        house.sync(kit)
        other = kits[(number + 1) % 5]
        house.sync(other)
        with other.sit("reviewer") as reviewer:
            review.approve(reviewer, case)
        house.sync(other)
    house.settle()
    assert house.all_equal() > 70
    with kits[4].sit("admin") as admin:
        assert [line.revoked_at for line in desks.devices(admin)] == [None] * 5


# --- what can go wrong ----------------------------------------------------------------------------


def test_only_an_administrator_of_an_enrolled_office_admits(house: House, tmp_path: Path) -> None:
    _, _, request, _ = house.ask("second")
    with house.first.sit("clerk") as clerk, pytest.raises(Refusal, match="role_missing"):
        desks.admit_desk(clerk, request, tmp_path / "package")
    assert not (tmp_path / "package").exists()
    (tmp_path / "other").mkdir()
    alone = open_kit(tmp_path / "other", "alone")
    with alone.sit("admin") as admin, pytest.raises(UserError, match="not_enrolled"):
        desks.admit_desk(admin, request, tmp_path / "package")
    alone.close()


def test_a_request_that_is_none_or_was_changed_is_refused(house: House, tmp_path: Path) -> None:
    _, _, request, _ = house.ask("second")
    data = json.loads(request)
    data["payload"]["device"]["exchange_key"] = "ab" * 32
    forged = json.dumps(data, sort_keys=True, separators=(",", ":")).encode()
    with house.first.sit("admin") as admin:
        with pytest.raises(Refusal, match="desk_request_forged"):
            desks.admit_desk(admin, forged, tmp_path / "package")
        for odd in (b"", b"[]", request[:-9], enrolment_request(admin)):
            with pytest.raises(Refusal, match="desk_request_malformed"):
                desks.admit_desk(admin, odd, tmp_path / "package")
        assert len(desks.devices(admin)) == 1


def test_a_lost_or_copied_package_opens_nothing_elsewhere(house: House) -> None:
    folder, ports, request, _ = house.ask("second")
    package = house.admit(request)
    thief, thiefs_ports, _, _ = house.ask("thief")
    with pytest.raises(UserError, match="package_for_another_desk"):
        desks.join_office(thief, package, "clerk", password("clerk"), thiefs_ports)
    relabelled = json.loads(package)
    relabelled["device"] = open_waiting(thief, password("clerk")).id
    with pytest.raises(UserError, match="package_damaged"):
        desks.join_office(thief, json.dumps(relabelled).encode(), "clerk", password("clerk"), thiefs_ports)
    for login in ("admin", "clerk"):
        entry = Keyring.load(house.first.folder.keyring).find(login)
        assert entry is not None and entry.person.encode() not in package
        assert str(entry.password["sealed"]).encode() not in package
    assert "演".encode() not in package
    desks.join_office(folder, package, "clerk", password("clerk"), ports).close()


def test_every_turned_byte_of_a_package_is_seen(house: House) -> None:
    folder, ports, request, _ = house.ask("second")
    package = house.admit(request)
    for at in range(0, len(package), max(1, len(package) // 60)):
        turned = package[:at] + bytes([package[at] ^ 1]) + package[at + 1 :]
        with pytest.raises(UserError, match="package_"):
            desks.join_office(folder, turned, "clerk", password("clerk"), ports)
        assert not folder.exists()
    with pytest.raises(UserError, match="package_damaged"):
        desks.join_office(folder, package[:-40], "clerk", password("clerk"), ports)


def test_a_package_that_a_stranger_made_is_refused(house: House, tmp_path: Path) -> None:
    """Anybody can seal to a public key; only a desk of the office can sign."""
    folder, ports, request, _ = house.ask("second")
    (tmp_path / "other").mkdir()
    with open_house(tmp_path / "other") as other:
        theirs = other.admit(request)
    keys = open_waiting(folder, password("clerk"))
    secret, public = keys.exchange_secret, keys.exchange_public
    package, _ = open_package(house.admit(request), keys.id, secret)
    stranger = SoftwareSigner.generate()
    forged: dict[str, Any] = {
        "signed by nobody": package,
        "by a desk that is none": replace(package, by="another"),
        "of another office": replace(package, office="another"),
        "with somebody's own certificate": replace(
            package, certificate=open_package(theirs, keys.id, secret)[0].certificate
        ),
        "without the founding": replace(package, actions=package.actions[1:]),
    }
    for name, made in forged.items():
        with pytest.raises(Refusal, match="package_forged"):
            data = seal_package(made, public, stranger, ports.random)
            desks.join_office(folder, data, "clerk", password("clerk"), ports)
        assert not folder.exists(), name


def test_a_wrong_password_or_a_folder_in_use_leaves_all_as_it_was(house: House) -> None:
    folder, ports, request, mark = house.ask("second")
    package = house.admit(request)
    with pytest.raises(UserError, match="wrong_password"):
        desks.join_office(folder, package, "clerk", "not the password", ports, asked_with=password("clerk"))
    with pytest.raises(UserError, match="waiting_password_wrong"):
        desks.join_office(folder, package, "clerk", "not the password", ports)
    assert [path.name for path in folder.root.iterdir()] == ["joining.json"]
    again = desks.request_desk(folder, ports, password=password("clerk"))
    assert again == (request, mark)  # the same desk asks again
    with pytest.raises(UserError, match="data_folder_in_use"):
        desks.request_desk(house.first.folder, ports, password=password("clerk"))
    with pytest.raises(UserError, match="desk_not_requested"):
        desks.join_office(Folder(house.place / "empty"), package, "clerk", password("clerk"), ports)


def test_before_the_admitting_desk_has_synced_the_hub_does_not_know_the_new_one(house: House) -> None:
    folder, ports, request, _ = house.ask("second")
    package = house.admit(request)
    session = desks.join_office(folder, package, "clerk", password("clerk"), ports)
    try:
        with pytest.raises(EnvironmentFault, match="device_unknown"):
            sync.sync(session, house.wire)
        house.sync(house.first)
        assert sync.sync(session, house.wire).pulled == 1
    finally:
        session.close()


def test_a_withdrawn_desk_is_told_and_the_others_see_it(house: House) -> None:
    second = house.join("second")
    with second.sit("clerk") as clerk:
        kid = clerk.device.signer.kid
    revoke_key(house.hub, kid, "遗失")
    with second.sit("clerk") as clerk:
        with pytest.raises(EnvironmentFault, match="device_revoked"):
            sync.sync(clerk, house.wire)
        halt = sync.status(clerk).halt
        assert halt is not None and halt.code == "device_revoked"
    house.sync(house.first)
    with house.first.sit("admin") as admin:
        lines = {line.kid: line.revoked_at for line in desks.devices(admin)}
    assert lines[kid] is not None and [at for at in lines.values() if at is None] == [None]


# --- new people -----------------------------------------------------------------------------------


def test_people_added_elsewhere_come_with_a_newer_package(house: House) -> None:
    second = house.join("second")
    newcomer = people.NewPerson("new", "演新", password("new"), frozenset({Role.CLERK}))
    with house.first.sit("admin") as admin:
        people.add_person(admin, newcomer)
        forgetful = house.first.person("reviewer")
        people.reset_password(admin, forgetful, "a new password")
    with second.sit("clerk") as clerk:
        own = Keyring.load(second.folder.keyring)
        people.change_password(clerk, password("clerk"), "changed at the second desk")
        request, _ = desks.request_desk(second.folder, second.ports, session=clerk)
    older = house.admit(request)
    house.first.clock.move(minutes=1)
    package = house.admit(request)
    house.sync(house.first, second)
    assert "new" not in own.logins()
    session = desks.join_office(second.folder, package, "clerk", "changed at the second desk", second.ports)
    with pytest.raises(UserError, match="package_older"):
        desks.merge_package(session, older)
    assert desks.merge_package(session, package) == 0
    session.close()
    keyring = Keyring.load(second.folder.keyring)
    assert keyring.unlock("new", password("new"))
    assert keyring.unlock("reviewer", "a new password")
    assert keyring.unlock("clerk", "changed at the second desk")
    with pytest.raises(UserError, match="wrong_password"):
        keyring.unlock("reviewer", password("reviewer"))


def test_one_label_for_two_people_is_told_apart(house: House) -> None:
    second = house.join("second")
    for kit in (house.first, second):
        house.sync(kit)
        with kit.sit("admin") as admin:
            secret = f"password of {kit.folder.root.name}"
            people.add_person(admin, people.NewPerson("new", "演新", secret, frozenset({Role.CLERK})))
        house.sync(kit)
    house.settle()
    with second.sit("admin") as admin:
        request, _ = desks.request_desk(second.folder, second.ports, session=admin)
        package = house.admit(request)
        assert desks.merge_package(admin, package) == 1
    keyring = Keyring.load(second.folder.keyring)
    [other] = [login for login in keyring.logins() if login.startswith("new-")]
    assert keyring.unlock("new", "password of second") and keyring.unlock(other, "password of office")
