"""The tables of relying departments (用证部门): registry, budgets, use list, reach, scenarios.

Rows of the province stand under :data:`hub.tables.PROVINCE`; a line of the use list stands under the
office of the unit it is about, so that an office's list is its own.
"""

from __future__ import annotations

from sqlalchemy import (
    Index,
    PrimaryKeyConstraint,
    Table,
)

from hub import columns as c
from hub.columns import metadata

# Every version of a department's profile is kept: the use list says which one was asked under.
party = Table(
    "party",
    metadata,
    c.office(),
    c.text("party"),
    c.small("version"),
    c.prose("profile"),
    c.prose("signed"),
    c.text("added_at", 32),
    c.text("disabled_at", 32, null=True),
    PrimaryKeyConstraint("office", "party", "version"),
)

# ``minute`` and ``day`` are the windows that were counted last; another one starts at nothing.
party_budget = Table(
    "party_budget",
    metadata,
    c.office(),
    c.text("party"),
    c.text("function", 16),
    c.whole("minute"),
    c.small("minute_used"),
    c.whole("day"),
    c.small("day_used"),
    PrimaryKeyConstraint("office", "party", "function"),
)

# Requests that were answered, until they would be stale anyway.
party_request = Table(
    "party_request",
    metadata,
    c.office(),
    c.text("party"),
    c.text("jti"),
    c.whole("expires_at"),
    PrimaryKeyConstraint("office", "party", "jti"),
    Index("party_request_by_end", "office", "party", "expires_at"),
)

# 用证清单: one line a request and no certificate data. Who operated is masked and committed to; the reason,
# which is free text, lies sealed.
use_record = Table(
    "use_record",
    metadata,
    c.office(),
    c.text("use"),
    c.text("at", 32),
    c.text("party"),
    c.small("version"),
    c.text("purpose"),
    c.text("function", 16),
    c.text("unit", null=True),
    c.text("reference", null=True),
    c.text("serial"),
    c.text("operator"),
    c.text("operator_salt", 32),
    c.text("operator_digest"),
    c.text("answer", 16),
    c.prose("reasons"),
    c.blob("reason"),
    PrimaryKeyConstraint("office", "use"),
    Index("use_by_time", "office", "at"),
    Index("use_by_unit", "office", "unit", "at"),
    Index("use_by_party", "party", "at"),
    Index("use_by_reference", "party", "reference"),
)

# Who was given status lists, as of when and usable until when: the newest gift of each holder.
holding = Table(
    "holding",
    metadata,
    c.office(),
    c.text("holder_kind", 16),
    c.text("holder"),
    c.whole("as_of"),
    c.whole("expires_at"),
    PrimaryKeyConstraint("office", "holder_kind", "holder"),
)

# What the province changed of the scenario list that ships with the program (应用场景清单).
scenario = Table(
    "scenario",
    metadata,
    c.office(),
    c.text("code", 16),
    c.prose("name"),
    c.prose("department"),
    c.prose("steps"),
    c.flag("removed"),
    c.text("at", 32),
    PrimaryKeyConstraint("office", "code"),
)
