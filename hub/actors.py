"""Who a holder is at the hub: the certificate's first manager, or somebody authorised below it.

Nobody signs in. A phone proves the key that its certificate or delegation is bound to, with a nonce of the
hub, for one purpose (the key-binding JWT of RFC 9901); the status reference inside leads to the record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, select

from core.clock import china_date, from_stamp
from core.credentials import certificate_claims, delegation_claims
from core.credentials.delegation_claims import Authority
from core.credentials.jose import Malformed, parse_compact
from core.credentials.key_binding import KeyBinding, nonce_of
from core.credentials.sdjwt import VerifiedCertificate, verify
from core.credentials.status import VALID, StatusReference
from core.errors import Refusal, UserError
from core.forms.matters import ALL_MATTERS
from core.records.delegations import Grantor, above, is_usable
from core.records.states import CertificateState
from hub import tables
from hub.delegation_tables import delegation_view
from hub.engine import lock_office
from hub.ledger import Ledger
from hub.nonces import take_nonce
from hub.setup import Hub
from hub.status_lists import read_status, slot_of

PROOF_SECONDS = 120
"""How old a phone's proof may be."""


@dataclass(frozen=True)
class Actor:
    """A holder whose credential stands now; ``delegation`` is empty for the certificate's own holder."""

    office: str
    unit: str
    certificate: str
    delegation: str
    representative_no: int
    grantor: Grantor


def prove(hub: Hub, connection: Connection, presentation: str, audience: str) -> VerifiedCertificate:
    """Check a presentation made for ``audience`` with a nonce of ours, which is used up.

    The status is read from the database: only what is valid this moment, with what it hangs on, passes.
    Raises ``UserError`` certificate_refused, nonce_invalid, or ``Refusal`` credential_void /
    credential_suspended.
    """
    try:
        nonce, vct = nonce_of(presentation), _type_of(presentation)
    except (Malformed, ValueError) as fault:
        raise UserError("certificate_refused", why="shape") from fault
    verified = verify(
        presentation,
        [hub.root_pem],
        hub.clock(),
        vct,
        lambda reference: read_status(hub, connection, reference),
        rehearsal=hub.rehearsal,
        key_binding=KeyBinding(audience, nonce, PROOF_SECONDS),
    )
    if not take_nonce(hub, connection, nonce):
        raise UserError("nonce_invalid")
    _require_valid(verified.state)
    if vct == delegation_claims.VCT:
        _require_valid(_state_above(hub, connection, verified.claims))
    return verified


def _type_of(presentation: str) -> str:
    vct = parse_compact(presentation.split("~")[0]).payload.get("vct")
    return vct if vct == delegation_claims.VCT else certificate_claims.VCT


def _state_above(hub: Hub, connection: Connection, claims: dict[str, Any]) -> str:
    try:
        authority = Authority.parse(claims.get("authority"))
    except Malformed as fault:
        raise UserError("certificate_refused", why="authority") from fault
    return "valid" if read_status(hub, connection, authority.status) == VALID else "invalid"


def _require_valid(state: str) -> None:
    if state != "valid":
        raise Refusal("credential_suspended" if state == "suspended" else "credential_void")


def find_office(hub: Hub, connection: Connection, reference: StatusReference) -> str:
    """Return whose ledger holds the credential at a status. Raises ``Refusal('credential_void')``."""
    return str(_place(hub, connection, reference)[1].office)


def _place(hub: Hub, connection: Connection, reference: StatusReference) -> tuple[str, Any]:
    slot = slot_of(hub, reference)
    for kind, table in (("certificate", tables.certificate_view), ("delegation", delegation_view)):
        if slot is None:
            break
        row = connection.execute(
            select(table).where(table.c.list == slot.list, table.c.slot == slot.slot)
        ).one_or_none()
        if row is not None:
            return kind, row
    raise Refusal("credential_void")


def identify(hub: Hub, connection: Connection, ledger: Ledger, reference: StatusReference) -> Actor:
    """Return who stands behind a proven credential, under the office's lock.

    Raises ``Refusal`` credential_void when it, or anything above it, no longer stands.
    """
    kind, row = _place(hub, connection, reference)
    certificate = ledger.world.certificate(str(row.certificate))
    if certificate is None or certificate.void or certificate.suspended:
        raise Refusal("credential_void")
    grantor = certificate_bounds(certificate)
    if kind == "delegation":
        grantor = _delegate(hub, connection, ledger, str(row.delegation), certificate.id)
    return Actor(
        ledger.office,
        certificate.unit,
        certificate.id,
        grantor.delegation,
        certificate.representative_no,
        grantor,
    )


def certificate_bounds(certificate: CertificateState) -> Grantor:
    """Return what the holder of a certificate may give: every matter, until its last whole day."""
    first = china_date(from_stamp(certificate.issued_at))
    last = china_date(from_stamp(certificate.expires_at) + timedelta(seconds=1)) - timedelta(days=1)
    return Grantor("", "", (ALL_MATTERS,), first.isoformat(), last.isoformat())


def _delegate(hub: Hub, connection: Connection, ledger: Ledger, delegation: str, certificate: str) -> Grantor:
    from hub.delegations import tree_of  # it grants for actors

    states = tree_of(connection, ledger, certificate)
    own = states[delegation]
    if not is_usable([own, *above(states, delegation)], china_date(hub.clock())):
        raise Refusal("credential_void")
    return Grantor(own.role, own.id, own.matters, own.valid_from, own.valid_to)


def proven_actor(hub: Hub, connection: Connection, presentation: str, audience: str) -> tuple[Actor, Ledger]:
    """Check a phone's proof, lock its office and return who it is with that office's ledger.

    Raises what :func:`prove` and :func:`identify` raise.
    """
    reference = prove(hub, connection, presentation, audience).status
    office = find_office(hub, connection, reference)
    lock_office(connection, office)
    ledger = Ledger(hub, connection, office)
    return identify(hub, connection, ledger, reference), ledger
