"""The table of phones that wait for a claim code, each under a short code that its page shows."""

from __future__ import annotations

from sqlalchemy import Index, PrimaryKeyConstraint, Table, UniqueConstraint

from hub import columns as c
from hub.columns import metadata

# Nobody knows yet which office a phone stands at, so all rows are the province's. ``ticket`` is a hash; the
# secret itself is only in the page that waits. ``code`` is the claim code that a desk sent, once.
waiting_phone = Table(
    "waiting_phone",
    metadata,
    c.office(),
    c.text("ticket"),
    c.text("short", 8),
    c.prose("code", null=True),
    c.whole("expires_at"),
    PrimaryKeyConstraint("office", "ticket"),
    UniqueConstraint("office", "short"),
    Index("waiting_phone_by_end", "expires_at"),
)
