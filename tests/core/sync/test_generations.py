"""Copies of one desk: cloned folders, backups restored here and elsewhere, a hub that lost something.

Nothing is merged in silence and nothing is lost: what cannot stand is refused and waits for a person.
The hub is the real one; alarms are what its operator sees.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from core.errors import CertDeskError, EnvironmentFault, UserError
from core.records.states import Delivery
from core.services import audit, backup, conflicts, sync
from core.services.applications import get_case
from core.services.device_certificates import certificate_or_refuse
from core.services.offices import enrol, enrolment_request
from core.services.session import Folder, Session
from core.store.checkpoints import Checkpoints
from core.sync.comparing import edge_of
from core.sync.desk import feed_cursor, keep_halt
from core.sync.inbox import take_feed
from core.sync.outbox import next_pull
from hub import tables
from hub.setup import init, open_hub
from tests.contract.fake_hub import ISSUER, PostedHub
from tests.contract.test_real_hub import Asgi
from tests.core.services.office_kit import OfficeKit, SeededRandom, password

KEY = b"k" * 32


class Site:
    """One enrolled office; its desk may be copied into other folders."""

    def __init__(self, kit: OfficeKit, place: Path) -> None:
        self.kit, self.place = kit, place
        self.url = f"sqlite:///{place / 'hub.db'}"
        made = init(self.url, ISSUER, place / "root.pem", KEY, True, kit.clock, SeededRandom("hub"))
        self.hub = Asgi(made)
        self.port = PostedHub(lambda path, body: self.hub.post(path, body))
        with kit.sit("admin") as admin:
            assert enrol(admin, self.port) is None
            self.hub.accept(enrolment_request(admin))
            assert enrol(admin, self.port) is not None
        with kit.sit("both") as clerk:
            sync.sync(clerk, self.port)

    def copy(self, name: str) -> OfficeKit:
        """Copy the desk's folder, as a cloned disk would."""
        root = self.place / name
        shutil.copytree(self.kit.folder.root, root)
        return replace(self.kit, folder=Folder(root), sessions=[], made=self.kit.made + 50)

    def restored(self, file: Path, name: str) -> OfficeKit:
        """Restore a backup into a folder where no desk was."""
        folder = Folder(self.place / name)
        backup.restore(file, folder, "admin", password("admin"), self.kit.ports).close()
        return replace(self.kit, folder=folder, sessions=[], made=self.kit.made + 100)

    def alarms(self) -> list[str]:
        """What the operator sees."""
        with self.hub.hub.database.read() as connection:
            return list(connection.execute(select(tables.alarm.c.kind)).scalars())

    def feed(self) -> list[str]:
        """Return the hashes of what stands at the hub, in order."""
        with self.hub.hub.database.read() as connection:
            table = tables.action
            return list(connection.execute(select(table.c.hash).order_by(table.c.position)).scalars())

    def whole(self, session: Session) -> None:
        """Everything made is pending, recorded or refused and known; recorded is what stands at the hub."""
        feed = self.feed()
        with session.read() as uow:
            rows = uow.ledger.record(None, 0, 10_000)
            edge, newest = edge_of(uow), Checkpoints(uow.connection).newest()
            recorded = {row.signed.hash for row in rows if row.delivery is Delivery.RECORDED}
            assert recorded == set(feed) and len(feed) == len(recorded)
            assert all(row.receipt and row.receipt.code for row in rows if row.signed.hash not in recorded)
            assert edge is not None and newest is not None
            assert edge.size == newest.size == feed_cursor(uow) == len(feed)
        assert audit.verify_record(session) == len(rows)
        audit.check_rebuild(session)


@pytest.fixture
def site(kit: OfficeKit, tmp_path: Path) -> Iterator[Site]:
    """An office with one desk and its hub."""
    site = Site(kit, tmp_path)
    yield site
    site.hub.hub.database.close()


@contextmanager
def halted(code: str) -> Iterator[None]:
    """What is done inside ends with a halt of this code."""
    with pytest.raises(EnvironmentFault) as told:
        yield
    assert told.value.code == code


def go_on(kit: OfficeKit) -> int:
    """The administrator decides that this copy goes on."""
    with kit.sit("both") as clerk, pytest.raises(UserError, match="role_missing"):
        sync.continue_as_new_generation(clerk)
    with kit.sit("admin") as admin:
        return sync.continue_as_new_generation(admin)


def test_a_cloned_desk_is_halted_and_what_it_did_becomes_work(site: Site) -> None:
    clone = site.copy("clone")
    with site.kit.sit("both") as clerk:
        kept = site.kit.filed_case(clerk)
        sync.sync(clerk, site.port)
    with clone.sit("both") as clerk:
        lost = clone.filed_case(clerk)
        for _ in range(3):
            with halted("chain_forked"):
                sync.sync(clerk, site.port)
        known = sync.status(clerk)
        assert known.halt is not None and known.pending == 2 and known.open_refusals == 0
    assert site.alarms() == ["chain_forked"]
    assert go_on(clone) == 2
    with clone.sit("both") as clerk:
        later = clone.filed_case(clerk)
        report = sync.sync(clerk, site.port)
        assert (report.pushed, report.pulled, report.rejected) == (2, 2, ())
        known = sync.status(clerk)
        assert (known.halt, known.pending) == (None, 0) and known.open_refusals == 2
        assert {item.subject for item in conflicts.open_items(clerk)} >= {lost}
        assert get_case(clerk, kept).case.version == get_case(clerk, later).case.version == 1
        site.whole(clerk)
    # The other copy is the older generation now, and is told so.
    with site.kit.sit("both") as clerk:
        site.kit.filed_case(clerk)
        with halted("epoch_old"):
            sync.sync(clerk, site.port)


def test_a_fork_that_the_feed_shows_first_halts_the_desk_as_well(site: Site) -> None:
    """The clerk saves while the feed is on its way: what waits now has a place that is taken."""
    clone = site.copy("clone")
    with site.kit.sit("both") as clerk:
        kept = site.kit.filed_case(clerk)
        sync.sync(clerk, site.port)
    with clone.sit("both") as clerk:
        lost: list[str] = []

        def post(path: str, body: bytes) -> tuple[int, bytes]:
            if path.endswith("feed") and not lost:
                lost.append(clone.filed_case(clerk))
            return site.hub.post(path, body)

        for _ in range(2):
            with halted("chain_forked"):
                sync.sync(clerk, PostedHub(post))
        assert sync.status(clerk).pending == 2
    assert go_on(clone) == 2
    with clone.sit("both") as clerk:
        report = sync.sync(clerk, site.port)
        assert (report.pushed, report.pulled, report.rejected) == (0, 2, ())
        assert {item.subject for item in conflicts.open_items(clerk)} >= set(lost)
        assert get_case(clerk, kept).case.version == 1
        site.whole(clerk)


def test_what_stands_before_a_fork_in_the_feed_is_not_given_up(site: Site) -> None:
    """Recorded with the answer lost, then a fork behind it, shown by the feed: the first one stands."""
    with site.kit.sit("both") as clerk:
        site.kit.unit(clerk)
    clone = site.copy("clone")
    with site.kit.sit("both") as clerk:
        site.kit.unit(clerk)
        sync.sync(clerk, site.port)
    with clone.sit("both") as clerk:
        clone.unit(clerk)
        certificate, me = certificate_or_refuse(clerk), sync.desk_of(clerk)
        with clerk.read() as uow:
            payload = next_pull(uow, me)
        answer = site.port.ask("/api/v1/feed", payload, me.signer, certificate)
        with pytest.raises(EnvironmentFault, match="chain_forked") as told:
            take_feed(clerk.store, me, certificate, answer, payload["after"])
        with clerk.begin() as uow:
            keep_halt(uow, me, told.value.code, told.value.params)
    assert go_on(clone) == 1
    with clone.sit("both") as clerk:
        assert sync.sync(clerk, site.port).rejected == ()
        site.whole(clerk)


def test_nothing_is_given_up_of_a_desk_whose_backup_was_restored_elsewhere(
    site: Site, tmp_path: Path
) -> None:
    with site.kit.sit("admin") as admin:
        file = backup.back_up(admin, tmp_path / "b.certdesk")
    other = site.restored(file, "elsewhere")
    with other.sit("both") as clerk:
        there = other.filed_case(clerk)
        sync.sync(clerk, site.port)
    with site.kit.sit("both") as clerk:
        here = site.kit.filed_case(clerk)
        with halted("epoch_old"):
            sync.sync(clerk, site.port)
    assert go_on(site.kit) == 0
    with site.kit.sit("both") as clerk:
        report = sync.sync(clerk, site.port)
        assert (report.pushed, report.rejected, report.pending) == (2, (), 0)
        assert get_case(clerk, here).case.version == get_case(clerk, there).case.version == 1
        site.whole(clerk)
    assert site.alarms() == []


def test_a_receipt_that_was_lost_with_the_answer_is_not_taken_for_a_refusal(
    site: Site, tmp_path: Path
) -> None:
    """Sent and recorded, the answer lost, then another copy restored: continuing must not disown it."""
    with site.kit.sit("admin") as admin:
        file = backup.back_up(admin, tmp_path / "b.certdesk")

    def deaf(path: str, body: bytes) -> tuple[int, bytes]:
        answer = site.hub.post(path, body)
        if path.endswith("actions"):
            raise EnvironmentFault("hub_unreachable")
        return answer

    with site.kit.sit("both") as clerk:
        site.kit.filed_case(clerk)
        with pytest.raises(EnvironmentFault, match="hub_unreachable"):
            sync.sync(clerk, PostedHub(deaf))
    with site.restored(file, "elsewhere").sit("both") as clerk:
        sync.sync(clerk, site.port)
    with site.kit.sit("both") as clerk, halted("epoch_old"):
        sync.sync(clerk, site.port)
    assert go_on(site.kit) == 0
    with site.kit.sit("both") as clerk:
        assert sync.sync(clerk, site.port).rejected == ()
        site.whole(clerk)


@pytest.mark.parametrize("worked", [False, True])
def test_one_backup_restored_twice_over_a_missing_desk_is_healed(
    site: Site, tmp_path: Path, worked: bool
) -> None:
    with site.kit.sit("admin") as admin:
        file = backup.back_up(admin, tmp_path / "b.certdesk")
    first = site.restored(file, "first")
    with first.sit("both") as clerk:
        first.filed_case(clerk)
        sync.sync(clerk, site.port)
        assert clerk.device.epoch == 2
    second = site.restored(file, "second")
    second.made += 100
    with second.sit("both") as clerk:
        assert clerk.device.epoch == 2  # it cannot know of the first
        if worked:
            second.filed_case(clerk)
            with halted("chain_forked"):
                sync.sync(clerk, site.port)
    if worked:
        assert go_on(second) == 2
    with second.sit("both") as clerk:
        sync.sync(clerk, site.port)
        second.filed_case(clerk)
        report = sync.sync(clerk, site.port)
        assert (report.pushed, report.rejected) == (2, ())
        assert clerk.device.epoch == 3
        site.whole(clerk)


def test_a_restored_backup_sends_again_and_gets_the_old_receipts(site: Site, tmp_path: Path) -> None:
    with site.kit.sit("both") as clerk:
        site.kit.filed_case(clerk)
    with site.kit.sit("admin") as admin:
        file = backup.back_up(admin, tmp_path / "b.certdesk")
    with site.kit.sit("both") as clerk:
        sync.sync(clerk, site.port)
        after = site.kit.filed_case(clerk)
        sync.sync(clerk, site.port)
    stood = site.feed()
    backup.restore(file, site.kit.folder, "admin", password("admin"), site.kit.ports).close()
    with site.kit.sit("both") as clerk:
        report = sync.sync(clerk, site.port)
        assert (report.pushed, report.pulled, report.rejected) == (2, 2, ())
        assert site.feed() == stood
        assert get_case(clerk, after).case.version == 1
        site.whole(clerk)


# --- withdrawn ------------------------------------------------------------------------------------


def test_a_withdrawn_desk_is_halted_and_goes_on_when_the_withdrawal_was_a_mistake(site: Site) -> None:
    table = tables.device
    with site.kit.sit("both") as clerk:
        site.kit.filed_case(clerk)
        for moment in (1, None):
            with site.hub.hub.database.write() as connection:
                connection.execute(update(table).values(revoked_at=moment))
            if moment:
                with halted("device_revoked"):
                    sync.sync(clerk, site.port)
                halt = sync.status(clerk).halt
                assert halt is not None and halt.code == "device_revoked"
                with pytest.raises(UserError, match="nothing_to_continue"):
                    sync.continue_as_new_generation(clerk)
        assert sync.sync(clerk, site.port).pushed == 2
        assert sync.status(clerk).halt is None
        site.whole(clerk)


# --- counts and log ---------------------------------------------------------------------------------


def _forget(session: Session, *statements: str) -> None:
    """Change the desk's database past every guard, as a fault of ours would."""
    with session.begin() as uow:
        for table in ("action", "receipt", "sealed"):
            for event in ("update", "delete"):
                uow.connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_{event}")
        for statement in statements:
            uow.connection.exec_driver_sql(statement)


def test_a_row_that_is_missing_is_noticed_by_counting_and_comes_again(site: Site) -> None:
    other = site.copy("other")
    with site.kit.sit("both") as clerk:
        site.kit.filed_case(clerk)
        sync.sync(clerk, site.port)
    with other.sit("both") as clerk:
        sync.sync(clerk, site.port)
        last = "(SELECT hash FROM action ORDER BY position DESC LIMIT 1)"
        lost = [f"DELETE FROM {name} WHERE hash = {last}" for name in ("receipt", "sealed", "action")]
        _forget(clerk, lost[1], lost[0], lost[2])
        assert sync.sync(clerk, site.port).pulled == 1
        with clerk.read() as uow:
            assert uow.ledger.count_recorded() == len(site.feed())


def test_a_cursor_that_ran_ahead_is_noticed_and_everything_compared_again(site: Site) -> None:
    with site.kit.sit("both") as clerk:
        with clerk.begin() as uow:
            uow.set_meta("feed_cursor", "1000")
        sync.sync(clerk, site.port)
        site.whole(clerk)


def test_a_record_that_differs_halts_the_desk_and_is_compared_anew_on_a_persons_word(site: Site) -> None:
    with site.kit.sit("both") as clerk:
        with clerk.begin() as uow:
            good = uow.find_meta("log_edge") or ""
            uow.set_meta("log_edge", good[:-2] + ("00" if good[-2:] != "00" else "11"))
        asked = PostedHub(site.hub.post)
        for _ in range(2):
            with halted("log_diverged"):
                sync.sync(clerk, asked)
        assert asked.asked.count("/api/v1/actions") == 1  # the second time nothing was sent
        with pytest.raises(UserError, match="nothing_to_continue"):
            sync.continue_as_new_generation(clerk)
        with pytest.raises(UserError, match="role_missing"):
            sync.ask_again(clerk)
    with site.kit.sit("admin") as admin:
        sync.ask_again(admin)
    with site.kit.sit("both") as clerk:
        sync.sync(clerk, site.port)
        site.whole(clerk)


def test_a_hub_put_back_to_an_older_copy_is_found_out_by_every_desk(site: Site, tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    site.hub.hub.database.close()  # so that everything lies in the one file
    shutil.copy2(tmp_path / "hub.db", old)
    with site.kit.sit("both") as clerk:
        site.kit.filed_case(clerk)
        sync.sync(clerk, site.port)
        site.hub.hub.database.close()
        site.hub = Asgi(open_hub(f"sqlite:///{old}", KEY, site.kit.clock))
        site.kit.filed_case(clerk)
        with pytest.raises(CertDeskError) as told:
            sync.sync(clerk, site.port)
        assert told.value.code in {"log_diverged", "chain_gap"}
        halt = sync.status(clerk).halt
        assert halt is not None and halt.code == told.value.code
        assert sync.status(clerk).pending == 2  # nothing of ours was given up
