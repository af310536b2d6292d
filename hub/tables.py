"""The hub's tables, the same on SQLite and PostgreSQL.

Every primary and unique key starts with the office, so that the tables can be partitioned by office
or county without a rewrite (store-sync.md section 9). Rows that belong to the hub itself stand under
:data:`PROVINCE`. Ids are text, moments are UTC stamps (core.clock) or whole seconds, nothing counts
by a database sequence: the feed's numbers come from a counter row.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    UniqueConstraint,
)

PROVINCE: Final = ""
"""The ``office`` of rows that are the hub's own."""

metadata = MetaData()


def _text(name: str, length: int = 64, *, null: bool = False) -> Column[str]:
    return Column(name, String(length), nullable=null)


def _whole(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, BigInteger, nullable=null)


def _office() -> Column[str]:
    return Column("office", String(64), nullable=False)


hub_setting = Table(
    "hub_setting",
    metadata,
    _office(),
    _text("name"),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("office", "name"),
)

# ``secret`` is sealed under the hub's key; ``public`` is the raw key or a PEM.
hub_key = Table(
    "hub_key",
    metadata,
    _office(),
    _text("name"),
    Column("public", LargeBinary, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    PrimaryKeyConstraint("office", "name"),
)

# --- offices and their desks -------------------------------------------------------------------

enrolment = Table(
    "enrolment",
    metadata,
    _office(),
    _text("fingerprint"),
    Column("request", LargeBinary, nullable=False),
    _text("state", 16),
    _text("device"),
    _text("founding", 64),
    Column("certificate", Text, nullable=True),
    _text("at", 32),
    PrimaryKeyConstraint("office", "fingerprint"),
)

office = Table(
    "office",
    metadata,
    _office(),
    _text("code", 16),
    Column("name", Text, nullable=False),
    Column("single_clerk", Boolean, nullable=False),
    Column("certificate", Text, nullable=False),
    _text("enrolled_at", 32),
    PrimaryKeyConstraint("office"),
    Index("office_by_code", "code"),
)

# Taken first in every writing transaction about an office: the lock that puts its feed in order.
feed_counter = Table(
    "feed_counter",
    metadata,
    _office(),
    _whole("last"),
    PrimaryKeyConstraint("office"),
)

device = Table(
    "device",
    metadata,
    _office(),
    _text("device"),
    _text("kid", 16),
    _text("algorithm", 16),
    Column("key", LargeBinary, nullable=False),
    Column("exchange_key", LargeBinary, nullable=False),
    Column("epoch", Integer, nullable=False),
    _whole("not_before"),
    _whole("not_after"),
    _whole("revoked_at", null=True),
    _whole("clock_offset"),
    PrimaryKeyConstraint("office", "device"),
    UniqueConstraint("office", "kid"),
    Index("device_by_kid", "kid"),
)

# --- the ledger --------------------------------------------------------------------------------

chain_head = Table(
    "chain_head",
    metadata,
    _office(),
    _text("device"),
    Column("epoch", Integer, nullable=False),
    _whole("seq"),
    _text("hash"),
    PrimaryKeyConstraint("office", "device", "epoch"),
)

action = Table(
    "action",
    metadata,
    _office(),
    _text("hash"),
    _text("id"),
    _whole("position"),
    _text("subject_kind", 16),
    _text("subject"),
    Column("base_version", Integer, nullable=False),
    _text("kind", 32),
    Column("body", Text, nullable=False),
    _text("algorithm", 16),
    _text("signature", 256),
    _text("recorded_at", 32),
    PrimaryKeyConstraint("office", "hash"),
    UniqueConstraint("office", "id"),
    UniqueConstraint("office", "position"),
    # The compare-and-set: one effective action for one version of one subject.
    UniqueConstraint("office", "subject_kind", "subject", "base_version"),
)

rejection = Table(
    "rejection",
    metadata,
    _office(),
    _text("hash"),
    _text("id"),
    _text("code"),
    Column("params", Text, nullable=False),
    _text("at", 32),
    PrimaryKeyConstraint("office", "hash"),
    Index("rejection_by_id", "office", "id"),
)

# Personal values, sealed under a key per subject; deleting the key is the erasure.
subject_key = Table(
    "subject_key",
    metadata,
    _office(),
    _text("subject"),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("office", "subject"),
)

private_value = Table(
    "private_value",
    metadata,
    _office(),
    _text("action_hash"),
    _text("subject"),
    Column("sealed", LargeBinary, nullable=False),
    PrimaryKeyConstraint("office", "action_hash"),
    Index("private_by_subject", "office", "subject"),
)

erasure = Table(
    "erasure",
    metadata,
    _office(),
    _text("subject"),
    _text("at", 32),
    PrimaryKeyConstraint("office", "subject"),
)

# --- projections: rebuildable from ``action`` --------------------------------------------------

unit_view = Table(
    "unit_view",
    metadata,
    _office(),
    _text("unit"),
    _text("uscc"),
    PrimaryKeyConstraint("office", "unit"),
    UniqueConstraint("office", "uscc"),
    Index("unit_by_code", "uscc"),
)

case_view = Table(
    "case_view",
    metadata,
    _office(),
    _text("case"),
    _text("unit"),
    _text("form", 32),
    _text("lifecycle", 16),
    PrimaryKeyConstraint("office", "case"),
    Index("case_by_unit", "office", "unit", "form"),
)

certificate_view = Table(
    "certificate_view",
    metadata,
    _office(),
    _text("certificate"),
    _text("case"),
    _text("unit"),
    _text("jti", 24),
    Column("void", Boolean, nullable=False),
    _whole("position"),
    Column("list", Integer, nullable=False),
    Column("slot", Integer, nullable=False),
    PrimaryKeyConstraint("office", "certificate"),
    Index("certificate_by_case", "office", "case"),
    Index("certificate_by_unit", "office", "unit"),
    Index("certificate_by_slot", "list", "slot"),
)

# --- claims ------------------------------------------------------------------------------------

# One row for every code whose signature was good, or whose minting or voiding was synced.
claim_code = Table(
    "claim_code",
    metadata,
    _office(),
    _text("jti", 24),
    _text("device"),
    Column("device_epoch", Integer, nullable=False),
    _whole("seq"),
    _text("unit", null=True),
    Column("purpose", Integer, nullable=False),
    Column("representative_no", Integer, nullable=False),
    _text("facts", 32),
    _whole("issued_at"),
    _whole("expires_at"),
    Column("tries", Integer, nullable=False),
    Column("voided", Boolean, nullable=False),
    _text("state", 16),
    _text("code"),
    _text("at", 32),
    PrimaryKeyConstraint("office", "jti"),
    Index("claim_by_unit", "office", "unit"),
    Index("claim_by_seq", "office", "device", "device_epoch", "seq"),
)

# The winner of a race is who inserts here. ``jti`` is kept for ever.
redemption = Table(
    "redemption",
    metadata,
    _office(),
    _text("jti", 24),
    _text("token"),
    Column("code", Text, nullable=False),
    _text("case", null=True),
    _whole("expires_at"),
    _whole("deferred_until", null=True),
    _text("transaction", null=True),
    Column("holder_key", Text, nullable=True),
    _text("notification", null=True),
    _text("event", 32, null=True),
    _text("certificate", null=True),
    Column("dead", Boolean, nullable=False),
    _text("at", 32),
    PrimaryKeyConstraint("office", "jti"),
    UniqueConstraint("office", "token"),
)

used_nonce = Table(
    "used_nonce",
    metadata,
    _office(),
    _text("nonce", 128),
    _whole("expires_at"),
    PrimaryKeyConstraint("office", "nonce"),
)

short_code = Table(
    "short_code",
    metadata,
    _office(),
    _text("short", 8),
    _text("jti", 24),
    Column("code", Text, nullable=False),
    _whole("expires_at"),
    PrimaryKeyConstraint("office", "short"),
)

# --- status ------------------------------------------------------------------------------------

status_list = Table(
    "status_list",
    metadata,
    _office(),
    Column("list", Integer, nullable=False),
    Column("taken", Integer, nullable=False),
    _whole("version"),
    PrimaryKeyConstraint("office", "list"),
)

status_entry = Table(
    "status_entry",
    metadata,
    _office(),
    Column("list", Integer, nullable=False),
    Column("slot", Integer, nullable=False),
    Column("status", Integer, nullable=False),
    PrimaryKeyConstraint("office", "list", "slot"),
)

# What an operator has to look at: signs of a copied key or a rolled-back desk.
alarm = Table(
    "alarm",
    metadata,
    _office(),
    _text("alarm"),
    _text("kind", 32),
    _text("device"),
    Column("params", Text, nullable=False),
    _text("at", 32),
    PrimaryKeyConstraint("office", "alarm"),
)
