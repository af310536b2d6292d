"""Schema 1 of the desk's database, as the code sees it (the migrations make it; a test compares).

``action`` is the only truth. ``receipt``, ``sealed`` and ``subject_key`` say what the hub answered and
hold what may be erased; everything named ``*_row`` or ``*_search`` is a projection that can be
dropped and rebuilt.
"""

from __future__ import annotations

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

NAMING = {
    "ix": "ix_%(column_0_label)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

meta = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", Text, nullable=False))

action = Table(
    "action",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=True),
    Column("id", String, nullable=False, unique=True),
    Column("hash", String, nullable=False, unique=True),
    Column("office", String, nullable=False),
    Column("subject_kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("base_version", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("kind", String, nullable=False),
    Column("at", String, nullable=False),
    Column("device", String, nullable=False),
    Column("device_epoch", Integer, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("person", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("algorithm", String, nullable=False),
    Column("signature", String, nullable=False),
    UniqueConstraint("office", "subject", "base_version", "device", "attempt", name="uq_action_version"),
    Index("ix_action_subject", "subject_kind", "subject"),
    Index("ix_action_scans", "subject", sqlite_where=text("kind = 'scan_attached'")),
    # Not unique: beside the refused end of a forked chain stands what the hub has in its place.
    Index("ix_action_chain", "device", "device_epoch", "seq"),
    sqlite_autoincrement=True,
)

receipt = Table(
    "receipt",
    metadata,
    Column("hash", String, ForeignKey("action.hash"), primary_key=True),
    Column("verdict", String, nullable=False),
    Column("position", Integer),
    Column("code", String, nullable=False),
    Column("params", Text, nullable=False),
    Column("at", String, nullable=False),
    Index("ix_receipt_position", "position"),
    Index("ix_receipt_rejected", "hash", sqlite_where=text("verdict = 'rejected'")),
)

sealed = Table(
    "sealed",
    metadata,
    Column("hash", String, ForeignKey("action.hash"), primary_key=True),
    Column("subject", String, nullable=False, index=True),
    Column("blob", LargeBinary, nullable=False),
)

subject_key = Table(
    "subject_key",
    metadata,
    Column("subject", String, primary_key=True),
    Column("key", LargeBinary, nullable=False),
)

draft = Table(
    "draft",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("subject", String, nullable=False),
    Column("person", String, nullable=False),
    Column("body", Text, nullable=False),
    Column("updated_at", String, nullable=False),
)

attachment = Table(
    "attachment",
    metadata,
    Column("scan", String, primary_key=True),
    Column("subject", String, nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("media_type", String, nullable=False),
    Column("size", Integer, nullable=False),
)

unit_row = Table(
    "unit_row",
    metadata,
    Column("rowid", Integer, primary_key=True),
    Column("unit", String, nullable=False, unique=True),
    Column("uscc", String, nullable=False, index=True),
    Column("name", String, nullable=False),
    Column("representative", String, nullable=False),
    Column("changed_at", String, nullable=False),
    Column("delivery", String, nullable=False),
)

unit_initials = Table(
    "unit_initials",
    metadata,
    Column("initials", String, primary_key=True),
    Column("rowid_of", Integer, primary_key=True),
)

case_row = Table(
    "case_row",
    metadata,
    Column("case", String, primary_key=True),
    Column("case_no", String, nullable=False, index=True),
    Column("unit", String, nullable=False, index=True),
    Column("form", String, nullable=False),
    Column("holder", String, nullable=False),
    Column("lifecycle", String, nullable=False, index=True),
    Column("delivery", String, nullable=False),
    Column("changed_at", String, nullable=False, index=True),
)

claim_row = Table(
    "claim_row",
    metadata,
    Column("claim", String, primary_key=True),
    Column("case", String, nullable=False, index=True),
    Column("jti", String, nullable=False, index=True),
    Column("issued_at", Integer, nullable=False),
)

certificate_row = Table(
    "certificate_row",
    metadata,
    Column("certificate", String, primary_key=True),
    Column("case", String, nullable=False, index=True),
    Column("issued_at", String, nullable=False),
)

change_row = Table(
    "change_row",
    metadata,
    Column("change", String, primary_key=True),
    Column("unit", String, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("stage", String, nullable=False, index=True),
    Column("filed_at", String, nullable=False),
    Column("changed_at", String, nullable=False, index=True),
    Column("delivery", String, nullable=False),
)

# Units whose certificate was ended by a change and that have none in force (已失效待重领).
reclaim_row = Table(
    "reclaim_row",
    metadata,
    Column("unit", String, primary_key=True),
    Column("reason", String, nullable=False),
    Column("since", String, nullable=False, index=True),
)

delegation_row = Table(
    "delegation_row",
    metadata,
    Column("delegation", String, primary_key=True),
    Column("unit", String, nullable=False, index=True),
)

scan_transfer = Table(
    "scan_transfer",
    metadata,
    Column("scan", String, primary_key=True),
    Column("subject", String, nullable=False, index=True),
    Column("state", String, nullable=False, index=True),
    Column("attempt", Integer, nullable=False),
    Column("done", Integer, nullable=False),
    Column("size", Integer, nullable=False),
    Column("code", String, nullable=False),
)

scan_part = Table(
    "scan_part",
    metadata,
    Column("scan", String, primary_key=True),
    Column("start", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)

# The office's log as this desk has seen it: every entry, and the signed heads it found right.
log_entry = Table(
    "log_entry",
    metadata,
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("recorded_at", String, nullable=False),
    Column("hash", String, nullable=False),
)

checkpoint = Table(
    "checkpoint",
    metadata,
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("root", String, nullable=False),
    Column("note", Text, nullable=False),
    Column("hub_time", String, nullable=False),
)

# Heads that the hub signed for what this desk pushed and has not pulled yet.
log_promise = Table(
    "log_promise",
    metadata,
    Column("size", Integer, primary_key=True, autoincrement=False),
    Column("root", String, primary_key=True),
)

# A page of the register by its action's hash: records as they travel, personal values under the page's key.
register_page = Table(
    "register_page",
    metadata,
    Column("hash", String, ForeignKey("action.hash"), primary_key=True),
    Column("records", LargeBinary, nullable=False),
)

register_private = Table(
    "register_private",
    metadata,
    Column("hash", String, ForeignKey("action.hash"), primary_key=True),
    Column("key", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

# Which rows of ``unit_row`` a listed page fills (from ``first`` on), and how many of them have search words.
register_fill = Table(
    "register_fill",
    metadata,
    Column("hash", String, primary_key=True),
    Column("first", Integer, nullable=False, unique=True),
    Column("count", Integer, nullable=False),
    Column("words", Integer, nullable=False),
    Column("delivery", String, nullable=False),
)

PROJECTIONS = (
    unit_row,
    unit_initials,
    case_row,
    claim_row,
    certificate_row,
    change_row,
    reclaim_row,
    delegation_row,
    register_fill,
)

UNIT_SEARCH_DDL = (
    "CREATE VIRTUAL TABLE unit_search USING fts5("
    "pairs, singles, content='', contentless_delete=1, tokenize='unicode61')"
)

GUARDED = {
    "register_page": ("hash",),
    "action": ("id", "hash"),
    "receipt": ("hash",),
    "sealed": ("hash",),
    "log_entry": ("position",),
    "checkpoint": ("size",),
}


def guard_names() -> list[str]:
    """Return the names of the triggers that :func:`guard_ddl` makes."""
    return [statement.split()[2] for statement in guard_ddl()]


def guard_ddl() -> list[str]:
    """Return the triggers that keep history: no update, no delete, no INSERT OR REPLACE.

    ``sealed`` may be deleted (erasure) but never changed. REPLACE would delete silently before
    inserting, so an insert that meets an existing key is refused by a trigger of its own.
    """
    statements = []
    for table, keys in GUARDED.items():
        for event in ("UPDATE",) if table == "sealed" else ("UPDATE", "DELETE"):
            statements.append(
                f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        twin = " OR ".join(f"{key} = NEW.{key}" for key in keys)
        if table == "action":
            twin += (
                " OR position = NEW.position"
                " OR (device = NEW.device AND device_epoch = NEW.device_epoch AND seq = NEW.seq"
                " AND NOT EXISTS (SELECT 1 FROM receipt"
                " WHERE receipt.hash = action.hash AND receipt.verdict = 'rejected'))"
                " OR (office = NEW.office AND subject = NEW.subject AND base_version = NEW.base_version"
                " AND device = NEW.device AND attempt = NEW.attempt)"
            )
        statements.append(
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {twin}) "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    return statements
