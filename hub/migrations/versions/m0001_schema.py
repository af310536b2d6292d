"""Schema 1: the hub's tables of the first release, whose databases carry no revision.

Frozen: written out in full, so that later changes of ``hub.tables`` cannot change what schema 1 was.
``BINARY`` is the one word that SQLite and PostgreSQL spell differently.
"""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE hub_setting (
    office VARCHAR(64) NOT NULL,
    name VARCHAR(64) NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (office, name)
);;
CREATE TABLE hub_key (
    office VARCHAR(64) NOT NULL,
    name VARCHAR(64) NOT NULL,
    public BINARY NOT NULL,
    secret BINARY NOT NULL,
    PRIMARY KEY (office, name)
);;
CREATE TABLE enrolment (
    office VARCHAR(64) NOT NULL,
    fingerprint VARCHAR(64) NOT NULL,
    request BINARY NOT NULL,
    state VARCHAR(16) NOT NULL,
    device VARCHAR(64) NOT NULL,
    founding VARCHAR(64) NOT NULL,
    certificate TEXT,
    at VARCHAR(32) NOT NULL,
    PRIMARY KEY (office, fingerprint)
);;
CREATE TABLE office (
    office VARCHAR(64) NOT NULL,
    code VARCHAR(16) NOT NULL,
    name TEXT NOT NULL,
    single_clerk BOOLEAN NOT NULL,
    certificate TEXT NOT NULL,
    enrolled_at VARCHAR(32) NOT NULL,
    PRIMARY KEY (office)
);;
CREATE INDEX office_by_code ON office (code);;
CREATE TABLE feed_counter (
    office VARCHAR(64) NOT NULL,
    last BIGINT NOT NULL,
    PRIMARY KEY (office)
);;
CREATE TABLE device (
    office VARCHAR(64) NOT NULL,
    device VARCHAR(64) NOT NULL,
    kid VARCHAR(16) NOT NULL,
    algorithm VARCHAR(16) NOT NULL,
    "key" BINARY NOT NULL,
    exchange_key BINARY NOT NULL,
    epoch INTEGER NOT NULL,
    not_before BIGINT NOT NULL,
    not_after BIGINT NOT NULL,
    revoked_at BIGINT,
    clock_offset BIGINT NOT NULL,
    PRIMARY KEY (office, device),
    UNIQUE (office, kid)
);;
CREATE INDEX device_by_kid ON device (kid);;
CREATE TABLE chain_head (
    office VARCHAR(64) NOT NULL,
    device VARCHAR(64) NOT NULL,
    epoch INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    hash VARCHAR(64) NOT NULL,
    PRIMARY KEY (office, device, epoch)
);;
CREATE TABLE action (
    office VARCHAR(64) NOT NULL,
    hash VARCHAR(64) NOT NULL,
    id VARCHAR(64) NOT NULL,
    position BIGINT NOT NULL,
    subject_kind VARCHAR(16) NOT NULL,
    subject VARCHAR(64) NOT NULL,
    base_version INTEGER NOT NULL,
    kind VARCHAR(32) NOT NULL,
    body TEXT NOT NULL,
    algorithm VARCHAR(16) NOT NULL,
    signature VARCHAR(256) NOT NULL,
    recorded_at VARCHAR(32) NOT NULL,
    PRIMARY KEY (office, hash),
    UNIQUE (office, id),
    UNIQUE (office, position),
    UNIQUE (office, subject_kind, subject, base_version)
);;
CREATE TABLE rejection (
    office VARCHAR(64) NOT NULL,
    hash VARCHAR(64) NOT NULL,
    id VARCHAR(64) NOT NULL,
    code VARCHAR(64) NOT NULL,
    params TEXT NOT NULL,
    at VARCHAR(32) NOT NULL,
    PRIMARY KEY (office, hash)
);;
CREATE INDEX rejection_by_id ON rejection (office, id);;
CREATE TABLE subject_key (
    office VARCHAR(64) NOT NULL,
    subject VARCHAR(64) NOT NULL,
    sealed BINARY NOT NULL,
    PRIMARY KEY (office, subject)
);;
CREATE TABLE private_value (
    office VARCHAR(64) NOT NULL,
    action_hash VARCHAR(64) NOT NULL,
    subject VARCHAR(64) NOT NULL,
    sealed BINARY NOT NULL,
    PRIMARY KEY (office, action_hash)
);;
CREATE INDEX private_by_subject ON private_value (office, subject);;
CREATE TABLE erasure (
    office VARCHAR(64) NOT NULL,
    subject VARCHAR(64) NOT NULL,
    at VARCHAR(32) NOT NULL,
    PRIMARY KEY (office, subject)
);;
CREATE TABLE unit_view (
    office VARCHAR(64) NOT NULL,
    unit VARCHAR(64) NOT NULL,
    uscc VARCHAR(64) NOT NULL,
    PRIMARY KEY (office, unit),
    UNIQUE (office, uscc)
);;
CREATE TABLE case_view (
    office VARCHAR(64) NOT NULL,
    "case" VARCHAR(64) NOT NULL,
    unit VARCHAR(64) NOT NULL,
    form VARCHAR(32) NOT NULL,
    lifecycle VARCHAR(16) NOT NULL,
    PRIMARY KEY (office, "case")
);;
CREATE INDEX case_by_unit ON case_view (office, unit, form);;
CREATE TABLE certificate_view (
    office VARCHAR(64) NOT NULL,
    certificate VARCHAR(64) NOT NULL,
    "case" VARCHAR(64) NOT NULL,
    unit VARCHAR(64) NOT NULL,
    jti VARCHAR(24) NOT NULL,
    void BOOLEAN NOT NULL,
    position BIGINT NOT NULL,
    list INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    PRIMARY KEY (office, certificate)
);;
CREATE INDEX certificate_by_case ON certificate_view (office, "case");;
CREATE INDEX certificate_by_unit ON certificate_view (office, unit);;
CREATE TABLE claim_code (
    office VARCHAR(64) NOT NULL,
    jti VARCHAR(24) NOT NULL,
    device VARCHAR(64) NOT NULL,
    device_epoch INTEGER NOT NULL,
    seq BIGINT NOT NULL,
    unit VARCHAR(64),
    purpose INTEGER NOT NULL,
    representative_no INTEGER NOT NULL,
    facts VARCHAR(32) NOT NULL,
    issued_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    tries INTEGER NOT NULL,
    voided BOOLEAN NOT NULL,
    state VARCHAR(16) NOT NULL,
    code VARCHAR(64) NOT NULL,
    at VARCHAR(32) NOT NULL,
    PRIMARY KEY (office, jti)
);;
CREATE INDEX claim_by_seq ON claim_code (office, device, device_epoch, seq);;
CREATE INDEX claim_by_unit ON claim_code (office, unit);;
CREATE TABLE redemption (
    office VARCHAR(64) NOT NULL,
    jti VARCHAR(24) NOT NULL,
    token VARCHAR(64) NOT NULL,
    code TEXT NOT NULL,
    "case" VARCHAR(64),
    expires_at BIGINT NOT NULL,
    deferred_until BIGINT,
    "transaction" VARCHAR(64),
    holder_key TEXT,
    notification VARCHAR(64),
    event VARCHAR(32),
    certificate VARCHAR(64),
    dead BOOLEAN NOT NULL,
    at VARCHAR(32) NOT NULL,
    PRIMARY KEY (office, jti),
    UNIQUE (office, token)
);;
CREATE TABLE used_nonce (
    office VARCHAR(64) NOT NULL,
    nonce VARCHAR(128) NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (office, nonce)
);;
CREATE TABLE short_code (
    office VARCHAR(64) NOT NULL,
    short VARCHAR(8) NOT NULL,
    jti VARCHAR(24) NOT NULL,
    code TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (office, short)
);;
CREATE TABLE status_list (
    office VARCHAR(64) NOT NULL,
    list INTEGER NOT NULL,
    taken INTEGER NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (office, list)
);;
CREATE TABLE status_entry (
    office VARCHAR(64) NOT NULL,
    list INTEGER NOT NULL,
    slot INTEGER NOT NULL,
    status INTEGER NOT NULL,
    PRIMARY KEY (office, list, slot)
);;
CREATE TABLE alarm (
    office VARCHAR(64) NOT NULL,
    alarm VARCHAR(64) NOT NULL,
    kind VARCHAR(32) NOT NULL,
    device VARCHAR(64) NOT NULL,
    params TEXT NOT NULL,
    at VARCHAR(32) NOT NULL,
    PRIMARY KEY (office, alarm)
)
"""


def upgrade() -> None:
    """Create schema 1."""
    binary = "BLOB" if op.get_bind().dialect.name == "sqlite" else "BYTEA"
    for statement in _TABLES.replace("BINARY", binary).split(";;"):
        op.execute(statement.strip())


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
