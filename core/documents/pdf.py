"""Forms as PDF files, one or a thousand in a file: the bytes that are previewed, printed and filed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock

from core.documents.compose import Filling, Prepared, Printed, prepare
from core.documents.fonts import FontBook, font_book
from core.documents.ink import Ink
from core.documents.layout import Part
from core.documents.layouts import get_layout
from core.documents.paper import Paper, shifted
from core.errors import UserError
from core.forms.kinds import display
from core.forms.spec import FormSpec, Values, visible_fields

NO_OFFSET = (0.0, 0.0)
# Rendering is all Python work, so threads gain nothing from doing it at once, and the caches stay simple.
_RENDERING = Lock()


@dataclass(frozen=True)
class Rendered:
    """A finished PDF: bytes, every filled-in text once for each place it is printed, SHA-256 (hex)."""

    pdf: bytes
    printed: tuple[Printed, ...]
    sha256: str


def _rendered(pdf: bytes, printed: Iterable[Printed]) -> Rendered:
    return Rendered(pdf, tuple(printed), hashlib.sha256(pdf).hexdigest())


def printed_values(form: FormSpec, values: Values) -> tuple[dict[str, str], dict[str, str]]:
    """Return the values the paper shows, as people read them and in normal form; hidden ones stay blank."""
    shown = [field for field in visible_fields(form, values) if field.printed and values.get(field.id)]
    return {field.id: display(field, values[field.id]) for field in shown}, {
        f.id: values[f.id] for f in shown
    }


def _prepared(book: FontBook, form: FormSpec, rehearsal: bool) -> Prepared:
    try:
        layout = get_layout(form.id, form.version)
    except KeyError as unknown:
        raise UserError("form_not_printed", form=form.id, version=form.version) from unknown
    return prepare(book, layout, rehearsal)


def render_form(
    form: FormSpec,
    values: Values,
    *,
    rehearsal: bool,
    offset_mm: tuple[float, float] = NO_OFFSET,
    book: FontBook | None = None,
) -> Rendered:
    """Print one form on A4.

    ``values`` are in normal form; a draft may lack any of them. ``offset_mm`` moves everything right and
    down. Raises ``UserError``: ``glyph_missing`` (character, codepoint, field), ``text_too_long`` (field),
    ``form_not_printed``; ``EnvironmentFault("font_unreadable")``.
    """
    book = book or font_book()
    with _RENDERING:
        prepared = _prepared(book, form, rehearsal)
        paper = Paper(book, prepared.layout.title, prepared.seed)
        ink = Ink(book, paper.fonts)
        filling = Filling(prepared, ink, offset_mm)
        filling.fill(prepared.segments, *printed_values(form, values), page=0)
        paper.add_page(shifted(ink.take(), offset_mm))
        return _rendered(paper.finish(), filling.printed)


def render_many(
    form: FormSpec,
    many: Iterable[Values],
    *,
    rehearsal: bool,
    offset_mm: tuple[float, float] = NO_OFFSET,
    book: FontBook | None = None,
) -> Rendered:
    """Print many forms of one kind into one file, a page each; the fixed parts are stored once.

    Raises as :func:`render_form`, with ``row`` (from 0) added to the parameters of a ``UserError``, and
    ``UserError("nothing_to_print")`` for none.
    """
    book = book or font_book()
    with _RENDERING:
        prepared = _prepared(book, form, rehearsal)
        paper = Paper(book, prepared.layout.title, prepared.seed)
        segments = _share(paper, prepared)
        ink = Ink(book, paper.fonts)
        filling = Filling(prepared, ink, offset_mm)
        count = 0
        for page, values in enumerate(many):
            try:
                filling.fill(segments, *printed_values(form, values), page=page)
            except UserError as refusal:
                refusal.params["row"] = page
                raise
            # The fixed parts are elsewhere; what is left of a page is small, and packing it well costs more
            # time than all the rest of the page.
            paper.add_page(shifted(ink.take(), offset_mm), level=1)
            count += 1
        if not count:
            raise UserError("nothing_to_print")
        return _rendered(paper.finish(), filling.printed)


def _share(paper: Paper, prepared: Prepared) -> list[str | Part]:
    """Store each fixed part once and return the segments with calls in their place, order kept."""
    segments: list[str | Part] = []
    for index, segment in enumerate(prepared.segments):
        if isinstance(segment, str):
            paper.share(f"s{index}", segment)
            segments.append(f"/s{index} Do")
        else:
            segments.append(segment)
    return segments
