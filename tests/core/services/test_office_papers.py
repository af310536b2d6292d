"""Face, checklists and slips of an office."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import Refusal
from core.forms.papers import default_checklist
from core.records.people import Role
from core.services import office_papers
from tests.core.services.office_kit import OFFICE, OfficeKit


def test_the_face_names_office_and_person(kit: OfficeKit) -> None:
    with kit.sit("both") as session:
        face = office_papers.office_face(session)
    assert (face.office, face.login, face.rehearsal) == (OFFICE.registrar, "both", True)
    assert face.person == kit.person("both")
    assert face.roles == {Role.CLERK, Role.REVIEWER} and not face.single_clerk


def test_an_administrator_edits_the_checklist_and_a_clerk_does_not(kit: OfficeKit) -> None:
    default = default_checklist("attachment-1")
    edited = (*default[1:], replace(default[0], label="改过的名称"))
    with kit.sit("clerk") as clerk, pytest.raises(Refusal, match="role_missing"):
        office_papers.set_papers(clerk, "attachment-1", edited)
    with kit.sit("admin") as admin:
        office_papers.set_papers(admin, "attachment-1", edited)
        assert office_papers.papers_of(admin, "attachment-1") == edited
        assert office_papers.papers_of(admin, "attachment-3") == default_checklist("attachment-3")


def test_slips_and_pages_are_pdf_and_say_what_they_must(kit: OfficeKit) -> None:
    import pypdfium2

    def words(pdf: bytes) -> str:
        page = pypdfium2.PdfDocument(pdf)[0].get_textpage()
        return str(page.get_text_bounded()).replace("\r\n", "")

    with kit.sit("admin") as admin:
        slip = office_papers.recovery_slip(admin, "窗口一", kit.recovery["clerk"])
        program = office_papers.phone_program_page(admin, "演示程序", "安卓手机", "https://example.invalid/a")
        ruler = office_papers.ruler_page(admin, "演示打印机", (1.5, -2.0))
    assert kit.recovery["clerk"] in words(slip) and "演练" in words(slip)
    assert "演示程序" in words(program) and "example.invalid" in words(program)
    assert "演示打印机" in words(ruler) and "1.5" in words(ruler)
