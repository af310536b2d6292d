"""Printing a case: what is frozen and counted, and what stays unknown until somebody looked."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pypdfium2
import pytest

from core.documents.printing import FilePrinter, PrinterList
from core.errors import EnvironmentFault, Refusal
from core.forms.papers import missing_papers
from core.services import applications, paper
from core.services.session import Session
from tests.core.services.office_kit import OfficeKit, open_kit


class SilentPrinter(FilePrinter):
    """A printer that prints and never answers, or says a given fault; else keeps the port's contract."""

    def __init__(self, folder: Path, code: str) -> None:
        super().__init__(folder)
        self._code = code

    def list_printers(self) -> PrinterList:
        return super().list_printers()

    def print_pdf(self, name: str, pdf: bytes, copies: int, title: str) -> str:
        raise EnvironmentFault(self._code)


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[OfficeKit]:
    made = open_kit(tmp_path)
    yield made
    made.close()


@pytest.fixture
def clerk(kit: OfficeKit) -> Session:
    return kit.open("clerk")


def words(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text = "".join(str(page.get_textpage().get_text_bounded()) for page in document)
    document.close()
    return text


def test_what_is_printed_is_what_the_case_says_and_is_counted(
    kit: OfficeKit, clerk: Session, tmp_path: Path
) -> None:
    case_id = kit.filed_case(clerk)
    job = paper.print_case(clerk, FilePrinter(tmp_path), case_id, copies=2)
    case = applications.get_case(clerk, case_id).case
    assert case.printed == {case.content: 2}
    assert paper.pending_print(clerk, case_id) is None
    sheets = sorted(tmp_path.glob(f"{job}*.pdf"))
    assert len(sheets) == 2
    assert sheets[0].read_bytes() == paper.case_sheet(clerk, case_id).rendered.pdf
    assert case.values["representative_id"] in words(sheets[0].read_bytes())


def test_the_offset_moves_the_sheet(kit: OfficeKit, clerk: Session) -> None:
    case_id = kit.filed_case(clerk)
    moved = paper.case_sheet(clerk, case_id, (3.0, 0.0)).rendered
    still = paper.case_sheet(clerk, case_id).rendered
    assert moved.printed[0].x == pytest.approx(still.printed[0].x + 3.0)


@pytest.mark.parametrize("code", sorted(paper.NOTHING_PRINTED))
def test_a_refusing_printer_leaves_nothing(kit: OfficeKit, clerk: Session, tmp_path: Path, code: str) -> None:
    case_id = kit.filed_case(clerk)
    with pytest.raises(EnvironmentFault):
        paper.print_case(clerk, SilentPrinter(tmp_path, code), case_id)
    assert paper.pending_print(clerk, case_id) is None
    assert applications.get_case(clerk, case_id).case.printed == {}


def test_a_silent_printer_leaves_a_question_that_survives(
    kit: OfficeKit, clerk: Session, tmp_path: Path
) -> None:
    case_id = kit.filed_case(clerk)
    with pytest.raises(EnvironmentFault, match="printer_timeout"):
        paper.print_case(clerk, SilentPrinter(tmp_path, "printer_timeout"), case_id, copies=3)
    clerk.close()
    again = kit.open("clerk")
    pending = paper.pending_print(again, case_id)
    assert pending is not None and pending.copies == 3
    assert applications.get_case(again, case_id).case.printed == {}
    paper.confirm_print(again, case_id)
    paper.confirm_print(again, case_id)  # asked twice, counted once
    case = applications.get_case(again, case_id).case
    assert case.printed == {case.content: 3}


def test_a_question_answered_with_no_counts_nothing(kit: OfficeKit, clerk: Session) -> None:
    case_id = kit.filed_case(clerk)
    paper.begin_print(clerk, case_id, applications.get_case(clerk, case_id).case.content, 1)
    paper.forget_print(clerk, case_id)
    paper.confirm_print(clerk, case_id)
    assert applications.get_case(clerk, case_id).case.printed == {}


def test_a_sheet_of_an_older_version_is_not_counted(kit: OfficeKit, clerk: Session) -> None:
    case_id = kit.filed_case(clerk)
    case = applications.get_case(clerk, case_id).case
    paper.begin_print(clerk, case_id, case.content, 1)
    applications.amend_case(clerk, case_id, {**case.values, "remark": "改过"})
    with pytest.raises(Refusal, match="content_stale"):
        paper.confirm_print(clerk, case_id)
    assert paper.pending_print(clerk, case_id) is None


def test_the_changed_fields_are_named(kit: OfficeKit, clerk: Session) -> None:
    case_id = kit.filed_case(clerk)
    assert paper.stale_fields(clerk, case_id) == ()
    kit.print_case(clerk, case_id)
    values = applications.get_case(clerk, case_id).case.values
    changed = {**values, "address": "海南省琼海市示范路9号", "representative_mobile": "13800009998"}
    applications.amend_case(clerk, case_id, changed)
    assert paper.stale_fields(clerk, case_id) == ("address", "representative_mobile")
    kit.print_case(clerk, case_id)
    assert paper.stale_fields(clerk, case_id) == ()


def test_the_notice_names_what_is_missing(kit: OfficeKit, clerk: Session) -> None:
    case_id = kit.filed_case(clerk)
    view = applications.get_case(clerk, case_id)
    ticks = {view.checklist[0].id: {"original": True, "copy": False}}
    missing = missing_papers(view.checklist, ticks, view.case.values)
    notice = paper.missing_notice(
        clerk, view.form, view.unit.values["name"], missing, ("representative_mobile",), phone="0898-0000"
    )
    text = words(notice.pdf).replace("\r\n", "").replace("\n", "")
    assert "法人证书》副本原件" in text and "请带原件核对，并交加盖单位公章的复印件" in text
    assert "签名、加盖单位公章）" not in text
    assert "填写有误：手机" in text and "0898-0000" in text


def test_the_receipt_names_what_was_brought(kit: OfficeKit, clerk: Session) -> None:
    case_id = kit.submitted_case(clerk)
    view = applications.get_case(clerk, case_id)
    text = words(paper.receipt_slip(clerk, case_id).pdf).replace("\r\n", "").replace("\n", "")
    assert view.case.case_no in text
    assert "副本原件" in text
    assert view.case.values["representative_id"] not in text
