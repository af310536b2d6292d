"""Whether a unit has a certificate in force: computed from what is known here, each time it is asked.

What a desk has done and the hub has not heard yet counts: a change voids at once where it was approved.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from core.records.fold_case import REPLACED
from core.records.states import CaseState, CertificateState, Lifecycle, UnitState


class Holding(StrEnum):
    """What a unit holds; whether a certificate has expired is asked of the day, not kept here."""

    NONE = "none"  # 从未领取
    IN_FORCE = "in_force"  # 有效
    SUSPENDED = "suspended"  # 暂停
    VOID = "void"  # 已失效


@dataclass(frozen=True)
class Standing:
    """What a unit holds. ``certificate`` is the newest; of a void one ``reason`` says why and ``since`` when.

    ``waits``: it was voided by a change and may be claimed again (已失效待重领).
    """

    holding: Holding
    certificate: CertificateState | None = None
    reason: str = ""
    since: str = ""
    waits: bool = False


Held = Sequence[tuple[CertificateState, CaseState | None]]
"""A unit's certificates, newest first, each with its case as it stands."""


def unit_standing(unit: UnitState, held: Held, *, loss_told: bool = True) -> Standing:
    """Return what a unit holds. ``loss_told``: the hub has answered the newest report of a lost phone.

    ``since`` is the desk's moment of the change, or the hub's word where no change is known here.
    """
    if not held:
        return Standing(Holding.NONE)
    newest = held[0][0]
    standing = [one for one, case in held if not one.void and not _outlived(case)]
    if standing and loss_told:
        first = standing[0]
        stopped = first.suspended or unit.suspended
        return Standing(Holding.SUSPENDED if stopped else Holding.IN_FORCE, first, first.reason)
    if standing:
        reason, since = "loss_reported", unit.lost_at
    elif unit.era and _outlived(held[0][1]):
        reason, since = unit.era_reason, unit.era_at
    elif newest.reason == "loss_reported":
        reason, since = newest.reason, unit.lost_at
    else:
        reason, since = newest.reason, ""
    waits = unit.open and bool(since) and reason != REPLACED
    return Standing(Holding.VOID, newest, reason, since, waits)


def _outlived(case: CaseState | None) -> bool:
    return case is not None and case.lifecycle is Lifecycle.ENDED
