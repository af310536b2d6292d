"""The office's own papers beside the two forms: what is missing, what was received, slips, 附件2.

They are ours, not the notice's, except 附件2, whose sentence is filled from the office's settings because the
program's name and the phones it supports have changed before (domain.md 1.2).
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from core.documents.compose import Printed
from core.documents.fit import Style
from core.documents.fonts import Role, font_book
from core.documents.layout import PAGE_HEIGHT, PAGE_WIDTH, Box
from core.documents.leaflet import LEFT, RIGHT, SMALL, Leaflet
from core.documents.pdf import NO_OFFSET, Rendered
from core.documents.qr import matrix
from core.records.ladder import Rung

NUMBER = Style(34, 20, 14, role=Role.SONG, align="center")


@dataclass(frozen=True)
class Office:
    """The office as its papers name it; both texts are settings."""

    name: str
    phone: str = ""


@dataclass(frozen=True)
class Missing:
    """One paper that is missing or not right, and how to mend it."""

    label: str
    remedy: str = ""


@dataclass(frozen=True)
class Ended:
    """One thing that is void: a certificate, what was granted below it, a code."""

    what: str
    detail: str = ""


def day_text(iso: str) -> str:
    """Return ``2026年3月18日`` for an ISO date."""
    day = date.fromisoformat(iso)
    return f"{day.year}年{day.month}月{day.day}日"


def _done(leaflet: Leaflet) -> Rendered:
    pdf = leaflet.finish()
    printed: tuple[Printed, ...] = tuple(leaflet.printed)
    return Rendered(pdf, printed, hashlib.sha256(pdf).hexdigest())


def _leaflet(title: str, rehearsal: bool, offset_mm: tuple[float, float], left: float = LEFT) -> Leaflet:
    return Leaflet(font_book(), title, rehearsal=rehearsal, offset_mm=offset_mm, left=left)


def render_missing_notice(
    office: Office,
    unit: str,
    form_title: str,
    on: str,
    missing: Sequence[Missing],
    *,
    rehearsal: bool,
    offset_mm: tuple[float, float] = NO_OFFSET,
) -> Rendered:
    """Print the 一次性告知书: everything that is missing, told once. ``on`` is an ISO date."""
    page = _leaflet("一次性告知书", rehearsal, offset_mm)
    page.title("一次性告知书")
    page.paragraph(f"{unit}：", field="unit_name", fixed=False)
    page.paragraph(
        f"你单位提交的《{form_title}》及有关材料收悉。经核对，还需补齐或者更正以下材料，现一次性告知：",
        field="form_title",
        fixed=False,
    )
    page.gap(2)
    page.numbered(((item.label, item.remedy and f"办法：{item.remedy}") for item in missing), field="missing")
    page.gap(2)
    page.paragraph("请备齐后一并送交。已经收下并核对无误的材料不必重复提交。")
    if office.phone:
        page.labelled("咨询电话：", office.phone, field="office_phone")
    page.signature((office.name, day_text(on), "收件人（签名）："))
    return _done(page)


_RUNGS = {
    Rung.APPROVED: "机关核准",
    Rung.RECEIVED: "省级收到",
    Rung.CLAIMED: "手机领取",
    Rung.IN_FORCE: "证书生效",
}


def _legal_state(page: Leaflet, reached: Collection[Rung]) -> None:
    """Write how far the law may rely on the case: approved here is not yet in force."""
    steps = (f"{'■' if rung in reached else '□'} {words}" for rung, words in _RUNGS.items())
    page.labelled("目前状态：", "　".join(steps), field="legal_state")
    page.paragraph("以上为打印时的状态。核准不等于证书生效，是否有效以省级平台查验为准。", SMALL)


def render_receipt_slip(
    office: Office,
    unit: str,
    form_title: str,
    case_number: str,
    on: str,
    papers: Sequence[str],
    *,
    reached: Collection[Rung] = (),
    rehearsal: bool,
    offset_mm: tuple[float, float] = NO_OFFSET,
) -> Rendered:
    """Print the 受理回执 on the upper half of A4 (it grows downwards with many papers)."""
    page = _leaflet("受理回执", rehearsal, offset_mm)
    page.title("受理回执")
    page.labelled("受理编号：", case_number, field="case_number")
    page.labelled("单位名称：", unit, field="unit_name")
    page.labelled("申请事项：", form_title, field="form_title")
    page.labelled("收到材料：", "；".join(papers) or "无", field="papers")
    page.labelled("受理日期：", day_text(on), field="received_on")
    _legal_state(page, reached)
    if office.phone:
        page.labelled("咨询电话：", office.phone, field="office_phone")
    page.signature((office.name, "经办人（签名）："))
    if page.y < PAGE_HEIGHT / 2:
        page.ink.line(10, PAGE_HEIGHT / 2, PAGE_WIDTH - 10, PAGE_HEIGHT / 2, 0.3)
    return _done(page)


def render_void_notice(
    office: Office,
    unit: str,
    basis: str,
    ended: Sequence[Ended],
    since: str,
    remedy: str,
    *,
    handover: str = "",
    rehearsal: bool,
    offset_mm: tuple[float, float] = NO_OFFSET,
) -> Rendered:
    """Print the 失效告知书: what is void, from when on, for which reason, and what to do now.

    ``since`` and ``remedy`` are phrases; no name of a person stands on it. ``handover`` is the code with
    which the receiving office registers the unit.
    """
    page = _leaflet("失效告知书", rehearsal, offset_mm)
    page.title("事业单位法人电子证书失效告知书")
    page.paragraph(f"{unit}：", field="unit_name", fixed=False)
    page.paragraph(
        f"因{basis}，你单位下列电子证书及其全部授权自 {since} 起失效，现予告知：",
        field="basis",
        fixed=False,
    )
    page.gap(2)
    page.numbered(((item.what, item.detail) for item in ended), field="ended")
    page.gap(2)
    page.paragraph("失效的电子证书不得再出示、使用，用证部门查验结果为无效。")
    page.paragraph(remedy, field="remedy", fixed=False)
    if handover:
        page.paragraph("接收的登记管理机关在“单位登记”登记新单位时，扫描或输入移交码：")
        page.symbol(matrix(handover.replace("-", "")), 34)
        page.paragraph(handover, SMALL, field="handover", fixed=False)
    if office.phone:
        page.labelled("咨询电话：", office.phone, field="office_phone")
    page.signature((office.name, since.split(" ")[0], "收件人（签名）："))
    return _done(page)


def render_recovery_slip(
    office: Office,
    person: str,
    code: str,
    on: str,
    *,
    rehearsal: bool,
    offset_mm: tuple[float, float] = NO_OFFSET,
) -> Rendered:
    """Print a person's recovery code, for an envelope in the safe."""
    page = _leaflet("密码恢复单", rehearsal, offset_mm)
    page.title("密码恢复单")
    page.labelled("机　　关：", office.name, field="office_name")
    page.labelled("姓　　名：", person, field="person")
    page.labelled("制作日期：", day_text(on), field="made_on")
    page.gap(4)
    page.write(
        code,
        Box(LEFT, page.y, RIGHT - LEFT, 22),
        Style(20, 13, 9, role=Role.SONG, align="center"),
        field="code",
        fixed=False,
    )
    page.gap(26)
    page.paragraph("忘记密码时，在解锁界面选择“用恢复码”，输入以上恢复码，即可重新设置密码。")
    page.paragraph(
        "凭本单可以打开本人的签名密钥。请装入信封密封，存放于保险柜，不要拍照，不要上网传送。使用后请销毁，并重新打印。"
    )
    return _done(page)


def render_pin_slip(
    office: Office,
    unit: str,
    pin: str,
    until: str,
    *,
    reached: Collection[Rung] = (),
    rehearsal: bool,
    offset_mm: tuple[float, float] = NO_OFFSET,
) -> Rendered:
    """Print the six digits for a counter with one screen; ``until`` as in ``2026年3月18日 10:30``."""
    page = _leaflet("领取验证码", rehearsal, offset_mm)
    page.title("领取验证码")
    page.labelled("单位名称：", unit, field="unit_name")
    page.gap(3)
    page.write(pin, Box(LEFT, page.y, RIGHT - LEFT, 22), NUMBER, field="pin", fixed=False)
    page.gap(26)
    page.labelled("有效期至：", until, field="until")
    _legal_state(page, reached)
    page.paragraph("请用手机扫描屏幕上的领取二维码，再输入以上六位验证码。连续五次输错，验证码即失效。")
    page.paragraph("请勿将验证码告诉他人。领取后请将本单交回窗口销毁。")
    page.paragraph(office.name, SMALL, field="office_name", fixed=False)
    return _done(page)


def render_phone_program(
    office: Office,
    program: str,
    phones: str,
    url: str,
    *,
    rehearsal: bool,
    offset_mm: tuple[float, float] = NO_OFFSET,
) -> Rendered:
    """Print 附件2 with the download code of the phone program.

    ``program`` is its display name, ``phones`` the supported phones as a phrase (``安卓手机``). The wording
    is the notice's, filled with the settings. Raises ``UserError("qr_too_long")`` for an address of more
    than 600 bytes.
    """
    page = _leaflet(f"{program}下载二维码", rehearsal, offset_mm)
    page.write("附件 2", Box(LEFT, 19, 40, 8), Style(16, 16, 16, role=Role.HEADING))
    page.gap(10)
    page.title(f"{program}下载二维码")
    page.gap(4)
    page.paragraph(
        f"　　事业单位安装{program}，请用手机扫描下图二维码下载。{program}暂仅支持在{phones}上安装和使用。",
        field="program",
        fixed=False,
    )
    page.gap(6)
    page.symbol(matrix(url), 80)
    page.gap(4)
    page.paragraph(
        url,
        Style(11, 9, 7, role=Role.SONG, align="center", leading=1.4, valign="top"),
        field="url",
        fixed=False,
    )
    page.gap(6)
    contact = f"{office.name}　{office.phone}" if office.phone else office.name
    page.paragraph(contact, SMALL, field="office_name", fixed=False)
    return _done(page)


def render_ruler_page(
    printer: str, *, rehearsal: bool = False, offset_mm: tuple[float, float] = NO_OFFSET
) -> Rendered:
    """Print rulers and crosshairs, from which a clerk reads a printer's offset.

    The crosses lie exactly 20 mm from two edges when nothing is shifted; the present offset is printed too.
    """
    page = _leaflet("打印位置校准页", rehearsal, offset_mm, left=38)
    ink = page.ink
    _ruler(page, horizontal=True)
    _ruler(page, horizontal=False)
    for x, y in (
        (20.0, 20.0),
        (PAGE_WIDTH - 20, 20.0),
        (20.0, PAGE_HEIGHT - 20),
        (PAGE_WIDTH - 20, PAGE_HEIGHT - 20),
    ):
        ink.line(x - 6, y, x + 6, y, 0.4)
        ink.line(x, y - 6, x, y + 6, 0.4)
    ink.line(105, 138.5, 105, 158.5, 0.4)
    ink.line(95, 148.5, 115, 148.5, 0.4)
    page.gap(16)
    page.title("打印位置校准页")
    page.labelled("打印机：", printer, field="printer")
    page.labelled("当前偏移：", f"向右 {offset_mm[0]:g} 毫米，向下 {offset_mm[1]:g} 毫米", field="offset")
    for line in (
        "1．用直尺量左上角十字到纸张左边和上边的距离，应当都是 20 毫米。",
        "2．量得的数小于 20，就在“设置—打印”里把差数加到偏移上；大于 20，就减去差数。",
        "3．再打印一次本页核对。打印时请选“实际大小”，不要选“适合页面”。",
        "4．横尺、竖尺上 100 毫米一段若量得不是 100 毫米，说明打印机缩放了页面。",
    ):
        page.paragraph(line, SMALL)
    return _done(page)


def _ruler(page: Leaflet, *, horizontal: bool) -> None:
    """Draw millimetre marks along the crosses: 0 is the paper's edge."""
    small = Style(7, 7, 7, role=Role.SONG, align="center")
    end = int(PAGE_WIDTH if horizontal else PAGE_HEIGHT) - 20
    for mm in range(20, end + 1):
        long = 4.0 if mm % 10 == 0 else 2.6 if mm % 5 == 0 else 1.6
        if horizontal:
            page.ink.line(mm, 20, mm, 20 + long, 0.25)
        else:
            page.ink.line(20, mm, 20 + long, mm, 0.25)
        if mm % 10 == 0 and 30 <= mm <= end - 10:
            box = Box(mm - 4, 24.4, 8, 3) if horizontal else Box(24.4, mm - 1.5, 6, 3)
            page.write(str(mm), box, small)
    if horizontal:
        page.ink.line(20, 20, end, 20, 0.25)
    else:
        page.ink.line(20, 20, 20, end, 0.25)
