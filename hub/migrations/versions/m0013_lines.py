"""Schema 13: a unit of a page has its line in the page alone, no second time in its row."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop the copy."""
    op.execute("ALTER TABLE register_unit DROP COLUMN record")


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
