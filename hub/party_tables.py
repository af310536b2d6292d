"""The tables of relying departments (用证部门): registry, budgets, use list, reach, scenarios.

Rows of the province stand under :data:`hub.tables.PROVINCE`; a line of the use list stands under the
office of the unit it is about, so that an office's list is its own.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)

from hub.tables import metadata

# Every version of a department's profile is kept: the use list says which one was asked under.
party = Table(
    "party",
    metadata,
    Column("office", String(64), nullable=False),
    Column("party", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("profile", Text, nullable=False),
    Column("signed", Text, nullable=False),
    Column("added_at", String(32), nullable=False),
    Column("disabled_at", String(32), nullable=True),
    PrimaryKeyConstraint("office", "party", "version"),
)

# ``minute`` and ``day`` are the windows that were counted last; another one starts at nothing.
party_budget = Table(
    "party_budget",
    metadata,
    Column("office", String(64), nullable=False),
    Column("party", String(64), nullable=False),
    Column("function", String(16), nullable=False),
    Column("minute", BigInteger, nullable=False),
    Column("minute_used", Integer, nullable=False),
    Column("day", BigInteger, nullable=False),
    Column("day_used", Integer, nullable=False),
    PrimaryKeyConstraint("office", "party", "function"),
)

# Requests that were answered, until they would be stale anyway.
party_request = Table(
    "party_request",
    metadata,
    Column("office", String(64), nullable=False),
    Column("party", String(64), nullable=False),
    Column("jti", String(64), nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("office", "party", "jti"),
    Index("party_request_by_end", "expires_at"),
)

# 用证清单: one line a request and no certificate data. Who operated is masked and committed to; the reason,
# which is free text, lies sealed.
use_record = Table(
    "use_record",
    metadata,
    Column("office", String(64), nullable=False),
    Column("use", String(64), nullable=False),
    Column("at", String(32), nullable=False),
    Column("party", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("purpose", String(64), nullable=False),
    Column("function", String(16), nullable=False),
    Column("unit", String(64), nullable=True),
    Column("reference", String(64), nullable=True),
    Column("serial", String(64), nullable=False),
    Column("operator", String(64), nullable=False),
    Column("operator_salt", String(32), nullable=False),
    Column("operator_digest", String(64), nullable=False),
    Column("answer", String(16), nullable=False),
    Column("reasons", Text, nullable=False),
    Column("reason", LargeBinary, nullable=False),
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
    Column("office", String(64), nullable=False),
    Column("holder_kind", String(16), nullable=False),
    Column("holder", String(64), nullable=False),
    Column("as_of", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("office", "holder_kind", "holder"),
)

# What the province changed of the scenario list that ships with the program (应用场景清单).
scenario = Table(
    "scenario",
    metadata,
    Column("office", String(64), nullable=False),
    Column("code", String(16), nullable=False),
    Column("name", Text, nullable=False),
    Column("department", Text, nullable=False),
    Column("steps", Text, nullable=False),
    Column("removed", Boolean, nullable=False),
    Column("at", String(32), nullable=False),
    PrimaryKeyConstraint("office", "code"),
)
