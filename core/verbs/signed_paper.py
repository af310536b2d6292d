"""The sheet as it comes back from the unit: signed by hand, sealed, laid on the scanner a little askew.

Invented throughout: the demo needs a scan, and nobody stands there to sign one.
"""

from __future__ import annotations

import io
import math
from random import Random

from PIL import Image, ImageDraw

from core.documents.preview import raster

_SCALE = 1.6
"""Of 72 dots an inch: readable, and light enough for the intake child."""
_RED, _INK = (200, 40, 40), (30, 40, 90)
_SUPERSAMPLE = 2


def sign_and_scan(pdf: bytes, seed: int) -> bytes:
    """Return a JPEG of the first page with seal and signature; the same arguments give the same picture."""
    random = Random(seed)
    width, height, pixels = raster(pdf, 0, _SCALE)
    page = Image.frombytes("RGB", (width, height), pixels)
    seal, ink = _seal(random), _signature(random)
    page.paste(seal, (int(width * 0.58), int(height * 0.60)), seal)
    page.paste(ink, (int(width * 0.40), int(height * 0.66)), ink)
    askew = random.uniform(-0.7, 0.7)
    scanned = page.rotate(askew, Image.Resampling.BICUBIC, fillcolor=(250, 250, 247))
    out = io.BytesIO()
    scanned.save(out, format="JPEG", quality=80)
    return out.getvalue()


def _blank(side: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGBA", (side * _SUPERSAMPLE, side * _SUPERSAMPLE), (0, 0, 0, 0))
    return image, ImageDraw.Draw(image)


def _smaller(image: Image.Image, side: int) -> Image.Image:
    return image.resize((side, side), Image.Resampling.LANCZOS)


def _seal(random: Random) -> Image.Image:
    """A round red seal with a star; its ring is pressed unevenly, so it is drawn in short arcs."""
    side = 190
    image, draw = _blank(side)
    middle = side * _SUPERSAMPLE / 2
    radius = middle * 0.92
    for start in range(0, 360, 6):
        press = random.randint(110, 210)
        box = (middle - radius, middle - radius, middle + radius, middle + radius)
        draw.arc(box, start, start + 6.5, (*_RED, press), width=7)
    points = []
    for corner in range(10):
        reach = radius * (0.36 if corner % 2 == 0 else 0.14)
        angle = math.radians(36 * corner - 90)
        points.append((middle + reach * math.cos(angle), middle + reach * math.sin(angle)))
    draw.polygon(points, fill=(*_RED, 170))
    return _smaller(image, side).rotate(random.uniform(-12, 12), Image.Resampling.BICUBIC)


def _signature(random: Random) -> Image.Image:
    """A scribble of a few strokes; it spells nothing."""
    side = 150
    image, draw = _blank(side)
    whole = side * _SUPERSAMPLE
    for stroke in range(3):
        x, y = whole * (0.12 + 0.28 * stroke), whole * random.uniform(0.35, 0.6)
        points = []
        for step in range(24):
            x += random.uniform(0.4, 2.2) * _SUPERSAMPLE
            y += math.sin(step * 0.9 + stroke) * 5 * _SUPERSAMPLE + random.uniform(-3, 3)
            points.append((x, y))
        draw.line(points, fill=(*_INK, 230), width=3 * _SUPERSAMPLE - stroke, joint="curve")
    return _smaller(image, side)
