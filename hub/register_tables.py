"""The tables of an office's register, as far as it came in pages."""

from __future__ import annotations

from sqlalchemy import (
    Index,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from hub import columns as c
from hub.columns import metadata

# A page by its action's hash: records as they came; personal lines sealed under the page's own key, which
# lies among the subjects' keys.
register_page = Table(
    "register_page",
    metadata,
    c.office(),
    c.text("hash"),
    c.blob("records"),
    c.blob("sealed"),
    PrimaryKeyConstraint("office", "hash"),
)

# One row a unit, rebuildable from the pages: ``page`` is the page's place in the feed, ``line`` counts from
# 0; ``uscc`` is its present code, also once corrected.
register_unit = Table(
    "register_unit",
    metadata,
    c.office(),
    c.text("unit"),
    c.text("uscc"),
    c.whole("page"),
    c.small("line"),
    PrimaryKeyConstraint("office", "unit"),
    UniqueConstraint("office", "uscc"),
    Index("register_unit_by_code", "uscc"),
)
