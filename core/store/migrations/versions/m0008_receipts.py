"""Schema 0008: what the hub refused, and how much it has, is found without reading every receipt."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two indexes."""
    op.execute("CREATE INDEX ix_receipt_position ON receipt (position)")
    op.execute("CREATE INDEX ix_receipt_rejected ON receipt (hash) WHERE verdict = 'rejected'")


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
