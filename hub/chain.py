"""Each desk's chain: its actions follow one another without a gap, also across rejected ones.

A fault of the chain is not the fault of one action: nothing after it can be judged, so the batch stops
there and the desk is told where its chain stands at the hub.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from core.errors import Refusal
from core.records.model import GENESIS
from hub import tables
from hub.engine import insert_new

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


class ChainFault(Refusal):
    """``chain_gap``, ``chain_broken`` or ``chain_forked`` with ``seq`` and ``prev`` that the hub expects."""


@dataclass(frozen=True)
class Link:
    """What places an action in its device's chain, readable even when the rest of it is malformed."""

    id: str
    device: str
    epoch: int
    seq: int
    prev: str


def read_link(body: Any) -> Link | None:
    """Return the chain's part of a travelled body, or None if there is none."""
    if not isinstance(body, dict):
        return None
    action, device, prev = body.get("id"), body.get("device"), body.get("prev")
    if not is_name(action) or not is_name(device) or not isinstance(prev, str) or not _HASH.fullmatch(prev):
        return None
    epoch, seq = body.get("device_epoch"), body.get("seq")
    if type(epoch) is not int or type(seq) is not int or not (0 <= epoch < 2**31 and 0 <= seq < 2**31):
        return None
    return Link(str(action), str(device), epoch, seq, prev)


def is_name(value: Any) -> bool:
    """Tell whether a value may be an id in our tables."""
    return isinstance(value, str) and bool(_NAME.fullmatch(value))


# Built once: both are said for every action that the hub itself records.
_HEADS = tables.chain_head
_ONE = (
    _HEADS.c.office == bindparam("of"),
    _HEADS.c.device == bindparam("by"),
    _HEADS.c.epoch == bindparam("since"),
)
_HEAD = select(_HEADS.c.seq, _HEADS.c.hash).where(*_ONE)
_MOVE = update(_HEADS).where(*_ONE).values(seq=bindparam("to"), hash=bindparam("now"))


def head(connection: Connection, office: str, device: str, epoch: int) -> tuple[int, str]:
    """Return (seq, hash) of a chain's newest action; (0, GENESIS) before the first."""
    chain = {"of": office, "by": device, "since": epoch}
    row = connection.execute(_HEAD, chain).one_or_none()
    return (int(row.seq), str(row.hash)) if row else (0, GENESIS)


def check(newest: tuple[int, str], link: Link) -> None:
    """Raise :class:`ChainFault` unless this action comes next in its chain, whose :func:`head` is given."""
    seq, prev = newest
    if link.seq > seq + 1:
        raise ChainFault("chain_gap", seq=seq + 1, prev=prev)
    if link.seq <= seq:
        raise ChainFault("chain_forked", seq=seq + 1, prev=prev)
    if link.prev != prev:
        raise ChainFault("chain_broken", seq=seq + 1, prev=prev)


def extend(connection: Connection, office: str, link: Link, action_hash: str) -> None:
    """Make this action, recorded or rejected, the newest of its chain."""
    chain = {"of": office, "by": link.device, "since": link.epoch}
    newest = {"to": link.seq, "now": action_hash}
    moved = connection.execute(_MOVE, {**chain, **newest}, execution_options={"preserve_rowcount": True})
    if moved.rowcount == 0:
        row = {"office": office, "device": link.device, "epoch": link.epoch}
        insert_new(connection, tables.chain_head, {**row, "seq": link.seq, "hash": action_hash})
