"""The desk as sync sees it: who it is, how far its clock is off, and why it has stopped, if it has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core.clock import Clock, to_stamp
from core.ids import RandomBytes
from core.keys.signer import Signer
from core.records.delegations import LAPSE, RENEW
from core.store.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class Desk:
    """What a cycle needs to know of the desk it runs for."""

    office: str
    device: str
    epoch: int
    signer: Signer
    exchange_secret: bytes
    clock: Clock
    random: RandomBytes


@dataclass(frozen=True)
class Halt:
    """Why this desk exchanges nothing until somebody has looked at it. ``at`` is a UTC stamp.

    ``chain_forked`` / ``chain_broken``: another copy of this desk wrote at the hub under our number;
    ``epoch_old``: another copy was restored later; ``chain_gap``: the hub lacks what it gave receipts
    for; ``log_diverged``: hub and desk do not hold the same record; ``device_revoked``.
    """

    code: str
    params: dict[str, Any]
    at: str


FORKS = frozenset({"chain_forked", "chain_broken", "epoch_old"})
"""Halts that a person ends by going on as a new generation."""

HUB_FAULTS = frozenset({"device_revoked", "chain_gap", "log_diverged"})
"""Halts whose cause lies at the hub."""

ASKED_AGAIN = frozenset({"device_revoked", "chain_gap"})
"""Of these, what the next cycle may find mended. A record that differs waits for a person's eye."""

_META = "halt"


def find_halt(uow: UnitOfWork) -> Halt | None:
    """Return why this desk has stopped, None while it has not."""
    kept = uow.find_meta(_META)
    return Halt(**json.loads(kept)) if kept else None


def keep_halt(uow: UnitOfWork, desk: Desk, code: str, params: Mapping[str, Any]) -> Halt:
    """Stop this desk. ``params`` come from outside: only numbers and short texts are kept."""
    kept = {
        str(name)[:20]: value
        for name, value in params.items()
        if type(value) is int or (isinstance(value, str) and len(value) <= 100)
    }
    halt = Halt(code, kept, to_stamp(desk.clock()))
    uow.set_meta(_META, json.dumps(halt.__dict__))
    return halt


def clear_halt(uow: UnitOfWork) -> None:
    """Let this desk go on."""
    uow.set_meta(_META, "")


def note_on_manager_change(uow: UnitOfWork, told: object) -> None:
    """Keep what the hub does with delegations when a new certificate follows; an unknown word is none."""
    uow.set_meta("on_manager_change", str(told) if told in (LAPSE, RENEW) else "")


def on_manager_change(uow: UnitOfWork) -> str:
    """Return :data:`LAPSE` or :data:`RENEW` as the hub last told it; empty when it never did."""
    return uow.find_meta("on_manager_change") or ""


def hub_offset(uow: UnitOfWork) -> int:
    """Return by how many seconds the hub's clock was ahead of ours when last heard."""
    return int(uow.find_meta("hub_offset") or 0)


def note_offset(uow: UnitOfWork, desk: Desk, hub_time: datetime) -> None:
    """Remember how far the hub's clock is ahead of ours; less than three seconds are the way there."""
    seconds = round((hub_time - desk.clock()).total_seconds())
    uow.set_meta("hub_offset", str(0 if abs(seconds) < 3 else seconds))


def hub_now(uow: UnitOfWork, desk: Desk) -> datetime:
    """Return the moment by the hub's clock."""
    return desk.clock() + timedelta(seconds=hub_offset(uow))


def feed_cursor(uow: UnitOfWork) -> int:
    """Return the position up to which this desk holds the office's feed."""
    return int(uow.find_meta("feed_cursor") or 0)
