"""Schema 11: phones that wait for a claim code under a short code of their own."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the index by which its old rows are found."""
    for statement in (
        """CREATE TABLE waiting_phone (
            office VARCHAR(64) NOT NULL,
            ticket VARCHAR(64) NOT NULL,
            short VARCHAR(8) NOT NULL,
            code TEXT,
            expires_at BIGINT NOT NULL,
            PRIMARY KEY (office, ticket),
            UNIQUE (office, short)
        )""",
        "CREATE INDEX waiting_phone_by_end ON waiting_phone (expires_at)",
    ):
        op.execute(statement)


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
