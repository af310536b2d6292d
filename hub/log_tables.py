"""Tables of the tamper-evident record: one Merkle tree per office, and who has witnessed it.

The tree's leaves are the office's accepted actions in the order of its feed; they are read from
``action`` and not kept twice. Tiles hold hashes only. See docs/log.md.
"""

from __future__ import annotations

from sqlalchemy import (
    PrimaryKeyConstraint,
    Table,
)

from hub import columns as c
from hub.columns import metadata

# ``edge`` is the compact range of the whole tree (core.tlog.merkle), ``note`` the signed checkpoint.
log_tree = Table(
    "log_tree",
    metadata,
    c.office(),
    c.whole("size"),
    c.prose("edge"),
    c.prose("note"),
    PrimaryKeyConstraint("office"),
)

# Level 0 has full tiles only (its open end is derived from ``action``); above it the last tile grows.
log_tile = Table(
    "log_tile",
    metadata,
    c.office(),
    c.small("level"),
    c.whole("tile"),
    c.blob("hashes"),
    PrimaryKeyConstraint("office", "level", "tile"),
)

# ``note`` is the hub's signed checkpoint with the desk's cosignature line below the hub's.
log_cosignature = Table(
    "log_cosignature",
    metadata,
    c.office(),
    c.text("device"),
    c.whole("size"),
    c.prose("note"),
    c.text("at", 32),
    PrimaryKeyConstraint("office", "device", "size"),
)
