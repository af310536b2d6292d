"""Tables of what the province vouches for: device certificates given out, ceremonies held, keys revoked."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, PrimaryKeyConstraint, String, Table, Text

from hub.tables import metadata

# Every device certificate ever given out; the newest of a desk is the one with the highest number.
device_certificate = Table(
    "device_certificate",
    metadata,
    Column("office", String(64), nullable=False),
    Column("device", String(64), nullable=False),
    Column("number", Integer, nullable=False),
    Column("certificate", Text, nullable=False),
    Column("x509", Text, nullable=False),
    Column("not_after", BigInteger, nullable=False),
    Column("at", String(32), nullable=False),
    PrimaryKeyConstraint("office", "device", "number"),
)

# Why and when a key was withdrawn; that it is withdrawn stands in ``device`` itself.
key_revocation = Table(
    "key_revocation",
    metadata,
    Column("office", String(64), nullable=False),
    Column("device", String(64), nullable=False),
    Column("kid", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", String(32), nullable=False),
    PrimaryKeyConstraint("office", "device"),
)

# One row a ceremony, under PROVINCE; the transcript as it was signed by the root.
ceremony = Table(
    "ceremony",
    metadata,
    Column("office", String(64), nullable=False),
    Column("name", String(64), nullable=False),
    Column("transcript", Text, nullable=False),
    Column("at", String(32), nullable=False),
    PrimaryKeyConstraint("office", "name"),
)
