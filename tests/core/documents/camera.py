"""A poor camera before a screen: perspective, tilt, blur, noise, low contrast, JPEG; the seed decides."""

from __future__ import annotations

import io
import math
import random
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter

from core.documents.qr import Matrix, png
from tests.qr_reader import read_qr


@dataclass(frozen=True)
class Conditions:
    """The conditions of claim.md §5: blur in pixels, perspective as a share, tilt in degrees."""

    blur: float
    noise: float
    perspective: float
    tilt: float
    contrast: float
    jpeg: int


MODERATE = Conditions(1.0, 15, 0.08, 15, 0.7, 60)
HARD = Conditions(1.5, 25, 0.14, 30, 0.55, 40)


def _solve(rows: list[list[float]]) -> list[float]:
    """Solve a small linear system by elimination (rows hold the right side last)."""
    size = len(rows)
    for i in range(size):
        pivot = max(range(i, size), key=lambda r: abs(rows[r][i]))
        rows[i], rows[pivot] = rows[pivot], rows[i]
        for r in range(size):
            if r != i:
                share = rows[r][i] / rows[i][i]
                rows[r] = [a - share * b for a, b in zip(rows[r], rows[i], strict=True)]
    return [rows[i][size] / rows[i][i] for i in range(size)]


def _coefficients(seen: list[tuple[float, float]], source: list[tuple[float, float]]) -> list[float]:
    rows = []
    for (x, y), (u, v) in zip(seen, source, strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    return _solve([[float(value) for value in row] for row in rows])


def photograph(modules: Matrix, pixels: int, conditions: Conditions, seed: int) -> Image.Image:
    """Return what the camera sees; ``pixels`` lie across the symbol with its quiet zone."""
    chance = random.Random(seed)
    symbol = Image.open(io.BytesIO(png(modules, 8))).convert("L")
    side = int(pixels * 1.6)
    middle, half = side / 2, pixels / 2
    turn = math.radians(chance.uniform(-conditions.tilt, conditions.tilt))
    corners = []
    for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        x = sx * half + chance.uniform(-1, 1) * conditions.perspective * half
        y = sy * half + chance.uniform(-1, 1) * conditions.perspective * half
        corners.append(
            (
                middle + x * math.cos(turn) - y * math.sin(turn),
                middle + x * math.sin(turn) + y * math.cos(turn),
            )
        )
    edge = float(symbol.width)
    source = [(0.0, 0.0), (edge, 0.0), (edge, edge), (0.0, edge)]
    size = (side * 2, side * 2)
    doubled = [(x * 2, y * 2) for x, y in corners]
    seen = symbol.transform(
        size,
        Image.Transform.PERSPECTIVE,
        _coefficients(doubled, source),
        Image.Resampling.BILINEAR,
        fillcolor=255,
    ).resize((side, side), Image.Resampling.BOX)
    low = int(127 - 127 * conditions.contrast)
    seen = seen.point([int(low + value * conditions.contrast) for value in range(256)])
    seen = seen.filter(ImageFilter.GaussianBlur(conditions.blur))
    grain = Image.new("L", seen.size)
    grain.putdata([int(min(255, max(0, chance.gauss(128, conditions.noise)))) for _ in range(side * side)])
    seen = ImageChops.add(seen, grain, scale=1.0, offset=-128)
    stored = io.BytesIO()
    seen.save(stored, "JPEG", quality=conditions.jpeg)
    return Image.open(stored).convert("L")


def reads(modules: Matrix, text: str, pixels: int, conditions: Conditions, seed: int) -> bool:
    """Say whether zxing-cpp reads the photograph of a symbol as ``text``."""
    found = read_qr(photograph(modules, pixels, conditions, seed))
    return any(result.text == text for result in found)
