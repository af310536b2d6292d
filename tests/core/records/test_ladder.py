"""The legal ladder: every step is done only when both axes say so, and ends are never called in force."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.records.ladder import Approval, Rung, Standing, legal_ladder
from core.records.states import CaseState, CertificateState, Lifecycle

NOW = "2026-11-24T02:00:00.000Z"
CASE = CaseState(
    id="c", office="o", unit="u", case_no="1", form="attachment-1", form_version=1, form_digest="0" * 64,
    version=3, values={}, content="1" * 64, lifecycle=Lifecycle.APPROVED, filed_at=NOW, changed_at=NOW,
    approval="2" * 64,
)  # fmt: skip
CERTIFICATE = CertificateState(
    id="z", office="o", version=1, case="c", unit="u", jti="3" * 24, approval="2" * 64, representative_no=1,
    issued_at="2026-11-24T01:00:00.000Z", expires_at="2027-11-24T01:00:00.000Z", status_index=5,
)  # fmt: skip
MADE = "2026-11-23T08:00:00.000Z"
SEEN = "2026-11-23T09:00:00.000Z"


def standings(
    case: CaseState, approval: Approval | None, certificate: CertificateState | None = None, as_of: str = NOW
) -> list[str]:
    return [step.standing.value for step in legal_ladder(case, approval, certificate, as_of)]


def test_approved_here_is_not_received_and_received_is_not_in_force() -> None:
    assert standings(replace(CASE, approval=None), None) == ["ahead"] * 4
    assert standings(CASE, Approval(MADE)) == ["done", "ahead", "ahead", "ahead"]
    assert standings(CASE, Approval(MADE, SEEN)) == ["done", "done", "ahead", "ahead"]
    assert standings(CASE, Approval(MADE, SEEN), CERTIFICATE) == ["done"] * 4
    assert standings(CASE, Approval(MADE, rejected=True)) == ["done", "refused", "ahead", "ahead"]


def test_an_undone_approval_leaves_nothing_reached() -> None:
    assert standings(replace(CASE, approval=None), Approval(MADE, SEEN)) == ["ahead"] * 4


@pytest.mark.parametrize(
    ("certificate", "as_of", "standing"),
    [
        (replace(CERTIFICATE, suspended=True), NOW, Standing.SUSPENDED),
        (replace(CERTIFICATE, void=True), NOW, Standing.VOID),
        (replace(CERTIFICATE, void=True, suspended=True), NOW, Standing.VOID),
        (CERTIFICATE, CERTIFICATE.expires_at, Standing.EXPIRED),
        (replace(CERTIFICATE, suspended=True), CERTIFICATE.expires_at, Standing.EXPIRED),
    ],
)
def test_what_is_ended_or_held_up_is_never_in_force(
    certificate: CertificateState, as_of: str, standing: Standing
) -> None:
    last = legal_ladder(CASE, Approval(MADE, SEEN), certificate, as_of)[-1]
    assert (last.rung, last.standing) == (Rung.IN_FORCE, standing)
