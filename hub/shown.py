"""What a client showed when it opened its TLS connection, as the ASGI TLS extension tells it."""

from __future__ import annotations

import ssl
from dataclasses import dataclass

from starlette.types import Scope

from core.credentials.desk_x509 import peer_key
from core.errors import Refusal


@dataclass(frozen=True)
class Shown:
    """The raw Ed25519 key of a TLS client's certificate, None if it showed none."""

    key: bytes | None


def shown_by(scope: Scope) -> Shown | None:
    """Return what the client of a request showed, None where the connection is not our own TLS."""
    tls = scope.get("extensions", {}).get("tls")
    if tls is None:
        return None
    chain = tls.get("client_cert_chain") or ()
    return Shown(peer_key(ssl.PEM_cert_to_DER_cert(chain[0])) if chain else None)


def require_same(shown: Shown | None, key: bytes, *, may_be_missing: bool) -> None:
    """Refuse a request unless who signed it (``key``) is who opened the connection.

    ``may_be_missing``: a desk that asks for its first certificate has none to show. Raises ``Refusal``
    client_certificate_missing / client_certificate_differs.
    """
    if shown is None or (shown.key is None and may_be_missing):
        return
    if shown.key is None:
        raise Refusal("client_certificate_missing")
    if shown.key != key:
        raise Refusal("client_certificate_differs")
