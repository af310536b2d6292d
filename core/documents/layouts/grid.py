"""What the two attachments' tables share: columns, type, and the lines of a table from its rows.

Only measures live here. Each attachment keeps its own wording and its own rows, because the notice words them
differently and one may change without the other.
"""

from __future__ import annotations

from core.documents.fit import Style
from core.documents.fonts import Role
from core.documents.layout import Box, DateCells, Rule, Wording

LEFT, LABEL, PHONE, NUMBER, RIGHT = 25.0, 70.0, 118.0, 138.0, 185.0
"""Vertical lines of the table, mm: frame, end of labels, 手机 label, phone number, frame."""

HAIRLINE, FRAME = 0.5, 1.0
"""Line widths in points."""

PAD = 3.0
"""Clear space between a line and the value beside it, mm."""

LABEL_STYLE = Style(14, align="center")
SPREAD_STYLE = Style(14, align="spread")
VALUE_STYLE = Style(14)
PHONE_STYLE = Style(12)
OFFICE_STYLE = Style(14, 10.5, 6, leading=1.15)
REMARK_STYLE = Style(14, 9, 5.5, leading=1.15)
TITLE_STYLE = Style(22, 22, 22, role=Role.TITLE, align="center")
HEADING_STYLE = Style(16, 16, 16, role=Role.HEADING)
PROMPT_STYLE = Style(12, 9, 8)
BODY_STYLE = Style(14, 14, 9, leading=1.62, valign="top")
NOTE_STYLE = Style(12, 12, 9, leading=1.28, valign="top")
DATE_STYLE = Style(14, 9, align="center")


def value_box(x0: float, x1: float, top: float, bottom: float) -> Box:
    """Return the room for a value between two vertical lines and two rules."""
    return Box(x0 + PAD, top + 0.8, x1 - x0 - 2 * PAD + 1.0, bottom - top - 1.6)


def label_box(x0: float, x1: float, top: float, bottom: float) -> Box:
    """Return the place of spread label letters that begin at ``x0`` and end at ``x1``."""
    return Box(x0, top + 0.8, x1 - x0, bottom - top - 1.6)


def table_rules(
    rows: tuple[float, ...], label_rows: tuple[int, ...], phone_rows: tuple[int, ...]
) -> tuple[Rule, ...]:
    """Return the lines of a table: ``rows`` are the horizontal lines, the others name rows by number."""
    top, bottom = rows[0], rows[-1]
    lines = [Rule(LEFT, y, RIGHT, y, HAIRLINE) for y in rows[1:-1]]
    lines += [Rule(LABEL, rows[i], LABEL, rows[i + 1], HAIRLINE) for i in label_rows]
    lines += [Rule(x, rows[i], x, rows[i + 1], HAIRLINE) for i in phone_rows for x in (PHONE, NUMBER)]
    lines += [Rule(LEFT, y, RIGHT, y, FRAME) for y in (top, bottom)]
    lines += [Rule(x, top, x, bottom, FRAME) for x in (LEFT, RIGHT)]
    return tuple(lines)


def date_line(field: str, middle: float) -> tuple[Wording | DateCells, ...]:
    """Return 填表日期 with three places for digits, centred on the height ``middle`` mm."""
    top = middle - 3.5

    def word(text: str, x: float, width: float) -> Wording:
        return Wording(text, Box(x, top, width, 7), Style(14, 14, 14))

    def digits(part: int, x: float, width: float) -> DateCells:
        return DateCells(field, part, Box(x, top, width, 7), DATE_STYLE)

    return (
        word("填表日期：", 118.0, 25.0),
        digits(0, 143.0, 11.4),
        word("年", 155.0, 5.0),
        digits(1, 160.4, 6.6),
        word("月", 167.4, 5.0),
        digits(2, 172.8, 6.6),
        word("日", 179.8, 5.0),
    )
