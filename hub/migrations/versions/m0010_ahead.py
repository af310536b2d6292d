"""Schema 10: a change sent ahead of the facts suspends as a claim code does."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_COLUMNS = "office, jti, unit, device, device_epoch, seq, representative_no"


def upgrade() -> None:
    """Tell the two apart; what is there was said by codes."""
    op.execute(
        """CREATE TABLE suspension_anew (
            office VARCHAR(64) NOT NULL,
            jti VARCHAR(24) NOT NULL,
            unit VARCHAR(64) NOT NULL,
            device VARCHAR(64) NOT NULL,
            device_epoch INTEGER NOT NULL,
            seq BIGINT NOT NULL,
            representative_no INTEGER NOT NULL,
            ahead BOOLEAN NOT NULL,
            at VARCHAR(32) NOT NULL,
            PRIMARY KEY (office, jti)
        )"""
    )
    op.execute(f"INSERT INTO suspension_anew SELECT {_COLUMNS}, false, at FROM suspension")
    op.execute("DROP TABLE suspension")
    op.execute("ALTER TABLE suspension_anew RENAME TO suspension")


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
