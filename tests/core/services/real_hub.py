"""The real hub without a socket: its own application on a database of its own, and a wire that can be cut."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import EnvironmentFault
from core.services.offices import enrol, enrolment_request
from hub.app import build
from hub.enrolments import accept
from hub.setup import Hub, init, open_hub
from tests.asgi import post
from tests.contract.fake_hub import ISSUER, PostedHub
from tests.core.services.office_kit import OfficeKit, SeededRandom

KEY = b"k" * 32
Wire = Callable[[str, bytes, Callable[[], tuple[int, bytes]]], tuple[int, bytes]]


@dataclass
class RealHub:
    """A hub and the ways of reaching it. ``wire`` may lose, cut or double what it carries."""

    hub: Hub
    url: str
    wire: Wire = field(default=lambda path, body, carry: carry())
    said: list[str] = field(default_factory=list)
    _app: Any = None

    def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Carry one request."""
        self._app = self._app or build(self.hub)
        self.said.append(path)
        return self.wire(path, body, lambda: post(self._app, path, body))

    @property
    def port(self) -> PostedHub:
        """The desk's port to it."""
        return PostedHub(self.post)

    def enrol(self, kit: OfficeKit) -> None:
        """Enrol an office; the operator says yes."""
        with kit.sit("admin") as admin:
            accept(self.hub, enrolment_request(admin), False)
            assert enrol(admin, self.port) is not None

    def close(self) -> None:
        """Let the database go."""
        self.hub.database.close()


def open_real_hub(place: Path, kit: OfficeKit, url: str = "", *, rehearsal: bool = True) -> RealHub:
    """Make a hub in ``place`` whose clock is the kit's."""
    url = url or f"sqlite:///{place / 'hub.db'}"
    hub = init(url, ISSUER, place / "root.pem", KEY, rehearsal, kit.clock, SeededRandom("hub"))
    return RealHub(hub, url)


def reopen(real: RealHub, kit: OfficeKit) -> RealHub:
    """The hub after its process died."""
    real.close()
    return RealHub(open_hub(real.url, KEY, kit.clock, SeededRandom("hub again")), real.url)


def lost(path: str, body: bytes, carry: Callable[[], tuple[int, bytes]]) -> tuple[int, bytes]:
    """A wire that loses every request."""
    raise EnvironmentFault("hub_unreachable")
