"""Schema 5: pages of the register, and a row for each of their units."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE register_page (
    office VARCHAR(64) NOT NULL,
    hash VARCHAR(64) NOT NULL,
    records BINARY NOT NULL,
    sealed BINARY NOT NULL,
    PRIMARY KEY (office, hash)
);;
CREATE TABLE register_unit (
    office VARCHAR(64) NOT NULL,
    unit VARCHAR(64) NOT NULL,
    uscc VARCHAR(64) NOT NULL,
    page BIGINT NOT NULL,
    line INTEGER NOT NULL,
    record TEXT NOT NULL,
    PRIMARY KEY (office, unit),
    UNIQUE (office, uscc)
)
"""


def upgrade() -> None:
    """Make the register's tables."""
    binary = "BYTEA" if op.get_bind().dialect.name == "postgresql" else "BLOB"
    for statement in _TABLES.split(";;"):
        op.execute(statement.strip().replace("BINARY", binary))


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
