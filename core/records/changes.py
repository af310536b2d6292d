"""The kinds of life-cycle change: which action gives each its effect, what it must state, what it ends.

One table, read by the rules, the services, the verbs and the screens. A change is filed by one person
and approved
by another; the approval records the effect on the unit in the same breath (docs/decisions/014-life-cycle.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

REPRESENTATIVE, MANAGER, RENEWAL, DETAILS = "representative", "manager", "renewal", "details"
SUSPENSION, RESUMPTION = "suspension", "resumption"
DEREGISTRATION, HANDOVER, LOSS = "deregistration", "handover", "loss"

SUSPENSION_REASONS: Final = ("dispute", "investigation", "court_order", "misuse", "other")
RESUMPTION_REASONS: Final = ("cause_ended", "suspended_in_error", "other")

RENEWAL_DAYS: Final = 30
"""Renewal opens so many days before the period's last day (domain.md 1.3)."""
PERIOD_YEARS: Final = 5

DEREGISTERED, HANDED_OVER = "deregistered", "handed_over"
"""How a unit's record was closed for good."""
HANDOVER_CODE: Final = "handover"
"""Under this name the draft of a unit keeps the hand-over code beside its values."""


@dataclass(frozen=True)
class ChangeKind:
    """One kind of change.

    ``effect`` is the action on the unit; ``form``: the unit record's values are stated as they will be;
    ``basis``: a document has to be named; ``details`` are the names of what else it states; ``voids``:
    what was
    issued before is void with it, for good; ``urgent``: the hub hears of it ahead of everything older.
    """

    id: str
    effect: str
    form: bool = False
    basis: bool = True
    details: tuple[str, ...] = ()
    voids: bool = False
    urgent: bool = False


CHANGES: Final[Mapping[str, ChangeKind]] = {
    kind.id: kind
    for kind in (
        ChangeKind(REPRESENTATIVE, "representative_changed", form=True, voids=True, urgent=True),
        ChangeKind(MANAGER, "manager_changed", voids=True, urgent=True),
        ChangeKind(RENEWAL, "unit_renewed", form=True, basis=False),
        ChangeKind(DETAILS, "unit_changed", form=True, voids=True, urgent=True),
        ChangeKind(SUSPENSION, "unit_suspended", details=("reason",), urgent=True),
        ChangeKind(RESUMPTION, "unit_resumed", details=("reason",)),
        ChangeKind(DEREGISTRATION, "unit_deregistered", voids=True, urgent=True),
        ChangeKind(HANDOVER, "unit_handed_over", details=("office", "unit"), voids=True, urgent=True),
        ChangeKind(LOSS, "loss_reported", details=("identity_checked",), voids=True, urgent=True),
    )
}

EFFECTS: Final[Mapping[str, ChangeKind]] = {kind.effect: kind for kind in CHANGES.values()}
URGENT_EFFECTS: Final = frozenset(kind.effect for kind in CHANGES.values() if kind.urgent)

FACE_FIELDS: Final = frozenset(
    (
        *("uscc", "name", "second_name", "third_name", "other_names", "purpose", "address"),
        *("funding_source", "starting_capital", "sponsor", "office_name", "valid_from", "valid_to"),
    )
)
"""Fields of the unit record that stand on the certificate (a test compares its table of claims): when one
changes, the old face is untrue."""

FIXED_FIELDS: Final = frozenset({"uscc", "state", "valid_from", "valid_to"})
"""What neither a change of facts nor of the representative may touch: it has an act of its own, or none."""


def face_changed(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """Tell whether two sets of a unit's values differ in something that the certificate shows."""
    return any(old.get(name, "") != new.get(name, "") for name in FACE_FIELDS)


def voids(kind: str, before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Tell whether a change of ``kind`` between these values of a unit ends what was issued before."""
    return CHANGES[kind].voids and (kind != DETAILS or face_changed(before, after))


def renewal_opens(valid_to: str) -> date:
    """Return the first day on which a period may be renewed. Raises ``ValueError`` for no date."""
    return date.fromisoformat(valid_to) - timedelta(days=RENEWAL_DAYS)


def renewed_period(valid_to: str) -> tuple[str, str]:
    """Return (valid_from, valid_to) of the five years that follow a period ending ``valid_to``."""
    end = date.fromisoformat(valid_to)
    try:
        later = end.replace(year=end.year + PERIOD_YEARS)
    except ValueError:  # 29 February
        later = end.replace(year=end.year + PERIOD_YEARS, day=28)
    return valid_to, later.isoformat()


def period_over(values: Mapping[str, str], as_of: date) -> bool:
    """Tell whether a unit's period has ended before ``as_of``; computed each time, never stored."""
    end = values.get("valid_to", "")
    return bool(end) and end < as_of.isoformat()
