"""Who is at the other end of a TLS connection: the client certificate, from the handshake to the request.

The server asks every client for a certificate and takes no for an answer, because phones share the port;
what a desk may do without one is decided where its envelope is read (:mod:`hub.desk_requests`). Here the
certificate, if there is one, is put where the ASGI TLS extension has its place.
"""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from core.errors import EnvironmentFault
from hub.setup import Hub
from hub.turns import PAUSE_SECONDS, Who, who_asks

HELD_BACK = 4


class PeerProtocol(H11Protocol):
    """uvicorn's HTTP/1.1 with the TLS extension that it leaves out (ASGI TLS Extension 0.2).

    Nobody keeps more connections open than their share (:mod:`hub.turns`). A desk's further ones are closed
    after a pause in which nothing of them is read: a handshake is the dearest thing a flood can ask for, and
    who is let go at once comes back with the next one. Above four times the share they are closed at once.
    """

    who: Who | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Look at the finished handshake once; every request of the connection is told."""
        super().connection_made(transport)
        secured = transport.get_extra_info("ssl_object")
        scope: Scope = {"client": self.client}
        if secured is not None:
            tls = _extension(secured)
            scope["extensions"] = {"tls": tls}
            # The closure stands for this connection alone; ``self.app`` is read at every request.
            self.app = _telling(self.app, tls)
        self.who = who_asks(scope)
        theirs = sum(getattr(each, "who", None) == self.who for each in self.connections)
        if theirs > self.who.share.connections:
            transport.pause_reading()
            held = self.who.is_desk and theirs <= HELD_BACK * self.who.share.connections
            self.loop.call_later(PAUSE_SECONDS if held else 0, transport.close)


def _extension(secured: Any) -> dict[str, Any]:
    der = secured.getpeercert(binary_form=True)
    return {
        "server_cert": None,
        "client_cert_chain": [ssl.DER_cert_to_PEM_cert(der)] if der else [],
        "client_cert_name": None,
        "client_cert_error": None,
        "tls_version": {"TLSv1.2": 0x0303, "TLSv1.3": 0x0304}.get(secured.version()),
        "cipher_suite": None,
    }


def _telling(app: ASGIApp, tls: dict[str, Any]) -> ASGIApp:
    async def told(scope: Scope, receive: Receive, send: Send) -> None:
        scope["extensions"] = {**scope.get("extensions", {}), "tls": tls}
        await app(scope, receive, send)

    return told


def ask_for_certificates(context: ssl.SSLContext, hub: Hub) -> None:
    """Let the server ask for client certificates of this hub's desk authority.

    TLS 1.2 at least, for phones and departments; a desk itself speaks nothing below 1.3 (decision 033).
    Before the first ceremony of an offline root there is no authority and nobody is asked. Raises
    ``EnvironmentFault('tls_unreadable')``.
    """
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    with hub.database.read() as connection:
        authority = hub.trust.authority(connection)
    if authority is None:
        return
    try:
        context.load_verify_locations(cadata=authority.pem.decode())
    except ssl.SSLError as fault:
        raise EnvironmentFault("tls_unreadable") from fault
    context.verify_mode = ssl.CERT_OPTIONAL
