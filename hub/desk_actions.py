"""A batch of actions from a desk: one transaction, a receipt for each, an alarm for a forked chain."""

from __future__ import annotations

from sqlalchemy import Connection

from core.errors import Refusal
from core.sync.envelope import BATCH_LIMITS
from hub import log
from hub.alarms import raise_alarm
from hub.chain import ChainFault
from hub.desk_handler import Payload, Request, sent_at
from hub.desks import find_desk, revoked_of, set_clock_offset, set_epoch
from hub.engine import lock_office
from hub.incoming import read_batch
from hub.ledger import Ledger
from hub.scans import note_protocol


def take_batch(request: Request) -> Payload:
    """Answer ``actions`` with receipts in the order sent, and with ``stopped`` if the chain broke off.

    Raises ``Refusal`` envelope_malformed, batch_too_large, device_revoked, epoch_old, and the chain's own
    (chain_gap, chain_broken, chain_forked) when nothing of the batch could be taken.
    """
    items, epoch = request.payload.get("actions"), request.payload.get("device_epoch")
    if not isinstance(items, list) or type(epoch) is not int or not 0 <= epoch < 2**31:
        raise Refusal("envelope_malformed")
    limit = BATCH_LIMITS[request.protocol]
    if len(items) > limit:
        raise Refusal("batch_too_large", limit=limit)
    hub, desk = request.hub, request.desk
    batch = read_batch(hub, desk.office, items)  # the slow part, before anybody has to wait for the lock
    with hub.database.write() as connection:
        lock_office(connection, desk.office)
        # Read again: another request may have revoked or restored this desk meanwhile.
        present = find_desk(connection, desk.office, desk.device)
        if present is None or present.revoked_at is not None:
            raise Refusal("device_revoked")
        if epoch < present.epoch:
            raise Refusal("epoch_old", epoch=present.epoch)
        set_epoch(connection, present, epoch)
        if request.live:
            _note_clock(connection, request)
        note_protocol(connection, desk.office, desk.device, request.protocol)
        first = log.next_entry(connection, desk.office)
        done = Ledger(hub, connection, desk.office).take(batch, desk.device, epoch)
        if done.fault is not None:
            _alarm(connection, request, done.fault, epoch)
        told = _log(connection, request, first) if request.protocol > 1 else {}
        if request.protocol > 1:
            told["revoked"] = revoked_of(connection, desk.office)
    if done.fault is not None and not done.receipts:
        raise done.fault
    answer: Payload = {"type": "receipts", "receipts": [receipt.body() for receipt in done.receipts]}
    if done.fault is not None:
        answer["stopped"] = {"error": done.fault.code, "params": done.fault.params}
    return {**answer, **told}


def _log(connection: Connection, request: Request, first: int) -> Payload:
    """Keep the desk's cosignature, and prove to it that what it sent is in the log."""
    office, device = request.desk.office, request.desk.device
    log.add_cosignature(request.hub, connection, office, device, request.payload.get("cosigned"))
    told = log.log_answer(connection, office, first)
    return {"log": told} if told["checkpoint"] else {}


def _note_clock(connection: Connection, request: Request) -> None:
    offset = int((sent_at(request.payload) - request.hub.clock()).total_seconds())
    if abs(offset) < 86_400:
        set_clock_offset(connection, request.desk, offset)


def _alarm(connection: Connection, request: Request, fault: ChainFault, epoch: int) -> None:
    """Two copies of one desk: an operator has to know, once for each place where they part."""
    if fault.code == "chain_gap":  # an interrupted or reordered batch looks like this, too
        return
    params, desk = {**fault.params, "epoch": epoch}, request.desk
    raise_alarm(connection, desk.office, desk.device, fault.code, params, request.hub.stamp())
