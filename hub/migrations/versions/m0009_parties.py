"""Schema 9: relying departments, the use list, reach, scenarios; units by code, certificates by place."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_STATEMENTS = """
CREATE TABLE party (
    office VARCHAR(64) NOT NULL,
    party VARCHAR(64) NOT NULL,
    version INTEGER NOT NULL,
    profile TEXT NOT NULL,
    signed TEXT NOT NULL,
    added_at VARCHAR(32) NOT NULL,
    disabled_at VARCHAR(32),
    PRIMARY KEY (office, party, version)
);;
CREATE TABLE party_budget (
    office VARCHAR(64) NOT NULL,
    party VARCHAR(64) NOT NULL,
    function VARCHAR(16) NOT NULL,
    minute BIGINT NOT NULL,
    minute_used INTEGER NOT NULL,
    day BIGINT NOT NULL,
    day_used INTEGER NOT NULL,
    PRIMARY KEY (office, party, function)
);;
CREATE TABLE party_request (
    office VARCHAR(64) NOT NULL,
    party VARCHAR(64) NOT NULL,
    jti VARCHAR(64) NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (office, party, jti)
);;
CREATE INDEX party_request_by_end ON party_request (expires_at);;
CREATE TABLE use_record (
    office VARCHAR(64) NOT NULL,
    use VARCHAR(64) NOT NULL,
    at VARCHAR(32) NOT NULL,
    party VARCHAR(64) NOT NULL,
    version INTEGER NOT NULL,
    purpose VARCHAR(64) NOT NULL,
    function VARCHAR(16) NOT NULL,
    unit VARCHAR(64),
    reference VARCHAR(64),
    serial VARCHAR(64) NOT NULL,
    operator VARCHAR(64) NOT NULL,
    operator_salt VARCHAR(32) NOT NULL,
    operator_digest VARCHAR(64) NOT NULL,
    answer VARCHAR(16) NOT NULL,
    reasons TEXT NOT NULL,
    reason BINARY NOT NULL,
    PRIMARY KEY (office, use)
);;
CREATE INDEX use_by_party ON use_record (party, at);;
CREATE INDEX use_by_reference ON use_record (party, reference);;
CREATE INDEX use_by_time ON use_record (office, at);;
CREATE INDEX use_by_unit ON use_record (office, unit, at);;
CREATE TABLE holding (
    office VARCHAR(64) NOT NULL,
    holder_kind VARCHAR(16) NOT NULL,
    holder VARCHAR(64) NOT NULL,
    as_of BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (office, holder_kind, holder)
);;
CREATE TABLE scenario (
    office VARCHAR(64) NOT NULL,
    code VARCHAR(16) NOT NULL,
    name TEXT NOT NULL,
    department TEXT NOT NULL,
    steps TEXT NOT NULL,
    removed BOOLEAN NOT NULL,
    at VARCHAR(32) NOT NULL,
    PRIMARY KEY (office, code)
);;
CREATE INDEX unit_by_code ON unit_view (uscc);;
CREATE INDEX register_unit_by_code ON register_unit (uscc)
"""


def upgrade() -> None:
    """Make the tables, and the indexes by which a verification finds its way."""
    binary = "BYTEA" if op.get_bind().dialect.name == "postgresql" else "BLOB"
    for statement in _STATEMENTS.split(";;"):
        op.execute(statement.strip().replace("BINARY", binary))


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
