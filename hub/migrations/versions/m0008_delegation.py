"""Schema 8: authorisations below a certificate, and presentations that phones show."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_BYTES = {"sqlite": "BLOB", "postgresql": "BYTEA"}


def upgrade() -> None:
    """Add the lookups of delegations, their offers, shown presentations, and the way back from a status."""
    sealed = _BYTES[op.get_bind().dialect.name]
    for statement in (
        """CREATE TABLE delegation_view (
            office VARCHAR(64) NOT NULL,
            delegation VARCHAR(64) NOT NULL,
            certificate VARCHAR(64) NOT NULL,
            ended BOOLEAN NOT NULL,
            list INTEGER,
            slot INTEGER,
            PRIMARY KEY (office, delegation)
        )""",
        "CREATE INDEX delegation_by_certificate ON delegation_view (office, certificate)",
        "CREATE INDEX delegation_by_slot ON delegation_view (list, slot)",
        """CREATE TABLE delegation_offer (
            office VARCHAR(64) NOT NULL,
            delegation VARCHAR(64) NOT NULL,
            code VARCHAR(64) NOT NULL,
            tries INTEGER NOT NULL,
            expires_at BIGINT NOT NULL,
            token VARCHAR(64),
            token_expires_at BIGINT,
            notification VARCHAR(64),
            event VARCHAR(32),
            PRIMARY KEY (office, delegation),
            UNIQUE (office, token)
        )""",
        "CREATE INDEX delegation_offer_by_code ON delegation_offer (code)",
        f"""CREATE TABLE shown_presentation (
            office VARCHAR(64) NOT NULL,
            ref VARCHAR(64) NOT NULL,
            sealed {sealed} NOT NULL,
            expires_at BIGINT NOT NULL,
            PRIMARY KEY (office, ref)
        )""",
        "CREATE INDEX shown_by_end ON shown_presentation (expires_at)",
        "CREATE INDEX certificate_by_slot ON certificate_view (list, slot)",
    ):
        op.execute(statement)


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
