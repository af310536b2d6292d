"""What the province publishes on paper: the scenario list (应用场景清单) and the service guide (办事指南)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from core.documents.fit import Style
from core.documents.fonts import Role, font_book
from core.documents.leaflet import SMALL, Leaflet
from core.documents.notices import day_text
from core.documents.pdf import NO_OFFSET, Rendered

_HEAD = Style(14, 12, 10, role=Role.HEADING, valign="top", leading=1.4)


def _finished(page: Leaflet) -> Rendered:
    pdf = page.finish()
    return Rendered(pdf, tuple(page.printed), hashlib.sha256(pdf).hexdigest())


def render_scenarios(entries: Sequence[tuple[str, str, str, str]], on: str, *, rehearsal: bool) -> Rendered:
    """Print the list: (code, name, department, how it is used), as it stood ``on`` an ISO date."""
    page = Leaflet(font_book(), "应用场景清单", rehearsal=rehearsal, offset_mm=NO_OFFSET)
    page.title("事业单位法人电子证书应用场景清单")
    page.paragraph(f"共 {len(entries)} 项，截至{day_text(on)}。", SMALL, field="count", fixed=False)
    page.gap(2)
    for number, (code, name, department, steps) in enumerate(entries, start=1):
        page.paragraph(f"{number}．{name}", _HEAD, field="name", fixed=False)
        page.paragraph(
            f"办理部门：{department}　事项代码：{code}", SMALL, inset=8, field="department", fixed=False
        )
        page.paragraph(f"怎样使用：{steps}", SMALL, inset=8, field="steps", fixed=False)
        page.gap(1.5)
    return _finished(page)


def render_guide(
    title: str, sections: Sequence[tuple[str, Sequence[str]]], on: str, *, rehearsal: bool
) -> Rendered:
    """Print the guide: its sections as (heading, paragraphs), as it stood ``on`` an ISO date."""
    page = Leaflet(font_book(), title, rehearsal=rehearsal, offset_mm=NO_OFFSET)
    page.title(title)
    for number, (heading, lines) in enumerate(sections, start=1):
        page.paragraph(f"{number}．{heading}", _HEAD, field="heading", fixed=False)
        for line in lines:
            page.paragraph(line, inset=8, field="line", fixed=False)
        page.gap(1.5)
    page.paragraph(f"截至{day_text(on)}。", SMALL, field="on", fixed=False)
    return _finished(page)
