"""A read replica of the hub's database: it answers what the primary wrote, writes nothing, and takes over.

The servers are this test's own. The primary waits until the replica has applied a commit
(``synchronous_commit = remote_apply``), so "the replica sees it" is a promise and not a matter of time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from hub import claims
from hub.app import build
from hub.enrolments import accept
from hub.setup import Hub, init, open_hub
from tests.asgi import post
from tests.hub.conftest import Hands
from tests.hub.sample_office import SampleOffice
from tests.postgres import Server, clone, new_server

KEY = bytes(range(32))
pytestmark = pytest.mark.slow


@dataclass
class Pair:
    """A primary that a hub works on, and a replica with a hub that only looks."""

    primary: Server
    replica: Server
    hub: Hub
    looking: Hub
    office: SampleOffice


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    primary = new_server()
    try:
        hands = Hands(datetime.now(UTC).replace(microsecond=0))
        hub = init(primary.url(), "https://hub.example", tmp_path / "root.pem", KEY, True, hands)
        replica = clone(primary)
        try:
            follow_closely(primary)
            hub.database.close()  # its connections are older than that
            office = SampleOffice(lambda path, data: post(build(hub), path, data), hands, True)
            office.enrolled(accept(hub, office.enrolment(), False))
            office.push_all_recorded()
            looking = open_hub(replica.url(), KEY, hands)
            yield Pair(primary, replica, hub, looking, office)
            looking.database.close()
        finally:
            hub.database.close()
            replica.stop()
    finally:
        primary.stop()


def follow_closely(primary: Server) -> None:
    """Let the primary answer a commit only when the replica shows it."""
    engine = create_engine(primary.url(), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("ALTER SYSTEM SET synchronous_standby_names = '*'"))
        connection.execute(text("ALTER SYSTEM SET synchronous_commit = 'remote_apply'"))
        connection.execute(text("SELECT pg_reload_conf()"))
    while True:  # a connection that is opened after the server has read it obeys it
        engine.dispose()
        with engine.connect() as connection:
            if connection.execute(text("SHOW synchronous_standby_names")).scalar_one() == "*":
                break
    engine.dispose()


def test_the_replica_shows_what_was_written_refuses_to_write_and_takes_over(
    pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    office, looking = pair.office, pair.looking
    minted = office.mint(office.approved_case(0))
    office.push_all_recorded()
    there = office.feed()["items"]

    # Reads: the very hub program on the replica gives the desk the same feed.
    office.post = lambda path, data: post(build(looking), path, data)
    assert plain(office.feed()["items"]) == plain(there)
    assert len(there) > 8

    # Writes: refused as "not now", and the desk's outbox is as it was.
    office.register(office.invented(1))
    status, body = office.post("/api/v1/actions", office.batch(office.outbox))
    assert (status, b"hub_unavailable" in body) == (503, True)
    caplog.clear()  # that failure is logged, as it should be

    # The primary is lost; the replica is promoted and goes on where the feed ended.
    pair.hub.database.close()
    pair.primary.stop()
    pair.replica.run("pg_ctl", "promote", "-w", "-s", "-D", str(pair.replica.folder / "data"))
    office.push_all_recorded()
    items = office.feed()["items"]
    assert [item["position"] for item in items] == list(range(1, len(there) + 2))
    assert claims.token(looking, minted.text, minted.pin).token


def plain(items: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return feed items without what is sealed anew for every answer."""
    return [{name: value for name, value in item.items() if name != "sealed"} for item in items]
