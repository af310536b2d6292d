"""What a verification says, in one shape everywhere: desk, verb, page, departments' interface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Answer = Literal["valid", "not valid", "unknown"]

VALID: Final = "valid"
NOT_VALID: Final = "not valid"
UNKNOWN: Final = "unknown"


@dataclass(frozen=True)
class Judgement:
    """``valid``, ``not valid`` or ``unknown``, as things stood at ``as_of``, and why.

    ``as_of`` is the moment of the newest status that was asked, seconds since 1970 UTC, ``None`` when none
    could be asked. ``reasons`` are codes of :data:`REASONS` or of docs/certificate.md; never remote text,
    never personal data. A valid answer has none but those that limit what it says.
    """

    answer: Answer
    as_of: int | None = None
    reasons: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the object that verb, page and interface answer with."""
        return {"answer": self.answer, "as_of": self.as_of, "reasons": list(self.reasons)}


def combine(parts: Sequence[Judgement]) -> Judgement:
    """Return one judgement of several questions: the worst answer, the oldest ``as_of``, all its reasons.

    A single *not valid* decides, a single *unknown* keeps it from being valid, nothing asked is unknown.
    """
    if not parts:
        return Judgement(UNKNOWN, None, ("nothing_asked",))
    for answer in (NOT_VALID, UNKNOWN, VALID):
        chosen = [part for part in parts if part.answer == answer]
        if chosen:
            break
    times = [part.as_of for part in parts if part.as_of is not None]
    reasons = dict.fromkeys(reason for part in chosen for reason in part.reasons)
    return Judgement(chosen[0].answer, min(times, default=None), tuple(reasons))


REASONS: Final[tuple[str, ...]] = (
    # not valid
    "not_a_certificate",
    "certificate_void",
    "certificate_suspended",
    "delegation_void",
    "delegation_suspended",
    "parent_void",
    "parent_suspended",
    "unit_not_yet",
    "unit_expired",
    "delegation_not_yet",
    "delegation_expired",
    "matter_not_covered",
    "person_differs",
    "paper_altered",
    # unknown
    "status_missing",
    "status_stale",
    "status_refused",
    "status_not_understood",
    "issuer_key_unknown",
    "person_not_shown",
    "matter_not_shown",
    "matter_unknown",
    "person_not_asked",
    "shown_needs_network",
    "paper_signature_missing",
    "paper_unchecked",
    "nothing_asked",
    # valid, but only in the world of rehearsals; but nothing shows that it is the holder who shows it
    "rehearsal",
    "holder_not_proven",
)
"""Reasons beside those for which a text is refused outright (docs/certificate.md)."""
