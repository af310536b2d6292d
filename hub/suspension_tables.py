"""The table of what is suspended ahead of the facts: by a claim code, or by a signed change sent first."""

from __future__ import annotations

from sqlalchemy import PrimaryKeyConstraint, Table

from hub import columns as c
from hub.columns import metadata

# A row stands while a unit's certificates are suspended because of this code, or, ``ahead``, because of
# a change whose hash ``jti`` begins; the history of it is in the hub's own actions.
suspension = Table(
    "suspension",
    metadata,
    c.office(),
    c.text("jti", 24),
    c.text("unit"),
    c.text("device"),
    c.small("device_epoch"),
    c.whole("seq"),
    c.small("representative_no"),
    c.flag("ahead"),
    c.text("at", 32),
    PrimaryKeyConstraint("office", "jti"),
)
