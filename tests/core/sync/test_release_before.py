"""The release before: its desk's database, its words on the wire, and a hub that knows nothing newer.

``data/issue2-pair.zip`` was made by the program of issue 2 (commit b80e4f3) and holds invented data: a
desk that had synced one case and not yet sent a second, that desk's hub, and what the two had said.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.errors import EnvironmentFault
from core.keys.keyring import Keyring, Unlocked
from core.records.states import Delivery, Lifecycle
from core.services import applications, audit, sync
from core.services.device_certificates import certificate_or_refuse
from core.services.session import Folder, Ports, Session, open_session
from core.store.checkpoints import Checkpoints
from core.store.engine import make_engine
from core.sync.comparing import edge_of
from core.sync.desk import feed_cursor
from core.sync.envelope import read_item, unwrap
from core.sync.inbox import take_feed, take_receipts
from hub.setup import open_hub
from tests.contract.fake_hub import FakeHub, PostedHub
from tests.contract.test_real_hub import Asgi
from tests.core.services.office_kit import MovableClock, OfficeKit, SeededRandom

PAIR = Path(__file__).parent / "data" / "issue2-pair.zip"


class Pair:
    """Desk and hub of the release before, opened by this program."""

    def __init__(self, place: Path) -> None:
        with zipfile.ZipFile(PAIR) as archive:
            archive.extractall(place)
        self.facts: dict[str, Any] = json.loads((place / "facts.json").read_text("utf-8"))
        self.folder = Folder(place / "office")
        self.clock = MovableClock(datetime.fromisoformat(self.facts["now"]) + timedelta(minutes=1))
        self.hub_url, self.hub_key = f"sqlite:///{place / 'hub.db'}", bytes.fromhex(self.facts["hub_key"])

    def open(self, login: str) -> Session:
        """Sit down at the old desk: it is migrated now, if it was not yet."""
        known = self.facts["people"][login]
        unlocked = Unlocked(known["person"], bytes.fromhex(known["data_key"]), bytes.fromhex(known["seed"]))
        ports = Ports(self.clock, SeededRandom("later"))
        return open_session(self.folder, Keyring.load(self.folder.keyring), unlocked, ports)

    def said(self, kind: str) -> list[dict[str, Any]]:
        """Return what was said on one address: request and answer as they were on the wire."""
        return [each for each in self.facts["said"] if each["path"].endswith(kind)]


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    """Both as the older program left them."""
    return Pair(tmp_path)


@pytest.fixture
def clerk(pair: Pair) -> Iterator[Session]:
    """The old desk, open."""
    session = pair.open("both")
    yield session
    session.close()


@pytest.fixture
def hub(pair: Pair) -> Iterator[Asgi]:
    """Its hub, brought up to date."""
    opened = open_hub(pair.hub_url, pair.hub_key, pair.clock)
    yield Asgi(opened)
    opened.database.close()


def test_an_older_desks_database_is_copied_aside_and_opens_whole(pair: Pair, clerk: Session) -> None:
    assert [path.name[:22] for path in pair.folder.backups.iterdir()] == ["before-migration-0001-"]
    assert sync.status(clerk).pending == 6 and sync.status(clerk).halt is None
    assert audit.verify_record(clerk) == 18
    audit.check_rebuild(clerk)
    view = applications.get_case(clerk, pair.facts["recorded_case"])
    assert view.case.lifecycle is Lifecycle.APPROVED
    assert applications.get_case(clerk, pair.facts["pending_case"]).case.lifecycle is Lifecycle.SUBMITTED


def test_an_older_desks_index_of_covered_values_and_its_key_are_gone(pair: Pair) -> None:
    key = bytes.fromhex(pair.facts["people"]["both"]["data_key"])

    def kept() -> tuple[object, object]:
        engine = make_engine(pair.folder.database, key)
        with engine.connect() as connection:
            table = connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'blind_index'")
            meta = connection.exec_driver_sql("SELECT 1 FROM meta WHERE key = 'blind_key'")
            found = table.scalar(), meta.scalar()
        engine.dispose()
        return found

    assert kept() == (1, 1)
    pair.open("both").close()
    assert kept() == (None, None)


def test_older_desk_and_older_hub_go_on_together_and_the_log_is_known_from_its_first_entry(
    clerk: Session, hub: Asgi
) -> None:
    report = sync.sync(clerk, PostedHub(hub.post))
    assert (report.pushed, report.rejected, report.pulled, report.pending) == (6, (), 0, 0)
    with clerk.read() as uow:
        edge, newest = edge_of(uow), Checkpoints(uow.connection).newest()
        assert edge is not None and newest is not None
        assert (edge.size, newest.size, feed_cursor(uow)) == (18, 18, 18)
        assert {row.delivery for row in uow.ledger.record(None, 0, 100)} == {Delivery.RECORDED}
    audit.check_rebuild(clerk)
    assert sync.sync(clerk, PostedHub(hub.post)).pulled == 0


def test_recorded_words_of_protocol_1_are_understood_by_both_sides(
    pair: Pair, clerk: Session, hub: Asgi
) -> None:
    certificate = certificate_or_refuse(clerk)
    key = bytes.fromhex(certificate.hub_key)
    pushes = [each for each in pair.said("/actions") if unwrap(each["request"].encode()).payload["actions"]]
    assert pushes and pair.said("/feed")
    for each in pushes:
        asked, told = unwrap(each["request"].encode()), unwrap(each["answer"].encode())
        assert asked.protocol == told.protocol == 1 and told.verify(key)
        sent = {read_item(item)[0].hash: item["action"]["id"] for item in asked.payload["actions"]}
        taken = take_receipts(clerk.store, sync.desk_of(clerk), certificate, sent, told.payload)
        assert (taken.rejected, taken.stopped) == ((), None)
        # Played again it is answered as it was: the same receipts, in the asker's protocol.
        status, answer = hub.post(each["path"], each["request"].encode())
        assert status == 200 and unwrap(answer).protocol == 1
        assert unwrap(answer).payload["receipts"] == told.payload["receipts"]
    for each in pair.said("/feed"):
        told = unwrap(each["answer"].encode())
        after = unwrap(each["request"].encode()).payload["after"]
        assert take_feed(clerk.store, sync.desk_of(clerk), certificate, told.payload, after) == 0


@pytest.fixture
def older(kit: OfficeKit) -> FakeHub:
    """A hub that speaks protocol 1 only and does not name what it supports."""
    fake = FakeHub(kit.clock, SeededRandom("hub"), protocols=(1,))
    kit.enrol(PostedHub(fake.post))
    return fake


def test_this_desk_gets_along_with_a_hub_of_the_release_before(kit: OfficeKit, older: FakeHub) -> None:
    case_id = kit.approved_case()
    with kit.sit("clerk") as clerk:
        port = PostedHub(older.post, unpacks=False)
        report = sync.sync(clerk, port)
        assert (report.pushed, report.rejected, report.pending) == (12, (), 0)
        # Once packed, once in protocol 2, then as the hub understands it; and from there on at once.
        assert port.asked.count("/api/v1/actions") == 3
        older.issue(clerk.office, case_id)
        assert sync.sync(clerk, port).pulled == 1
        assert port.asked.count("/api/v1/actions") == 4
        with clerk.read() as uow:
            assert edge_of(uow) is None  # nothing is known of a log that nobody tells of
        audit.check_rebuild(clerk)


def test_the_hub_is_brought_up_to_date_and_the_log_begins(kit: OfficeKit, older: FakeHub) -> None:
    kit.approved_case()
    with kit.sit("clerk") as clerk:
        sync.sync(clerk, PostedHub(older.post, unpacks=False))
        older.protocols = (1, 2)
        report = sync.sync(clerk, PostedHub(older.post))
        assert (report.pushed, report.pulled) == (0, 0)
        with clerk.read() as uow:
            edge = edge_of(uow)
            assert edge is not None and edge.size == feed_cursor(uow) == 12


def test_a_hub_that_went_back_to_the_release_before_is_not_believed(kit: OfficeKit, older: FakeHub) -> None:
    """Who could make a desk forget the log by speaking the older protocol could rewrite what is in it."""
    older.protocols = (1, 2)
    kit.approved_case()
    with kit.sit("clerk") as clerk:
        sync.sync(clerk, PostedHub(older.post))
        older.protocols = (1,)
        with pytest.raises(EnvironmentFault, match="log_diverged"):
            sync.sync(clerk, PostedHub(older.post, unpacks=False))
        halt = sync.status(clerk).halt
        assert halt is not None and halt.code == "log_diverged"
