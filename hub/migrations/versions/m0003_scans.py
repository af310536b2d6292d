"""Schema 3: scans that travel in chunks."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE scan (
    office VARCHAR(64) NOT NULL,
    scan VARCHAR(64) NOT NULL,
    subject VARCHAR(64) NOT NULL,
    state VARCHAR(16) NOT NULL,
    attempt INTEGER NOT NULL,
    size BIGINT NOT NULL,
    have BIGINT NOT NULL,
    at VARCHAR(32) NOT NULL,
    PRIMARY KEY (office, scan)
);;
CREATE INDEX scan_by_subject ON scan (office, subject);;
CREATE TABLE scan_part (
    office VARCHAR(64) NOT NULL,
    scan VARCHAR(64) NOT NULL,
    start BIGINT NOT NULL,
    size INTEGER NOT NULL,
    sealed BINARY NOT NULL,
    PRIMARY KEY (office, scan, start)
);;
CREATE TABLE scan_usage (
    office VARCHAR(64) NOT NULL,
    held BIGINT NOT NULL,
    partial BIGINT NOT NULL,
    PRIMARY KEY (office)
);;
CREATE TABLE desk_protocol (
    office VARCHAR(64) NOT NULL,
    device VARCHAR(64) NOT NULL,
    protocol INTEGER NOT NULL,
    PRIMARY KEY (office, device)
)
"""


def upgrade() -> None:
    """Make the tables of the scans' lane."""
    binary = "BYTEA" if op.get_bind().dialect.name == "postgresql" else "BLOB"
    for statement in _TABLES.split(";;"):
        op.execute(statement.strip().replace("BINARY", binary))


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
