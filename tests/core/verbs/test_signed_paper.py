"""The demo's scan is one that the intake takes, and it shows the sheet it was made from."""

from __future__ import annotations

import io
from datetime import date

from PIL import Image

from core.documents.pdf import render_form
from core.forms.divisions import offices
from core.forms.registry import latest
from core.intake.scan import examine
from core.rehearsal import case_values, make_units
from core.verbs.signed_paper import sign_and_scan


def sheet() -> bytes:
    day = date(2026, 11, 23)
    unit = make_units(offices()[1], day, count=1)[0]
    return render_form(latest("attachment-1"), case_values(unit, "attachment-1", day), rehearsal=True).pdf


def test_it_is_taken_repeatable_and_sealed_in_red() -> None:
    pdf = sheet()
    scan = sign_and_scan(pdf, 3)
    assert scan == sign_and_scan(pdf, 3) != sign_and_scan(pdf, 4)
    assert (examine(scan).media_type, examine(scan).pages) == ("image/jpeg", 1)
    image = Image.open(io.BytesIO(scan)).convert("RGB").resize((120, 170))
    red = sum(1 for r, g, b in image.get_flattened_data() if r > 140 and g < 130 and b < 130)
    assert red > 10
