"""States that actions fold to. Two axes, never one: lifecycle here, delivery computed from receipts.

Each is computed from its subject's effective actions (:func:`core.records.model.effective`), always whole,
never stored alone. The judge has already refused what may not happen; a fold (``fold_*``) only applies. Given
the ``state`` that came of earlier entries, a fold goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeVar

from core.forms.rules import ACTIVE
from core.records.changes import HANDED_OVER

T = TypeVar("T")


def changed(state: T, **changes: Any) -> T:
    """Return ``dataclasses.replace``'s answer, much sooner: making a state checks and computes nothing."""
    made = object.__new__(type(state))
    made.__dict__.update(state.__dict__, **changes)
    return made


class Lifecycle(StrEnum):
    """Where a case stands by what people did; the Chinese words live in ui/messages.py."""

    FILED = "filed"  # 已填报
    SUBMITTED = "submitted"  # 待审核
    RETURNED = "returned"  # 已退回
    WITHDRAWN = "withdrawn"  # 已撤回
    APPROVED = "approved"  # 已核准，待领取
    CLAIMED = "claimed"  # 已领取
    ENDED = "ended"  # 已终止：单位已变更，或证书已被另一次领取替换


OPEN_LIFECYCLES = frozenset({Lifecycle.FILED, Lifecycle.SUBMITTED, Lifecycle.RETURNED, Lifecycle.APPROVED})
"""A unit may have one case in these at a time."""


class Delivery(StrEnum):
    """What the hub said of a subject's actions; computed from receipts, never stored with the case."""

    PENDING = "pending"  # 待同步
    RECORDED = "recorded"  # 省级已收
    REJECTED = "rejected"  # 被退


class ChangeStage(StrEnum):
    """Where a life-cycle change stands."""

    FILED = "filed"  # 待审核
    RETURNED = "returned"  # 已退回
    WITHDRAWN = "withdrawn"  # 已撤回
    APPROVED = "approved"  # 已核准


DROPPED, REDONE = "dropped", "redone"
"""What a person may decide of a refused action: leave it, or do it again on what stands now."""


@dataclass(frozen=True)
class RefusalState:
    """A refusal that a person has settled. ``refused`` are hashes; ``redone`` ids of the actions made
    again in the same breath (none when a form was laid out to be filled in anew)."""

    id: str
    office: str
    version: int
    refused: tuple[str, ...]
    choice: str
    redone: tuple[str, ...]


@dataclass(frozen=True)
class UnitState:
    """A public institution's registration facts; ``values`` keyed by the unit-record form's fields.

    ``era`` is the hash of the action that last ended everything issued before it, empty if none ever did;
    ``era_reason`` its kind, ``era_at`` when, ``era_case`` the case that caused it, if one did. ``lost``
    is the
    hash of the newest report of a lost phone. ``closed``: how the record ended; ``moved`` where to (office,
    unit), ``former`` where from.
    """

    id: str
    office: str
    version: int
    values: Mapping[str, str]
    representative_no: int = 1
    erased: bool = False
    era: str = ""
    era_reason: str = ""
    era_at: str = ""
    era_case: str = ""
    lost: str = ""
    lost_at: str = ""
    suspended: str = ""
    closed: str = ""
    moved: Mapping[str, str] = field(default_factory=dict)
    former: Mapping[str, str] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether anything may still be filed for it here."""
        return not self.closed and self.values.get("state", ACTIVE) == ACTIVE


def holder_of_code(units: Iterable[UnitState | None]) -> UnitState | None:
    """Of units that have one credit code in one office, return the one whose record stands.

    The others were handed over; where all of them were, the answer is any of them.
    """
    known = [unit for unit in units if unit is not None]
    return min(known, key=lambda unit: unit.closed == HANDED_OVER, default=None)


@dataclass(frozen=True)
class ChangeState:
    """One life-cycle change of a unit: ``change`` is its kind (:mod:`core.records.changes`).

    ``unit_version`` is the unit's version it was made in sight of, ``content`` the hash of its filing,
    ``values`` the unit's values as they will be (empty where none change).
    """

    id: str
    office: str
    unit: str
    change: str
    version: int
    unit_version: int
    values: Mapping[str, str]
    basis: str
    details: Mapping[str, Any]
    content: str
    stage: ChangeStage
    filed_at: str
    changed_at: str
    hands: frozenset[str] = frozenset()
    approval: str | None = None
    approver: str | None = None
    single: bool = False
    reasons: tuple[str, ...] = ()
    remark: str = ""
    erased: bool = False


@dataclass(frozen=True)
class Scan:
    """A scanned paper: ``role`` is ``signed_form`` or ``paper:<item>``; ``content`` the values it shows."""

    id: str
    role: str
    media_type: str
    pages: int
    content: str
    sha256: str | None


@dataclass(frozen=True)
class CaseState:
    """One application. ``content`` is the hash of the action that holds the present values.

    ``era`` is the unit's era (:class:`UnitState`) that it was filed in sight of.
    """

    id: str
    office: str
    unit: str
    case_no: str
    form: str
    form_version: int
    form_digest: str
    version: int
    values: Mapping[str, str]
    content: str
    lifecycle: Lifecycle
    filed_at: str
    changed_at: str
    era: str = ""
    hands: frozenset[str] = frozenset()
    printed: Mapping[str, int] = field(default_factory=dict)
    scans: tuple[Scan, ...] = ()
    papers: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    approval: str | None = None
    approver: str | None = None
    single: bool = False
    reasons: tuple[str, ...] = ()
    remark: str = ""
    erased: bool = False

    def signed_scan(self) -> Scan | None:
        """Return the newest signed scan of the present content; an older paper is stale."""
        fitting = [s for s in self.scans if s.role == "signed_form" and s.content == self.content]
        return fitting[-1] if fitting else None

    def paper_stale(self) -> bool:
        """Tell whether something was printed, but not what the case says now."""
        return bool(self.printed) and self.content not in self.printed


@dataclass(frozen=True)
class ClaimState:
    """One minted claim code (领取码), by what the desk did with it."""

    id: str
    office: str
    version: int
    case: str
    approval: str
    jti: str
    purpose: int
    representative_no: int
    issued_at: int
    expires_at: int
    device: str
    device_epoch: int
    seq: int
    voided: bool = False


@dataclass(frozen=True)
class CertificateState:
    """One issued certificate, written only by the hub."""

    id: str
    office: str
    version: int
    case: str
    unit: str
    jti: str
    approval: str
    representative_no: int
    issued_at: str
    expires_at: str
    status_index: int
    void: bool = False
    suspended: bool = False
    reason: str = ""


@dataclass(frozen=True)
class DelegationState:
    """One authorisation (授权) below a certificate, written only by the hub.

    ``parent`` is the delegation it was granted under, empty directly below the certificate; ``role`` and
    ``matters`` as in core.records.delegations; the period are days in China, both included. Name and ID
    number are None once destroyed. ``reason`` is the
    newest end's or suspension's; ``by`` who revoked it: a delegation, or the certificate.
    """

    id: str
    office: str
    version: int
    unit: str
    certificate: str
    parent: str
    role: str
    matters: tuple[str, ...]
    valid_from: str
    valid_to: str
    representative_no: int
    granted_at: str
    name: str | None
    id_number: str | None
    claimed_at: str = ""
    expires_at: str = ""
    status_index: int | None = None
    ended: bool = False
    suspended: bool = False
    reason: str = ""
    by: str = ""
