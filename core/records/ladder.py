"""How far a case has come before the law: approved here, received by the province, claimed, in force.

Two axes make the ladder, what people did and what the hub said of it; neither alone says what a relying
department may count on (architecture.md, "One idea"). Screen, slip and the clerk's words read this one fold.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.records.states import CaseState, CertificateState


class Rung(StrEnum):
    """The four steps, in their order."""

    APPROVED = "approved"  # 本机关已核准
    RECEIVED = "received"  # 省级平台已收到
    CLAIMED = "claimed"  # 手机已领取
    IN_FORCE = "in_force"  # 证书有效


class Standing(StrEnum):
    """Whether a step is reached; the last three end or interrupt a certificate."""

    DONE = "done"
    AHEAD = "ahead"
    REFUSED = "refused"
    SUSPENDED = "suspended"
    VOID = "void"
    EXPIRED = "expired"


@dataclass(frozen=True)
class LegalStep:
    """One step; ``at`` is a UTC stamp where the moment is known, else empty."""

    rung: Rung
    standing: Standing
    at: str = ""


@dataclass(frozen=True)
class Approval:
    """The approving action: when it was made, and when the hub recorded it (empty: not yet)."""

    at: str
    recorded_at: str = ""
    rejected: bool = False


def legal_ladder(
    case: CaseState, approval: Approval | None, certificate: CertificateState | None, as_of: str
) -> tuple[LegalStep, ...]:
    """Return the four steps as of a moment (UTC stamp). Expiry is computed here, never stored."""
    approved = approval is not None and case.approval is not None
    return (
        LegalStep(Rung.APPROVED, _reached(approved), approval.at if approved and approval else ""),
        _received(approval if approved else None),
        LegalStep(
            Rung.CLAIMED, _reached(certificate is not None), certificate.issued_at if certificate else ""
        ),
        _in_force(certificate, as_of),
    )


def _reached(done: bool) -> Standing:
    return Standing.DONE if done else Standing.AHEAD


def _received(approval: Approval | None) -> LegalStep:
    if approval is not None and approval.rejected:
        return LegalStep(Rung.RECEIVED, Standing.REFUSED)
    recorded_at = approval.recorded_at if approval else ""
    return LegalStep(Rung.RECEIVED, _reached(bool(recorded_at)), recorded_at)


def _in_force(certificate: CertificateState | None, as_of: str) -> LegalStep:
    if certificate is None:
        return LegalStep(Rung.IN_FORCE, Standing.AHEAD)
    if certificate.void:
        return LegalStep(Rung.IN_FORCE, Standing.VOID)
    if certificate.expires_at <= as_of:
        return LegalStep(Rung.IN_FORCE, Standing.EXPIRED, certificate.expires_at)
    if certificate.suspended:
        return LegalStep(Rung.IN_FORCE, Standing.SUSPENDED)
    return LegalStep(Rung.IN_FORCE, Standing.DONE, certificate.issued_at)
