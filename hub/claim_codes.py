"""The rows of claim codes: what was seen, tried, voided, and how far a claim has come.

A code gets a row when its signature was found good (or its minting was synced); nothing that anybody
else sends can fill this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, or_, select, update

from core.claims.code import PURPOSE_REPLACEMENT, ClaimCode
from core.records.model import Action
from hub import tables
from hub.alarms import raise_alarm
from hub.desks import Desk
from hub.engine import insert_new
from hub.setup import Hub

TRIES = 5
NUMBER_USED_TWICE = "number_used_twice"
_BEFORE_PIN = ("waiting", "scanned", "pin_wrong", "refused")

_TABLE = tables.claim_code
_MINE = (_TABLE.c.office == bindparam("of"), _TABLE.c.jti == bindparam("code_jti"))
_ROW, _CHANGE = select(_TABLE).where(*_MINE), update(_TABLE).where(*_MINE)
_NEWER = (
    select(_TABLE.c.jti)
    .where(
        _TABLE.c.office == bindparam("of"),
        or_(_TABLE.c.facts == bindparam("same_facts"), _TABLE.c.unit == bindparam("same_unit")),
        _TABLE.c.jti != bindparam("code_jti"),
        _TABLE.c.representative_no == bindparam("number"),
        or_(_TABLE.c.purpose == bindparam("same_purpose"), _TABLE.c.purpose == PURPOSE_REPLACEMENT),
        or_(
            _TABLE.c.issued_at > bindparam("since"),
            and_(
                _TABLE.c.issued_at == bindparam("since"),
                _TABLE.c.device_epoch == bindparam("epoch"),
                _TABLE.c.seq > bindparam("after"),
            ),
        ),
    )
    .limit(1)
)
_COPIED = (
    select(_TABLE.c.jti)
    .where(
        _TABLE.c.office == bindparam("of"),
        _TABLE.c.device == bindparam("by"),
        _TABLE.c.device_epoch == bindparam("epoch"),
        _TABLE.c.seq == bindparam("number"),
        _TABLE.c.facts != bindparam("own_facts"),
    )
    .limit(1)
)


@dataclass(frozen=True)
class CodeRow:
    """A code's row as it stood when this transaction read it."""

    office: str
    jti: str
    tries: int
    voided: bool
    state: str
    unit: str | None


def see(hub: Hub, connection: Connection, code: ClaimCode, desk: Desk) -> CodeRow:
    """Return the row of a validly signed code, made at first sight."""
    table, jti = tables.claim_code, code.jti.hex()
    fresh = {
        "office": desk.office,
        "jti": jti,
        "device": desk.device,
        "device_epoch": code.device_epoch,
        "seq": code.seq,
        "unit": None,
        "purpose": code.purpose,
        "representative_no": code.representative_no,
        "facts": code.facts.hex(),
        "issued_at": code.issued_at,
        "expires_at": code.expires_at,
        "tries": 0,
        "voided": False,
        "state": "waiting",
        "code": "",
        "at": hub.stamp(),
    }
    insert_new(connection, table, fresh)
    return get_row(connection, desk.office, jti)


def get_row(connection: Connection, office: str, jti: str) -> CodeRow:
    """Return a code's row; it must be there."""
    row = connection.execute(_ROW, {"of": office, "code_jti": jti}).one()
    return CodeRow(row.office, row.jti, row.tries, row.voided, row.state, row.unit)


def set_state(
    hub: Hub, connection: Connection, row: CodeRow, state: str, code: str = "", **more: Any
) -> None:
    """Write how far a claim has come, for the desk's live view."""
    values = {"state": state, "code": code, "at": hub.stamp(), **more}
    connection.execute(_CHANGE, {"of": row.office, "code_jti": row.jti, **values})


def note_refused(hub: Hub, connection: Connection, row: CodeRow, word: str) -> None:
    """Show the desk that a code was refused; a claim that went further is left as it is."""
    if row.state in _BEFORE_PIN:
        set_state(hub, connection, row, "refused", word)


def set_unit(connection: Connection, row: CodeRow, unit: str) -> None:
    """Note which unit a code turned out to be for."""
    if row.unit != unit:
        table = tables.claim_code
        connection.execute(
            update(table).where(table.c.office == row.office, table.c.jti == row.jti).values(unit=unit)
        )


def newer_exists(connection: Connection, office: str, code: ClaimCode, unit: str | None) -> bool:
    """Tell whether a newer code for the same unit, purpose and representative has been seen.

    A newer replacement makes an older first code refused as well: it was made because that one failed.
    """
    asked = {
        "of": office,
        "code_jti": code.jti.hex(),
        "same_facts": code.facts.hex(),
        "same_unit": unit,  # none is equal to no other
        "number": code.representative_no,
        "same_purpose": code.purpose,
        "since": code.issued_at,
        "epoch": code.device_epoch,
        "after": code.seq,
    }
    return connection.execute(_NEWER, asked).one_or_none() is not None


def copied_key(connection: Connection, office: str, code: ClaimCode, device: str) -> bool:
    """Tell whether this desk signed another code with the same number but other facts."""
    asked = {
        "of": office,
        "by": device,
        "epoch": code.device_epoch,
        "number": code.seq,
        "own_facts": code.facts.hex(),
    }
    return connection.execute(_COPIED, asked).one_or_none() is not None


def alarm_about(hub: Hub, connection: Connection, desk: Desk, kind: str, code: ClaimCode) -> None:
    """Leave a sign for the operator that a key may be copied or a desk rolled back."""
    params = {"jti": code.jti.hex(), "seq": code.seq, "device_epoch": code.device_epoch}
    raise_alarm(connection, desk.office, desk.device, kind, params, hub.stamp())


def alarm_if_copied(connection: Connection, action: Action, at: str) -> None:
    """Leave a sign if another code bears the number of this minting: then it came from a copied key."""
    mine = (
        _TABLE.c.office == action.office,
        _TABLE.c.device == action.device,
        _TABLE.c.device_epoch == action.device_epoch,
        _TABLE.c.seq == action.seq,
        _TABLE.c.jti != action.public["jti"],
    )
    for jti in connection.execute(select(_TABLE.c.jti).where(*mine)).scalars():
        params = {"jti": jti, "seq": action.seq, "device_epoch": action.device_epoch}
        raise_alarm(connection, action.office, action.device, NUMBER_USED_TWICE, params, at)
