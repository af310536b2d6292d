"""Invented values for the two forms, and what a reader of the PDF sees (by pdfium)."""

from __future__ import annotations

from typing import NamedTuple

import pypdfium2 as pdfium

from core.documents.layout import MM, PAGE_HEIGHT
from core.forms.catalogue.attachment_1 import ATTACHMENT_1 as FORM_1
from core.forms.catalogue.attachment_3 import ATTACHMENT_3 as FORM_3
from core.forms.spec import FormSpec

FORMS: tuple[FormSpec, ...] = (FORM_1, FORM_3)

ORDINARY = {
    "filled_on": "2026-03-18",
    "unit_name": "琼海示范县自然资源信息中心",
    "address": "海南省示范县人民路18号政务服务中心三楼",
    "representative_name": "张示范",
    "representative_mobile": "13800000001",
    "representative_id": "460000199001010011",
    "other_manager": "yes",
    "office_name": "示范县事业单位登记管理局",
    "manager_name": "李演示",
    "manager_mobile": "13900000002",
    "manager_id": "46000019920202002X",
    "handset_confirmed": "yes",
    "remark": "随法人变更登记同步申领",
    "occasion": "alone",
    "reason": "manager_changed",
    "attendant": "manager",
    "identity_checked": "yes",
}
RARE = {**ORDINARY, "representative_name": "张㛃䶮", "manager_name": "李頔𬱖", "remark": "曾用名𠮷𪚥"}
BLANK = {**ORDINARY, "other_manager": "", "remark": ""}
DRAFT: dict[str, str] = {}


def longest(form: FormSpec) -> dict[str, str]:
    """Every free text as long as the spec allows, in full-width characters."""
    values = dict(ORDINARY)
    for field in form.fields():
        if field.printed and field.kind in {"text", "long_text", "unit_name", "office_name", "person_name"}:
            values[field.id] = ("海南省示范县人民政府，（办公室）" * 20)[: field.max_length]
    return values


class Word(NamedTuple):
    """A stretch of text that pdfium sees as one, in mm from the top left of its page."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    page: int


def words(pdf: bytes) -> list[Word]:
    """Return every stretch of text with its ink box."""
    document = pdfium.PdfDocument(pdf)
    found = []
    for number in range(len(document)):
        page = document[number].get_textpage()
        for index in range(page.count_rects()):
            left, bottom, right, top = page.get_rect(index)
            text = page.get_text_bounded(left, bottom, right, top).strip()
            box = (left / MM, PAGE_HEIGHT - top / MM, right / MM, PAGE_HEIGHT - bottom / MM)
            found.append(Word(text, *box, number))
    document.close()
    return found


def text_of(pdf: bytes) -> str:
    """Return the copied text of all pages."""
    document = pdfium.PdfDocument(pdf)
    return "\n".join(document[i].get_textpage().get_text_range() for i in range(len(document)))


def bare(text: str) -> str:
    """Return a text without any white space."""
    return "".join(text.split())
