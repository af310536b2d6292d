"""Schema 2: the log over each office's actions."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE log_tree (
    office VARCHAR(64) NOT NULL,
    size BIGINT NOT NULL,
    edge TEXT NOT NULL,
    note TEXT NOT NULL,
    PRIMARY KEY (office)
);;
CREATE TABLE log_tile (
    office VARCHAR(64) NOT NULL,
    level INTEGER NOT NULL,
    tile BIGINT NOT NULL,
    hashes BINARY NOT NULL,
    PRIMARY KEY (office, level, tile)
);;
CREATE TABLE log_cosignature (
    office VARCHAR(64) NOT NULL,
    device VARCHAR(64) NOT NULL,
    size BIGINT NOT NULL,
    note TEXT NOT NULL,
    at VARCHAR(32) NOT NULL,
    PRIMARY KEY (office, device, size)
)
"""


def upgrade() -> None:
    """Make the log's tables; the hub fills them from its actions when it is served (hub.log.catch_up)."""
    binary = "BYTEA" if op.get_bind().dialect.name == "postgresql" else "BLOB"
    for statement in _TABLES.split(";;"):
        op.execute(statement.strip().replace("BINARY", binary))


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
