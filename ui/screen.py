"""What a screen tells the window around it: its heading, its chips, its buttons and their keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget


@dataclass(frozen=True)
class Chip:
    """A pill in the header. ``tone``: "", good, warn, bad or accent."""

    text: str
    tone: str = ""


@dataclass(frozen=True)
class Header:
    """Title, subtitle and chips of a screen."""

    title: str
    subtitle: str = ""
    chips: tuple[Chip, ...] = ()


@dataclass(frozen=True)
class Footer:
    """Left of the bottom bar: required fields (``total`` 0 = no bar) and quiet hints about keys."""

    done: int = 0
    total: int = 0
    hints: tuple[str, ...] = ()


@dataclass(frozen=True)
class ScreenAction:
    """A button at the right of the bottom bar; the last primary one is the screen's main purpose.

    ``key`` is a Qt key sequence ("F8", "Ctrl+S"), shown in the caption. ``run`` is called for click and key.
    """

    id: str
    caption: str
    run: Callable[[], object] = field(compare=False)
    key: str = ""
    icon: str = ""
    face: str = ""
    enabled: bool = True
    tip: str = ""


class Screen(QWidget):
    """Base of everything in ``ui/screens``. Override the four describing methods; emit ``shell_changed``
    when one of them would answer differently."""

    shell_changed = Signal()

    def header(self) -> Header:
        """Return title, subtitle and chips."""
        return Header("")

    def footer(self) -> Footer:
        """Return progress and key hints; an empty footer and no actions hide the bottom bar."""
        return Footer()

    def actions_offered(self) -> tuple[ScreenAction, ...]:
        """Return the buttons, left to right."""
        return ()

    def on_shown(self) -> None:
        """Called each time the screen comes to the front; refresh and set the focus here."""

    def may_leave(self) -> bool:
        """Say whether another screen may come to the front; save or ask here."""
        return True

    def help_topic(self) -> str:
        """Return the manual's topic for F1 (a field id or a page name)."""
        return ""
