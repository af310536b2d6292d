"""Tables of the scans' own lane: how far each scan has come, its sealed parts, what an office may hold.

Beside ``hub.tables`` so that the lane can be read, and one day moved to another store, by itself.
"""

from __future__ import annotations

from sqlalchemy import Index, PrimaryKeyConstraint, Table

from hub import columns as c
from hub.columns import metadata

# ``state``: partial (``have`` of ``size`` bytes), there (whole and equal to what was signed), refused (wrong
# too often). ``attempt`` counts from 0 and goes up when a whole scan was wrong and its parts were dropped.
scan = Table(
    "scan",
    metadata,
    c.office(),
    c.text("scan"),
    c.text("subject"),
    c.text("state", 16),
    c.small("attempt"),
    c.whole("size"),
    c.whole("have"),
    c.text("at", 32),
    PrimaryKeyConstraint("office", "scan"),
    Index("scan_by_subject", "office", "subject"),
)

# Sealed under the subject's key: what destroys that key destroys the scan.
scan_part = Table(
    "scan_part",
    metadata,
    c.office(),
    c.text("scan"),
    c.whole("start"),
    c.small("size"),
    c.blob("sealed"),
    PrimaryKeyConstraint("office", "scan", "start"),
)

# Bytes held for an office, and how many of them belong to scans that are not whole yet.
scan_usage = Table(
    "scan_usage",
    metadata,
    c.office(),
    c.whole("held"),
    c.whole("partial"),
    PrimaryKeyConstraint("office"),
)

# The highest protocol a desk has ever spoken: one that spoke 2 sends its scans, whatever it says later.
desk_protocol = Table(
    "desk_protocol",
    metadata,
    c.office(),
    c.text("device"),
    c.small("protocol"),
    PrimaryKeyConstraint("office", "device"),
)
