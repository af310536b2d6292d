"""Serving one signed envelope of a desk, whatever carried it: a network or a USB stick.

Handlers stand in one table. A room that serves a further type of request defines it beside its own
code (see :mod:`hub.desk_handler`) and adds one line here.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from sqlalchemy import Connection

from core.errors import Refusal
from core.sync.envelope import MAX_ENVELOPE_BYTES, Opened, unwrap, wrap
from hub.bundle import shown_take, status_bundle
from hub.certificates import give_certificates
from hub.desk_actions import take_batch
from hub.desk_basic import give_basic
from hub.desk_claims import claim_progress, claim_short
from hub.desk_feed import give_page
from hub.desk_handler import Handler, Payload, Request, sent_at
from hub.desk_uses import give_reach, give_uses
from hub.desks import Desk, find_desk
from hub.printed import certificate_print
from hub.reverse_claims import claim_reverse
from hub.scans import scan_chunk, scan_fetch, scan_offer
from hub.setup import Hub
from hub.shown import Shown, require_same
from hub.urgent import take_urgent

STALE_SECONDS = 15 * 60

HANDLERS: dict[str, Handler] = {
    "actions": Handler(take_batch, MAX_ENVELOPE_BYTES, fresh=False),
    "urgent": Handler(take_urgent, fresh=False),
    "feed": Handler(give_page),
    "claim-progress": Handler(claim_progress),
    "claim-short": Handler(claim_short),
    "claim-reverse": Handler(claim_reverse),
    "device-certificate": Handler(give_certificates, fresh=False),
    "status-bundle": Handler(status_bundle),
    "shown-take": Handler(shown_take),
    "certificate-print": Handler(certificate_print),
    "scan-offer": Handler(scan_offer),
    "scan-chunk": Handler(scan_chunk, MAX_ENVELOPE_BYTES, fresh=False),
    "scan-fetch": Handler(scan_fetch),
    "uses": Handler(give_uses),
    "reach": Handler(give_reach),
    "unit-basic": Handler(give_basic),
}


OPEN = frozenset({"device-certificate"})
"""What a desk may ask over TLS without a certificate of its own: that very certificate."""


def answer(
    hub: Hub,
    kind: str,
    data: bytes,
    *,
    fresh: bool,
    shown: Shown | None = None,
    held: Callable[[Desk], AbstractContextManager[None]] = lambda desk: nullcontext(),
) -> bytes:
    """Serve an envelope of type ``kind``; return the hub's signed answer, in the asker's protocol.

    ``fresh``: it came over a network, so a question sent long ago is refused; a stick is always late.
    ``shown``: the client certificate of the TLS connection that carried it; it has to be the signer's.
    ``held`` is open while the desk that was recognised is served, and may refuse to open.
    Raises ``Refusal`` as :func:`read_request` does, and the handler's own.
    """
    request = read_request(hub, kind, data, fresh=fresh, shown=shown)
    with held(request.desk):
        return reply(request, kind, HANDLERS[kind].act(request))


def read_request(hub: Hub, kind: str, data: bytes, *, fresh: bool, shown: Shown | None = None) -> Request:
    """Read and authenticate an envelope of type ``kind``.

    Raises ``Refusal``: envelope_malformed, envelope_too_large, protocol_unknown (with ``supported``),
    device_unknown, signature_wrong, device_revoked, request_stale, client_certificate_missing,
    client_certificate_differs.
    """
    handler = HANDLERS[kind]
    if len(data) > handler.limit:
        raise Refusal("envelope_too_large", limit=handler.limit)
    opened = unwrap(data)
    payload = opened.payload
    if payload.get("type") != kind:
        raise Refusal("envelope_malformed")
    with hub.database.read() as connection:
        desk = authenticate(connection, opened)
    require_same(shown, desk.key, may_be_missing=kind in OPEN)
    offset = int((sent_at(payload) - hub.clock()).total_seconds())
    if fresh and handler.fresh and abs(offset) > STALE_SECONDS:
        raise Refusal("request_stale", seconds=offset, hub_time=hub.stamp())
    return Request(hub, desk, payload, opened.protocol, live=fresh)


def reply(request: Request, kind: str, told: Payload) -> bytes:
    """Return what a handler ``told`` as the hub's signed answer: head, clock and nonce around it."""
    hub, desk = request.hub, request.desk
    head = {"type": kind, "protocol": request.protocol, "office": desk.office, "device": desk.device}
    nonce = request.payload.get("nonce", "")
    tail = {"hub_time": hub.stamp(), "nonce": nonce if isinstance(nonce, str) else ""}
    return wrap({**head, **tail, **told}, hub.signer)


def authenticate(connection: Connection, opened: Opened) -> Desk:
    """Return the desk that an envelope names, once its registered key is seen to have signed.

    Raises ``Refusal`` envelope_malformed, device_unknown, signature_wrong, device_revoked.
    """
    office, device = opened.payload.get("office"), opened.payload.get("device")
    if not isinstance(office, str) or not isinstance(device, str) or "\x00" in office + device:
        raise Refusal("envelope_malformed")
    desk = find_desk(connection, office, device)
    if desk is None:
        raise Refusal("device_unknown")
    if opened.algorithm != desk.algorithm or not opened.verify(desk.key):
        raise Refusal("signature_wrong")
    if desk.revoked_at is not None:
        raise Refusal("device_revoked")
    return desk
