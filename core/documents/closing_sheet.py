"""The day's closing sheet (日结单): what was done, and the head of the record as the desk had checked it.

Filed with the paper ledger it is what nobody can rewrite afterwards: a hub that changes what lies under
the printed root contradicts a sheet of paper in every office.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from core.documents.fit import Style
from core.documents.fonts import Role, font_book
from core.documents.layout import Box
from core.documents.leaflet import LABEL_WIDTH, LEFT, RIGHT, SMALL, Leaflet
from core.documents.notices import Office, day_text
from core.documents.pdf import NO_OFFSET, Rendered
from core.documents.qr import LIMIT, matrix

HEAD = Style(12, 10, 8, align="center", role=Role.HEADING)
FIGURE = Style(16, 14, 9, align="center", role=Role.SONG)
GROUPS = Style(13, 13, 10, role=Role.SONG, valign="top")
_ROW = 9.0
_SYMBOL = 52.0
_COLUMNS = 4


@dataclass(frozen=True)
class PrintedHead:
    """A checked head of the log: its ``note`` as the hub signed it, ``hub_time`` as people read it."""

    origin: str
    size: int
    root: str
    hub_time: str
    note: str


def render_closing_sheet(
    office: Office,
    day: str,
    counts: Sequence[tuple[str, int]],
    head: PrintedHead | None,
    *,
    rehearsal: bool,
    offset_mm: tuple[float, float] = NO_OFFSET,
) -> Rendered:
    """Print the sheet of ``day`` (ISO date): ``counts`` as (label, number), the newest checked head."""
    page = Leaflet(font_book(), "日结单", rehearsal=rehearsal, offset_mm=offset_mm)
    page.title("日结单")
    page.labelled("登记机关：", office.name, field="office_name")
    page.labelled("日　　期：", day_text(day), field="day")
    page.gap(2)
    _table(page, counts)
    page.gap(6)
    page.paragraph("平台日志检查点", Style(14, 12, 10, role=Role.HEADING))
    page.gap(1)
    if head is None:
        page.paragraph("本机还没有与平台核对过的检查点。请先同步，再打印本单。", field="head", fixed=False)
    else:
        _head(page, head)
    page.signature((office.name, day_text(day), "经办人（签名）：", "负责人（签名）："))
    pdf = page.finish()
    return Rendered(pdf, tuple(page.printed), hashlib.sha256(pdf).hexdigest())


def _table(page: Leaflet, counts: Sequence[tuple[str, int]]) -> None:
    width, top = (RIGHT - LEFT) / len(counts), page.y
    for at, (label, number) in enumerate(counts):
        left = LEFT + at * width
        page.write(label, Box(left + 0.5, top, width - 1, _ROW), HEAD)
        page.write(
            str(number), Box(left + 0.5, top + _ROW, width - 1, _ROW + 2), FIGURE, field=label, fixed=False
        )
    bottom = top + 2 * _ROW + 2
    for y in (top, top + _ROW, bottom):
        page.ink.line(LEFT, y, RIGHT, y, 0.3)
    for at in range(len(counts) + 1):
        page.ink.line(LEFT + at * width, top, LEFT + at * width, bottom, 0.3)
    page.y = bottom


def _root(page: Leaflet, root: str) -> None:
    """Write a root in groups of four hex digits, in columns, as people compare it by eye and voice."""
    for at in range(0, len(root), 4):
        row, column = divmod(at // 4, _COLUMNS)
        box = Box(LEFT + LABEL_WIDTH + column * 20, page.y + row * 7, 18, 6)
        page.write(root[at : at + 4], box, GROUPS, field="root", fixed=False)
    page.y += 7 * (len(root) // 4 // _COLUMNS)


def _head(page: Leaflet, head: PrintedHead) -> None:
    page.labelled("日志名称：", head.origin, field="origin")
    page.labelled("记录条数：", str(head.size), field="size")
    page.labelled("平台时间：", head.hub_time, field="hub_time")
    page.write("根校验值：", Box(LEFT, page.y, LABEL_WIDTH, 6), Style(13, 11, 9, valign="top"))
    _root(page, head.root)
    if len(head.note.encode("utf-8")) <= LIMIT:
        page.gap(2)
        page.symbol(matrix(head.note), _SYMBOL)
        page.paragraph("检查点全文（含平台签名）", Style(10, 9, 8, align="center", valign="top"))
    page.gap(2)
    page.paragraph(
        "本单与纸质台账一并保存。平台上第 1 条至上述条数之内的记录今后如被改动、删除、倒填日期或者换序，"
        "用本检查点核验即可发现。",
        SMALL,
    )
