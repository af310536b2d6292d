"""The hub itself keeps the contract: its ASGI application on a database of its own, without a socket."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from hub.app import build
from hub.enrolments import accept
from hub.setup import Hub, init
from tests.asgi import post
from tests.contract.fake_hub import ISSUER
from tests.contract.hub_contract import HubContract
from tests.core.services.office_kit import OfficeKit, SeededRandom


@dataclass
class Asgi:
    """Posts bytes into an ASGI application."""

    hub: Hub

    def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Answer one request."""
        return post(build(self.hub), path, body)

    def accept(self, request: bytes, single_clerk: bool = False) -> object:
        """The operator accepts."""
        return accept(self.hub, request, single_clerk)


class TestRealHub(HubContract):
    """All lines of the contract, on both databases."""

    @pytest.fixture(params=["sqlite", "postgresql"])
    def place(self, request: pytest.FixtureRequest, kit: OfficeKit, tmp_path: Path) -> Iterator[Asgi]:
        """A hub on a database of its own."""
        url = f"sqlite:///{tmp_path / 'hub.db'}"
        if request.param == "postgresql":
            url = request.getfixturevalue("make_postgres")()
        hub = init(url, ISSUER, tmp_path / "root.pem", b"k" * 32, True, kit.clock, SeededRandom("hub"))
        yield Asgi(hub)
        hub.database.close()
