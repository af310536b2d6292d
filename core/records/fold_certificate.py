"""What leads to a phone, folded: the office's claim codes and the hub's certificates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from core.records.model import Entry
from core.records.states import CertificateState, ClaimState


def fold_claim(entries: Iterable[Entry], state: ClaimState | None = None) -> ClaimState | None:
    """Fold a claim code: minted, perhaps voided."""
    for entry in entries:
        public = entry.action.public
        if state is None:
            state = ClaimState(
                id=entry.action.subject,
                office=entry.action.office,
                version=1,
                case=public["case"],
                approval=public["approval"],
                jti=public["jti"],
                purpose=public["purpose"],
                representative_no=public["representative_no"],
                issued_at=public["issued_at"],
                expires_at=public["expires_at"],
                device=entry.action.device,
                device_epoch=entry.action.device_epoch,
                seq=entry.action.seq,
            )
        else:
            state = replace(state, version=state.version + 1, voided=True)
    return state


def fold_certificate(
    entries: Iterable[Entry], state: CertificateState | None = None
) -> CertificateState | None:
    """Fold a certificate from the hub's own actions."""
    for entry in entries:
        public = entry.action.public
        if state is None:
            state = CertificateState(
                id=entry.action.subject,
                office=entry.action.office,
                version=1,
                case=public["case"],
                unit=public["unit"],
                jti=public["jti"],
                approval=public["approval"],
                representative_no=public["representative_no"],
                issued_at=public["issued_at"],
                expires_at=public["expires_at"],
                status_index=public["status_index"],
            )
        else:
            state = replace(_CERTIFICATE_STEPS[entry.action.kind](state), version=state.version + 1)
            state = replace(state, reason=public["reason"])
    return state


_CERTIFICATE_STEPS: dict[str, Callable[[CertificateState], CertificateState]] = {
    "certificate_voided": lambda s: replace(s, void=True, suspended=False),
    "certificate_suspended": lambda s: replace(s, suspended=True),
    "certificate_resumed": lambda s: replace(s, suspended=False),
}
