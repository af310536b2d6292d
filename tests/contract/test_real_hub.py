"""The hub itself keeps the contract: its ASGI application on a database of its own, without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from hub.app import build
from hub.enrolments import accept
from hub.setup import Hub, init
from tests.contract.fake_hub import ISSUER
from tests.contract.hub_contract import HubContract
from tests.core.services.office_kit import OfficeKit, SeededRandom


@dataclass
class Asgi:
    """Posts bytes into an ASGI application."""

    hub: Hub

    def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Answer one request."""
        return asyncio.run(_post(build(self.hub), path, body))

    def accept(self, request: bytes, single_clerk: bool = False) -> object:
        """The operator accepts."""
        return accept(self.hub, request, single_clerk)


async def _post(app: Any, path: str, body: bytes) -> tuple[int, bytes]:
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1"), (b"content-length", str(len(body)).encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 18443),
    }
    said: list[dict[str, Any]] = []
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return left.pop() if left else {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        said.append(message)

    await app(scope, receive, send)
    status = next(message["status"] for message in said if message["type"] == "http.response.start")
    return status, b"".join(message.get("body", b"") for message in said)


class TestRealHub(HubContract):
    """All lines of the contract."""

    @pytest.fixture
    def place(self, kit: OfficeKit, tmp_path: Path) -> Iterator[Asgi]:
        """A hub on SQLite."""
        url = f"sqlite:///{tmp_path / 'hub.db'}"
        hub = init(url, ISSUER, tmp_path / "root.pem", b"k" * 32, True, kit.clock, SeededRandom("hub"))
        yield Asgi(hub)
        hub.database.close()
