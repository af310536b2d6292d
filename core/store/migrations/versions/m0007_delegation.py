"""Schema 0007: which authorisations hang below which unit's certificate, for the unit's page."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the projection; no authorisation can have come down the feed before."""
    op.execute(
        "CREATE TABLE delegation_row (delegation VARCHAR NOT NULL, unit VARCHAR NOT NULL,"
        " CONSTRAINT pk_delegation_row PRIMARY KEY (delegation))"
    )
    op.execute("CREATE INDEX ix_delegation_row_unit ON delegation_row (unit)")
