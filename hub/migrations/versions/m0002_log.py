"""Schema 2: the log over each office's actions."""

from __future__ import annotations

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this revision needs."""


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
