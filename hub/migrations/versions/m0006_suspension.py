"""Schema 6: what suspending a certificate needs."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add what a claim code has suspended until the office's facts arrive."""
    op.execute(
        """CREATE TABLE suspension (
            office VARCHAR(64) NOT NULL,
            jti VARCHAR(24) NOT NULL,
            unit VARCHAR(64) NOT NULL,
            device VARCHAR(64) NOT NULL,
            device_epoch INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            representative_no INTEGER NOT NULL,
            at VARCHAR(32) NOT NULL,
            PRIMARY KEY (office, jti)
        )"""
    )


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
