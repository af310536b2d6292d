"""The peer's page: attachment 1 in Typst markup, generated from our own layout so that both sides draw
the same design (same words, boxes, sizes, fonts and lines)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from core.documents.fit import Style
from core.documents.fonts import Role
from core.documents.layout import Blank, Box, Cell, DateCells, Layout, Sentence, Wording
from resources import resource_path

FONTS = {
    Role.BODY: ("FandolFang R", "Noto Serif SC", "HanaMinB"),
    Role.TITLE: ("Noto Serif SC", "HanaMinB"),
    Role.HEADING: ("Noto Sans SC", "HanaMinB"),
}


def font_folder() -> Path:
    """Return the folder of the shipped fonts."""
    return resource_path("fonts")


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _style(style: Style) -> str:
    families = ", ".join(_quoted(name) for name in FONTS[style.role])
    weight = ', weight: "bold"' if style.role is Role.TITLE else ""
    return f"font: ({families},), size: {style.size}pt{weight}"


def _placed(box: Box, style: Style, body: str) -> str:
    across = {"center": "center", "right": "right"}.get(style.align, "left")
    down = "horizon" if style.valign == "middle" else "top"
    if style.align == "spread":
        body = " #h(1fr) ".join(f"#{_quoted(letter)}" for letter in json.loads(body[1:]) if letter != " ")
    return (
        f"#place(top + left, dx: {box.x}mm, dy: {box.y}mm, box(width: {box.w}mm, height: {box.h}mm, "
        f"align({across} + {down}, block(width: 100%)[#set text({_style(style)})\n{body}])))"
    )


def _parts(layout: Layout) -> Iterator[str]:
    for part in layout.parts:
        if isinstance(part, Wording):
            indent = f"#h({part.indent}em)" if part.indent and part.style.align != "spread" else ""
            yield _placed(part.box, part.style, f"{indent}#{_quoted(part.text)}")
        elif isinstance(part, Cell):
            yield _placed(part.box, part.style, f'#v.at("{part.field}", default: "")')
        elif isinstance(part, DateCells):
            yield _placed(part.box, part.style, f'#v.at("{part.field}").split("-").at({part.part})')
        elif isinstance(part, Sentence):
            yield _placed(part.box, part.style, f"#h({part.indent}em)" + _sentence(part))


def _sentence(part: Sentence) -> str:
    words = []
    for item in part.items:
        if isinstance(item, str):
            words.append(f"#{_quoted(item)}")
        elif isinstance(item, Blank):
            words.append(
                f'#box(width: {item.least}mm, stroke: (bottom: 0.5pt), align(center)[#v.at("{item.field}")])'
            )
    return "".join(words)


def markup(layout: Layout, source: str) -> str:
    """Return a Typst document that draws one page per element of the JSON ``source`` (a Typst expression)."""
    rules = "\n".join(
        f"#place(top + left, line(start: ({r.x0}mm, {r.y0}mm), end: ({r.x1}mm, {r.y1}mm), "
        f"stroke: {r.width}pt))"
        for r in layout.rules
    )
    page = "\n".join(_parts(layout))
    return (
        '#set page(paper: "a4", margin: 0pt)\n#set par(leading: 0.5em)\n'
        f"#let fixed = [{rules}]\n#let form(v) = [#fixed\n{page}]\n"
        f"#let many = {source}\n#for (i, v) in many.enumerate() {{ if i > 0 {{ pagebreak() }}; form(v) }}\n"
    )


def rows_json(rows: Sequence[Mapping[str, str]]) -> str:
    """Return rows as the peer reads them."""
    return json.dumps([dict(row) for row in rows], ensure_ascii=False)
