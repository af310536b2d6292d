"""Tables of the tamper-evident record: one Merkle tree per office, and who has witnessed it.

The tree's leaves are the office's accepted actions in the order of its feed; they are read from
``action`` and not kept twice. Tiles hold hashes only. See docs/log.md.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from hub.tables import metadata

# ``edge`` is the compact range of the whole tree (core.tlog.merkle), ``note`` the signed checkpoint.
log_tree = Table(
    "log_tree",
    metadata,
    Column("office", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("edge", Text, nullable=False),
    Column("note", Text, nullable=False),
    PrimaryKeyConstraint("office"),
)

# Level 0 has full tiles only (its open end is derived from ``action``); above it the last tile grows.
log_tile = Table(
    "log_tile",
    metadata,
    Column("office", String(64), nullable=False),
    Column("level", Integer, nullable=False),
    Column("tile", BigInteger, nullable=False),
    Column("hashes", LargeBinary, nullable=False),
    PrimaryKeyConstraint("office", "level", "tile"),
)

# ``note`` is the hub's signed checkpoint with the desk's cosignature line below the hub's.
log_cosignature = Table(
    "log_cosignature",
    metadata,
    Column("office", String(64), nullable=False),
    Column("device", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("at", String(32), nullable=False),
    PrimaryKeyConstraint("office", "device", "size"),
)
