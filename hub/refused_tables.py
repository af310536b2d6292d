"""The table of where refused actions stood, so that nothing is built on them unseen."""

from __future__ import annotations

from sqlalchemy import Index, PrimaryKeyConstraint, Table

from hub import columns as c
from hub.columns import metadata

# ``rejection`` says what was answered and never changes; here is where the action stood in its desk's
# chain and on its subject, and whether a person has settled it. What a desk settles without its ever
# having come here (a chain's dead end) has a row of its own with nothing but the hash.
refused_action = Table(
    "refused_action",
    metadata,
    c.office(),
    c.text("hash"),
    c.text("device"),
    c.small("device_epoch"),
    c.whole("seq"),
    c.text("subject_kind", 16),
    c.text("subject"),
    c.whole("base_version"),
    c.flag("settled"),
    PrimaryKeyConstraint("office", "hash"),
    Index("refused_action_by_subject", "office", "device", "subject_kind", "subject"),
)
