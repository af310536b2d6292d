"""Schema 4: device certificates, revocations with their reasons, ceremonies."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables of trust. The keys themselves are made when the hub is opened: they need its key."""
    op.execute(
        """CREATE TABLE device_certificate (
            office VARCHAR(64) NOT NULL,
            device VARCHAR(64) NOT NULL,
            number INTEGER NOT NULL,
            certificate TEXT NOT NULL,
            x509 TEXT NOT NULL,
            not_after BIGINT NOT NULL,
            at VARCHAR(32) NOT NULL,
            PRIMARY KEY (office, device, number)
        )"""
    )
    op.execute(
        """CREATE TABLE key_revocation (
            office VARCHAR(64) NOT NULL,
            device VARCHAR(64) NOT NULL,
            kid VARCHAR(16) NOT NULL,
            reason TEXT NOT NULL,
            at VARCHAR(32) NOT NULL,
            PRIMARY KEY (office, device)
        )"""
    )
    op.execute(
        """CREATE TABLE ceremony (
            office VARCHAR(64) NOT NULL,
            name VARCHAR(64) NOT NULL,
            transcript TEXT NOT NULL,
            at VARCHAR(32) NOT NULL,
            PRIMARY KEY (office, name)
        )"""
    )


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
