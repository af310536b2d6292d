"""The table of what a claim code has suspended until the facts it spoke of arrive."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, String, Table

from hub.tables import metadata

# A row stands while a unit's certificates are suspended because of this code; the history of it is in the
# hub's own actions.
suspension = Table(
    "suspension",
    metadata,
    Column("office", String(64), nullable=False),
    Column("jti", String(24), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("device", String(64), nullable=False),
    Column("device_epoch", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("representative_no", Integer, nullable=False),
    Column("at", String(32), nullable=False),
    PrimaryKeyConstraint("office", "jti"),
)
