"""Tables of the authorisations below certificates: lookups, offers to phones, and what phones show."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    UniqueConstraint,
)

from hub.tables import metadata

# A projection, rebuildable from ``action``. ``list`` and ``slot`` are empty until a phone has claimed it.
delegation_view = Table(
    "delegation_view",
    metadata,
    Column("office", String(64), nullable=False),
    Column("delegation", String(64), nullable=False),
    Column("certificate", String(64), nullable=False),
    Column("ended", Boolean, nullable=False),
    Column("list", Integer, nullable=True),
    Column("slot", Integer, nullable=True),
    PrimaryKeyConstraint("office", "delegation"),
    Index("delegation_by_certificate", "office", "certificate"),
    Index("delegation_by_slot", "list", "slot"),
)

# The one offer that stands for a delegation; a new one takes its place. ``code`` and ``token`` are hashes.
delegation_offer = Table(
    "delegation_offer",
    metadata,
    Column("office", String(64), nullable=False),
    Column("delegation", String(64), nullable=False),
    Column("code", String(64), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("token", String(64), nullable=True),
    Column("token_expires_at", BigInteger, nullable=True),
    Column("notification", String(64), nullable=True),
    Column("event", String(32), nullable=True),
    PrimaryKeyConstraint("office", "delegation"),
    UniqueConstraint("office", "token"),
    Index("delegation_offer_by_code", "code"),
)

# Presentations on their way from a phone to whoever scans its code, for two minutes. ``ref`` is a hash; the
# reference itself, which only the code holds, is what the presentation is sealed under.
shown_presentation = Table(
    "shown_presentation",
    metadata,
    Column("office", String(64), nullable=False),
    Column("ref", String(64), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("office", "ref"),
    Index("shown_by_end", "expires_at"),
)
