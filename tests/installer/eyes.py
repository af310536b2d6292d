"""What a screen reader sees: the accessibility tree of the programs on one desktop, read over D-Bus."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jeepney import DBusAddress, DBusErrorResponse, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection
from jeepney.low_level import MessageType
from PIL import Image, ImageDraw, ImageFont

from resources import resource_path

_ACCESSIBLE = "org.a11y.atspi.Accessible"
_PROPERTIES = "org.freedesktop.DBus.Properties"
_ROOT = "/org/a11y/atspi/accessible/root"
_FOCUSED, _SHOWING = 12, 25
_DEEPEST = 40


@dataclass(frozen=True)
class Thing:
    """One thing on the screen: role as AT-SPI names it, its name, its text (of fields), has it the focus."""

    bus: str
    path: str
    role: str
    name: str
    text: str
    focused: bool

    def says(self, words: str) -> bool:
        """Tell whether the words stand in its name or text."""
        return words in self.name or words in self.text


class Eyes:
    """Reads the tree anew at every look; what has gone meanwhile is not there."""

    def __init__(self, session: str) -> None:
        with open_dbus_connection(session) as connection:
            ask = new_method_call(DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus"), "GetAddress")
            address = str(connection.send_and_get_reply(ask, timeout=60).body[0])
        self._bus: DBusConnection = open_dbus_connection(address)

    def close(self) -> None:
        """Let the bus go."""
        self._bus.close()

    def find(self, words: str, role: str = "") -> Thing | None:
        """Return the first thing shown that says ``words`` (and has the role, where one is named)."""
        for thing in self.shown():
            if thing.says(words) and role in ("", thing.role):
                return thing
        return None

    def focus(self, name: str) -> Thing | None:
        """Return what has the focus and a name that begins so (a list's current row has it, too)."""
        found = [thing for thing in self.shown() if thing.focused and thing.name.startswith(name)]
        return found[-1] if found else None

    def place(self, thing: Thing) -> tuple[int, int, int, int]:
        """Return where a thing is on the screen: left, top, right, bottom in pixels."""
        left, top, width, height = self._call(
            thing.bus, thing.path, "org.a11y.atspi.Component", "GetExtents", "u", (0,)
        )
        return left, top, left + width, top + height

    def hint(self, thing: Thing) -> str:
        """Return what a screen reader adds to a thing's name: its tool tip, where that says more."""
        got = self._call(thing.bus, thing.path, _PROPERTIES, "Get", "ss", (_ACCESSIBLE, "Description"))
        return str(got[1]) if got else ""

    def told(self) -> str:
        """Return everything shown, one line a thing."""
        return "\n".join(
            f"{'*' if thing.focused else ' '} {thing.role}: {thing.name} [{thing.text}]"
            for thing in self.shown()
            if thing.name or thing.text or thing.focused
        )

    def shown(self) -> Iterator[Thing]:
        """Yield what the programs show, outer things first."""
        for bus, path in self._children("org.a11y.atspi.Registry", _ROOT):
            yield from self._below(bus, path, 0)

    def _below(self, bus: str, path: str, depth: int) -> Iterator[Thing]:
        thing, showing = self._look(bus, path)
        if thing is None or (depth > 1 and not showing) or depth > _DEEPEST:
            return
        yield thing
        for child in self._children(bus, path):
            yield from self._below(*child, depth + 1)

    def _look(self, bus: str, path: str) -> tuple[Thing | None, bool]:
        state = self._call(bus, path, _ACCESSIBLE, "GetState")
        if state is None:
            return None, False
        bits = state[0] | (state[1] << 32)
        showing = bool(bits >> _SHOWING & 1)
        role = str(self._call(bus, path, _ACCESSIBLE, "GetRoleName") or "")
        got = self._call(bus, path, _PROPERTIES, "Get", "ss", (_ACCESSIBLE, "Name"))
        text = ""
        if role in ("text", "label", "password text", "entry"):
            text = str(self._call(bus, path, "org.a11y.atspi.Text", "GetText", "ii", (0, -1)) or "")
        return Thing(bus, path, role, str(got[1]) if got else "", text, bool(bits >> _FOCUSED & 1)), showing

    def _children(self, bus: str, path: str) -> list[tuple[str, str]]:
        return [(str(b), str(p)) for b, p in self._call(bus, path, _ACCESSIBLE, "GetChildren") or []]

    def _call(
        self,
        bus: str,
        path: str,
        interface: str,
        method: str,
        signature: str = "",
        body: tuple[Any, ...] = (),
    ) -> Any:
        message = new_method_call(DBusAddress(path, bus, interface), method, signature or None, body)
        try:
            reply = self._bus.send_and_get_reply(message, timeout=20)
        except (TimeoutError, DBusErrorResponse):
            time.sleep(0.05)
            return None
        if reply.header.message_type is MessageType.error:
            return None
        return reply.body[0] if reply.body else None


def read_digits(picture: Image.Image) -> str:
    """Return the digits in a picture of dark text in the program's bold font on a light ground."""
    ink = picture.convert("L").point(lambda grey: 255 * (grey < 110))
    known = {digit: _shape(_printed(digit)) for digit in "0123456789"}
    read = ""
    for left, right in _runs([bool(column) for column in ink.resize((ink.width, 1), _BOX).tobytes()]):
        shape = _shape(ink.crop((left, 0, right, ink.height)))
        read += min(known, key=lambda digit: _apart(known[digit], shape))
    return read


_BOX = Image.Resampling.BOX


def _runs(filled: list[bool]) -> list[tuple[int, int]]:
    found, start = [], None
    for at, full in enumerate([*filled, False]):
        if full and start is None:
            start = at
        elif not full and start is not None:
            found.append((start, at))
            start = None
    return found


def _printed(digit: str) -> Image.Image:
    font = ImageFont.truetype(str(resource_path("fonts/NotoSansSC-Bold.ttf")), 60)
    paper = Image.new("L", (100, 120))
    ImageDraw.Draw(paper).text((20, 10), digit, fill=255, font=font)
    return paper


def _shape(glyph: Image.Image) -> bytes:
    return glyph.crop(glyph.getbbox()).resize((12, 18), _BOX).tobytes()


def _apart(one: bytes, other: bytes) -> int:
    return sum(abs(a - b) for a, b in zip(one, other, strict=True))
