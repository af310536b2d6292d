"""Schema 4: the province's root and its keys."""

from __future__ import annotations

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what this revision needs."""


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
