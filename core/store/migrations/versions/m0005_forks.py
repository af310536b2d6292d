"""Schema 0005: beside the dead end of a forked chain there is room for what the hub has in its place.

Another copy of this desk may have written at the hub under numbers that this copy had used, too. What this
copy did is given up with a rejected receipt and stays; the other's actions come down the feed with the same
numbers. So a place in a chain is unique only among what was not refused.
"""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_STATEMENTS = """
CREATE TABLE action_anew (
    position INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    id VARCHAR NOT NULL,
    hash VARCHAR NOT NULL,
    office VARCHAR NOT NULL,
    subject_kind VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    base_version INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    kind VARCHAR NOT NULL,
    at VARCHAR NOT NULL,
    device VARCHAR NOT NULL,
    device_epoch INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    person VARCHAR NOT NULL,
    body TEXT NOT NULL,
    algorithm VARCHAR NOT NULL,
    signature VARCHAR NOT NULL,
    CONSTRAINT uq_action_version UNIQUE (office, subject, base_version, device, attempt),
    CONSTRAINT uq_action_id UNIQUE (id),
    CONSTRAINT uq_action_hash UNIQUE (hash)
);;
INSERT INTO action_anew SELECT position, id, hash, office, subject_kind, subject, base_version, attempt, kind,
    at, device, device_epoch, seq, person, body, algorithm, signature FROM action ORDER BY position;;
DROP TABLE action;;
ALTER TABLE action_anew RENAME TO action;;
CREATE INDEX ix_action_subject ON action (subject_kind, subject);;
CREATE INDEX ix_action_chain ON action (device, device_epoch, seq);;
CREATE TRIGGER action_no_update BEFORE UPDATE ON action
BEGIN SELECT RAISE(ABORT, 'action is append-only'); END;;
CREATE TRIGGER action_no_delete BEFORE DELETE ON action
BEGIN SELECT RAISE(ABORT, 'action is append-only'); END;;
CREATE TRIGGER action_no_replace BEFORE INSERT ON action
WHEN EXISTS (SELECT 1 FROM action WHERE id = NEW.id OR hash = NEW.hash OR position = NEW.position
  OR (device = NEW.device AND device_epoch = NEW.device_epoch AND seq = NEW.seq
  AND NOT EXISTS (SELECT 1 FROM receipt WHERE receipt.hash = action.hash AND receipt.verdict = 'rejected'))
  OR (office = NEW.office AND subject = NEW.subject AND base_version = NEW.base_version
  AND device = NEW.device AND attempt = NEW.attempt))
BEGIN SELECT RAISE(ABORT, 'action is append-only'); END
"""


def upgrade() -> None:
    """Make the table anew: SQLite cannot drop a constraint. Whoever migrates has foreign keys off."""
    for statement in _STATEMENTS.split(";;"):
        op.execute(statement.strip())


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
