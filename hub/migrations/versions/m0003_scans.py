"""Schema 3: scans that travel in chunks."""

from __future__ import annotations

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this revision needs."""


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
