"""The table of where refused actions stood, so that nothing is built on them unseen."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, PrimaryKeyConstraint, String, Table

from hub.tables import metadata

# ``rejection`` says what was answered and never changes; here is where the action stood in its desk's
# chain and on its subject, and whether a person has settled it. What a desk settles without its ever
# having come here (a chain's dead end) has a row of its own with nothing but the hash.
refused_action = Table(
    "refused_action",
    metadata,
    Column("office", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("device", String(64), nullable=False),
    Column("device_epoch", Integer, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("subject_kind", String(16), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("base_version", BigInteger, nullable=False),
    Column("settled", Boolean, nullable=False),
    PrimaryKeyConstraint("office", "hash"),
    Index("refused_action_by_subject", "office", "device", "subject_kind", "subject"),
)
