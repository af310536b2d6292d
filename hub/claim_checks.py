"""The checks of a claim code, cheapest first (claim.md section 6), and what its facts turn out to be."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, func, or_, select

from core.claims.code import (
    PURPOSE_CHANGE,
    PURPOSE_FIRST,
    PURPOSE_REPLACEMENT,
    ClaimCode,
    decode,
    verify_signature,
)
from core.claims.pair import pair_key, unit_tag
from core.claims.window import check_window
from core.clock import china_date
from core.errors import UserError
from core.records.changes import period_over
from core.records.rules_claim import change_awaited, first_purpose
from core.records.states import CaseState, Lifecycle, UnitState
from hub import chain, tables
from hub.claim_codes import NUMBER_USED_TWICE, CodeRow, alarm_about, copied_key, set_unit
from hub.desks import Desk, find_by_kid, purposes_of
from hub.ledger import Ledger
from hub.refusals import ClaimRefused
from hub.scans import signed_form_here
from hub.setup import Hub
from hub.suspensions import announce, is_announced

PURPOSES = (PURPOSE_FIRST, PURPOSE_REPLACEMENT, PURPOSE_CHANGE)
MAX_DEFERRED = 500
"""Claims an office may hold whose facts have not arrived: a thief with its key fills no table."""
_CLOCK_SLACK = 120

# Made once: putting a statement together costs more than its execution.
_SPENT = select(tables.redemption.c.jti).where(
    tables.redemption.c.office == bindparam("office"), tables.redemption.c.jti == bindparam("jti")
)
_APPROVAL = (
    select(tables.action.c.hash, tables.action.c.subject, tables.action.c.position)
    .where(
        tables.action.c.office == bindparam("office"),
        tables.action.c.hash >= bindparam("first"),
        tables.action.c.hash < bindparam("end"),
        or_(tables.action.c.kind == "case_approved", tables.action.c.kind == "case_approved_single"),
    )
    .limit(1)
)


@dataclass(frozen=True)
class Signed:
    """A code with a good signature, and the desk that made it."""

    code: ClaimCode
    desk: Desk


@dataclass(frozen=True)
class Facts:
    """What a code is for, once its approval is in the ledger."""

    case: CaseState
    unit: UnitState
    approval: str


def read_signed(hub: Hub, text: str) -> Signed:
    """Checks 1 to 3: spelling, key, signature. Raises :class:`ClaimRefused`."""
    try:
        decoded = decode(text)
    except UserError as fault:
        raise ClaimRefused("malformed", str(fault.params.get("why", ""))) from fault
    with hub.database.read() as connection:
        desks = find_by_kid(connection, decoded.code.office, decoded.kid)
    if not desks:
        raise ClaimRefused("unknown_key", "no such desk in that office")
    for desk in desks:
        if verify_signature(decoded, desk.algorithm, desk.key, hub.issuer):
            return Signed(decoded.code, desk)
    raise ClaimRefused("forged", "signature")


def check_standing(hub: Hub, connection: Connection, signed: Signed, row: CodeRow) -> None:
    """Checks 2 (revocation) to 7 (lock) that need no facts. Raises :class:`ClaimRefused`."""
    code, desk = signed.code, signed.desk
    # A copy before all else, also one that comes late or after the true code was used; of a key that is
    # withdrawn already nobody has to hear.
    if desk.revoked_at is None and copied_key(connection, row.office, code, desk.device):
        alarm_about(hub, connection, desk, NUMBER_USED_TWICE, code)
        raise ClaimRefused("forged", "number used twice")
    # Then time: of a clock that is wrong the office has to hear, not of a key period it then misses.
    _check_time(hub, signed)
    if desk.revoked_at is not None or not desk.not_before <= code.issued_at <= desk.not_after:
        raise ClaimRefused("revoked", "office key")
    if code.purpose not in PURPOSES or code.purpose not in purposes_of(connection, desk.office):
        raise ClaimRefused("purpose", "not allowed")
    if code.device_epoch < desk.epoch:
        raise ClaimRefused("superseded", "the desk was restored")
    if row.voided:
        raise ClaimRefused("voided", "by the office")
    if _is_spent(connection, row):
        raise ClaimRefused("used", "already redeemed")
    if row.state == "locked":
        raise ClaimRefused("locked", "five wrong codes")


def _check_time(hub: Hub, signed: Signed) -> None:
    try:
        check_window(signed.code, hub.now())
    except UserError as fault:
        minutes = fault.params.get("minutes", 0)
        if fault.code == "code_from_future":
            raise ClaimRefused("future", f"office clock ahead by {minutes} min") from fault
        if fault.code == "code_expired":
            behind = -signed.desk.clock_offset
            hint = f", office clock behind by {round(behind / 60)} min" if behind > _CLOCK_SLACK else ""
            raise ClaimRefused("expired", f"{minutes} min ago{hint}") from fault
        raise ClaimRefused("malformed", "lifetime") from fault


def _is_spent(connection: Connection, row: CodeRow) -> bool:
    found = connection.execute(_SPENT, {"office": row.office, "jti": row.jti}).one_or_none()
    return found is not None


def find_facts(
    hub: Hub, connection: Connection, ledger: Ledger, signed: Signed, row: CodeRow
) -> Facts | None:
    """Checks 5, 6 and 9: the approval, the unit's tag, the representative, the case's state.

    Returns None when the desk's actions, or the bytes of the signed form that was approved, have not
    arrived that far. Raises :class:`ClaimRefused`.
    """
    code, desk = signed.code, signed.desk
    approval = _approval(connection, desk.office, code)
    if approval is None:
        _require_awaited(hub, connection, signed)
        announce(hub, connection, ledger, code, desk)
        return None
    approval_hash, case_id, position = approval
    case = ledger.world.case(case_id)
    unit = ledger.world.unit_before(case.unit, position) if case else None
    present = ledger.world.unit(case.unit) if case else None
    if case is None or unit is None or present is None:
        raise ClaimRefused("forged", "facts")
    key = pair_key(hub.exchange_secret, desk.exchange_key)
    if code.unit_tag not in {unit_tag(key, code.jti, state.values["uscc"]) for state in (unit, present)}:
        alarm_about(hub, connection, desk, "unit_tag_wrong", code)
        raise ClaimRefused("forged", "unit")
    set_unit(connection, row, case.unit)
    if case.approval != approval_hash:
        raise ClaimRefused("voided", "approval withdrawn")
    if case.erased or unit.erased or not present.open:
        raise ClaimRefused("voided", "unit")
    if code.representative_no < present.representative_no or case.lifecycle is Lifecycle.ENDED:
        raise ClaimRefused("superseded", "by a change of the unit")
    if code.representative_no > present.representative_no:
        raise ClaimRefused("forged", "representative")
    if present.suspended:
        raise ClaimRefused("voided", "unit suspended")
    if period_over(present.values, china_date(hub.clock())):
        raise ClaimRefused("unit_expired", "certificate period has ended")
    _check_lifecycle(case, code)
    if change_awaited(case, present) or is_announced(connection, desk.office, case.unit):
        return None
    if not signed_form_here(connection, ledger, case, approval_hash):
        return None
    return Facts(case, unit, approval_hash)


def is_received(connection: Connection, office: str, code: ClaimCode) -> bool:
    """Tell whether the approval that a code stands for has come in, whatever else is waited for."""
    return _approval(connection, office, code) is not None


def _check_lifecycle(case: CaseState, code: ClaimCode) -> None:
    if code.purpose not in (PURPOSE_REPLACEMENT, first_purpose(case.form)):
        raise ClaimRefused("forged", "purpose")
    if case.lifecycle is Lifecycle.CLAIMED and code.purpose != PURPOSE_REPLACEMENT:
        raise ClaimRefused("used", "already claimed")
    if case.lifecycle not in (Lifecycle.APPROVED, Lifecycle.CLAIMED):
        raise ClaimRefused("voided", "approval withdrawn")


def _approval(connection: Connection, office: str, code: ClaimCode) -> tuple[str, str, int] | None:
    prefix = code.facts.hex()
    asked = {"office": office, "first": prefix, "end": prefix + "g"}
    row = connection.execute(_APPROVAL, asked).one_or_none()
    return (row.hash, row.subject, row.position) if row else None


def _require_awaited(hub: Hub, connection: Connection, signed: Signed) -> None:
    """Nothing known of these facts: not arrived yet, rejected, or never true."""
    code, desk = signed.code, signed.desk
    table, prefix = tables.rejection, code.facts.hex()
    rejected = connection.execute(
        select(table.c.hash)
        .where(table.c.office == desk.office, table.c.hash >= prefix, table.c.hash < prefix + "g")
        .limit(1)
    ).one_or_none()
    if rejected is not None:
        raise ClaimRefused("rejected", "approval refused by the hub")
    seq, _ = chain.head(connection, desk.office, desk.device, code.device_epoch)
    if code.seq <= seq:
        alarm_about(hub, connection, desk, "facts_unknown", code)
        raise ClaimRefused("forged", "facts")
    spent = tables.redemption
    waiting = connection.execute(
        select(func.count())
        .select_from(spent)
        .where(
            spent.c.office == desk.office,
            spent.c.case.is_(None),
            spent.c.certificate.is_(None),
            spent.c.dead.is_(False),
            spent.c.deferred_until > hub.now(),
        )
    ).scalar_one()
    if waiting >= MAX_DEFERRED:
        raise ClaimRefused("busy", "too many claims await the office")
