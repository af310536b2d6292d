"""The scans' lane at the hub: bytes are believed only when they are what somebody signed for."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from core.keys.sealing import open_sealed
from core.sync.scan_wire import chunk_aad
from hub import scan_store, tables
from hub.engine import lock_office
from hub.scan_tables import scan, scan_part, scan_usage
from hub.sealed import erase
from tests.hub.conftest import Station
from tests.hub.sample_office import Approved, SampleOffice


@pytest.fixture
def new_office(station: Station) -> SampleOffice:
    """An office whose desk speaks protocol 2."""
    office = station.new_office()
    office.protocol = 2
    return office


def approved(office: SampleOffice, index: int = 0) -> Approved:
    made = office.approved_case(index)
    office.push_all_recorded()
    return made


def offer(office: SampleOffice, *cases: str) -> list[dict[str, Any]]:
    asked = [{"case": case, "scan": f"scan-{case[:8]}"} for case in cases]
    told: list[dict[str, Any]] = office.ask("/api/v1/scan-offer", office.envelope("scan-offer", scans=asked))[
        "scans"
    ]
    return told


def refused(station: Station, data: bytes, kind: str = "scan-chunk") -> str:
    status, body = station.post(f"/api/v1/{kind}", data)
    assert status >= 400
    return str(json.loads(body)["error"])


def held(station: Station, office: SampleOffice) -> tuple[int, int, int]:
    """Parts, bytes held and bytes of what is not whole yet, as the tables say."""
    with station.hub.database.read() as connection:
        count = select(func.count()).select_from(scan_part).where(scan_part.c.office == office.office)
        parts = connection.execute(count).scalar_one()
        row = connection.execute(select(scan_usage).where(scan_usage.c.office == office.office)).one_or_none()
    return (parts, 0, 0) if row is None else (parts, row.held, row.partial)


def alarms(station: Station, office: SampleOffice) -> list[str]:
    table = tables.alarm
    with station.hub.database.read() as connection:
        rows = connection.execute(select(table.c.kind).where(table.c.office == office.office))
        return [row.kind for row in rows]


def rows(station: Station, office: SampleOffice) -> list[tuple[Any, ...]]:
    """Everything the lane keeps of an office."""
    with station.hub.database.read() as connection:
        found: list[tuple[Any, ...]] = []
        for table in (scan, scan_part, scan_usage):
            query = select(table).where(table.c.office == office.office).order_by(*table.primary_key)
            found += [tuple(row) for row in connection.execute(query)]
    return found


def test_a_scan_in_chunks_is_there_when_its_hash_is_right(station: Station, new_office: SampleOffice) -> None:
    case = approved(new_office).case
    paper = new_office.papers[case]
    middle = len(paper) // 3
    assert offer(new_office, case)[0]["state"] == "partial"
    first = new_office.ask("/api/v1/scan-chunk", new_office.chunk(case, 0, paper[:middle], len(paper)))
    assert first["scan"] == {"scan": f"scan-{case[:8]}", "state": "partial", "attempt": 0, "have": middle}
    assert offer(new_office, case)[0]["have"] == middle
    last = new_office.ask("/api/v1/scan-chunk", new_office.chunk(case, middle, paper[middle:], len(paper)))
    assert last["scan"]["state"] == "there" == offer(new_office, case)[0]["state"]
    assert held(station, new_office) == (2, len(paper), 0)


def test_no_byte_of_a_scan_lies_in_clear(station: Station, new_office: SampleOffice) -> None:
    case = approved(new_office).case
    new_office.send_paper(case)
    with station.hub.database.read() as connection:
        parts = connection.execute(select(scan_part.c.sealed)).scalars().all()
    assert parts and not any(b"invented signed form" in bytes(part) for part in parts)


def test_a_wrong_scan_is_dropped_with_an_alarm_and_may_be_sent_again(
    station: Station, new_office: SampleOffice
) -> None:
    case = approved(new_office).case
    right = new_office.papers[case]
    wrong = new_office.chunk(case, 0, b"x" * len(right), len(right))
    told = new_office.ask("/api/v1/scan-chunk", wrong)["scan"]
    assert (told["state"], told["attempt"], told["have"]) == ("partial", 1, 0)
    assert held(station, new_office) == (0, 0, 0)
    assert alarms(station, new_office) == ["scan_differs"]
    before = rows(station, new_office)
    assert new_office.ask("/api/v1/scan-chunk", wrong)["scan"] == told  # of an attempt that is over
    assert rows(station, new_office) == before
    again = new_office.chunk(case, 0, right, len(right), attempt=1)
    assert new_office.ask("/api/v1/scan-chunk", again)["scan"]["state"] == "there"


def test_wrong_three_times_is_refused_for_good(station: Station, new_office: SampleOffice) -> None:
    case = approved(new_office).case
    for attempt in range(scan_store.ATTEMPTS):
        told = new_office.ask("/api/v1/scan-chunk", new_office.chunk(case, 0, b"no", 2, attempt=attempt))
    assert told["scan"]["state"] == "refused" == offer(new_office, case)[0]["state"]
    assert new_office.send_paper(case)["state"] == "refused"
    assert held(station, new_office) == (0, 0, 0)


def test_whatever_comes_twice_late_or_out_of_order_changes_nothing(
    station: Station, new_office: SampleOffice
) -> None:
    """Every chunk again, in any order, before and after the scan is whole: the same rows, the same end."""
    case = approved(new_office).case
    paper, step = new_office.papers[case], 700
    places = range(0, len(paper), step)
    chunks = [new_office.chunk(case, at, paper[at : at + step], len(paper)) for at in places]

    @settings(max_examples=12, deadline=None)
    @given(st.lists(st.integers(0, len(chunks) - 1), max_size=12))
    def anyhow(order: list[int]) -> None:
        for number in order:
            have = offer(new_office, case)[0]["have"]
            before = rows(station, new_office)
            new_office.ask("/api/v1/scan-chunk", chunks[number])
            if places[number] != have:
                assert rows(station, new_office) == before

    anyhow()
    for chunk in chunks:
        new_office.ask("/api/v1/scan-chunk", chunk)
    assert offer(new_office, case)[0]["state"] == "there"
    whole = rows(station, new_office)
    for chunk in chunks:
        assert new_office.ask("/api/v1/scan-chunk", chunk)["scan"]["state"] == "there"
    assert rows(station, new_office) == whole


def test_what_nobody_spoke_of_is_not_taken(station: Station, new_office: SampleOffice) -> None:
    made = new_office.approved_case(0)
    assert offer(new_office, made.case)[0]["state"] == "unknown"
    assert new_office.send_paper(made.case)["state"] == "unknown"
    new_office.push_all_recorded()
    other = station.new_office()
    other.protocol, other.papers = 2, new_office.papers
    assert other.send_paper(made.case)["state"] == "unknown"  # another office's case
    assert rows(station, new_office) == rows(station, other) == []


def test_bad_chunks_are_refused_by_name_and_leave_nothing(station: Station, new_office: SampleOffice) -> None:
    case = approved(new_office).case
    paper = new_office.papers[case]
    size = len(paper)
    good = new_office.chunk(case, 0, paper, size)
    data = json.loads(good)["payload"]["data"]
    elsewhere = new_office.chunk(case, 5, paper[:10], size)
    cases = {
        "too long for its place": (new_office.chunk(case, size - 1, paper[:2], size), "scan_chunk_wrong"),
        "empty": (new_office.chunk(case, 0, b"", size), "scan_chunk_wrong"),
        "no size": (new_office.chunk(case, 0, paper, 0), "scan_chunk_wrong"),
        "twenty megabytes and one": (new_office.chunk(case, 0, b"a", (20 << 20) + 1), "scan_chunk_wrong"),
        "sealed for another place": (
            new_office.chunk(case, 0, paper, size, data=json.loads(elsewhere)["payload"]["data"]),
            "scan_chunk_wrong",
        ),
        "not sealed": (
            new_office.chunk(case, 0, paper, size, data=base64.b64encode(paper).decode()),
            "scan_chunk_wrong",
        ),
        "no base64": (new_office.chunk(case, 0, paper, size, data="§" + data), "scan_chunk_wrong"),
        "a number as text": (new_office.chunk(case, 0, paper, size, start="0"), "envelope_malformed"),
        "below zero": (new_office.chunk(case, 0, paper, size, start=-1), "envelope_malformed"),
        "no case": (new_office.chunk(case, 0, paper, size, case=None), "envelope_malformed"),
        "no id": (new_office.chunk(case, 0, paper, size, scan="../../etc"), "envelope_malformed"),
    }
    for name, (envelope, code) in cases.items():
        assert refused(station, envelope) == code, name
    assert rows(station, new_office) == []
    flood = new_office.envelope("scan-offer", scans=[{"case": case, "scan": "s"}] * 101)
    assert refused(station, flood, "scan-offer") == "envelope_malformed"


def test_a_scan_that_changes_its_size_on_the_way_is_refused(
    station: Station, new_office: SampleOffice
) -> None:
    case = approved(new_office).case
    paper = new_office.papers[case]
    new_office.ask("/api/v1/scan-chunk", new_office.chunk(case, 0, paper[:10], len(paper)))
    longer = new_office.chunk(case, 10, paper[10:], len(paper) + 5)
    assert refused(station, longer) == "scan_size_differs"


@pytest.fixture
def small_quota(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(scan_store, "PARTIAL_LIMIT", 6_000)
    monkeypatch.setattr(scan_store, "HELD_LIMIT", 15_000)
    yield


def test_an_office_cannot_fill_the_hub(station: Station, new_office: SampleOffice, small_quota: None) -> None:
    """Half-sent scans count against one limit, all that is held against another; what was there stays."""
    made = [new_office.approved_case(index) for index in range(3)]
    new_office.push_all_recorded()
    first, second, third = (new_office.papers[each.case] for each in made)

    def chunk(number: int, start: int, part: bytes) -> bytes:
        return new_office.chunk(made[number].case, start, part, len(first))

    new_office.ask("/api/v1/scan-chunk", chunk(0, 0, first[:4_000]))
    assert refused(station, chunk(1, 0, second[:4_000])) == "scan_quota"
    new_office.ask("/api/v1/scan-chunk", chunk(0, 4_000, first[4_000:]))
    assert new_office.send_paper(made[1].case)["state"] == "there"
    assert held(station, new_office) == (3, 2 * len(first), 0)
    assert refused(station, chunk(2, 0, third)) == "scan_quota"
    assert held(station, new_office) == (3, 2 * len(first), 0)


def test_an_erased_case_refuses_its_scans_and_forgets_those_it_had(
    station: Station, new_office: SampleOffice
) -> None:
    case = approved(new_office).case
    assert new_office.send_paper(case)["state"] == "there"
    with station.hub.database.write() as connection:
        lock_office(connection, new_office.office)
        erase(connection, new_office.office, case, station.hub.stamp())
    assert held(station, new_office) == (0, 0, 0)
    assert new_office.send_paper(case)["state"] == "erased" == offer(new_office, case)[0]["state"]
    asked = {"case": case, "scan": f"scan-{case[:8]}", "start": 0}
    answer = new_office.ask("/api/v1/scan-fetch", new_office.envelope("scan-fetch", **asked))
    assert answer["scan"]["state"] == "erased" and "data" not in answer


def test_another_desk_of_the_office_gets_the_bytes_sealed_to_itself(
    station: Station, new_office: SampleOffice
) -> None:
    case = approved(new_office).case
    paper, scan_id = new_office.papers[case], f"scan-{case[:8]}"

    def ask(start: int) -> dict[str, Any]:
        data = new_office.envelope("scan-fetch", case=case, scan=scan_id, start=start)
        return new_office.ask("/api/v1/scan-fetch", data)

    assert ask(0)["scan"]["state"] == "away"
    step = 1_000
    for at in range(0, len(paper), step):
        new_office.ask("/api/v1/scan-chunk", new_office.chunk(case, at, paper[at : at + step], len(paper)))
    fetched = b""
    while len(fetched) < len(paper):
        answer = ask(len(fetched))
        blob = base64.b64decode(answer["data"])
        assert paper[:40] not in blob
        aad = chunk_aad(new_office.office, scan_id, len(fetched))
        fetched += open_sealed(new_office.exchange[0], blob, aad)
        assert answer["size"] == len(paper)
    assert fetched == paper
    wrong = new_office.envelope("scan-fetch", case=case, scan=scan_id, start=1)
    assert refused(station, wrong, "scan-fetch") == "scan_chunk_wrong"


# --- what a claim waits for -------------------------------------------------------------------


def test_the_certificate_waits_for_the_signed_form(station: Station, new_office: SampleOffice) -> None:
    made = new_office.approved_case(0)
    minted = new_office.mint(made)
    new_office.push_all_recorded()
    wallet = station.wallet()
    assert wallet.ask_token(minted.text, minted.pin).json["expires_in"] == 72 * 3600
    waiting = wallet.ask_credential()
    assert waiting.status == 202 and waiting.json["received"] is True, "it waits for the paper only"
    ticket = {"transaction_id": waiting.json["transaction_id"]}
    assert wallet.post("/deferred", ticket).json["received"] is True
    paper = new_office.papers[made.case]
    half = new_office.chunk(made.case, 0, paper[:9], len(paper))
    new_office.ask("/api/v1/scan-chunk", half)
    assert wallet.post("/deferred", ticket).status == 202
    rest = new_office.chunk(made.case, 9, paper[9:], len(paper))
    assert new_office.ask("/api/v1/scan-chunk", rest)["scan"]["state"] == "there"
    done = wallet.post("/deferred", ticket)
    assert done.status == 200 and done.json["credentials"]


def test_a_wrong_scan_never_becomes_a_certificate(station: Station, new_office: SampleOffice) -> None:
    made = new_office.approved_case(0)
    minted = new_office.mint(made)
    new_office.push_all_recorded()
    new_office.ask("/api/v1/scan-chunk", new_office.chunk(made.case, 0, b"another paper", 13))
    wallet = station.wallet()
    assert wallet.ask_token(minted.text, minted.pin).status == 200
    assert wallet.ask_credential().status == 202


def test_a_desk_of_the_former_release_needs_no_lane(station: Station, office: SampleOffice) -> None:
    assert office.protocol == 1
    made = office.approved_case(0)
    minted = office.mint(made)
    office.push_all_recorded()
    assert station.wallet().claim(minted.text, minted.pin)


def test_who_has_spoken_of_scans_once_cannot_unsay_it(station: Station, new_office: SampleOffice) -> None:
    new_office.push_all_recorded()  # an empty batch in protocol 2
    new_office.protocol = 1
    made = new_office.approved_case(0)
    minted = new_office.mint(made)
    new_office.push_all_recorded()
    wallet = station.wallet()
    assert wallet.ask_token(minted.text, minted.pin).status == 200
    assert wallet.ask_credential().status == 202


def test_two_papers_under_one_id_are_none(station: Station, new_office: SampleOffice) -> None:
    """A patched desk attaches a second paper under the first one's id: which was approved."""
    unit = new_office.invented(0)
    case = new_office.file(new_office.register(unit), unit)
    public = {"scan": f"scan-{case[:8]}", "role": "signed_form", "media_type": "image/png", "pages": 1}
    public["content"] = new_office.hashes[case]
    new_office.act("scan_attached", "case", case, public, {"sha256": "0" * 64})
    new_office.push()
    assert new_office.send_paper(case)["state"] == "unknown"
