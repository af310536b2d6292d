"""Schema 7: where refused actions stood, and which of them were settled."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the places; what was refused before has none and stops nothing."""
    op.execute(
        """CREATE TABLE refused_action (
            office VARCHAR(64) NOT NULL,
            hash VARCHAR(64) NOT NULL,
            device VARCHAR(64) NOT NULL,
            device_epoch INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            subject_kind VARCHAR(16) NOT NULL,
            subject VARCHAR(64) NOT NULL,
            base_version BIGINT NOT NULL,
            settled BOOLEAN NOT NULL,
            PRIMARY KEY (office, hash)
        )"""
    )
    op.execute(
        "CREATE INDEX refused_action_by_subject ON refused_action (office, device, subject_kind, subject)"
    )


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
