"""The table of what is suspended ahead of the facts: by a claim code, or by a signed change sent first."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, PrimaryKeyConstraint, String, Table

from hub.tables import metadata

# A row stands while a unit's certificates are suspended because of this code, or, ``ahead``, because of
# a change whose hash ``jti`` begins; the history of it is in the hub's own actions.
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
    Column("ahead", Boolean, nullable=False),
    Column("at", String(32), nullable=False),
    PrimaryKeyConstraint("office", "jti"),
)
