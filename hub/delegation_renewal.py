"""A new certificate after one of the same legal representative: what becomes of those who were authorised.

Nothing below a void certificate lives on; that is not a setting. What the province may choose (notice 二 says
nothing of it, domain.md 0.5) is whether the same people are authorised afresh below the new certificate, so
that its holder need not type them again. Each of them has to claim anew. Default: they lapse.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from sqlalchemy import Connection, select

from core.clock import china_date
from core.forms.matters import ALL_MATTERS, offered
from core.records.delegations import RENEW, Wanted, below
from core.records.states import CertificateState, DelegationState
from hub import tables
from hub.actors import Actor, certificate_bounds
from hub.delegation_settings import on_manager_change
from hub.delegations import ABOVE_REVOKED, REVOKED, record_grant, tree_of
from hub.ledger import Ledger
from hub.scenarios import known_matters
from hub.setup import Hub


def renew_below(hub: Hub, connection: Connection, ledger: Ledger, certificate: str) -> int:
    """Authorise afresh below a newly issued certificate, if so set; returns how many."""
    fresh = ledger.world.certificate(certificate)
    if fresh is None or on_manager_change(connection) != RENEW:
        return 0
    former = _former(connection, ledger, fresh)
    if former is None:
        return 0
    actor = Actor(ledger.office, fresh.unit, fresh.id, "", fresh.representative_no, certificate_bounds(fresh))
    lapsed = _lapsed(hub, tree_of(connection, ledger, former))
    listed = {ALL_MATTERS, *offered(known_matters(connection))}
    made: dict[str, str] = {}
    for state in lapsed:
        if state.parent and state.parent not in made:
            continue  # who authorised them is not authorised any more
        again = _again(hub, state, actor, listed)
        if not again.matters:
            continue  # all it was for is off the list
        grantor = replace(actor, delegation=made.get(state.parent, ""))
        made[state.id] = record_grant(hub, connection, ledger, grantor, again)
    return len(made)


def _former(connection: Connection, ledger: Ledger, fresh: CertificateState) -> str | None:
    """Return the certificate that the new one follows, unless the legal representative is another."""
    view = tables.certificate_view
    rows = connection.execute(
        select(view.c.certificate)
        .where(view.c.office == ledger.office, view.c.unit == fresh.unit, view.c.certificate != fresh.id)
        .order_by(view.c.position.desc())
        .limit(1)
    ).all()
    for row in rows:
        state = ledger.world.certificate(str(row.certificate))
        if state is not None and state.void and state.representative_no == fresh.representative_no:
            return state.id
    return None


def _lapsed(hub: Hub, states: Mapping[str, DelegationState]) -> list[DelegationState]:
    """Return what ended with its certificate and nobody had taken back, those above first."""
    today = china_date(hub.clock()).isoformat()
    taken_back = (REVOKED, ABOVE_REVOKED)
    return [
        state
        for state in below(states, "")
        if state.ended and state.reason not in taken_back and state.valid_to >= today
        if state.name and state.id_number
    ]


def _again(hub: Hub, state: DelegationState, actor: Actor, listed: Collection[str]) -> Wanted:
    today = china_date(hub.clock()).isoformat()
    return Wanted(
        state.role,
        state.name or "",
        state.id_number or "",
        tuple(code for code in state.matters if code in listed),
        max(state.valid_from, today),
        min(state.valid_to, actor.grantor.valid_to),
    )
