"""Schema 0002: the office's log as this desk has seen it, and the signed heads it keeps."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE log_entry (
    position INTEGER NOT NULL,
    recorded_at VARCHAR NOT NULL,
    hash VARCHAR NOT NULL,
    CONSTRAINT pk_log_entry PRIMARY KEY (position)
);;
CREATE TABLE checkpoint (
    size INTEGER NOT NULL,
    root VARCHAR NOT NULL,
    note TEXT NOT NULL,
    hub_time VARCHAR NOT NULL,
    CONSTRAINT pk_checkpoint PRIMARY KEY (size)
);;
CREATE TABLE log_promise (
    size INTEGER NOT NULL,
    root VARCHAR NOT NULL,
    CONSTRAINT pk_log_promise PRIMARY KEY (size, root)
);;
CREATE TRIGGER log_entry_no_update BEFORE UPDATE ON log_entry
BEGIN SELECT RAISE(ABORT, 'log_entry is append-only'); END;;
CREATE TRIGGER log_entry_no_delete BEFORE DELETE ON log_entry
BEGIN SELECT RAISE(ABORT, 'log_entry is append-only'); END;;
CREATE TRIGGER log_entry_no_replace BEFORE INSERT ON log_entry
WHEN EXISTS (SELECT 1 FROM log_entry WHERE position = NEW.position)
BEGIN SELECT RAISE(ABORT, 'log_entry is append-only'); END;;
CREATE TRIGGER checkpoint_no_update BEFORE UPDATE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'checkpoint is append-only'); END;;
CREATE TRIGGER checkpoint_no_delete BEFORE DELETE ON checkpoint
BEGIN SELECT RAISE(ABORT, 'checkpoint is append-only'); END;;
CREATE TRIGGER checkpoint_no_replace BEFORE INSERT ON checkpoint
WHEN EXISTS (SELECT 1 FROM checkpoint WHERE size = NEW.size)
BEGIN SELECT RAISE(ABORT, 'checkpoint is append-only'); END
"""


def upgrade() -> None:
    """Make the tables; the first sync fetches the feed again to fill them."""
    for statement in _TABLES.split(";;"):
        op.execute(statement.strip())


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
