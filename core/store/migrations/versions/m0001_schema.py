"""Schema 1: actions, receipts, sealed values, drafts, attachments, projections.

Frozen: written out in full, so that later changes of ``core.store.tables`` cannot change what
schema 1 was.
"""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None

_TABLES = """
CREATE TABLE action (
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
    CONSTRAINT uq_action_chain UNIQUE (device, device_epoch, seq),
    CONSTRAINT uq_action_id UNIQUE (id),
    CONSTRAINT uq_action_hash UNIQUE (hash)
);;
CREATE INDEX ix_action_subject ON action (subject_kind, subject);;
CREATE TABLE attachment (
    scan VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    media_type VARCHAR NOT NULL,
    size INTEGER NOT NULL,
    CONSTRAINT pk_attachment PRIMARY KEY (scan)
);;
CREATE INDEX ix_attachment_subject ON attachment (subject);;
CREATE TABLE blind_index (
    subject VARCHAR NOT NULL,
    field VARCHAR NOT NULL,
    tag BLOB NOT NULL,
    CONSTRAINT pk_blind_index PRIMARY KEY (subject, field)
);;
CREATE INDEX ix_blind_index_tag ON blind_index (tag);;
CREATE TABLE case_row (
    "case" VARCHAR NOT NULL,
    case_no VARCHAR NOT NULL,
    unit VARCHAR NOT NULL,
    form VARCHAR NOT NULL,
    holder VARCHAR NOT NULL,
    lifecycle VARCHAR NOT NULL,
    delivery VARCHAR NOT NULL,
    changed_at VARCHAR NOT NULL,
    CONSTRAINT pk_case_row PRIMARY KEY ("case")
);;
CREATE INDEX ix_case_row_case_no ON case_row (case_no);;
CREATE INDEX ix_case_row_changed_at ON case_row (changed_at);;
CREATE INDEX ix_case_row_lifecycle ON case_row (lifecycle);;
CREATE INDEX ix_case_row_unit ON case_row (unit);;
CREATE TABLE certificate_row (
    certificate VARCHAR NOT NULL,
    "case" VARCHAR NOT NULL,
    issued_at VARCHAR NOT NULL,
    CONSTRAINT pk_certificate_row PRIMARY KEY (certificate)
);;
CREATE INDEX ix_certificate_row_case ON certificate_row ("case");;
CREATE TABLE claim_row (
    claim VARCHAR NOT NULL,
    "case" VARCHAR NOT NULL,
    jti VARCHAR NOT NULL,
    issued_at INTEGER NOT NULL,
    CONSTRAINT pk_claim_row PRIMARY KEY (claim)
);;
CREATE INDEX ix_claim_row_case ON claim_row ("case");;
CREATE INDEX ix_claim_row_jti ON claim_row (jti);;
CREATE TABLE draft (
    id VARCHAR NOT NULL,
    kind VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    person VARCHAR NOT NULL,
    body TEXT NOT NULL,
    updated_at VARCHAR NOT NULL,
    CONSTRAINT pk_draft PRIMARY KEY (id)
);;
CREATE TABLE meta (
    "key" VARCHAR NOT NULL,
    value TEXT NOT NULL,
    CONSTRAINT pk_meta PRIMARY KEY ("key")
);;
CREATE TABLE subject_key (
    subject VARCHAR NOT NULL,
    "key" BLOB NOT NULL,
    CONSTRAINT pk_subject_key PRIMARY KEY (subject)
);;
CREATE TABLE unit_initials (
    initials VARCHAR NOT NULL,
    rowid_of INTEGER NOT NULL,
    CONSTRAINT pk_unit_initials PRIMARY KEY (initials, rowid_of)
);;
CREATE TABLE unit_row (
    rowid INTEGER NOT NULL,
    unit VARCHAR NOT NULL,
    uscc VARCHAR NOT NULL,
    name VARCHAR NOT NULL,
    representative VARCHAR NOT NULL,
    changed_at VARCHAR NOT NULL,
    delivery VARCHAR NOT NULL,
    CONSTRAINT pk_unit_row PRIMARY KEY (rowid),
    CONSTRAINT uq_unit_row_unit UNIQUE (unit)
);;
CREATE INDEX ix_unit_row_name ON unit_row (name);;
CREATE INDEX ix_unit_row_uscc ON unit_row (uscc);;
CREATE TABLE receipt (
    hash VARCHAR NOT NULL,
    verdict VARCHAR NOT NULL,
    position INTEGER,
    code VARCHAR NOT NULL,
    params TEXT NOT NULL,
    at VARCHAR NOT NULL,
    CONSTRAINT pk_receipt PRIMARY KEY (hash),
    CONSTRAINT fk_receipt_hash_action FOREIGN KEY(hash) REFERENCES action (hash)
);;
CREATE TABLE sealed (
    hash VARCHAR NOT NULL,
    subject VARCHAR NOT NULL,
    blob BLOB NOT NULL,
    CONSTRAINT pk_sealed PRIMARY KEY (hash),
    CONSTRAINT fk_sealed_hash_action FOREIGN KEY(hash) REFERENCES action (hash)
);;
CREATE INDEX ix_sealed_subject ON sealed (subject);;
CREATE VIRTUAL TABLE unit_search USING fts5(
    pairs, singles, content='', contentless_delete=1, tokenize='unicode61')
"""

_GUARDS = """
CREATE TRIGGER action_no_update BEFORE UPDATE ON action
BEGIN SELECT RAISE(ABORT, 'action is append-only'); END;;
CREATE TRIGGER action_no_delete BEFORE DELETE ON action
BEGIN SELECT RAISE(ABORT, 'action is append-only'); END;;
CREATE TRIGGER action_no_replace BEFORE INSERT ON action
WHEN EXISTS (SELECT 1 FROM action WHERE id = NEW.id OR hash = NEW.hash OR position = NEW.position
  OR (device = NEW.device AND device_epoch = NEW.device_epoch AND seq = NEW.seq)
  OR (office = NEW.office AND subject = NEW.subject AND base_version = NEW.base_version
  AND device = NEW.device AND attempt = NEW.attempt))
BEGIN SELECT RAISE(ABORT, 'action is append-only'); END;;
CREATE TRIGGER receipt_no_update BEFORE UPDATE ON receipt
BEGIN SELECT RAISE(ABORT, 'receipt is append-only'); END;;
CREATE TRIGGER receipt_no_delete BEFORE DELETE ON receipt
BEGIN SELECT RAISE(ABORT, 'receipt is append-only'); END;;
CREATE TRIGGER receipt_no_replace BEFORE INSERT ON receipt
WHEN EXISTS (SELECT 1 FROM receipt WHERE hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'receipt is append-only'); END;;
CREATE TRIGGER sealed_no_update BEFORE UPDATE ON sealed
BEGIN SELECT RAISE(ABORT, 'sealed is append-only'); END;;
CREATE TRIGGER sealed_no_replace BEFORE INSERT ON sealed
WHEN EXISTS (SELECT 1 FROM sealed WHERE hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'sealed is append-only'); END
"""


def upgrade() -> None:
    """Create schema 1."""
    for script in (_TABLES, _GUARDS):
        for statement in script.split(";;"):
            if statement.strip():
                op.execute(statement.strip())
