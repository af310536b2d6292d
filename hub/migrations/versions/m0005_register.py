"""Schema 5: pages of the register."""

from __future__ import annotations

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this revision needs."""


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
