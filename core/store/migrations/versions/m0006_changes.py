"""Schema 0006: lists of life-cycle changes and of units whose certificate waits to be claimed again."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_STATEMENTS = """
CREATE TABLE change_row (
    change VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    stage VARCHAR NOT NULL,
    filed_at VARCHAR NOT NULL,
    changed_at VARCHAR NOT NULL,
    delivery VARCHAR NOT NULL,
    CONSTRAINT pk_change_row PRIMARY KEY (change)
);;
CREATE INDEX ix_change_row_unit ON change_row (unit);;
CREATE INDEX ix_change_row_stage ON change_row (stage);;
CREATE INDEX ix_change_row_changed_at ON change_row (changed_at);;
CREATE TABLE reclaim_row (
    unit VARCHAR NOT NULL,
    reason VARCHAR NOT NULL,
    since VARCHAR NOT NULL,
    CONSTRAINT pk_reclaim_row PRIMARY KEY (unit)
);;
CREATE INDEX ix_reclaim_row_since ON reclaim_row (since)
"""


def upgrade() -> None:
    """Make two projections; no record of an earlier release has anything to show in them."""
    for statement in _STATEMENTS.split(";;"):
        op.execute(statement.strip())


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
