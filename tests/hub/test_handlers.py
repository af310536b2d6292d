"""Every type of desk request, by the table that serves them: odd fields get a code, and nothing changes.

A handler that is added to the table has to say its fields here, or the first test trips.
"""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from core.sync.envelope import MAX_ENVELOPE_BYTES, wrap
from core.sync.http_hub import _refused
from hub.app import build
from hub.desk_api import PATHS
from hub.desk_requests import HANDLERS
from tests.asgi import post
from tests.hub.conftest import Station
from tests.hub.sample_office import SampleOffice
from tests.hub.test_bad_envelopes import Door
from ui.messages import sentence

STAMP = "2026-01-01T00:00:00.000Z"
GOOD: dict[str, dict[str, Any]] = {
    "actions": {"actions": [], "device_epoch": 1},
    "urgent": {"actions": []},
    "feed": {"after": 0, "limit": 5, "held": [], "own": ""},
    "claim-progress": {"jti": []},
    "claim-short": {"code": "x"},
    "claim-reverse": {"code": "x", "short": "x"},
    "device-certificate": {},
    "status-bundle": {},
    "shown-take": {"ref": "A" * 22},
    "certificate-print": {"case": "x"},
    "scan-offer": {"scans": []},
    "scan-chunk": {"case": "x", "scan": "x", "attempt": 0, "size": 9, "start": 0, "data": ""},
    "scan-fetch": {"case": "x", "scan": "x", "start": 0},
    "uses": {"since": STAMP, "until": STAMP, "skip": 0},
    "reach": {"unit": "x"},
    "unit-basic": {"asked": "x"},
}
"""Every field that a handler reads, with a value of the right form."""

MISSING = "(missing)"
ODD: dict[str, Any] = {
    MISSING: None,
    "nothing": None,
    "true": True,
    "negative": -1,
    "huge": 2**53 - 1,
    "empty": "",
    "nul": "a\x00b",
    "nul in a stamp": STAMP[:-1] + "\x00",
    "long": "x" * 3000,
    "list": [],
    "list of numbers": [7],
    "list of nothing": [None],
    "list of nul": ["a\x00b"],
    "list of lists": [["x"]],
    "list of objects": [{}],
    "long list": ["x"] * 3000,
    "object": {},
    "object of nul": {"case": "a\x00b", "scan": "a\x00b"},
    "list of objects of nul": [{"case": "a\x00b", "scan": "a\x00b"}],
}
LISTS = ("list", "list of numbers", "list of nothing", "list of nul", "list of lists", "list of objects")
RIGHT: dict[str, dict[str, tuple[str, ...]]] = {
    "actions": {"actions": (*LISTS, "list of objects of nul")},  # refused one by one, with receipts
    "urgent": {"actions": ("list",)},
    "feed": {
        "after": ("huge",),
        "limit": (MISSING, "huge"),
        "held": (MISSING, "list", "list of nul"),
        "own": (MISSING, "empty", "long", "nul", "nul in a stamp"),
    },
    "claim-progress": {"jti": ("list",)},
    "scan-offer": {"scans": ("list",)},
    "uses": {"skip": (MISSING,)},
    "reach": {"unit": (MISSING, "nothing", "empty", "long")},
}
"""Odd values that are right where they stand, and are answered."""


def odd_payloads(kind: str) -> list[tuple[str, str, dict[str, Any]]]:
    """Return (field, oddity, fields) with one field of a good request made odd."""
    found = []
    for field in GOOD[kind]:
        for oddity, value in ODD.items():
            fields = GOOD[kind] | {field: value}
            if oddity == MISSING:
                del fields[field]
            found.append((field, oddity, fields))
    return found


def path_of(kind: str) -> str:
    """Return where a type of request is served."""
    named = {kind: path for path, kind in PATHS.items()}
    return f"/api/v1{named.get(kind, f'/{kind}')}"


def ask(door: Door, app: Any, kind: str, payload: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    status, body = post(app, path_of(kind), wrap(payload, door.office.signer))
    told: dict[str, Any] = json.loads(body)
    if status != 200:
        assert 400 <= status < 500, (kind, status, told)
        shown = sentence(_refused(status, body))
        assert shown.remedy and str(told["error"]) not in shown.whole(), told
    return status, told


def test_the_table_is_whole() -> None:
    assert GOOD.keys() == HANDLERS.keys()


@pytest.mark.parametrize("kind", HANDLERS)
def test_odd_fields_of_every_request(
    station: Station, office: SampleOffice, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    door, app = Door(station, office), build(station.hub)
    good = json.loads(office.envelope(kind))["payload"]
    answered: set[tuple[str, str]] = set()
    before = door.rows()
    with caplog.at_level(logging.ERROR):
        for field, oddity, fields in odd_payloads(kind):
            status, told = ask(door, app, kind, good | fields)
            if status == 200:
                answered.add((field, oddity))
                receipts = told["payload"].get("receipts", [])
                assert {each["verdict"] for each in receipts} <= {"rejected"}
        for head in ("sent_at", "protocol", "office", "device", "type"):
            for oddity in ("nothing", "nul", "object", "long"):
                assert ask(door, app, kind, good | GOOD[kind] | {head: ODD[oddity]})[0] != 200
    assert door.rows() == before
    assert caplog.records == []
    assert answered == {(field, odd) for field, odds in RIGHT.get(kind, {}).items() for odd in odds}


@pytest.mark.parametrize("kind", HANDLERS)
def test_too_much_of_every_request(station: Station, office: SampleOffice, kind: str) -> None:
    door, app = Door(station, office), build(station.hub)
    good, before = json.loads(office.envelope(kind))["payload"] | GOOD[kind], door.rows()
    status, told = ask(door, app, kind, good | {"more": "x" * HANDLERS[kind].limit})
    assert (status, told["error"]) == (413, "body_too_large")
    assert HANDLERS[kind].limit <= MAX_ENVELOPE_BYTES
    assert door.rows() == before
