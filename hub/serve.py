"""Serving a hub: one process, one port, until it is told to stop.

Plain http is for the loopback of one machine and has to be asked for; everything else is https.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from collections.abc import Callable
from ipaddress import ip_address
from pathlib import Path
from types import FrameType
from typing import BinaryIO

import uvicorn

from core.clock import Clock, system_clock
from core.errors import EnvironmentFault, UserError
from hub.app import build
from hub.peer import PeerProtocol, ask_for_certificates
from hub.setup import Hub, open_hub

GRACE_SECONDS = 2
MAX_CONNECTIONS = 500


class _Server(uvicorn.Server):
    """A server that says when it is ready and ends by itself on SIGTERM, with the caller's exit code."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # The signals are not raised again afterwards: stopping is what they asked for.
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True


def is_loopback(host: str) -> bool:
    """Tell whether a bind address is reachable from this machine only."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def check_binding(host: str, tls: tuple[Path, Path] | None, http: bool) -> None:
    """Refuse plain http unless it was asked for and stays on the loopback.

    Raises ``UserError`` tls_required, http_not_loopback, or tls_and_http.
    """
    if tls is not None and http:
        raise UserError("tls_and_http")
    if tls is None and not http:
        raise UserError("tls_required")
    if http and not is_loopback(host):
        raise UserError("http_not_loopback")


def bind(host: str, port: int) -> socket.socket:
    """Return a bound socket; port 0 takes a free one.

    Raises ``EnvironmentFault`` port_taken or address_unusable.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listener = socket.socket(family, socket.SOCK_STREAM)
    except OSError as fault:
        raise EnvironmentFault("address_unusable") from fault
    try:
        if os.name == "posix":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        # Listening here, not later: a second server on the port has to find out now.
        listener.listen(128)
    except OSError as fault:
        listener.close()
        raise EnvironmentFault("port_taken", port=port) from fault
    return listener


def serve(
    db_url: str,
    host: str,
    port: int,
    key: bytes,
    tls: tuple[Path, Path] | None,
    ready: Callable[[str], None],
    *,
    http: bool = False,
    watch: BinaryIO | None = None,
    clock: Clock = system_clock,
) -> None:
    """Serve the hub of ``db_url`` until SIGTERM or SIGINT (then at most 4 s more).

    ``tls`` is (certificate, key); ``http`` allows plain http on the loopback. ``ready`` is called once with
    the bound address, e.g. ``http://127.0.0.1:8800``. ``watch`` is a pipe from the process that started
    this one: when it ends, so does the hub. Raises as :func:`check_binding`, :func:`bind` and
    :func:`hub.setup.open_hub` do, and ``EnvironmentFault('tls_unreadable')``.
    """
    check_binding(host, tls, http)
    hub = open_hub(db_url, key, clock)
    try:
        listener = bind(host, port)
        try:
            shown = f"[{host}]" if ":" in host else host
            address = f"{'https' if tls else 'http'}://{shown}:{listener.getsockname()[1]}"
            server = _Server(_config(build(hub), tls, hub), lambda: ready(address))
            if watch is not None:
                threading.Thread(target=_end_with, args=(watch, server), daemon=True).start()
            server.run(sockets=[listener])
        finally:
            listener.close()
    finally:
        hub.database.close()


def _config(app: object, tls: tuple[Path, Path] | None, hub: Hub) -> uvicorn.Config:
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        loop="asyncio",
        http=PeerProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=GRACE_SECONDS,
        h11_max_incomplete_event_size=16 * 1024,
        ssl_certfile=tls[0] if tls else None,
        ssl_keyfile=tls[1] if tls else None,
    )
    try:
        config.load()
    except OSError as fault:
        raise EnvironmentFault("tls_unreadable") from fault
    if config.ssl is not None:
        ask_for_certificates(config.ssl, hub)
    return config


def _end_with(watch: BinaryIO, server: _Server) -> None:
    while watch.read(1024):
        pass
    server.should_exit = True
