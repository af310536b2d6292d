"""The table of phones that wait for a claim code, each under a short code that its page shows."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, PrimaryKeyConstraint, String, Table, Text, UniqueConstraint

from hub.tables import metadata

# Nobody knows yet which office a phone stands at, so all rows are the province's. ``ticket`` is a hash; the
# secret itself is only in the page that waits. ``code`` is the claim code that a desk sent, once.
waiting_phone = Table(
    "waiting_phone",
    metadata,
    Column("office", String(64), nullable=False),
    Column("ticket", String(64), nullable=False),
    Column("short", String(8), nullable=False),
    Column("code", Text, nullable=True),
    Column("expires_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("office", "ticket"),
    UniqueConstraint("office", "short"),
    Index("waiting_phone_by_end", "expires_at"),
)
