"""The hub's tables, the same on SQLite and PostgreSQL.

Every primary and unique key starts with the office, so that the tables can be partitioned by office
or county without a rewrite (store-sync.md section 9). Rows that belong to the hub itself stand under
:data:`PROVINCE`. Ids are text, moments are UTC stamps (core.clock) or whole seconds, nothing counts
by a database sequence: the feed's numbers come from a counter row.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    Index,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)

from hub import columns as c
from hub.columns import metadata

PROVINCE: Final = ""
"""The ``office`` of rows that are the hub's own."""

hub_setting = Table(
    "hub_setting",
    metadata,
    c.office(),
    c.text("name"),
    c.prose("value"),
    PrimaryKeyConstraint("office", "name"),
)

# ``secret`` is sealed under the hub's key; ``public`` is the raw key or a PEM.
hub_key = Table(
    "hub_key",
    metadata,
    c.office(),
    c.text("name"),
    c.blob("public"),
    c.blob("secret"),
    PrimaryKeyConstraint("office", "name"),
)

# --- offices and their desks -------------------------------------------------------------------

enrolment = Table(
    "enrolment",
    metadata,
    c.office(),
    c.text("fingerprint"),
    c.blob("request"),
    c.text("state", 16),
    c.text("device"),
    c.text("founding", 64),
    c.prose("certificate", null=True),
    c.text("at", 32),
    PrimaryKeyConstraint("office", "fingerprint"),
)

office = Table(
    "office",
    metadata,
    c.office(),
    c.text("code", 16),
    c.prose("name"),
    c.flag("single_clerk"),
    c.prose("certificate"),
    c.text("enrolled_at", 32),
    PrimaryKeyConstraint("office"),
    Index("office_by_code", "code"),
)

# Taken first in every writing transaction about an office: the lock that puts its feed in order.
feed_counter = Table(
    "feed_counter",
    metadata,
    c.office(),
    c.whole("last"),
    PrimaryKeyConstraint("office"),
)

device = Table(
    "device",
    metadata,
    c.office(),
    c.text("device"),
    c.text("kid", 16),
    c.text("algorithm", 16),
    c.blob("key"),
    c.blob("exchange_key"),
    c.small("epoch"),
    c.whole("not_before"),
    c.whole("not_after"),
    c.whole("revoked_at", null=True),
    c.whole("clock_offset"),
    PrimaryKeyConstraint("office", "device"),
    UniqueConstraint("office", "kid"),
    Index("device_by_kid", "kid"),
)

# --- the ledger --------------------------------------------------------------------------------

chain_head = Table(
    "chain_head",
    metadata,
    c.office(),
    c.text("device"),
    c.small("epoch"),
    c.whole("seq"),
    c.text("hash"),
    PrimaryKeyConstraint("office", "device", "epoch"),
)

action = Table(
    "action",
    metadata,
    c.office(),
    c.text("hash"),
    c.text("id"),
    c.whole("position"),
    c.text("subject_kind", 16),
    c.text("subject"),
    c.small("base_version"),
    c.text("kind", 32),
    c.prose("body"),
    c.text("algorithm", 16),
    c.text("signature", 256),
    c.text("recorded_at", 32),
    PrimaryKeyConstraint("office", "hash"),
    UniqueConstraint("office", "id"),
    UniqueConstraint("office", "position"),
    # The compare-and-set: one effective action for one version of one subject.
    UniqueConstraint("office", "subject_kind", "subject", "base_version"),
)

rejection = Table(
    "rejection",
    metadata,
    c.office(),
    c.text("hash"),
    c.text("id"),
    c.text("code"),
    c.prose("params"),
    c.text("at", 32),
    PrimaryKeyConstraint("office", "hash"),
    Index("rejection_by_id", "office", "id"),
)

# Personal values, sealed under a key per subject; deleting the key is the erasure.
subject_key = Table(
    "subject_key",
    metadata,
    c.office(),
    c.text("subject"),
    c.blob("sealed"),
    PrimaryKeyConstraint("office", "subject"),
)

private_value = Table(
    "private_value",
    metadata,
    c.office(),
    c.text("action_hash"),
    c.text("subject"),
    c.blob("sealed"),
    PrimaryKeyConstraint("office", "action_hash"),
    Index("private_by_subject", "office", "subject"),
)

erasure = Table(
    "erasure",
    metadata,
    c.office(),
    c.text("subject"),
    c.text("at", 32),
    PrimaryKeyConstraint("office", "subject"),
)

# --- projections: rebuildable from ``action`` --------------------------------------------------

unit_view = Table(
    "unit_view",
    metadata,
    c.office(),
    c.text("unit"),
    c.text("uscc"),
    PrimaryKeyConstraint("office", "unit"),
    Index("unit_by_code", "uscc", "office"),  # not unique: a unit may have come back under its own code
)

case_view = Table(
    "case_view",
    metadata,
    c.office(),
    c.text("case"),
    c.text("unit"),
    c.text("form", 32),
    c.text("lifecycle", 16),
    PrimaryKeyConstraint("office", "case"),
    Index("case_by_unit", "office", "unit", "form"),
)

certificate_view = Table(
    "certificate_view",
    metadata,
    c.office(),
    c.text("certificate"),
    c.text("case"),
    c.text("unit"),
    c.text("jti", 24),
    c.flag("void"),
    c.whole("position"),
    c.small("list"),
    c.small("slot"),
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
    c.office(),
    c.text("jti", 24),
    c.text("device"),
    c.small("device_epoch"),
    c.whole("seq"),
    c.text("unit", null=True),
    c.small("purpose"),
    c.small("representative_no"),
    c.text("facts", 32),
    c.whole("issued_at"),
    c.whole("expires_at"),
    c.small("tries"),
    c.flag("voided"),
    c.text("state", 16),
    c.text("code"),
    c.text("at", 32),
    PrimaryKeyConstraint("office", "jti"),
    Index("claim_by_unit", "office", "unit"),
    Index("claim_by_seq", "office", "device", "device_epoch", "seq"),
)

# The winner of a race is who inserts here. ``jti`` is kept for ever.
redemption = Table(
    "redemption",
    metadata,
    c.office(),
    c.text("jti", 24),
    c.text("token"),
    c.prose("code"),
    c.text("case", null=True),
    c.whole("expires_at"),
    c.whole("deferred_until", null=True),
    c.text("transaction", null=True),
    c.prose("holder_key", null=True),
    c.text("notification", null=True),
    c.text("event", 32, null=True),
    c.text("certificate", null=True),
    c.flag("dead"),
    c.text("at", 32),
    PrimaryKeyConstraint("office", "jti"),
    UniqueConstraint("office", "token"),
)

used_nonce = Table(
    "used_nonce",
    metadata,
    c.office(),
    c.text("nonce", 128),
    c.whole("expires_at"),
    PrimaryKeyConstraint("office", "nonce"),
    Index("nonce_by_end", "office", "expires_at"),
)

short_code = Table(
    "short_code",
    metadata,
    c.office(),
    c.text("short", 8),
    c.text("jti", 24),
    c.prose("code"),
    c.whole("expires_at"),
    PrimaryKeyConstraint("office", "short"),
)

# --- status ------------------------------------------------------------------------------------

status_list = Table(
    "status_list",
    metadata,
    c.office(),
    c.small("list"),
    c.small("taken"),
    c.whole("version"),
    PrimaryKeyConstraint("office", "list"),
)

status_entry = Table(
    "status_entry",
    metadata,
    c.office(),
    c.small("list"),
    c.small("slot"),
    c.small("status"),
    PrimaryKeyConstraint("office", "list", "slot"),
)

# What an operator has to look at: signs of a copied key or a rolled-back desk.
alarm = Table(
    "alarm",
    metadata,
    c.office(),
    c.text("alarm"),
    c.text("kind", 32),
    c.text("device"),
    c.prose("params"),
    c.text("at", 32),
    PrimaryKeyConstraint("office", "alarm"),
)
