"""Tables of what the province vouches for: device certificates given out, ceremonies held, keys revoked."""

from __future__ import annotations

from sqlalchemy import PrimaryKeyConstraint, Table

from hub import columns as c
from hub.columns import metadata

# Every device certificate ever given out; the newest of a desk is the one with the highest number.
device_certificate = Table(
    "device_certificate",
    metadata,
    c.office(),
    c.text("device"),
    c.small("number"),
    c.prose("certificate"),
    c.prose("x509"),
    c.whole("not_after"),
    c.text("at", 32),
    PrimaryKeyConstraint("office", "device", "number"),
)

# Why and when a key was withdrawn; that it is withdrawn stands in ``device`` itself.
key_revocation = Table(
    "key_revocation",
    metadata,
    c.office(),
    c.text("device"),
    c.text("kid", 16),
    c.prose("reason"),
    c.text("at", 32),
    PrimaryKeyConstraint("office", "device"),
)

# One row a ceremony, under PROVINCE; the transcript as it was signed by the root.
ceremony = Table(
    "ceremony",
    metadata,
    c.office(),
    c.text("name"),
    c.prose("transcript"),
    c.text("at", 32),
    PrimaryKeyConstraint("office", "name"),
)
