"""Schema 6: what suspending a certificate needs."""

from __future__ import annotations

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this revision needs."""


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
