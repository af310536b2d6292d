"""The printed certificate (证书打印件): the face of the electronic certificate on one A4 sheet.

A plain official sheet of our own: a double frame, the fields of domain.md 2.2, a QR symbol that verifies
without network. No emblem and no seal is drawn: what makes it good is the hub's signature in the file and
in the symbol.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from core.documents.fit import Style
from core.documents.fonts import Role, font_book
from core.documents.layout import Box
from core.documents.leaflet import Leaflet
from core.documents.notices import day_text
from core.documents.pdf import NO_OFFSET, Rendered
from core.documents.qr import matrix

TITLE: Final = "事业单位法人电子证书"
SUBTITLE: Final = "纸质打印件"

_LEFT, _RIGHT = 24.0, 186.0
_LABEL_WIDTH = 37.0
_TOP, _FLOOR = 62.0, 222.0
_SYMBOL = 48.0
_LABEL = Style(12, 10, 8, align="spread", role=Role.HEADING)
_VALUE = Style(13, 10, 6, role=Role.SONG)
_LONG = Style(12, 11, 5, role=Role.SONG, leading=1.2)
_NOTE = Style(9.5, 9.5, 7, leading=1.5, valign="top")
_OFFICE = Style(13, 10, 8, role=Role.SONG, align="center")
_HEAD = Style(27, 20, 16, role=Role.TITLE, align="center")
_SUB = Style(12, 12, 10, role=Role.SONG, align="center")

ROWS: Final[tuple[tuple[tuple[tuple[str, str], ...], float], ...]] = (
    ((("uscc", "统一社会信用代码"),), 9.5),
    ((("name", "名称"),), 11.0),
    ((("second_name", "第二名称"),), 8.0),
    ((("third_name", "第三名称"),), 8.0),
    ((("other_names", "其他名称"),), 8.0),
    ((("purpose", "宗旨和业务范围"),), 0.0),
    ((("address", "住所"),), 11.0),
    ((("representative", "法定代表人"), ("starting_capital", "开办资金")), 9.5),
    ((("funding_source", "经费来源"),), 9.5),
    ((("sponsor", "举办单位"),), 11.0),
    ((("period", "有效期"),), 9.5),
)
"""(field, label)s of a row and its height in mm; the one without takes what is left of the sheet."""
_OPTIONAL: Final = ("second_name", "third_name", "other_names")


@dataclass(frozen=True)
class CertificateFace:
    """What the sheet says. ``values`` in normal form; dates ISO; ``symbol`` is the text of the QR symbol."""

    values: Mapping[str, str]
    representative: str
    office_name: str
    issued_on: str
    printed_on: str
    symbol: str


def render_certificate(
    face: CertificateFace, *, rehearsal: bool, offset_mm: tuple[float, float] = NO_OFFSET
) -> Rendered:
    """Print one certificate. Raises ``UserError`` glyph_missing, text_too_long (field), qr_too_long."""
    page = Leaflet(font_book(), TITLE, rehearsal=rehearsal, offset_mm=offset_mm)
    _frame(page)
    page.write(TITLE, Box(_LEFT, 26, _RIGHT - _LEFT, 18), _HEAD)
    page.write(SUBTITLE, Box(_LEFT, 45, _RIGHT - _LEFT, 8), _SUB)
    _rows(page, _texts(face))
    _foot(page, face)
    pdf = page.finish()
    return Rendered(pdf, tuple(page.printed), hashlib.sha256(pdf).hexdigest())


def _frame(page: Leaflet) -> None:
    for inset, width in ((15.5, 1.6), (17.7, 0.4)):
        left, top, right, bottom = inset, inset, 210 - inset, 297 - inset
        for line in (
            (left, top, right, top),
            (left, bottom, right, bottom),
            (left, top, left, bottom),
            (right, top, right, bottom),
        ):
            page.ink.line(*line, width)


def _texts(face: CertificateFace) -> dict[str, str]:
    values = dict(face.values)
    period = f"{day_text(values['valid_from'])}至{day_text(values['valid_to'])}"
    return values | {"representative": face.representative, "period": period}


def _rows(page: Leaflet, texts: Mapping[str, str]) -> None:
    rows = [row for row in ROWS if row[0][0][0] not in _OPTIONAL or texts.get(row[0][0][0])]
    rest = _FLOOR - _TOP - sum(height for _, height in rows)
    top, middle = _TOP, _LEFT + _LABEL_WIDTH
    page.ink.line(_LEFT, top, _RIGHT, top, 0.8)
    for cells, height in rows:
        high, share = height or rest, (_RIGHT - _LEFT) / len(cells)
        for at, (name, caption) in enumerate(cells):
            left, style = _LEFT + at * share, _VALUE if height else _LONG
            page.write(caption, Box(left + 3, top, _LABEL_WIDTH - 6, high), _LABEL)
            if at:
                page.ink.line(left, top, left, top + high, 0.3)
                page.ink.line(left + _LABEL_WIDTH, top, left + _LABEL_WIDTH, top + high, 0.3)
            if texts.get(name):
                inner = left + _LABEL_WIDTH + 2
                box = Box(inner, top + 0.8, left + share - inner - 2, high - 1.6)
                page.write(texts[name], box, style, field=name, fixed=False)
        top += high
        page.ink.line(_LEFT, top, _RIGHT, top, 0.3 if top < _FLOOR - 0.1 else 0.8)
    page.ink.line(middle, _TOP, middle, _FLOOR, 0.3)


def _foot(page: Leaflet, face: CertificateFace) -> None:
    page.symbol_at(matrix(face.symbol), _SYMBOL, _LEFT, 225.0)
    left = _LEFT + _SYMBOL + 8
    wide = _RIGHT - left
    lines: Sequence[tuple[str, str, str]] = (
        ("office_name", "登记管理机关：", face.office_name),
        ("issued_on", "电子证书领取：", day_text(face.issued_on)),
        ("printed_on", "本件打印日期：", day_text(face.printed_on)),
    )
    for at, (name, caption, text) in enumerate(lines):
        y = 227.0 + at * 7.5
        page.write(caption, Box(left, y, 32, 6.5), Style(12, 11, 9))
        page.write(
            text, Box(left + 32, y, wide - 32, 6.5), Style(12, 10, 7, role=Role.SONG), field=name, fixed=False
        )
    page.write(
        "本件由省级平台电子签名，不另盖章。是否有效以核验结果为准：在证窗“核验”页扫描左侧二维码，"
        "或用平台核验网页。不联网时凭最近的核验数据也能核验。二维码所示内容与本件不一致的，本件无效。",
        Box(left, 251.0, wide, 22),
        _NOTE,
    )
