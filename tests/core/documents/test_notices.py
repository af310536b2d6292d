"""The office's own papers: whole, fitted, marked in rehearsal, and with a code that reads."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PIL import Image

from core.documents.notices import (
    Ended,
    Missing,
    Office,
    render_missing_notice,
    render_phone_program,
    render_pin_slip,
    render_receipt_slip,
    render_recovery_slip,
    render_ruler_page,
    render_void_notice,
)
from core.documents.pdf import Rendered
from core.documents.preview import page_count, raster
from core.errors import UserError
from core.records.ladder import Rung
from tests.core.documents.samples import bare, text_of, words
from tests.qr_reader import read_qr

OFFICE = Office("示范县事业单位登记管理局", "0898-00000000")
UNIT = "琼海示范县自然资源信息中心"
FORM = "事业单位法人电子证书申领表"
CODE = "ABCD-EFGH-JKLM-NPQR-STUV-WXYZ-2345-6"
URL = "https://example.invalid/app"


def missing(count: int) -> list[Missing]:
    return [
        Missing(f"第{i}件材料：《事业单位法人证书》副本原件", "请携带原件到窗口核对") for i in range(count)
    ]


PAPERS: dict[str, Callable[[bool], Rendered]] = {
    "missing": lambda r: render_missing_notice(OFFICE, UNIT, FORM, "2026-03-08", missing(3), rehearsal=r),
    "receipt": lambda r: render_receipt_slip(
        OFFICE, UNIT, FORM, "469000-0012", "2026-03-08", ["身份证复印件"], rehearsal=r
    ),
    "void": lambda r: render_void_notice(
        OFFICE,
        UNIT,
        "法定代表人变更（示范编办〔2026〕7号）",
        [
            Ended(
                "事业单位法人电子证书（受理号 2026-ABCD-0001）",
                "包括第一管理责任人、其他管理人和使用人的全部授权",
            ),
            Ended("未使用的领取码 1 个"),
        ],
        "2026年3月8日 10:30",
        "请由新的法定代表人或其授权的第一管理责任人，持《变更申请表》等材料到窗口重新申领。",
        rehearsal=r,
    ),
    "ruler": lambda r: render_ruler_page("HP_LaserJet", rehearsal=r),
    "recovery": lambda r: render_recovery_slip(OFFICE, "张㛃𬱖", CODE, "2026-03-08", rehearsal=r),
    "pin": lambda r: render_pin_slip(OFFICE, UNIT, "482915", "2026年3月8日 10:30", rehearsal=r),
    "phone": lambda r: render_phone_program(OFFICE, "事业单位登记APP", "安卓手机", URL, rehearsal=r),
}
each = pytest.mark.parametrize("paper", list(PAPERS))


@each
def test_every_filled_in_text_is_on_the_paper_and_inside_its_margins(paper: str) -> None:
    rendered = PAPERS[paper](False)
    copied = bare(text_of(rendered.pdf))
    assert rendered.printed
    for printed in rendered.printed:
        assert bare(printed.text) in copied
        assert printed.x >= 20 and printed.x + printed.w <= 190 and printed.y + printed.h <= 280
    for word in words(rendered.pdf):
        assert word.left >= 14 and word.right <= 196, word


@each
def test_rehearsal_is_marked_on_every_page(paper: str) -> None:
    assert "不具法律效力" in text_of(PAPERS[paper](True).pdf)
    assert "演练" not in text_of(PAPERS[paper](False).pdf)


@each
def test_same_input_same_bytes(paper: str) -> None:
    assert PAPERS[paper](True).pdf == PAPERS[paper](True).pdf


def test_what_is_missing_is_listed_once_with_its_remedy() -> None:
    rendered = render_missing_notice(OFFICE, UNIT, FORM, "2026-03-08", missing(2), rehearsal=False)
    copied = bare(text_of(rendered.pdf))
    for text in (
        "1．第0件材料",
        "2．第1件材料",
        "办法：请携带原件",
        UNIT,
        OFFICE.name,
        OFFICE.phone,
        "2026年3月8日",
    ):
        assert bare(text) in copied
    assert "咨询电话" not in text_of(
        render_missing_notice(Office("某局"), UNIT, FORM, "2026-03-08", missing(1), rehearsal=False).pdf
    )


def test_a_long_list_goes_on_another_page_and_loses_nothing() -> None:
    rendered = render_missing_notice(OFFICE, UNIT, FORM, "2026-03-08", missing(40), rehearsal=True)
    assert page_count(rendered.pdf) > 1
    copied = bare(text_of(rendered.pdf))
    assert all(f"第{i}件材料" in copied for i in range(40))
    assert copied.count("不具法律效力") == page_count(rendered.pdf)


def test_a_receipt_fits_the_upper_half() -> None:
    rendered = PAPERS["receipt"](False)
    assert max(word.bottom for word in words(rendered.pdf)) < 148.5
    assert page_count(rendered.pdf) == 1


def test_the_download_code_reads_from_the_page_and_says_which_phones() -> None:
    rendered = PAPERS["phone"](True)
    width, height, pixels = raster(rendered.pdf, 0, 2.0)
    found = read_qr(Image.frombytes("RGB", (width, height), pixels))
    assert [result.text for result in found] == [URL]
    assert "安卓手机" in text_of(rendered.pdf)
    with pytest.raises(UserError, match="qr_too_long"):
        render_phone_program(OFFICE, "某APP", "所有手机", "https://a.invalid/" + "x" * 600, rehearsal=False)


def test_the_ruler_counts_from_the_papers_edge_and_moves_with_the_offset() -> None:
    plain = render_ruler_page("甲")
    moved = render_ruler_page("甲", offset_mm=(1.5, -0.5))
    assert "向右 1.5 毫米，向下 -0.5 毫米" in text_of(moved.pdf)

    def mark(pdf: bytes) -> tuple[float, float]:
        word = next(w for w in words(pdf) if w.text.startswith("100") and w.top < 40)
        return (word.left + word.right) / 2, word.top

    x, y = mark(plain.pdf)
    assert x == pytest.approx(100, abs=0.5)
    assert mark(moved.pdf) == (pytest.approx(x + 1.5, abs=0.05), pytest.approx(y - 0.5, abs=0.05))


def test_a_name_no_font_has_is_refused() -> None:
    with pytest.raises(UserError) as refusal:
        render_recovery_slip(OFFICE, "王\ue000", CODE, "2026-03-08", rehearsal=False)
    assert refusal.value.params["field"] == "person"


@pytest.mark.parametrize("count", range(5))
def test_slips_say_how_far_the_law_may_rely_on_the_case(count: int) -> None:
    reached = list(Rung)[:count]
    slips = (
        render_receipt_slip(OFFICE, UNIT, FORM, "1", "2026-03-08", [], reached=reached, rehearsal=False),
        render_pin_slip(OFFICE, UNIT, "482915", "2026年3月8日", reached=reached, rehearsal=False),
    )
    words = ("机关核准", "省级收到", "手机领取", "证书生效")
    said = "".join(f"{'■' if at < count else '□'}{word}" for at, word in enumerate(words))
    for slip in slips:
        assert said in bare(text_of(slip.pdf))
