"""A newer legal representative, told by a claim code before the office's facts have come.

The phone is the courier of one fact only: that something changed. The office signed the number into
the code, so the hub suspends what stands of an earlier representative at once, in the transaction that
looks at the code (claim.md section 6). When the office's actions arrive, they either make it void or
show that the code was wrong, and the suspension is lifted. A stolen desk key can thus suspend units of
its own county, visibly, and no more.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, select

from core.claims.code import ClaimCode
from core.claims.pair import pair_key, unit_tag
from core.records.states import UnitState, holder_of_code
from hub import chain
from hub.desks import Desk, find_desk
from hub.endings import end_former
from hub.engine import insert_new
from hub.facts import resume_certificates, suspend_certificates
from hub.ledger import Ledger
from hub.setup import Hub
from hub.suspension_tables import suspension

ANNOUNCED, NOT_SO = "representative_announced", "announcement_unfounded"
"""Reasons in the hub's actions: suspended by a code, and lifted again."""


def announce(hub: Hub, connection: Connection, ledger: Ledger, code: ClaimCode, desk: Desk) -> None:
    """Suspend what a code with unknown facts says is out of date; said again, nothing changes."""
    if code.representative_no <= 1:
        return  # nobody can come before the first
    unit = _unit_meant(hub, ledger, code, desk)
    if unit is None or code.representative_no <= unit.representative_no:
        return
    row = {
        "office": desk.office,
        "jti": code.jti.hex(),
        "unit": unit.id,
        "device": desk.device,
        "device_epoch": code.device_epoch,
        "seq": code.seq,
        "representative_no": code.representative_no,
        "ahead": False,
        "at": hub.stamp(),
    }
    if insert_new(connection, suspension, row):
        suspend_certificates(hub, connection, ledger, unit.id, ANNOUNCED, code.representative_no)


def _unit_meant(hub: Hub, ledger: Ledger, code: ClaimCode, desk: Desk) -> UnitState | None:
    """Find the unit by its keyed tag: all units of an office are tried, 5,000 in about 10 ms."""
    key = pair_key(hub.exchange_secret, desk.exchange_key)
    codes = ledger.world.credit_codes()
    meant = [unit for unit, uscc in codes if unit_tag(key, code.jti, uscc) == code.unit_tag]
    return holder_of_code(map(ledger.world.unit, meant))


def is_announced(connection: Connection, office: str, unit: str) -> bool:
    """Tell whether a change of a unit was sent ahead and its facts have yet to come: nothing is issued."""
    where = (suspension.c.office == office, suspension.c.unit == unit, suspension.c.ahead.is_(True))
    return connection.execute(select(suspension.c.jti).where(*where).limit(1)).first() is not None


def settle(hub: Hub, connection: Connection, ledger: Ledger) -> None:
    """After new actions: void what changes ended, suspend and lift what they say, drop what is answered."""
    changed = ledger.world.take_changed_units()
    for unit in changed:
        end_former(hub, connection, ledger, unit)
    rows = connection.execute(select(suspension).where(suspension.c.office == ledger.office)).all()
    for row in rows:
        if _answered(connection, ledger, row):
            connection.execute(
                delete(suspension).where(suspension.c.office == row.office, suspension.c.jti == row.jti)
            )
    open_units = {
        row.unit for row in connection.execute(select(suspension).where(suspension.c.office == ledger.office))
    }
    for unit in sorted({*changed, *(row.unit for row in rows)} - open_units):
        state = ledger.world.unit(unit)
        if state is not None and state.suspended:
            suspend_certificates(hub, connection, ledger, unit, "unit_suspended")
        else:
            why = "unit_resumed" if unit in changed else NOT_SO
            resume_certificates(hub, connection, ledger, unit, why)


def _answered(connection: Connection, ledger: Ledger, row: Any) -> bool:
    """Tell whether the facts behind a code, or a change sent ahead, have come or can never be believed."""
    state = ledger.world.unit(row.unit)
    if state is None or (not row.ahead and state.representative_no >= row.representative_no):
        return True
    desk = find_desk(connection, row.office, row.device)
    if desk is None or desk.revoked_at is not None or desk.epoch > row.device_epoch:
        return True
    seq, _ = chain.head(connection, row.office, row.device, row.device_epoch)
    return seq >= int(row.seq)
