"""Symbols: level M, whole pixels, white around them; the fixed mask reads no worse than the chosen one."""

from __future__ import annotations

import base64
import io
import random

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from core.documents.qr import LIMIT, MASK, QUIET, Matrix, matrix, png
from core.errors import UserError
from tests.core.documents.camera import HARD, MODERATE, reads
from tests.qr_reader import read_qr


def offer(seed: int) -> str:
    """An offer of the real shape and size with an invented host."""
    host = "https://hub.bianban.invalid"
    code = base64.urlsafe_b64encode(random.Random(seed).randbytes(155)).decode().rstrip("=")
    return f"{host}/c?credential_offer_uri={host}/o/{code}"


def read(modules: Matrix, scale: int = 3) -> zxingcpp.Barcode:
    (found,) = read_qr(Image.open(io.BytesIO(png(modules, scale))))
    return found


def test_an_offer_is_version_13_at_level_m() -> None:
    modules = matrix(offer(1))
    assert len(modules) == 69
    found = read(modules)
    assert (found.text, found.ec_level) == (offer(1), "M")


def test_the_mask_in_the_symbol_is_the_fixed_one() -> None:
    modules = matrix(offer(1))
    # Format information beside the upper left finder (ISO/IEC 18004, 7.9), unmasked with 101010000010010.
    bits = [modules[8][c] for c in (0, 1, 2, 3, 4)]
    value = int("".join(str(int(bit)) for bit in bits), 2) ^ 0b10101
    assert (value >> 3, value & 0b111) == (0b00, MASK)


@settings(max_examples=40)
@given(st.text(min_size=1, max_size=100))
def test_whatever_goes_in_comes_out(text: str) -> None:
    assert read(matrix(text)).bytes == text.encode("utf-8")


def test_more_than_a_camera_reads_is_refused() -> None:
    matrix("x" * LIMIT)
    with pytest.raises(UserError) as refusal:
        matrix("x" * (LIMIT + 1))
    assert refusal.value.params == {"bytes": LIMIT + 1, "limit": LIMIT}


@pytest.mark.parametrize("scale", [1, 3, 4, 7])
def test_the_picture_has_whole_pixels_and_a_white_border(scale: int) -> None:
    modules = matrix("https://a.invalid")
    picture = Image.open(io.BytesIO(png(modules, scale))).convert("1")
    side = len(modules) + 2 * QUIET
    assert picture.size == (side * scale, side * scale)
    for y in range(side * scale):
        for x in range(side * scale):
            row, column = y // scale - QUIET, x // scale - QUIET
            inside = 0 <= row < len(modules) and 0 <= column < len(modules)
            black = inside and modules[row][column]
            assert (picture.getpixel((x, y)) == 0) == black


@pytest.mark.slow
@pytest.mark.parametrize(("conditions", "pixels"), [(MODERATE, 400), (HARD, 600)], ids=["moderate", "hard"])
def test_the_fixed_mask_reads_no_worse_than_the_chosen_one(conditions: object, pixels: int) -> None:
    trials = 12
    score = {
        mask: sum(
            reads(matrix(offer(seed), mask=mask), offer(seed), pixels, conditions, seed)  # type: ignore[arg-type]
            for seed in range(trials)
        )
        for mask in (MASK, None)
    }
    assert score[MASK] >= score[None] - 1
    assert score[MASK] >= trials * 3 // 4
