"""Schema 14: an index leads to what is past its time, in the province and for each department."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes, two of them anew."""
    for statement in (
        "DROP INDEX shown_by_end",
        "DROP INDEX party_request_by_end",
        "CREATE INDEX shown_by_end ON shown_presentation (office, expires_at)",
        "CREATE INDEX party_request_by_end ON party_request (office, party, expires_at)",
        "CREATE INDEX nonce_by_end ON used_nonce (office, expires_at)",
    ):
        op.execute(statement)


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
