"""Rules of settling what was refused: only what really was refused, and only once."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import Refusal
from core.records.hearing import Hearing, Rule


def _refusal_settled(hearing: Hearing) -> None:
    if not all(hearing.world.refused(action_hash) for action_hash in hearing.public["refused"]):
        raise Refusal("refusal_unknown")


RULES: Mapping[str, Rule] = {"refusal_settled": _refusal_settled}
