"""The tables of an office's register, as far as it came in pages."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from hub.tables import metadata

# A page by its action's hash: records as they came; personal lines sealed under the page's own key, which
# lies among the subjects' keys.
register_page = Table(
    "register_page",
    metadata,
    Column("office", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("records", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("office", "hash"),
)

# One row a unit, rebuildable from the pages: ``page`` is the page's place in the feed, ``line`` counts from
# 0, ``record`` is the unit's line as the page says it; ``uscc`` is its present code, also once corrected.
register_unit = Table(
    "register_unit",
    metadata,
    Column("office", String(64), nullable=False),
    Column("unit", String(64), nullable=False),
    Column("uscc", String(64), nullable=False),
    Column("page", BigInteger, nullable=False),
    Column("line", Integer, nullable=False),
    Column("record", Text, nullable=False),
    PrimaryKeyConstraint("office", "unit"),
    UniqueConstraint("office", "uscc"),
    Index("register_unit_by_code", "uscc"),
)
