"""Schema 0009: scans are found among all actions without reading these."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add an index."""
    op.execute("CREATE INDEX ix_action_scans ON action (subject) WHERE kind = 'scan_attached'")


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
