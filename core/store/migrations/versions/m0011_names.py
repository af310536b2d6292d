"""Schema 0011: units are not kept in the order of their names any more: the list sorts them when opened."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the index."""
    op.execute("DROP INDEX ix_unit_row_name")


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
