"""One person's exchange with a real hub in the same process; the wire is in the test's hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pytestqt.qtbot import QtBot

from core.services.hub_link import remember_hub
from core.services.session import Session
from core.settings import Settings
from tests.core.services.office_kit import OfficeKit
from tests.core.services.real_hub import RealHub
from tests.core.services.stick_kit import World, make_world
from ui.desk import Desk
from ui.hub_keeper import Connected, HubKeeper
from ui.sync_strip import SyncStrip
from ui.task import lanes


class WiredKeeper(HubKeeper):
    """Leads to the hub of the test, which knows the office; no socket is opened."""

    def __init__(self, real: RealHub) -> None:
        super().__init__()
        self._real = real

    def connect(self, session: Session) -> Connected:
        return Connected(self._real.port, True)


class SyncRoom:
    """A desk with its strip. ``world`` has office, hub and stick."""

    def __init__(self, qtbot: QtBot, world: World, login: str) -> None:
        self.qtbot, self.world = qtbot, world
        self.desk = Desk(Settings())
        self.desk.unlock_with(world.kit.open(login), None)
        self.strip = SyncStrip(self.desk, WiredKeeper(world.real))

    @property
    def kit(self) -> OfficeKit:
        return self.world.kit

    def until(self, done: Callable[[], object]) -> None:
        self.qtbot.waitUntil(lambda: bool(done()), timeout=20_000)

    def quiet(self) -> None:
        """Wait until no task runs."""
        self.until(lambda: self.strip._task is None and not lanes()._running)

    def close(self) -> None:
        self.strip.pause()
        self.until(lambda: not lanes()._running)
        assert lanes().shutdown(20) == ()
        self.desk.lock()


def linked_world(place: Path) -> World:
    """An enrolled office whose desk knows the address of its hub; the wire is dead."""
    world = make_world(place)
    with world.kit.sit("admin") as admin:
        remember_hub(admin, "https://hub.invalid")
    return world


def whole_wire(path: str, body: bytes, carry: Callable[[], tuple[int, bytes]]) -> tuple[int, bytes]:
    """A wire that loses nothing."""
    return carry()


@contextmanager
def opened(qtbot: QtBot, place: Path, login: str) -> Iterator[SyncRoom]:
    """Return a room whose wire is whole."""
    world = linked_world(place)
    world.real.wire = whole_wire
    room = SyncRoom(qtbot, world, login)
    try:
        yield room
    finally:
        room.close()
        world.close()
