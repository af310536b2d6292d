"""Tables of the scans' own lane: how far each scan has come, its sealed parts, what an office may hold.

Beside ``hub.tables`` so that the lane can be read, and one day moved to another store, by itself.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, PrimaryKeyConstraint, String, Table

from hub.tables import metadata

# ``state``: partial (``have`` of ``size`` bytes), there (whole and equal to what was signed), refused (wrong
# too often). ``attempt`` counts from 0 and goes up when a whole scan was wrong and its parts were dropped.
scan = Table(
    "scan",
    metadata,
    Column("office", String(64), nullable=False),
    Column("scan", String(64), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("have", BigInteger, nullable=False),
    Column("at", String(32), nullable=False),
    PrimaryKeyConstraint("office", "scan"),
    Index("scan_by_subject", "office", "subject"),
)

# Sealed under the subject's key: what destroys that key destroys the scan.
scan_part = Table(
    "scan_part",
    metadata,
    Column("office", String(64), nullable=False),
    Column("scan", String(64), nullable=False),
    Column("start", BigInteger, nullable=False),
    Column("size", Integer, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("office", "scan", "start"),
)

# Bytes held for an office, and how many of them belong to scans that are not whole yet.
scan_usage = Table(
    "scan_usage",
    metadata,
    Column("office", String(64), nullable=False),
    Column("held", BigInteger, nullable=False),
    Column("partial", BigInteger, nullable=False),
    PrimaryKeyConstraint("office"),
)

# The highest protocol a desk has ever spoken: one that spoke 2 sends its scans, whatever it says later.
desk_protocol = Table(
    "desk_protocol",
    metadata,
    Column("office", String(64), nullable=False),
    Column("device", String(64), nullable=False),
    Column("protocol", Integer, nullable=False),
    PrimaryKeyConstraint("office", "device"),
)
