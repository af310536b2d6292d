"""A settled refusal folded."""

from __future__ import annotations

from collections.abc import Iterable

from core.records.model import Entry
from core.records.states import RefusalState


def fold_refusal(entries: Iterable[Entry]) -> RefusalState | None:
    """Fold a settled refusal: one action, once."""
    for entry in entries:
        public = entry.action.public
        return RefusalState(
            id=entry.action.subject,
            office=entry.action.office,
            version=1,
            refused=tuple(public["refused"]),
            choice=public["choice"],
            redone=tuple(public["redone"]),
        )
    return None
