"""What a hub has decided about authorisations: settings of the province, with the program's defaults."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from typing import Any, Final

from sqlalchemy import Connection, select, update

from core.errors import UserError
from core.records.delegations import LAPSE, RENEW, Limits
from hub import tables
from hub.engine import insert_new
from hub.tables import PROVINCE

ON_MANAGER_CHANGE: Final = "delegation_on_manager_change"
"""What becomes of a unit's delegations when a new certificate follows one of the same representative."""

_PREFIX = "delegation_"
_MOST = {"managers": 100, "users": 1000, "days": 3660}


def read_limits(connection: Connection) -> Limits:
    """Return the limits as they are set."""
    kept = _kept(connection)
    limits = Limits()
    for field in fields(Limits):
        text = kept.get(_PREFIX + field.name)
        if text is not None:
            value: Any = text == "yes" if field.type == "bool" else int(text)
            limits = replace(limits, **{field.name: value})
    return limits


def on_manager_change(connection: Connection) -> str:
    """Return :data:`LAPSE` or :data:`RENEW`."""
    return _kept(connection).get(ON_MANAGER_CHANGE, LAPSE)


def set_limits(connection: Connection, limits: Limits) -> None:
    """Set the limits; what stands already stays. Raises ``UserError('limit_wrong', name, most)``."""
    for name, most in _MOST.items():
        if not 0 <= getattr(limits, name) <= most:
            raise UserError("limit_wrong", name=name, most=most)
    for name, value in asdict(limits).items():
        text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
        _keep(connection, _PREFIX + name, text)


def set_on_manager_change(connection: Connection, effect: str) -> None:
    """Choose the effect. Raises ``UserError('limit_wrong')`` for any other word."""
    if effect not in (LAPSE, RENEW):
        raise UserError("limit_wrong", name="on_manager_change", most=0)
    _keep(connection, ON_MANAGER_CHANGE, effect)


def _kept(connection: Connection) -> dict[str, str]:
    table = tables.hub_setting
    query = select(table.c.name, table.c.value)
    rows = connection.execute(query.where(table.c.office == PROVINCE, table.c.name.like(f"{_PREFIX}%")))
    return {str(row.name): str(row.value) for row in rows}


def _keep(connection: Connection, name: str, value: str) -> None:
    table = tables.hub_setting
    if not insert_new(connection, table, {"office": PROVINCE, "name": name, "value": value}):
        place = (table.c.office == PROVINCE, table.c.name == name)
        connection.execute(update(table).where(*place).values(value=value))
