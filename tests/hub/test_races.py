"""Several hub processes on one database: everybody gets a proper answer, whoever comes first.

Each program here has its own pool of connections, so nothing but the database puts them in order. A barrier
lets them start together; no test depends on how the threads are scheduled.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import DBAPIError, OperationalError

from hub import claims, delivery, engine, schema, status_lists, tables
from hub.app import build
from hub.enrolments import accept, request
from hub.nonces import make_nonce
from hub.refusals import ClaimRefused
from hub.setup import Hub, init, open_hub
from hub.status_lists import Slot, set_status
from hub.tables import PROVINCE
from hub.web import Work
from tests.asgi import post
from tests.hub.conftest import Hands
from tests.hub.sample_office import Minted, SampleOffice
from tests.hub.wallet import Wallet

KEY = bytes(range(32))
T = TypeVar("T")


@dataclass
class Programs:
    """Hub processes on one database."""

    hubs: list[Hub]
    hands: Hands

    def office(self, number: int = 0) -> SampleOffice:
        """An enrolled office that speaks to one of them."""
        hub = self.hubs[number]
        made = SampleOffice(lambda path, data: post(build(hub), path, data), self.hands, True)
        made.enrolled(accept(hub, made.enrolment(), False))
        made.push_all_recorded()
        return made

    def proof(self, number: int) -> str:
        """A phone's proof with a nonce of one of them."""
        hub = self.hubs[number]
        return Wallet(hub.issuer, self.hands).proof(make_nonce(hub))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def programs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Programs]:
    folder: Path = tmp_path_factory.mktemp("races")
    url = f"sqlite:///{folder / 'hub.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    hands = Hands(datetime.now(UTC).replace(microsecond=0))
    first = init(url, "https://hub.example", folder / "root.pem", KEY, True, hands)
    hubs = [first, *(open_hub(url, KEY, hands) for _ in range(7))]
    yield Programs(hubs, hands)
    for hub in hubs:
        hub.database.close()


ON_POSTGRESQL = pytest.mark.parametrize("programs", ["postgresql"], indirect=True)
"""SQLite has one writer at a time: nothing of the kind can happen there."""


def together(jobs: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Run jobs at once; an exception stands in for its job's result."""
    barrier = threading.Barrier(len(jobs))

    def run(job: Callable[[], T]) -> T | Exception:
        barrier.wait(30)
        try:
            return job()
        except Exception as fault:
            return fault

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


def ready(office: SampleOffice, index: int) -> Minted:
    """A minted code whose facts are known at the hub."""
    minted = office.mint(office.approved_case(index))
    office.push_all_recorded()
    return minted


# --- one winner ---------------------------------------------------------------------------------------


def test_eight_phones_one_token(programs: Programs) -> None:
    office = programs.office()
    for index in range(3):
        minted = ready(office, index)
        told = together([partial(claims.token, hub, minted.text, minted.pin) for hub in programs.hubs])
        assert sum(isinstance(each, claims.Granted) for each in told) == 1
        refused = [each for each in told if isinstance(each, ClaimRefused)]
        assert {each.code for each in refused} == {"used"} and len(refused) == 7


def test_one_token_asked_with_eight_keys_makes_one_certificate(programs: Programs) -> None:
    office = programs.office()
    minted = ready(office, 0)
    token = claims.token(programs.hubs[0], minted.text, minted.pin).token
    proofs = [programs.proof(number) for number in range(8)]
    told = together(
        [
            lambda hub=hub, proof=proof: delivery.credential(hub, token, proof)
            for hub, proof in zip(programs.hubs, proofs, strict=True)
        ]
    )
    assert sum(isinstance(each, delivery.Delivered) for each in told) == 1
    assert sum(isinstance(each, delivery.TokenUnknown) for each in told) == 7


def test_a_nonce_serves_one_of_eight_offices(programs: Programs) -> None:
    """Rows that belong to the whole province: no office's lock stands before them."""
    offices = [programs.office(number) for number in range(8)]
    tokens = []
    for number, office in enumerate(offices):
        minted = ready(office, 0)
        tokens.append(claims.token(programs.hubs[number], minted.text, minted.pin).token)
    proof = programs.proof(0)
    told = together(
        [
            lambda hub=hub, token=token: delivery.credential(hub, token, proof)
            for hub, token in zip(programs.hubs, tokens, strict=True)
        ]
    )
    assert sum(isinstance(each, delivery.Delivered) for each in told) == 1
    assert sorted(str(each) for each in told if isinstance(each, Exception)) == ["nonce_invalid"] * 7


def test_one_operator_of_eight_enrols_an_office(programs: Programs) -> None:
    office = SampleOffice(lambda path, data: (0, b""), programs.hands, True)
    asked = office.enrolment()
    told = together([lambda hub=hub: accept(hub, asked, False) for hub in programs.hubs])
    assert not [each for each in told if isinstance(each, Exception)]
    assert all(each == told[0] for each in told)
    with programs.hubs[0].database.read() as connection:
        rows = connection.execute(select(tables.action).where(tables.action.c.office == office.office)).all()
    assert [row.position for row in rows] == [1]


def test_an_enrolment_request_handed_in_eight_times_waits_once(programs: Programs) -> None:
    office = SampleOffice(lambda path, data: (0, b""), programs.hands, True)
    asked = office.enrolment()
    told = together([lambda hub=hub: request(hub, asked) for hub in programs.hubs])
    assert {str(each) for each in told} == {str(told[0])}
    table = tables.enrolment
    with programs.hubs[0].database.read() as connection:
        rows = connection.execute(select(table).where(table.c.office == office.office)).all()
    assert len(rows) == 1


def test_a_batch_sent_eight_times_at_once_is_recorded_once(programs: Programs) -> None:
    office = programs.office()
    for index in range(5):
        office.approved_case(index)
    data = office.batch(office.outbox)
    told = together([lambda hub=hub: post(build(hub), "/api/v1/actions", data)[0] for hub in programs.hubs])
    assert told == [200] * 8
    items = office.feed()["items"]
    assert [item["position"] for item in items] == list(range(1, len(items) + 1))
    assert len({item["action"]["id"] for item in items}) == len(items)


# --- nothing lost -------------------------------------------------------------------------------------


def test_readers_see_the_feed_without_holes_while_eight_write(programs: Programs) -> None:
    offices = [programs.office(number % 2) for number in range(2)]
    for office in offices:
        for index in range(4):
            office.register(office.invented(index))
    seen: list[list[int]] = []

    def push(office: SampleOffice) -> None:
        while office.outbox:
            item, office.outbox = office.outbox[0], office.outbox[1:]
            receipts = office.ask("/api/v1/actions", office.batch([item]))["receipts"]
            assert receipts[0]["verdict"] == "recorded"

    def poll(office: SampleOffice) -> None:
        while True:
            over = not office.outbox
            seen.append([item["position"] for item in office.feed()["items"]])
            if over:
                return

    jobs = [lambda job=job, office=office: job(office) for office in offices for job in (push, poll)]
    assert together(jobs) == [None] * 4
    assert seen and all(each == list(range(1, len(each) + 1)) for each in seen)


def test_issuing_and_voiding_over_several_lists_never_fails(
    programs: Programs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Small lists: offices replace certificates of one list by places in another, all at once."""
    monkeypatch.setattr(status_lists, "SIZE", 16)
    monkeypatch.setattr(status_lists, "FULL", 3)
    offices = [programs.office(number) for number in range(8)]
    approved = [office.approved_case(0) for office in offices]
    for purpose in (1, 2, 2):  # a replacement voids the certificate before it
        programs.hands.ahead += timedelta(seconds=1)
        jobs = []
        for number, office in enumerate(offices):
            minted = office.mint(approved[number], purpose)
            office.push_all_recorded()
            jobs.append(partial(claim, programs, number, minted))
        told = together(jobs)
        assert all(isinstance(each, delivery.Delivered) for each in told), told
    with programs.hubs[0].database.read() as connection:
        entries = connection.execute(select(tables.status_entry.c.list, tables.status_entry.c.status)).all()
        lists = connection.execute(select(tables.status_list)).all()
    assert len(lists) > 4
    for row in lists:
        assert row.taken == sum(entry.list == row.list for entry in entries)


def claim(programs: Programs, number: int, minted: Minted) -> delivery.Delivered:
    """From code to certificate, each request as the web runs it."""
    hub = programs.hubs[number]
    token = engine.retrying(lambda: claims.token(hub, minted.text, minted.pin)).token
    proof = programs.proof(number)
    return engine.retrying(lambda: delivery.credential(hub, token, proof))


# --- the database gives one of two up -----------------------------------------------------------------


def _name(connection: Connection, name: str) -> str:
    table = tables.hub_setting
    return str(connection.execute(select(table.c.value).where(table.c.name == name)).scalar_one())


def _touch(connection: Connection, name: str) -> None:
    table = tables.hub_setting
    connection.execute(
        update(table).where(table.c.office == PROVINCE, table.c.name == name).values(value=table.c.value)
    )


@ON_POSTGRESQL
def test_the_loser_of_a_deadlock_is_run_again(programs: Programs) -> None:
    """Two requests take the same two rows in opposite order, and meet half-way for certain."""
    barrier, runs, work = threading.Barrier(2), {"a": 0, "b": 0}, Work()

    def crossing(who: str, first: str, second: str) -> str:
        runs[who] += 1
        with programs.hubs[0].database.write() as connection:
            _touch(connection, first)
            if runs[who] == 1:
                barrier.wait(30)
            _touch(connection, second)
        return who

    async def both() -> list[str]:
        return list(
            await asyncio.gather(
                work.run(lambda: crossing("a", "issuer", "rehearsal")),
                work.run(lambda: crossing("b", "rehearsal", "issuer")),
            )
        )

    assert asyncio.run(both()) == ["a", "b"]
    assert sorted(runs.values()) == [1, 2]


@ON_POSTGRESQL
def test_a_transaction_that_cannot_be_serialised_is_run_again(programs: Programs) -> None:
    hub, other = programs.hubs[:2]
    runs = 0

    def job() -> str:
        nonlocal runs
        runs += 1
        with hub.database.write() as connection:
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"))
            seen = _name(connection, "issuer")
            if runs == 1:
                with other.database.write() as meanwhile:
                    _touch(meanwhile, "issuer")
            _touch(connection, "issuer")
        return seen

    assert engine.retrying(job) == hub.issuer
    assert runs == 2


@ON_POSTGRESQL
def test_retrying_ends_and_retries_nothing_else(programs: Programs) -> None:
    pauses: list[float] = []

    def fails(state: str) -> Callable[[], None]:
        def job() -> None:
            runs.append(state)
            with programs.hubs[0].database.write() as connection:
                connection.execute(text(f"DO $$ BEGIN RAISE EXCEPTION SQLSTATE '{state}'; END $$"))

        return job

    for state, expected in (("40001", 5), ("40P01", 5), ("23505", 1), ("P0001", 1)):
        runs: list[str] = []
        with pytest.raises(DBAPIError):
            engine.retrying(fails(state), pauses.append)
        assert len(runs) == expected, state
    assert len(pauses) == 8 and all(0 <= pause < 1 for pause in pauses)


# --- one look -----------------------------------------------------------------------------------------


def test_a_look_stays_the_same_while_others_write(programs: Programs) -> None:
    hub, other = programs.hubs[:2]
    with other.database.write() as connection:
        slot = status_lists.take_slot(connection, hub.random)

    def version(connection: Connection) -> Any:
        table = tables.status_list
        return connection.execute(select(table.c.version).where(table.c.list == slot.list)).scalar_one()

    with hub.database.read() as connection:
        before = version(connection)
        with other.database.write() as meanwhile:
            set_status(meanwhile, Slot(slot.list, slot.slot), 1)
        assert version(connection) == before
    with hub.database.read() as connection:
        assert version(connection) == before + 1


@ON_POSTGRESQL
def test_nothing_can_be_written_in_a_look(programs: Programs) -> None:
    with pytest.raises(DBAPIError, match="read-only"), programs.hubs[0].database.read() as connection:
        _touch(connection, "issuer")
    with programs.hubs[0].database.write() as connection:  # the same connection, from the pool
        _touch(connection, "issuer")


@ON_POSTGRESQL
def test_who_waits_too_long_for_a_row_is_told(
    programs: Programs, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    monkeypatch.setattr(engine, "LOCK_SECONDS", 1)
    impatient = engine.open_database(request.getfixturevalue("postgres_url"), KEY)
    with programs.hubs[0].database.write() as connection:
        _touch(connection, "issuer")
        with pytest.raises(OperationalError, match="lock timeout"), impatient.write() as waiting:
            _touch(waiting, "issuer")
    impatient.close()


def test_the_schema_is_the_newest_for_all(programs: Programs) -> None:
    for hub in programs.hubs:
        with hub.database.read() as connection:
            assert schema.revision(connection) == schema.HEAD
