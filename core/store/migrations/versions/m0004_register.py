"""Schema 0004: pages of the register, kept as they travel and never changed; their personal part apart."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_STATEMENTS = """
CREATE TABLE register_page (
    hash VARCHAR NOT NULL,
    records BLOB NOT NULL,
    CONSTRAINT pk_register_page PRIMARY KEY (hash),
    CONSTRAINT fk_register_page_hash_action FOREIGN KEY(hash) REFERENCES action (hash)
);;
CREATE TABLE register_private (
    hash VARCHAR NOT NULL,
    "key" BLOB NOT NULL,
    sealed BLOB NOT NULL,
    CONSTRAINT pk_register_private PRIMARY KEY (hash),
    CONSTRAINT fk_register_private_hash_action FOREIGN KEY(hash) REFERENCES action (hash)
);;
CREATE TABLE register_fill (
    hash VARCHAR NOT NULL,
    first INTEGER NOT NULL,
    count INTEGER NOT NULL,
    words INTEGER NOT NULL,
    delivery VARCHAR NOT NULL,
    CONSTRAINT pk_register_fill PRIMARY KEY (hash),
    CONSTRAINT uq_register_fill_first UNIQUE (first)
);;
CREATE TRIGGER register_page_no_update BEFORE UPDATE ON register_page
BEGIN SELECT RAISE(ABORT, 'register_page is append-only'); END;;
CREATE TRIGGER register_page_no_delete BEFORE DELETE ON register_page
BEGIN SELECT RAISE(ABORT, 'register_page is append-only'); END;;
CREATE TRIGGER register_page_no_replace BEFORE INSERT ON register_page
WHEN EXISTS (SELECT 1 FROM register_page WHERE hash = NEW.hash)
BEGIN SELECT RAISE(ABORT, 'register_page is append-only'); END
"""


def upgrade() -> None:
    """Make the register's tables and the guards of its pages."""
    for statement in _STATEMENTS.split(";;"):
        op.execute(statement.strip())


def downgrade() -> None:
    """An older program refuses a newer database; nothing is taken back."""
