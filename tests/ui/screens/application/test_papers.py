"""Scans and ticks through the window, and what is printed of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pypdfium2
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent

from core.services import applications
from core.settings import Settings
from tests.core.services.office_kit import OfficeKit
from tests.ui.screens.application.stage import Stage, filled, letter_png, printed, registered
from ui.screens.application.work import SIGNED_FORM

Take = Callable[..., Stage]


def test_a_file_that_is_no_scan_is_refused_in_words(take_stage: Take, kit: OfficeKit, tmp_path: Path) -> None:
    (unit,) = registered(kit)
    stage = take_stage()
    filled(stage, unit)
    printed(stage)
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 broken")
    stage.screen.paper_desk.add([str(tmp_path / "bad.pdf"), str(tmp_path / "gone.png")], SIGNED_FORM)
    stage.until(lambda: stage.screen.paper_desk.scans._task is None)
    assert "没有添加" in stage.window.toast.text
    assert stage.work.case.scans == ()


def test_dropped_files_are_kept_and_shown(take_stage: Take, kit: OfficeKit, tmp_path: Path) -> None:
    (unit,) = registered(kit)
    stage = take_stage()
    filled(stage, unit)
    printed(stage)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(letter_png(tmp_path / "a.png")))])
    drop = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                      Qt.KeyboardModifier.NoModifier)  # fmt: skip
    stage.screen.bench.papers.dropEvent(drop)
    stage.until(lambda: stage.work.signed)
    (scan,) = stage.work.case.scans
    assert stage.screen.paper_desk.scans.previews[scan.id].startswith(b"\x89PNG")
    stage.desk.lock()
    assert stage.screen.paper_desk.scans.previews == {}
    stage.sit("clerk")
    stage.screen.refresh()
    stage.until(lambda: scan.id in stage.screen.paper_desk.scans.previews)


def test_an_examination_can_be_stopped(take_stage: Take, kit: OfficeKit, tmp_path: Path) -> None:
    (unit,) = registered(kit)
    stage = take_stage()
    filled(stage, unit)
    printed(stage)
    page = str(letter_png(tmp_path / "a.png"))
    stage.screen.paper_desk.add([page, page, page], SIGNED_FORM)
    assert stage.steward.cancel is not None
    stage.steward.cancel()
    stage.until(lambda: stage.screen.paper_desk.scans._task is None)
    assert "已停止" in stage.window.toast.text and stage.work.case.scans == ()


def test_the_watched_folder_offers_and_never_takes(take_stage: Take, kit: OfficeKit, tmp_path: Path) -> None:
    (unit,) = registered(kit)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    letter_png(inbox / "yesterday.png")
    stage = take_stage(settings=Settings().changed(watched_folder=str(inbox)))
    filled(stage, unit)
    printed(stage)
    scans = stage.screen.paper_desk.scans
    stage.until(lambda: scans._watch is not None)
    letter_png(inbox / "fresh.png")

    def looked() -> bool:
        scans.look()
        return bool(scans.offers)

    stage.until(looked)
    assert [path.name for path in scans.offers] == ["fresh.png"]
    assert stage.work.case.scans == ()
    stage.screen.bench.papers.offer_taken.emit(SIGNED_FORM)
    stage.until(lambda: stage.work.signed)
    assert scans.offers == [] and (inbox / "fresh.png").exists()


def test_a_tick_taken_back_at_once_stays_back(take_stage: Take, kit: OfficeKit) -> None:
    (unit,) = registered(kit)
    stage = take_stage()
    filled(stage, unit)
    printed(stage)
    desk = stage.screen.paper_desk
    desk._on_ticked("manager_id", "copy", True)
    desk.keep_ticks()
    desk._on_ticked("manager_id", "copy", False)
    desk.keep_ticks_now()
    stage.until(lambda: not desk.unsaved)
    stage.screen.refresh()
    case_id = stage.work.case.id
    stage.until(lambda: not stage.work.ticks_changed)
    assert not stage.work.ticks.get("manager_id", {}).get("copy")
    assert (
        not applications.get_case(stage.desk.session, case_id).case.papers.get("manager_id", {}).get("copy")
    )


def test_the_notice_of_what_is_missing_is_printed(take_stage: Take, kit: OfficeKit, spool: Path) -> None:
    (unit,) = registered(kit)
    stage = take_stage()
    stage.start(unit)
    stage.screen.bench.papers.notice_button.click()
    stage.until(lambda: stage.screen.prints.dialog is not None)
    dialog = stage.screen.prints.dialog
    assert dialog is not None
    stage.until(lambda: dialog.print_button.isEnabled())
    dialog.print_button.click()
    stage.until(lambda: dialog.state.stage == "done")
    (sheet,) = spool.glob("*.pdf")
    document = pypdfium2.PdfDocument(sheet)
    text = str(document[0].get_textpage().get_text_bounded()).replace("\r\n", "")
    document.close()
    assert "法人证书》副本" in text and "身份证号码" in text
    dialog.reject()
    assert applications.cases_of_unit(stage.desk.session, unit) == []
