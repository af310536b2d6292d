"""The scans' lane from desk to hub and to another desk, over a wire that is cut wherever it hurts."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from core.errors import Cancelled, CertDeskError, EnvironmentFault, UserError
from core.services import applications, erasure, review, scans
from core.services.session import Session
from core.services.sync import desk_of, sync
from core.sync import scans as lane
from core.sync.scan_wire import CHUNK
from hub.engine import lock_office
from hub.scan_store import find
from hub.sealed import erase
from tests.core.services.office_kit import PNG, Folder, OfficeKit
from tests.core.services.real_hub import RealHub, lost, open_real_hub

Carry = Callable[[], tuple[int, bytes]]


@pytest.fixture
def real(kit: OfficeKit, tmp_path: Path) -> Iterator[RealHub]:
    """An enrolled office's hub."""
    real = open_real_hub(tmp_path, kit)
    real.enrol(kit)
    yield real
    real.close()


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> int:
    """Ten chunks to a scan."""
    step = len(PNG) // 10 + 1
    monkeypatch.setattr(lane, "CHUNK", step)
    return step


def push(session: Session, real: RealHub) -> None:
    """Only the actions: the lane of :func:`sync` is switched off by running the cycle itself."""
    from core.services.device_certificates import certificate_or_refuse
    from core.sync.cycle import run_cycle

    run_cycle(session.store, desk_of(session), real.port, certificate_or_refuse(session))


def state_at_hub(real: RealHub, session: Session, scan: str) -> str:
    with real.hub.database.read() as connection:
        row = find(connection, session.office, scan)
    return "none" if row is None else row.state


def signed_scan(session: Session, case: str) -> str:
    found = applications.get_case(session, case).case.signed_scan()
    assert found is not None
    return found.id


def elsewhere(kit: OfficeKit, place: Path) -> OfficeKit:
    """The same office's folder on another disk, without a single scan."""
    shutil.copytree(kit.folder.root, place / "office")
    shutil.rmtree(place / "office" / "attachments", ignore_errors=True)
    other = replace(kit, folder=Folder(place / "office"), sessions=[])
    with other.sit("admin") as admin, admin.begin() as uow:
        uow.connection.exec_driver_sql("DELETE FROM attachment")
        uow.connection.exec_driver_sql("DELETE FROM scan_transfer")
    return other


def test_facts_first_then_the_bytes(kit: OfficeKit, real: RealHub) -> None:
    case = kit.approved_case()
    with kit.sit("clerk") as clerk:
        scan = signed_scan(clerk, case)
        assert scans.scans_waiting(clerk) == scans.ScansWaiting(1, 0)
        early = scans.run_lane(clerk, real.port)
        assert (early.sent, early.waiting) == (0, 1)  # its action is not there yet
        push(clerk, real)
        report = scans.run_lane(clerk, real.port)
        assert (report.sent, report.waiting, report.failed) == (1, 0, ())
        assert state_at_hub(real, clerk, scan) == "there"
        real.said.clear()
        assert scans.run_lane(clerk, real.port).sent == 0
        assert "/api/v1/scan-chunk" not in real.said


def test_sync_runs_the_lane(kit: OfficeKit, real: RealHub) -> None:
    case = kit.approved_case()
    with kit.sit("clerk") as clerk:
        report = sync(clerk, real.port)
        assert report.scans is not None and report.scans.sent == 1
        assert state_at_hub(real, clerk, signed_scan(clerk, case)) == "there"


def test_a_line_cut_anywhere_costs_only_the_chunk_under_way(
    kit: OfficeKit, real: RealHub, small_chunks: int
) -> None:
    """Requests and answers are lost at random; the lane goes on where the hub is, never from the start."""
    case = kit.approved_case()
    chance, carried = Random(7), list[int]()

    def wire(path: str, body: bytes, carry: Carry) -> tuple[int, bytes]:
        if path != "/api/v1/scan-chunk":
            return carry()
        fate = chance.random()
        if fate < 0.3:
            raise EnvironmentFault("hub_unreachable")
        carried.append(len(body))
        answer = carry()
        if fate < 0.6:
            raise EnvironmentFault("hub_unreachable")
        return carry() if fate < 0.8 else answer

    with kit.sit("clerk") as clerk:
        push(clerk, real)
        real.wire = wire
        for _ in range(100):
            try:
                if scans.run_lane(clerk, real.port).sent:
                    break
            except EnvironmentFault as fault:
                assert fault.code == "hub_unreachable"
        assert state_at_hub(real, clerk, signed_scan(clerk, case)) == "there"
        assert len(carried) <= -(-len(PNG) // small_chunks)
        assert scans.scans_waiting(clerk).to_send == 0


def test_cancelling_stops_between_chunks_and_goes_on_later(
    kit: OfficeKit, real: RealHub, small_chunks: int
) -> None:
    kit.approved_case()
    with kit.sit("clerk") as clerk:
        push(clerk, real)
        moved: list[tuple[int, int]] = []

        def progress(done: int, total: int) -> None:
            moved.append((done, total))

        with pytest.raises(Cancelled):
            scans.run_lane(clerk, real.port, progress, lambda: len(moved) == 3)
        assert moved == [(small_chunks * n, len(PNG)) for n in (1, 2, 3)]
        with clerk.read() as uow:
            transfer = uow.scans.find(uow.scans.unsent(0, 1)[0].scan)
        assert transfer is not None and transfer.done == 3 * small_chunks
        assert scans.run_lane(clerk, real.port, progress).sent == 1
        assert moved[-1][0] == len(PNG) - 3 * small_chunks


def test_what_somebody_does_meanwhile_goes_first(kit: OfficeKit, real: RealHub, small_chunks: int) -> None:
    kit.approved_case()
    with kit.sit("clerk") as clerk:
        push(clerk, real)

        def work(path: str, body: bytes, carry: Carry) -> tuple[int, bytes]:
            if path == "/api/v1/scan-chunk" and real.said.count(path) == 2:
                kit.unit(clerk)
            return carry()

        real.wire = work
        report = scans.run_lane(clerk, real.port)
        assert (report.sent, report.waiting) == (0, 1)
        assert real.said.count("/api/v1/scan-chunk") == 2


def test_a_scan_damaged_on_the_disk_is_named_and_the_others_go(kit: OfficeKit, real: RealHub) -> None:
    first, second = kit.approved_case(), kit.approved_case()
    with kit.sit("clerk") as clerk:
        bad, good = signed_scan(clerk, first), signed_scan(clerk, second)
        with clerk.read() as uow:
            found = uow.find_attachment(bad)
        assert found is not None
        path = clerk.folder.attachments / found[1][:2] / found[1]
        path.write_bytes(path.read_bytes()[:-1] + b"x")
        push(clerk, real)
        report = scans.run_lane(clerk, real.port)
        assert report.failed == ((bad, "attachment_damaged"),)
        assert state_at_hub(real, clerk, good) == "there"


def test_a_scan_exchanged_on_the_disk_is_refused_at_the_hub(kit: OfficeKit, real: RealHub) -> None:
    """Whoever holds the office's keys may seal another paper; what was signed for tells."""
    case = kit.approved_case()
    with kit.sit("clerk") as clerk:
        scan = signed_scan(clerk, case)
        with clerk.begin() as uow:
            key = uow.ledger.attachment_key(case)
            name = lane.write_attachment(clerk.folder.attachments, key, PNG + b"!", scan, clerk.random)
            uow.scans.drop_attachment(scan)
            uow.add_attachment(scan, case, name, "image/png", len(PNG) + 1)
        push(clerk, real)
        codes = [scans.run_lane(clerk, real.port).failed for _ in range(3)]
        assert codes == [((scan, "scan_differs"),)] * 3
        assert state_at_hub(real, clerk, scan) == "refused"
        assert scans.run_lane(clerk, real.port) == scans.ScanReport()
        with clerk.read() as uow:
            kept = uow.scans.find(scan)
        assert kept is not None and (kept.state, kept.code) == ("refused", "scan_differs")


def test_an_erased_case_sends_nothing(kit: OfficeKit, real: RealHub) -> None:
    case = kit.approved_case()
    with kit.sit("clerk") as clerk:
        push(clerk, real)
    with kit.sit("admin") as admin:
        erasure.erase(admin, "case", case)
        real.said.clear()
        report = scans.run_lane(admin, real.port)
        assert (report.sent, report.waiting, report.failed) == (0, 0, ())
        assert "/api/v1/scan-chunk" not in real.said


def test_a_hub_of_the_former_release_is_left_in_peace(kit: OfficeKit, real: RealHub) -> None:
    kit.approved_case()

    def old(path: str, body: bytes, carry: Carry) -> tuple[int, bytes]:
        return (404, b"Not Found") if "/scan-" in path else carry()

    real.wire = old
    with kit.sit("clerk") as clerk:
        push(clerk, real)
        report = scans.run_lane(clerk, real.port)
        assert (report.sent, report.waiting) == (0, 1)
        real.wire = lost
        with pytest.raises(EnvironmentFault, match="hub_unreachable"):
            scans.run_lane(clerk, real.port)


# --- fetching -----------------------------------------------------------------------------------


def test_a_desk_without_the_scan_says_so_and_then_has_it(
    kit: OfficeKit, real: RealHub, tmp_path: Path, small_chunks: int
) -> None:
    with kit.sit("clerk") as clerk:
        case = kit.submitted_case(clerk)
        scan = signed_scan(clerk, case)
        push(clerk, real)
    other = elsewhere(kit, tmp_path / "two")
    with other.sit("reviewer") as reviewer:
        with pytest.raises(UserError, match="scan_not_here_yet"):
            applications.read_scan(reviewer, scan)
        with pytest.raises(UserError, match="scan_not_here_yet"):
            review.approve(reviewer, case)
        with pytest.raises(UserError, match="scan_not_here_yet"):
            scans.fetch_scan(reviewer, real.port, scan)  # the hub has not got it either
        assert scans.run_lane(reviewer, real.port) == scans.ScanReport(waiting=1)
    with kit.sit("clerk") as clerk:
        assert scans.run_lane(clerk, real.port).sent == 1
    with other.sit("reviewer") as reviewer:
        report = scans.run_lane(reviewer, real.port)
        assert (report.fetched, report.waiting, report.failed) == (1, 0, ())
        assert applications.read_scan(reviewer, scan) == PNG
        review.approve(reviewer, case)
        real.said.clear()
        scans.run_lane(reviewer, real.port)
        assert not [path for path in real.said if path.endswith(("chunk", "fetch"))]


def test_a_fetch_goes_on_where_it_was_cut(
    kit: OfficeKit, real: RealHub, tmp_path: Path, small_chunks: int
) -> None:
    with kit.sit("clerk") as clerk:
        scan = signed_scan(clerk, kit.submitted_case(clerk))
        push(clerk, real)
        scans.run_lane(clerk, real.port)
    other = elsewhere(kit, tmp_path / "two")
    asked = [0]

    def wire(path: str, body: bytes, carry: Carry) -> tuple[int, bytes]:
        answer = carry()
        if path == "/api/v1/scan-fetch":
            asked[0] += 1
            if asked[0] % 3 == 0:
                raise EnvironmentFault("hub_unreachable")
        return answer

    real.wire = wire
    for _ in range(20):
        with other.sit("reviewer") as reviewer:  # each time the desk is started anew
            try:
                scans.run_lane(reviewer, real.port)
                break
            except EnvironmentFault:
                continue
    with other.sit("reviewer") as reviewer:
        assert applications.read_scan(reviewer, scan) == PNG
        with reviewer.read() as uow:
            left = uow.connection.exec_driver_sql("SELECT count(*) FROM scan_part").scalar()
    assert left == 0 and asked[0] <= 10 + 5


def test_a_scan_lost_from_the_disk_comes_back_from_the_hub(kit: OfficeKit, real: RealHub) -> None:
    case = kit.approved_case()
    with kit.sit("clerk") as clerk:
        sync(clerk, real.port)
        scan = signed_scan(clerk, case)
        shutil.rmtree(clerk.folder.attachments)
        with pytest.raises(EnvironmentFault, match="attachment_missing"):
            applications.read_scan(clerk, scan)
        scans.fetch_scan(clerk, real.port, scan)
        assert applications.read_scan(clerk, scan) == PNG


def test_a_scan_whose_action_was_refused_is_not_sent(kit: OfficeKit, real: RealHub) -> None:
    kit.approved_case()
    real.hub.clock = lambda: kit.clock.moment - timedelta(hours=1)
    with kit.sit("clerk") as clerk:
        push(clerk, real)
        real.said.clear()
        assert scans.run_lane(clerk, real.port) == scans.ScanReport()
        assert real.said == []


def test_scans_of_a_desk_brought_up_to_date_wait_to_be_sent(tmp_path: Path) -> None:
    """The revision that makes the lane's tables finds what was scanned before."""
    import sqlalchemy
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    from core.store.migrations.versions import m0003_scans

    engine = sqlalchemy.create_engine("sqlite://")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE attachment (scan, subject, name, media_type, size)")
        connection.exec_driver_sql("INSERT INTO attachment VALUES ('s', 'c', 'n', 'image/png', 7)")
        with Operations.context(MigrationContext.configure(connection)):
            m0003_scans.upgrade()
        rows = connection.exec_driver_sql("SELECT * FROM scan_transfer").all()
    assert [tuple(row) for row in rows] == [("s", "c", "open", 0, 0, 7, "")]


def test_closed_cases_wait_until_somebody_asks(kit: OfficeKit, real: RealHub, tmp_path: Path) -> None:
    with kit.sit("clerk") as clerk:
        case = kit.submitted_case(clerk)
        scan = signed_scan(clerk, case)
        applications.recall(clerk, case)
        applications.withdraw(clerk, case)
        sync(clerk, real.port)
        assert state_at_hub(real, clerk, scan) == "there"
    other = elsewhere(kit, tmp_path / "two")
    with other.sit("reviewer") as reviewer:
        assert scans.run_lane(reviewer, real.port).fetched == 0
        assert not scans.is_here(reviewer, scan)
        scans.fetch_scan(reviewer, real.port, scan)
        assert applications.read_scan(reviewer, scan) == PNG
        with pytest.raises(UserError, match="scan_unknown"):
            scans.fetch_scan(reviewer, real.port, "no-such-scan")


def test_bytes_that_are_not_what_was_signed_are_not_kept(
    kit: OfficeKit, real: RealHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hub that hands out another paper convinces no desk."""
    with kit.sit("clerk") as clerk:
        scan = signed_scan(clerk, kit.submitted_case(clerk))
        sync(clerk, real.port)
    from hub import scans as at_hub

    monkeypatch.setattr(at_hub, "read_part", lambda *_: b"\x89PNG another paper".ljust(len(PNG), b"."))
    other = elsewhere(kit, tmp_path / "two")
    with other.sit("reviewer") as reviewer:
        assert scans.run_lane(reviewer, real.port).failed == ((scan, "scan_differs"),)
        with pytest.raises(UserError, match="scan_not_here_yet"):
            applications.read_scan(reviewer, scan)
    monkeypatch.undo()
    with other.sit("reviewer") as reviewer:
        assert scans.run_lane(reviewer, real.port).fetched == 1


def test_what_was_erased_at_the_hub_is_not_asked_for_again(
    kit: OfficeKit, real: RealHub, tmp_path: Path
) -> None:
    with kit.sit("clerk") as clerk:
        case = kit.submitted_case(clerk)
        scan = signed_scan(clerk, case)
        sync(clerk, real.port)
        with real.hub.database.write() as connection:
            lock_office(connection, clerk.office)
            erase(connection, clerk.office, case, real.hub.stamp())
    other = elsewhere(kit, tmp_path / "two")
    with other.sit("reviewer") as reviewer:
        assert scans.run_lane(reviewer, real.port).failed == ((scan, "scan_erased"),)
        assert scans.run_lane(reviewer, real.port) == scans.ScanReport()


def test_answers_that_make_no_sense_are_a_damaged_answer(
    kit: OfficeKit, real: RealHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit.approved_case()
    from hub import scans as at_hub

    odd = ({}, {"scan": "other"}, {"have": "1"}, {"have": -1}, {"attempt": None}, {"state": 3})
    with kit.sit("clerk") as clerk:
        push(clerk, real)
        for change in odd:
            status = {"scan": "x", "state": "partial", "attempt": 0, "have": 0} | change
            monkeypatch.setattr(at_hub, "_status_of", lambda *_, status=status: status)
            with pytest.raises(CertDeskError) as caught:
                scans.run_lane(clerk, real.port)
            assert caught.value.code == "hub_answer_damaged"


def test_a_chunk_is_a_megabyte() -> None:
    assert CHUNK == 1 << 20
