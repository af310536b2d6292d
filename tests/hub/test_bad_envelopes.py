"""Envelopes that a desk should never send: refused with a code that has a sentence, and nothing changed.

Everything goes through the front door as bytes. "Nothing changed" means every row of every table of the
hub's database, before and after; "has a sentence" means that the desk tells its people what to do.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from core.canonical import canonical
from core.clock import to_stamp
from core.errors import EnvironmentFault
from core.keys.signer import SoftwareSigner
from core.sync.compress import compress
from core.sync.envelope import BATCH_LIMITS, MAX_ENVELOPE_BYTES, wrap
from core.sync.http_hub import _refused
from hub.app import build
from hub.schema import metadata
from tests.asgi import post
from tests.hub.conftest import Station
from tests.hub.sample_office import SampleOffice
from tests.hub.wallet import http
from ui.messages import sentence

ACTIONS, FEED = "/api/v1/actions", "/api/v1/feed"


@dataclass
class Door:
    """The hub's front door, an office that has something to send, and what lies in the database."""

    station: Station
    office: SampleOffice

    def rows(self) -> dict[str, list[str]]:
        """Return every row of every table."""
        with self.station.hub.database.read() as connection:
            return {
                table.name: sorted(repr(tuple(row)) for row in connection.execute(select(table)))
                for table in metadata.sorted_tables
            }

    def post(self, path: str, data: bytes, **headers: str) -> tuple[int, dict[str, Any]]:
        """Send bytes; return status and what was said."""
        reply = http(self.station.hub.issuer + path, data, **({"Content_Type": "application/json"} | headers))
        try:
            return reply.status, json.loads(reply.body)
        except ValueError:
            return reply.status, {}

    def refuses(self, path: str, data: bytes, *expected: tuple[int, str], **headers: str) -> None:
        """Send; it must be refused as expected, tell its people something, and change nothing."""
        before = self.rows()
        status, told = self.post(path, data, **headers)
        assert (status, told.get("error")) in expected, (status, told)
        assert self.rows() == before
        shown = sentence(_refused(status, json.dumps(told).encode()))
        assert shown.remedy and str(told["error"]) not in shown.whole()

    def payload(self, kind: str = "actions", **fields: Any) -> dict[str, Any]:
        """Return a good payload of the office's desk, changed as told."""
        given: dict[str, Any] = {"actions": self.office.outbox, "device_epoch": self.office.epoch}
        if kind == "feed":
            given = {"after": 0, "limit": 5}
        whole: dict[str, Any] = json.loads(self.office.envelope(kind, **given))["payload"] | fields
        return whole

    def signed(self, kind: str = "actions", **fields: Any) -> bytes:
        """Return that payload signed by the desk."""
        return wrap(self.payload(kind, **fields), self.office.signer)


@pytest.fixture
def door(station: Station, office: SampleOffice) -> Iterator[Door]:
    """An office with a case to send; afterwards it can still send it: nothing was spoilt."""
    office.approved_case()
    door = Door(station, office)
    yield door
    office.push_all_recorded()


# --- no envelope at all -----------------------------------------------------------------------------


def _outer(door: Door) -> dict[str, Any]:
    outer: dict[str, Any] = json.loads(door.signed())
    return outer


MALFORMED: dict[str, Callable[[Door], bytes]] = {
    "nothing": lambda d: b"",
    "no json": lambda d: b"hello",
    "a list": lambda d: b"[]",
    "a number": lambda d: b"7",
    "not utf-8": lambda d: b"\xff\xfe{}",
    "a byte order mark": lambda d: b"\xef\xbb\xbf" + d.signed(),
    "with a space": lambda d: d.signed().replace(b":", b": ", 1),
    "with a line end": lambda d: d.signed() + b"\n",
    "escaped otherwise": lambda d: json.dumps(_outer(d), sort_keys=True, separators=(",", ":")).encode(),
    "in another order": lambda d: json.dumps(dict(reversed(_outer(d).items())), ensure_ascii=False).encode(),
    "a key twice": lambda d: d.signed()[:-1] + b',"kid":"00"}',
    "a key more": lambda d: canonical(_outer(d) | {"more": 1}),
    "a key less": lambda d: canonical({k: v for k, v in _outer(d).items() if k != "kid"}),
    "payload a list": lambda d: canonical(_outer(d) | {"payload": []}),
    "payload nothing": lambda d: canonical(_outer(d) | {"payload": None}),
    "payload a text": lambda d: canonical(_outer(d) | {"payload": "protocol"}),
    "signature no hex": lambda d: canonical(_outer(d) | {"signature": "zz"}),
    "signature a number": lambda d: canonical(_outer(d) | {"signature": 7}),
    "very deep": lambda d: b'{"payload":' + b"[" * 100_000,
    "a fraction": lambda d: d.signed().replace(b'"protocol":1', b'"protocol":1.0', 1),
    "infinite": lambda d: d.signed().replace(b'"protocol":1', b'"protocol":Infinity', 1),
    "no protocol": lambda d: wrap({"type": "actions"}, d.office.signer),
}


@pytest.mark.parametrize("how", MALFORMED)
def test_malformed(door: Door, how: str) -> None:
    door.refuses(ACTIONS, MALFORMED[how](door), (400, "envelope_malformed"))


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(share=st.floats(0, 0.9999), packed=st.booleans())
def test_truncated_anywhere(door: Door, share: float, packed: bool) -> None:
    data = compress(door.signed()) if packed else door.signed()
    headers = {"Content_Encoding": "zstd"} if packed else {}
    door.refuses(ACTIONS, data[: int(len(data) * share)], (400, "envelope_malformed"), **headers)


@settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))
@given(place=st.integers(0, 2**20), bit=st.integers(0, 7))
def test_one_bit_turned_anywhere(door: Door, place: int, bit: int) -> None:
    data = bytearray(door.signed())
    data[place % len(data)] ^= 1 << bit
    if json.loads(door.signed())["kid"].encode() in data:
        answers = ("envelope_malformed", "signature_wrong", "device_unknown", "protocol_unknown")
        told = [(status, code) for status in (400, 401) for code in answers]
        door.refuses(ACTIONS, bytes(data), *told)


# --- too much ---------------------------------------------------------------------------------------


def test_oversized(door: Door) -> None:
    """Without a socket: over one, the hub hangs up before such a body has been sent (test_hostile.py)."""
    app, before = build(door.station.hub), door.rows()
    for path, kind, size in ((ACTIONS, "actions", MAX_ENVELOPE_BYTES), (FEED, "feed", 70_000)):
        status, told = post(app, path, wrap(door.payload(kind, more="x" * size), door.office.signer))
        assert (status, json.loads(told)["error"]) == (413, "body_too_large")
        assert sentence(_refused(status, told)).remedy
    assert door.rows() == before


def test_too_many_actions(door: Door) -> None:
    for protocol, limit in BATCH_LIMITS.items():
        items = [door.office.outbox[0]] * (limit + 1)
        data = door.signed(actions=items, protocol=protocol)
        door.refuses(ACTIONS, data, (400, "batch_too_large"), (413, "body_too_large"))


# --- compressed ---------------------------------------------------------------------------------------

ZSTD = {"Content_Encoding": "zstd"}


def _unsized(data: bytes) -> bytes:
    maker = zstandard.ZstdCompressor(write_content_size=False).compressobj()
    return maker.compress(data) + maker.flush()


def _lying(data: bytes) -> bytes:
    """A frame whose head promises 16 bytes and whose body is a gigabyte."""
    frame = bytearray(zstandard.ZstdCompressor().compress(b"\0" * (1 << 30)))
    head = zstandard.get_frame_parameters(bytes(frame))
    place = bytes(frame).index(struct.pack("<I", head.content_size), 4)
    frame[place : place + 4] = struct.pack("<I", 16)
    return bytes(frame)


BOMBS: dict[str, tuple[Callable[[bytes], bytes], int, str]] = {
    "a gigabyte of nothing": (lambda d: compress(b"\0" * (1 << 30)), 413, "envelope_too_large"),
    "one byte too much": (lambda d: compress(b" " * (MAX_ENVELOPE_BYTES + 1)), 413, "envelope_too_large"),
    "a gigabyte that says it is small": (_lying, 400, "envelope_malformed"),
    "of unknown size": (_unsized, 400, "envelope_malformed"),
    "packed twice": (lambda d: compress(compress(d)), 400, "envelope_malformed"),
    "followed by more": (lambda d: compress(d) + b"x", 400, "envelope_malformed"),
    "two frames": (lambda d: compress(d) + compress(d), 400, "envelope_malformed"),
    "not packed at all": (lambda d: d, 400, "envelope_malformed"),
    "a skippable frame": (lambda d: bytes.fromhex("502a4d18") + b"\4\0\0\0abcd", 400, "envelope_malformed"),
    "a dictionary that nobody has": (
        lambda d: zstandard.ZstdCompressor(
            dict_data=zstandard.ZstdCompressionDict(d, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        ).compress(d)[:-9],
        400,
        "envelope_malformed",
    ),
}


@pytest.mark.parametrize("how", BOMBS)
def test_zstd_bombs_and_frames_that_are_none(door: Door, how: str) -> None:
    make, status, code = BOMBS[how]
    door.refuses(ACTIONS, make(door.signed()), (status, code), **ZSTD)


@pytest.mark.parametrize("encoding", ["gzip", "br", "deflate", "zstd, gzip", "x"])
def test_an_encoding_that_nobody_agreed_on(door: Door, encoding: str) -> None:
    door.refuses(ACTIONS, door.signed(), (415, "body_encoding"), Content_Encoding=encoding)


def test_packed_is_as_good_as_plain(door: Door) -> None:
    """The control of the tests above."""
    status, told = door.post(ACTIONS, compress(door.signed()), **ZSTD)
    assert status == 200 and {each["verdict"] for each in told["payload"]["receipts"]} == {"recorded"}


# --- who and when -----------------------------------------------------------------------------------


def test_wrong_signatures(door: Door) -> None:
    stranger = SoftwareSigner.from_seed(b"s" * 32)
    wrong = (401, "signature_wrong")
    door.refuses(ACTIONS, wrap(door.payload(), stranger), wrong)
    outer = _outer(door)
    door.refuses(ACTIONS, canonical(outer | {"signature": "00" * 64}), wrong)
    door.refuses(ACTIONS, canonical(outer | {"signature": outer["signature"][:-2]}), wrong)
    door.refuses(ACTIONS, canonical(outer | {"signature": ""}), wrong)
    door.refuses(ACTIONS, canonical(outer | {"algorithm": "none"}), wrong)
    door.refuses(ACTIONS, canonical(outer | {"payload": outer["payload"] | {"device_epoch": 9}}), wrong)


def test_another_offices_name_and_another_offices_desk(door: Door) -> None:
    other = door.station.new_office()
    unknown = (401, "device_unknown")
    door.refuses(ACTIONS, door.signed(office=other.office), unknown)
    door.refuses(FEED, door.signed("feed", office=other.office), unknown)
    door.refuses(ACTIONS, door.signed(device=other.device), unknown)
    named = {"office": other.office, "device": other.device}
    door.refuses(FEED, door.signed("feed", **named), (401, "signature_wrong"))
    door.refuses(FEED, door.signed("feed", office="nobody"), unknown)
    for odd in (None, 7, [], "a\x00b"):
        door.refuses(FEED, door.signed("feed", office=odd), (400, "envelope_malformed"))


def test_the_hubs_own_words_played_back_to_it(door: Door) -> None:
    status, answer = door.station.post(FEED, door.signed("feed"))
    assert status == 200
    door.refuses(FEED, answer, (401, "signature_wrong"))


@pytest.mark.parametrize("ahead", [timedelta(minutes=16), timedelta(minutes=-16), timedelta(days=4000)])
def test_questions_of_another_time(door: Door, ahead: timedelta) -> None:
    moment = to_stamp(door.station.hands() + ahead)
    door.refuses(FEED, door.signed("feed", sent_at=moment), (401, "request_stale"))


@pytest.mark.parametrize("moment", ["", "tomorrow", 7, None, "2026-13-01T00:00:00.000Z", "9" * 400 + "Z"])
def test_moments_that_are_none(door: Door, moment: Any) -> None:
    for kind, path in (("feed", FEED), ("actions", ACTIONS)):
        door.refuses(path, door.signed(kind, sent_at=moment), (400, "envelope_malformed"))


@pytest.mark.parametrize("protocol", [0, 3, 99, -1, True, None, "1", [1]])
def test_protocols_that_nobody_speaks(door: Door, protocol: Any) -> None:
    for kind, path in (("feed", FEED), ("actions", ACTIONS)):
        door.refuses(path, door.signed(kind, protocol=protocol), (400, "protocol_unknown"))


def test_one_kind_played_as_another(door: Door) -> None:
    door.refuses(ACTIONS, door.signed("feed"), (400, "envelope_malformed"))
    door.refuses(FEED, door.signed(actions=[]), (400, "envelope_malformed"))
    door.refuses("/api/v1/claims/progress", door.signed("feed"), (400, "envelope_malformed"))


ODD_FIELDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("actions", {"actions": {}}),
    ("actions", {"actions": None}),
    ("actions", {"actions": "[]"}),
    ("actions", {"device_epoch": -1}),
    ("actions", {"device_epoch": True}),
    ("actions", {"device_epoch": 2**31}),
    ("actions", {"device_epoch": "1"}),
    ("feed", {"after": -1}),
    ("feed", {"after": 2**53}),
    ("feed", {"after": "0"}),
    ("feed", {"after": None}),
    ("feed", {"limit": 0}),
    ("feed", {"limit": True}),
    ("feed", {"held": 7}),
)


@pytest.mark.parametrize(("kind", "fields"), ODD_FIELDS, ids=[str(fields) for _, fields in ODD_FIELDS])
def test_fields_that_make_no_sense(door: Door, kind: str, fields: dict[str, Any]) -> None:
    path = {"actions": ACTIONS, "feed": FEED}[kind]
    door.refuses(path, door.signed(kind, **fields), (400, "envelope_malformed"))


# --- again, in another order, from another place -----------------------------------------------------


def test_replayed_word_for_word_it_is_answered_as_before_and_changes_nothing(door: Door) -> None:
    data = door.signed()
    door.office.outbox.clear()
    status, first = door.post(ACTIONS, data)
    assert status == 200
    before = door.rows()
    for minutes in (0, 60, 60 * 24 * 400):
        door.station.hands.forward(minutes=minutes)
        status, again = door.post(ACTIONS, data)
        assert status == 200 and again["payload"]["receipts"] == first["payload"]["receipts"]
    after = door.rows()
    for name in set(before) - {"device"}:  # where a desk's clock is noted
        assert before[name] == after[name], name
    door.station.hands.ahead = timedelta()


def test_reordered_is_refused_whole_or_stops_where_the_order_ends(door: Door) -> None:
    items = door.office.outbox
    door.refuses(ACTIONS, door.signed(actions=list(reversed(items))), (409, "chain_gap"))
    door.refuses(ACTIONS, door.signed(actions=items[1:]), (409, "chain_gap"))
    status, told = door.post(ACTIONS, door.signed(actions=[items[0], items[2], items[1]]))
    assert status == 200 and len(told["payload"]["receipts"]) == 1
    assert told["payload"]["stopped"]["error"] == "chain_gap"


def test_one_answer_is_the_same_for_the_same_action_twice_in_a_batch(door: Door) -> None:
    items = door.office.outbox
    told = door.office.ask(ACTIONS, door.signed(actions=[items[0], items[0], *items[1:]]))
    assert told["receipts"][0] == told["receipts"][1]
    assert [each["verdict"] for each in told["receipts"]] == ["recorded"] * (len(items) + 1)


def test_another_offices_action_in_ones_own_batch_is_recorded_nowhere(door: Door) -> None:
    other = door.station.new_office()
    other.register(other.invented(3))
    before = door.rows()["action"]
    told = door.office.ask(ACTIONS, door.signed(actions=other.outbox))
    assert [(each["verdict"], each["code"]) for each in told["receipts"]] == [("rejected", "device_foreign")]
    assert door.rows()["action"] == before


def test_an_older_generation(door: Door) -> None:
    door.office.ask(ACTIONS, door.signed(actions=[], device_epoch=7))
    door.refuses(ACTIONS, door.signed(device_epoch=6), (409, "epoch_old"))
    door.office.epoch = 7


def test_the_database_is_really_compared(door: Door) -> None:
    """A control: what is accepted does change it, and ``refuses`` would say so."""
    with pytest.raises(AssertionError):
        door.refuses(ACTIONS, door.signed(actions=door.office.outbox[:1]), (200, ""))
    before = door.rows()
    door.office.push_all_recorded()
    assert door.rows() != before


def test_a_code_without_a_sentence_would_be_noticed() -> None:
    """A control of the other half: an unknown reason gets the general sentence."""
    shown = sentence(EnvironmentFault("hub_refused", status=400, reason="no_such_code"))
    assert shown.text.startswith("平台没有接受这次请求")
