"""The use list (用证清单) to keep: as a table for spreadsheets, and on paper."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence

from core.clock import CHINA, from_stamp
from core.documents.fit import Style
from core.documents.fonts import Role, font_book
from core.documents.leaflet import SMALL, Leaflet
from core.documents.notices import day_text
from core.documents.pdf import NO_OFFSET, Rendered
from core.records.uses import ANSWERS, FUNCTIONS, UseLine

COLUMNS = (
    "查验时间",
    "用证部门",
    "部门类别",
    "用途",
    "功能",
    "单位名称",
    "统一社会信用代码",
    "业务流水号",
    "经办人",
    "结论",
    "查验事由",
    "原因代码",
    "编号",
)
_HEAD = Style(13, 11, 9, role=Role.HEADING, valign="top", leading=1.4)


def china_minute(stamp: str) -> str:
    """Return a UTC stamp as people in China read it, to the minute."""
    return f"{from_stamp(stamp).astimezone(CHINA):%Y-%m-%d %H:%M}"


def _cells(line: UseLine) -> list[str]:
    return [
        china_minute(line.at),
        line.party_name or line.party,
        line.party_kind,
        line.purpose,
        FUNCTIONS.get(line.function, line.function),
        line.unit_name,
        line.uscc,
        line.serial,
        line.operator,
        ANSWERS.get(line.answer, line.answer),
        line.reason,
        " ".join(line.reasons),
        line.use,
    ]


def _harmless(text: str) -> str:
    """A cell that a spreadsheet would take for a formula is made text again."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def use_list_csv(lines: Sequence[UseLine], *, rehearsal: bool) -> bytes:
    """Return the list as CSV in UTF-8 with a byte order mark, as spreadsheets on Chinese machines want it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    first, *others = COLUMNS
    writer.writerow([f"{first}（演练）" if rehearsal else first, *others])
    writer.writerows([_harmless(cell) for cell in _cells(line)] for line in lines)
    return out.getvalue().encode("utf-8-sig")


def render_use_list(
    whose: str, first: str, last: str, lines: Sequence[UseLine], *, rehearsal: bool
) -> Rendered:
    """Print the list of ``whose`` units from one ISO date to another, the newest first."""
    page = Leaflet(font_book(), "用证清单", rehearsal=rehearsal, offset_mm=NO_OFFSET)
    page.title("用证清单")
    page.labelled("范　　围：", whose, field="whose")
    page.labelled("起止日期：", f"{day_text(first)}至{day_text(last)}", field="period")
    page.labelled("查验次数：", f"{len(lines)} 次", field="count")
    page.gap(3)
    if not lines:
        page.paragraph("这段时间没有查验记录。", field="none", fixed=False)
    for number, line in enumerate(lines, start=1):
        _entry(page, number, line)
    page.gap(3)
    page.paragraph("经办人只显示遮盖后的姓名和工号。平台不留存被查验证书的内容。", SMALL)
    pdf = page.finish()
    return Rendered(pdf, tuple(page.printed), hashlib.sha256(pdf).hexdigest())


def _entry(page: Leaflet, number: int, line: UseLine) -> None:
    answer = ANSWERS.get(line.answer, line.answer)
    unit = line.unit_name or "未查到单位"
    page.paragraph(f"{number}．{china_minute(line.at)}　{unit}　{answer}", _HEAD, field="line", fixed=False)
    function = FUNCTIONS.get(line.function, line.function)
    asked = f"{line.party_name or line.party}　{function}　用途：{line.purpose}"
    page.paragraph(asked, SMALL, inset=8, field="party", fixed=False)
    page.paragraph(f"事由：{line.reason or '（未写明）'}", SMALL, inset=8, field="reason", fixed=False)
    told = f"流水号：{line.serial or '—'}　经办人：{line.operator or '—'}　编号：{line.use}"
    page.paragraph(told, SMALL, inset=8, field="serial", fixed=False)
    page.gap(1.5)
