"""Schema 0010: the table for finding covered values, and its key, go: nothing was ever looked up by them."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Drop both."""
    op.execute("DROP TABLE blind_index")
    op.execute("DELETE FROM meta WHERE key = 'blind_key'")


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
