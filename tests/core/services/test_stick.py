"""U 盘同步, there and back: a real desk, a real hub, and what may befall the stick between them."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from core.errors import Cancelled, EnvironmentFault, UserError
from core.records.states import Delivery, Lifecycle
from core.services import applications, backup, erasure, scans, stick, sync
from core.services.offices import enrolment_request, found_office
from core.services.people import NewPerson
from core.services.session import Folder, Ports
from core.sync import envelope
from core.sync import scans as lane
from core.sync.enrolment import fingerprint
from core.sync.stick import TO_DESK, TO_HUB, Lane, Place
from hub import stick as at_hub
from hub.desks import revoke_desk
from hub.enrolments import accept
from tests.core.services.office_kit import OFFICE, PNG, MovableClock, SeededRandom, open_kit, password
from tests.core.services.real_hub import lost, open_real_hub
from tests.core.services.stick_kit import World, make_world, personal_values
from tests.core.services.test_scans import elsewhere, signed_scan


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """An office, a hub, a stick."""
    world = make_world(tmp_path)
    yield world
    world.close()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Batches and pages of three, chunks of a tenth of a scan: everything takes several files."""
    from core.services import stick_export

    monkeypatch.setitem(envelope.BATCH_LIMITS, 2, 3)
    for module in (lane, stick_export):
        monkeypatch.setattr(module, "CHUNK", len(PNG) // 4 + 1)


# --- there and back -----------------------------------------------------------------------------


def test_weeks_by_stick_alone(world: World) -> None:
    case = world.kit.approved_case()
    sent, there, back = world.carry()
    assert (sent.actions, sent.scans, sent.faults) == (12, 1, ())
    assert (there.actions, there.scans, there.faults, there.foreign) == (12, 1, (), 0)
    assert (back.actions, back.scans, back.pending, back.faults) == (12, 1, 0, ())
    with world.kit.sit("clerk") as clerk:
        assert scans.scans_waiting(clerk) == scans.ScansWaiting(0, 0)
        with clerk.read() as uow:
            assert uow.ledger.delivery([case]) is Delivery.RECORDED
        assert sync.staleness(clerk).level == "fresh"
    world.assert_same()
    for _ in range(2):
        world.kit.clock.move(days=5)
        with world.kit.sit("clerk") as clerk:
            assert sync.staleness(clerk).level == "stale"
        world.kit.approved_case()
        _, _, back = world.carry()
        assert (back.actions, back.pending, back.faults) == (7, 0, ())
        world.assert_same()
    world.real.wire = lambda path, body, carry: carry()  # the line is mended: there is nothing left to say
    with world.kit.sit("clerk") as clerk:
        report = sync.sync(clerk, world.real.port)
        assert (report.pushed, report.pulled, report.rejected) == (0, 0, ())


def test_the_hub_may_live_in_postgresql(
    tmp_path: Path, make_postgres: Callable[[], str], small: None
) -> None:
    kit = open_kit(tmp_path)
    real = open_real_hub(tmp_path, kit, make_postgres())
    real.enrol(kit)
    real.wire = lost
    world = World(tmp_path, kit, real, tmp_path / "usb")
    world.usb.mkdir()
    case = kit.approved_case()
    assert world.carry()[2].faults == ()
    world.issue(case)
    hub = world.hub_holds()
    assert world.at_hub().faults == ()
    assert world.hub_holds() == hub
    assert world.carry()[2].pulled == 1
    world.assert_same()
    world.close()


def test_many_files_are_one_shipment(world: World, small: None) -> None:
    for _ in range(2):
        world.kit.approved_case()
    sent, there, back = world.carry()
    # Certificates and status, 19 actions by three, two scans, the question for the feed.
    assert sent.files == 2 + 7 + 2 * 4 + 1
    assert (there.files, there.faults) == (sent.files, ())
    assert len(world.files(TO_DESK)) == there.replies > sent.files  # the feed takes several pages
    assert (back.files, back.actions, back.faults) == (there.replies, 19, ())
    world.assert_same()


def test_nothing_to_send_still_asks_for_what_is_new(world: World) -> None:
    world.carry()
    sent, there, back = world.carry()
    assert (sent.files, sent.actions) == (3, 0)
    assert (there.files, there.faults, back.pulled, back.faults) == (3, (), 0, ())


def test_what_the_hub_did_meanwhile_comes_back(world: World) -> None:
    case = world.kit.approved_case()
    world.carry()
    world.issue(case)
    assert world.carry()[2].pulled == 1
    with world.kit.sit("clerk") as clerk:
        assert applications.get_case(clerk, case).case.lifecycle is Lifecycle.CLAIMED
    world.assert_same()


def test_a_refused_action_is_told_once(world: World) -> None:
    """The desk's clock ran an hour ahead: the hub refuses what comes from the future, and the desk hears."""
    world.carry()
    with world.kit.sit("clerk") as clerk:
        unit = world.kit.unit(clerk)
    world.real.hub.clock = lambda: world.kit.clock.moment - timedelta(hours=1)
    there, back = world.export() and world.at_hub(), world.take()
    assert [code for _, code in there.rejected] == ["action_from_future"]
    assert [code for _, code in back.rejected] == ["action_from_future"]
    with world.kit.sit("clerk") as clerk, clerk.read() as uow:
        assert uow.ledger.delivery([unit]) is Delivery.REJECTED
    assert world.take().rejected == ()


def test_a_stick_tells_nothing_of_clocks(world: World) -> None:
    """It was on the way for days; neither side takes that for the other's clock."""
    world.kit.approved_case()
    before = (world.desk_holds()["hub_offset"], world.hub_holds()["device"])
    world.export()
    world.kit.clock.move(hours=20)
    world.at_hub()
    world.kit.clock.move(days=2)
    assert world.take().faults == ()
    assert (world.desk_holds()["hub_offset"], world.hub_holds()["device"]) == before


def test_scans_of_another_desk_come_by_stick(world: World, small: None) -> None:
    with world.kit.sit("clerk") as clerk:
        case = world.kit.submitted_case(clerk)
        scan = signed_scan(clerk, case)
    world.carry()
    other = World(world.place, elsewhere(world.kit, world.place / "two"), world.real, world.usb)
    _, there, back = other.carry()
    assert (there.faults, back.faults, back.scans) == ((), (), 1)
    with other.kit.sit("reviewer") as reviewer:
        assert applications.read_scan(reviewer, scan) == PNG


def test_a_damaged_scan_is_named_and_the_rest_goes(world: World) -> None:
    case = world.kit.approved_case()
    with world.kit.sit("clerk") as clerk:
        scan = signed_scan(clerk, case)
        with clerk.read() as uow:
            found = uow.find_attachment(scan)
        assert found is not None
        (clerk.folder.attachments / found[1][:2] / found[1]).unlink()
    sent, there, back = world.carry()
    assert [(fault.file, fault.code) for fault in sent.faults] == [(scan, "attachment_missing")]
    assert (there.faults, back.faults, back.actions) == ((), (), 12)


def test_an_erased_case_takes_no_scan_along(world: World) -> None:
    case = world.kit.approved_case()
    with world.kit.sit("admin") as admin:
        erasure.erase(admin, "case", case)
    assert world.export().scans == 0


# --- who it is for ------------------------------------------------------------------------------


def test_two_offices_share_one_stick(world: World, tmp_path: Path) -> None:
    """Each takes what is its own, counts the other's files, and leaves them alone."""
    clock = MovableClock(world.kit.clock.moment)
    ports = Ports(clock, SeededRandom("another office"))
    people = NewPerson("admin", "演乙", password("admin"), frozenset({"admin", "clerk"}))  # type: ignore[arg-type]
    folder = Folder(tmp_path / "another")
    founded = found_office(folder, OFFICE, OFFICE.registrar, people, rehearsal=True, ports=ports)
    other = founded.session
    from core.services.offices import enrol

    accept(world.real.hub, enrolment_request(other), False)
    world.real.wire = lambda path, body, carry: carry()
    enrol(other, world.real.port)
    world.kit.approved_case()
    mine, theirs = world.export(), stick.export_stick(other, world.usb)
    there = world.at_hub()
    assert (there.files, there.foreign, there.faults) == (mine.files + theirs.files, 0, ())
    replies = len(world.files(TO_DESK))
    back, other_back = world.take(), stick.import_stick(other, world.usb)
    assert (back.files + back.foreign, other_back.files + other_back.foreign) == (replies, replies)
    assert (back.faults, other_back.faults, back.pending, other_back.pending) == ((), (), 0, 0)
    other.close()
    world.assert_same()


def test_a_stick_of_offices_unknown_here_is_left_alone(world: World, tmp_path: Path) -> None:
    """Another province's hub, or the real hub and a rehearsal's stick."""
    world.kit.approved_case()
    files = world.export().files
    (tmp_path / "real").mkdir()
    stranger = open_real_hub(tmp_path / "real", world.kit, rehearsal=False)
    report = at_hub.import_stick(stranger.hub, world.usb)
    assert (report.files, report.foreign, report.replies, report.faults) == (0, files, 0, ())
    stranger.close()


def test_answers_for_another_desk_are_not_taken(world: World, tmp_path: Path) -> None:
    """Laid into our folder, or renamed within it, a file does not open."""
    world.kit.approved_case()
    world.export()
    world.at_hub()
    first, second = world.files(TO_DESK)[1:3]
    swapped = first.read_bytes(), second.read_bytes()
    first.write_bytes(swapped[1])
    second.write_bytes(swapped[0])
    report = world.take()
    named = {fault.file.rpartition("/")[2]: fault.code for fault in report.faults}
    assert named[first.name] == named[second.name] == "stick_foreign"
    assert report.pending == 0  # receipts too come with the feed


def test_an_empty_or_missing_stick_is_said(world: World) -> None:
    with pytest.raises(EnvironmentFault, match="stick_empty"):
        world.take()
    with pytest.raises(EnvironmentFault, match="stick_empty"):
        world.at_hub()
    for act in (world.export, world.take, world.at_hub):
        with pytest.raises(EnvironmentFault, match="stick_gone"):
            act(world.usb / "pulled out")


def test_an_office_whose_line_never_worked_is_enrolled_by_stick(tmp_path: Path) -> None:
    """It asks, the operator decides after the fingerprint was compared, and the certificate comes back."""
    kit = open_kit(tmp_path)
    real = open_real_hub(tmp_path, kit)
    usb = tmp_path / "usb"
    usb.mkdir()
    world = World(tmp_path, kit, real, usb)
    with kit.sit("admin") as admin:
        request = enrolment_request(admin)
    assert world.export().files == 1
    assert world.at_hub().enrolments == ((fingerprint(request), "pending"),)
    with pytest.raises(UserError, match="not_enrolled"):
        world.take()
    accept(real.hub, fingerprint(request), False)
    assert world.at_hub().enrolments == ((fingerprint(request), "enrolled"),)
    told = (usb / "certdesk" / world.office / device_of(world) / "certificate.json").read_bytes()
    forged = told.replace(b'"single_clerk":false', b'"single_clerk":true')
    assert forged != told
    (usb / "certdesk" / world.office / device_of(world) / "certificate.json").write_bytes(forged)
    with pytest.raises(UserError, match="certificate_forged"):
        world.take()
    (usb / "certdesk" / world.office / device_of(world) / "certificate.json").write_bytes(told)
    assert world.take().files == 1
    kit.approved_case()
    _, there, back = world.carry()
    assert (there.faults, back.faults, back.pending) == ((), (), 0)
    world.assert_same()
    clear = b"".join(path.read_bytes() for path in usb.rglob("*.json"))
    assert not [value for value in personal_values(kit) if value.encode() in clear]
    world.close()


def test_a_rehearsals_wish_is_refused_at_the_real_hub(tmp_path: Path) -> None:
    kit = open_kit(tmp_path)
    (tmp_path / "usb").mkdir()
    world = World(tmp_path, kit, open_real_hub(tmp_path, kit, rehearsal=False), tmp_path / "usb")
    world.export()
    report = world.at_hub()
    assert [fault.code for fault in report.faults] == ["rehearsal_mismatch"]
    with pytest.raises(UserError, match="not_enrolled"):
        world.take()
    world.close()


# --- old, doubled, copied -----------------------------------------------------------------------


def test_twice_changes_nothing(world: World, small: None) -> None:
    world.kit.approved_case()
    world.carry()
    hub, desk = world.hub_holds(), world.desk_holds()
    assert world.at_hub().faults == ()
    assert world.take().faults == ()
    assert (world.hub_holds(), world.desk_holds()) == (hub, desk)
    with world.kit.sit("clerk") as clerk:
        stick.import_stick(clerk, world.usb)
    assert world.desk_holds() == desk


def test_an_old_copy_changes_nothing_and_takes_nothing_back(world: World, tmp_path: Path) -> None:
    world.kit.approved_case()
    world.export()
    world.at_hub()
    old = tmp_path / "old"
    shutil.copytree(world.usb, old)
    world.take()
    world.kit.approved_case()
    world.carry()
    hub, desk = world.hub_holds(), world.desk_holds()
    assert world.take(old).faults == ()  # the hub's answers of then
    assert world.desk_holds() == desk
    assert world.at_hub(old).faults == ()  # what the desk said then
    assert world.hub_holds() == hub
    assert world.take(old).faults == ()
    assert world.desk_holds()["halt"] in (None, "")
    world.assert_same()


def test_answers_of_two_sticks_in_the_wrong_order(world: World, tmp_path: Path) -> None:
    world.kit.approved_case()
    world.export()
    second = tmp_path / "second"
    second.mkdir()
    world.kit.approved_case()
    world.export(second)
    world.at_hub(second)
    world.at_hub()
    assert world.take(second).faults == ()
    assert world.take().faults == ()
    world.assert_same()


def test_a_lost_stick_found_after_a_restore(world: World, tmp_path: Path) -> None:
    """The desk was restored and went on; the lost stick holds what nobody holds any more."""
    world.kit.approved_case()
    with world.kit.sit("admin") as admin:
        file = backup.back_up(admin, tmp_path / "b.certdesk")
    world.kit.approved_case()
    world.export()
    found = tmp_path / "found"
    shutil.move(world.usb, found)
    world.usb.mkdir()
    backup.restore(file, world.kit.folder, "admin", password("admin"), world.kit.ports).close()
    world.kit.approved_case()
    world.carry()
    world.assert_same()
    hub, desk = world.hub_holds(), world.desk_holds()
    late = world.at_hub(found)
    assert {fault.code for fault in late.faults} == {"epoch_old"}
    assert {name: held for name, held in world.hub_holds().items() if name != "parts"} == {
        name: held for name, held in hub.items() if name != "parts"
    }
    world.take(found)
    assert world.desk_holds() == desk
    world.assert_same()


def test_a_lost_stick_that_arrives_before_the_restored_desk(world: World, tmp_path: Path) -> None:
    """Then the hub has more of this desk than the desk itself, and gives it back."""
    kept = world.kit.approved_case()
    with world.kit.sit("admin") as admin:
        file = backup.back_up(admin, tmp_path / "b.certdesk")
    lost_case = world.kit.approved_case()
    world.export()
    world.at_hub()
    backup.restore(file, world.kit.folder, "admin", password("admin"), world.kit.ports).close()
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    _, there, back = world.carry(fresh)
    assert (there.faults, back.faults) == ((), ())
    world.assert_same()
    with world.kit.sit("clerk") as clerk:
        for case in (kept, lost_case):
            assert applications.get_case(clerk, case).case.lifecycle is Lifecycle.APPROVED


def test_two_copies_of_one_desk_are_told_apart(world: World, tmp_path: Path) -> None:
    """The folder was copied, not restored: the second copy's chain does not fit, and that desk halts."""
    world.kit.approved_case()
    shutil.copytree(world.place / "office", tmp_path / "twin" / "office")
    world.kit.approved_case()
    world.carry()
    from dataclasses import replace

    twin = World(
        world.place, replace(world.kit, folder=Folder(tmp_path / "twin" / "office"), sessions=[]), world.real,
        tmp_path / "twin" / "usb",
    )  # fmt: skip
    twin.usb.mkdir()
    twin.kit.made += 5
    with twin.kit.sit("clerk") as clerk:
        twin.kit.unit(clerk)
    twin.export()
    there = twin.at_hub()
    assert "chain_forked" in {fault.code for fault in there.faults}
    with pytest.raises(EnvironmentFault, match="chain_forked"):
        twin.take()
    with pytest.raises(EnvironmentFault, match="chain_forked"):
        twin.export()


def test_a_withdrawn_desk_hears_of_it(world: World) -> None:
    world.kit.approved_case()
    with world.kit.sit("clerk") as clerk, world.real.hub.database.write() as connection:
        revoke_desk(connection, clerk.office, clerk.device.id, world.real.hub.now())
    hub = world.hub_holds()
    world.export()
    assert {fault.code for fault in world.at_hub().faults} == {"device_revoked"}
    assert world.hub_holds() == hub
    with pytest.raises(EnvironmentFault, match="device_revoked"):
        world.take()


# --- stopped ------------------------------------------------------------------------------------


def test_a_cancelled_export_leaves_the_one_before(world: World, small: None) -> None:
    world.kit.approved_case()
    world.export()
    before = {path: path.read_bytes() for path in world.files()}
    world.kit.approved_case()
    seen: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        seen.append((done, total))

    with world.kit.sit("clerk") as clerk, pytest.raises(Cancelled):
        stick.export_stick(clerk, world.usb, progress, lambda: len(seen) == 4)
    assert {path: path.read_bytes() for path in world.files()} == before
    assert seen == sorted(seen) and all(done <= total for done, total in seen)
    assert world.at_hub().actions == 12


def test_a_cancelled_import_goes_on_where_it_was(world: World, small: None) -> None:
    world.kit.approved_case()
    world.export()
    seen: list[int] = []
    with pytest.raises(Cancelled):
        at_hub.import_stick(
            world.real.hub, world.usb, lambda done, _: seen.append(done), lambda: len(seen) == 3
        )
    assert seen == [1, 2, 3]
    assert world.at_hub().faults == ()
    with world.kit.sit("clerk") as clerk, pytest.raises(Cancelled):
        stick.import_stick(clerk, world.usb, lambda done, _: seen.append(done), lambda: len(seen) == 5)
    assert world.take().faults == ()
    world.assert_same()


def test_progress_ends_at_the_end(world: World, small: None) -> None:
    world.kit.approved_case()
    told: list[tuple[int, int]] = []
    with world.kit.sit("clerk") as clerk:
        stick.export_stick(clerk, world.usb, lambda *step: told.append(step))
        assert told[-1][0] == told[-1][1]
        at_hub.import_stick(world.real.hub, world.usb, lambda *step: told.append(step))
        assert told[-1][0] == told[-1][1]
        stick.import_stick(clerk, world.usb, lambda *step: told.append(step))
        assert told[-1][0] == told[-1][1]


def test_numbers_go_on_and_the_former_files_go(world: World) -> None:
    world.export()
    world.at_hub()
    lane_ = Lane(world.usb, world.office, device_of(world), TO_HUB)
    assert [place.number for place in lane_.places()] == [1, 2, 3, 4]
    world.take()
    world.export()
    assert lane_.places() == [Place(5), Place(6), Place(7)]
    world.at_hub()
    answers = Lane(world.usb, world.office, device_of(world), TO_DESK)
    assert {place.number for place in answers.places()} == {5, 6, 7}


def device_of(world: World) -> str:
    with world.kit.sit("clerk") as clerk:
        return clerk.device.id
