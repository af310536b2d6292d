"""Outline icons drawn from SVG in the colours of the theme in force.

The files say ``currentColor``; QSvgRenderer would draw that black, so the colour is written into the
text before drawing. Whoever shows an icon draws it anew on ``theme().changed``.
"""

from __future__ import annotations

import re
from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ui.assets import find_icon
from ui.theme import theme

STROKE = "1.75"


@lru_cache(maxsize=128)
def _source(name: str) -> str:
    path = find_icon(name)
    text = path.read_text(encoding="utf-8") if path else ""
    return re.sub(r'stroke-width="[^"]*"', f'stroke-width="{STROKE}"', text)


@lru_cache(maxsize=512)
def _picture(name: str, colour: str, side: int, ratio: float) -> QPixmap:
    pixels = max(1, round(side * ratio))
    picture = QPixmap(QSize(pixels, pixels))
    picture.fill(Qt.GlobalColor.transparent)
    text = _source(name).replace("currentColor", colour)
    if text:
        renderer = QSvgRenderer(QByteArray(text.encode("utf-8")))
        painter = QPainter(picture)
        renderer.render(painter, QRectF(0, 0, pixels, pixels))
        painter.end()
    picture.setDevicePixelRatio(ratio)
    return picture


def picture(name: str, token: str = "muted", side: int = 18, ratio: float = 1.0) -> QPixmap:
    """Return icon ``name`` in a theme colour, ``side`` logical px square, for a device pixel ratio.

    An icon that is not shipped comes out transparent, so that a missing file never stops a window.
    """
    return _picture(name, theme().colour(token), side, ratio)


def icon(name: str, token: str = "muted", side: int = 18, checked: str | None = None) -> QIcon:
    """Return a QIcon with pictures for ratios 1 and 2; ``checked`` is the colour when switched on."""
    made = QIcon()
    for ratio in (1.0, 2.0):
        made.addPixmap(picture(name, token, side, ratio))
        made.addPixmap(picture(name, "faint", side, ratio), QIcon.Mode.Disabled)
        if checked:
            made.addPixmap(picture(name, checked, side, ratio), QIcon.Mode.Normal, QIcon.State.On)
    return made
