"""Schema 0003: how far each scan got on its own lane, and the parts of those on their way here."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE scan_transfer (
    scan VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    state VARCHAR NOT NULL,
    attempt INTEGER NOT NULL,
    done INTEGER NOT NULL,
    size INTEGER NOT NULL,
    code VARCHAR NOT NULL,
    CONSTRAINT pk_scan_transfer PRIMARY KEY (scan)
);;
CREATE INDEX ix_scan_transfer_subject ON scan_transfer (subject);;
CREATE INDEX ix_scan_transfer_state ON scan_transfer (state);;
INSERT INTO scan_transfer SELECT scan, subject, 'open', 0, 0, size, '' FROM attachment;;
CREATE TABLE scan_part (
    scan VARCHAR NOT NULL,
    start INTEGER NOT NULL,
    data BLOB NOT NULL,
    CONSTRAINT pk_scan_part PRIMARY KEY (scan, start)
)
"""


def upgrade() -> None:
    """Make the tables of the scans' lane; what was scanned before waits to be sent."""
    for statement in _TABLES.split(";;"):
        op.execute(statement.strip())
