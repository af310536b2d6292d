"""Tables of the authorisations below certificates: lookups, offers to phones, and what phones show."""

from __future__ import annotations

from sqlalchemy import (
    Index,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from hub import columns as c
from hub.columns import metadata

# A projection, rebuildable from ``action``. ``list`` and ``slot`` are empty until a phone has claimed it.
delegation_view = Table(
    "delegation_view",
    metadata,
    c.office(),
    c.text("delegation"),
    c.text("certificate"),
    c.flag("ended"),
    c.small("list", null=True),
    c.small("slot", null=True),
    PrimaryKeyConstraint("office", "delegation"),
    Index("delegation_by_certificate", "office", "certificate"),
    Index("delegation_by_slot", "list", "slot"),
)

# The one offer that stands for a delegation; a new one takes its place. ``code`` and ``token`` are hashes.
delegation_offer = Table(
    "delegation_offer",
    metadata,
    c.office(),
    c.text("delegation"),
    c.text("code"),
    c.small("tries"),
    c.whole("expires_at"),
    c.text("token", null=True),
    c.whole("token_expires_at", null=True),
    c.text("notification", null=True),
    c.text("event", 32, null=True),
    PrimaryKeyConstraint("office", "delegation"),
    UniqueConstraint("office", "token"),
    Index("delegation_offer_by_code", "code"),
)

# Presentations on their way from a phone to whoever scans its code, for two minutes. ``ref`` is a hash; the
# reference itself, which only the code holds, is what the presentation is sealed under.
shown_presentation = Table(
    "shown_presentation",
    metadata,
    c.office(),
    c.text("ref"),
    c.blob("sealed"),
    c.whole("expires_at"),
    PrimaryKeyConstraint("office", "ref"),
    Index("shown_by_end", "office", "expires_at"),
)
