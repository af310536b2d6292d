"""A desk with a real hub on the loopback, one clock for both, and a phone. All data is invented."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QWidget

from core.ids import system_random
from core.services.offices import enrol, enrolment_request
from core.services.sync import sync
from core.settings import Settings
from core.sync.http_hub import HttpHub
from hub.enrolments import accept
from hub.serve import serve
from hub.setup import Hub, init, open_hub
from tests.core.services.office_kit import OfficeKit, open_kit
from tests.hub.wallet import Wallet
from ui.desk import Desk
from ui.main_window import MainWindow
from ui.navigation import Page
from ui.screen import Screen
from ui.screens.claim.screen import ClaimScreen
from ui.task import lanes
from ui.widgets.confirm import Question


@dataclass
class Hands:
    """Ticks in the hand: the window's countdown moves only when told."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Answers:
    """The person before a question: keeps what was asked and gives the answer agreed on."""

    yes: bool = True
    asked: list[Question] = field(default_factory=list)

    def __call__(self, parent: QWidget | None, question: Question) -> bool:
        self.asked.append(question)
        return self.yes


@dataclass
class Calls:
    """A navigator that remembers what was asked of it."""

    said: list[tuple[str, str]] = field(default_factory=list)
    went: list[tuple[str, ...]] = field(default_factory=list)

    def open_form(self, form_id: str, unit_id: str = "", case_id: str = "", draft_id: str = "") -> None:
        self.went.append(("form", form_id, unit_id, case_id, draft_id))

    def open_case(self, case_id: str) -> None:
        self.went.append(("case", case_id))

    def open_review(self, case_id: str = "") -> None:
        self.went.append(("review", case_id))

    def open_claim(self, case_id: str) -> None:
        self.went.append(("claim", case_id))

    def open_uses(self, unit_id: str = "", unit_name: str = "") -> None:
        self.went.append(("uses", unit_id, unit_name))

    def open_refusals(self, item_id: str = "") -> None: ...

    def open_units(self, unit_id: str = "", draft_id: str = "") -> None:
        self.went.append(("units", unit_id))

    def open_help(self, topic: str) -> None:
        self.went.append(("help", topic))

    def open_settings(self, section: str = "") -> None:
        self.went.append(("settings", section))

    def toast(self, text: str, tone: str = "good") -> None:
        self.said.append((text, tone))

    def busy(self, text: str, cancel: Callable[[], object] | None = None) -> None:
        self.went.append(("busy", text))

    def advance(self, progress: object) -> None:
        self.went.append(("advance",))

    def done(self) -> None:
        self.went.append(("done",))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Station:
    """A running hub; ``stop`` and ``start`` make it go and come back at the same address."""

    hub: Hub
    url: str
    database: str
    key: bytes
    port: int
    kit: OfficeKit
    _thread: threading.Thread | None = None
    _end: int = -1

    def start(self) -> None:
        ready, fault = threading.Event(), []
        reading, self._end = os.pipe()

        def run() -> None:
            try:
                with os.fdopen(reading, "rb") as watch:
                    serve(self.database, "127.0.0.1", self.port, self.key, None, lambda _: ready.set(),
                          http=True, watch=watch, clock=self.kit.clock)  # fmt: skip
            except BaseException as error:  # the test has to see it, whatever it is
                fault.append(error)
                ready.set()

        self._thread = threading.Thread(target=run)
        self._thread.start()
        assert ready.wait(30)
        if fault:
            raise fault[0]

    def stop(self) -> None:
        if self._thread is not None:
            os.close(self._end)
            self._thread.join(20)
            assert not self._thread.is_alive()
            self._thread = None

    def close(self) -> None:
        self.stop()
        self.hub.database.close()


def make_station(kit: OfficeKit, folder: Path) -> Station:
    port, key = free_port(), system_random(32)
    database, url = f"sqlite:///{folder / 'hub.db'}", f"http://127.0.0.1:{port}"
    init(database, url, folder / "root.pem", key, True, kit.clock).database.close()
    station = Station(open_hub(database, key, kit.clock), url, database, key, port, kit)
    with kit.sit("admin") as admin:
        accept(station.hub, enrolment_request(admin), False)
    station.start()
    with kit.sit("admin") as admin:
        assert enrol(admin, HttpHub(url, plain_http=True)) is not None
    return station


@dataclass
class Room:
    """Everything of one test."""

    kit: OfficeKit
    station: Station
    desk: Desk
    calls: Calls
    hands: Hands
    answers: Answers
    screen: ClaimScreen | None = None

    def phone(self) -> Wallet:
        return Wallet(self.station.url, self.kit.clock)

    def sync(self) -> None:
        """Exchange with the hub before the window is there."""
        with self.kit.sit("admin") as admin:
            sync(admin, HttpHub(self.station.url, plain_http=True))

    def sign_in(self, login: str = "clerk", *, hub: bool = True) -> None:
        self.desk.unlock_with(
            self.kit.open(login), HttpHub(self.station.url, plain_http=True) if hub else None
        )

    def make(self, **more: object) -> ClaimScreen:
        self.screen = ClaimScreen(
            self.desk, self.calls, now=self.hands, second_ms=15, ask_first=self.answers, **more
        )  # type: ignore[arg-type]
        return self.screen

    def code(self) -> str:
        """Return the claim code that is inside the QR on screen."""
        assert self.screen is not None
        kept = self.screen.codes.of(self.screen.choosing.case)
        assert kept is not None
        return code_in(kept.minted.link)

    def pin(self) -> str:
        assert self.screen is not None
        return self.screen.codes.of(self.screen.choosing.case).minted.pin  # type: ignore[union-attr]


def code_in(link: str) -> str:
    return parse_qs(urlsplit(link).query)["credential_offer_uri"][0].rpartition("/")[2]


@contextmanager
def open_room(folder: Path, settings: Settings | None = None) -> Iterator[Room]:
    kit = open_kit(folder)
    station = make_station(kit, folder)
    room = Room(kit, station, Desk(settings or Settings()), Calls(), Hands(), Answers())
    try:
        yield room
    finally:
        if room.screen is not None:
            room.screen.watch.follower.stop()
            room.screen.display.clear()
        room.desk.lock()
        spent = 0
        # What is queued ends by itself (locked); a queue that is cut off would keep `shutdown` waiting.
        while lanes()._running and spent < 10_000:
            wait(10)
            spent += 10
        left = lanes().shutdown(10)
        kit.close()
        station.close()
        assert left == (), left


def shell(screen: Screen, title: str, rehearsal: bool = True) -> MainWindow:
    """Put a screen into the product's own window."""
    window = MainWindow("证窗", "海口市琼山区 · 演练", rehearsal=rehearsal)
    names = (("apply", "申领登记", "file-plus"), ("change", "变更责任人", "user-edit"),
             ("cases", "受理台账", "clipboard-list"), ("claim", "领取码", "qrcode"),
             ("units", "单位登记", "building-community"), ("audit", "操作记录", "history"))  # fmt: skip
    for key, name, icon in names:
        window.add_page(Page(key, name, icon, (lambda: screen) if name == title else Screen))
    window.add_page(Page("help", "操作手册", "help-circle", Screen, at_foot=True))
    window.add_page(Page("settings", "设置", "settings", Screen, at_foot=True))
    key = next(key for key, name, _ in names if name == title)
    window.open(key)
    return window


def wait(ms: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()
