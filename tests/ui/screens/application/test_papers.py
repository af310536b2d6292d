"""Scans and ticks through the window, and what is printed of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pypdfium2
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtTest import QTest

from core.services import applications
from core.settings import Settings
from tests.core.services.office_kit import OfficeKit
from tests.ui.screens.application.stage import Stage, filled, letter_png, printed, registered
from ui.screens.application.papers_view import PapersView
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
    stage.screen.hand.refresh()
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
    stage.until(lambda: scans.eye._watch is not None)
    letter_png(inbox / "fresh.png")

    def looked() -> bool:
        scans.eye.look()
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
    stage.screen.hand.refresh()
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


def _with_picture(stage: Stage, tmp_path: Path) -> PapersView:
    """Take in the signed scan and put the papers in front."""
    stage.screen.paper_desk.add([str(letter_png(tmp_path / "scan.png"))], SIGNED_FORM)
    stage.until(lambda: stage.work.signed)
    stage.screen.bench.show_papers()
    return stage.screen.bench.papers


def _preview_comes_or_goes(stage: Stage) -> None:
    """What a lane does at any moment: the panel's pictures change under the clerk's hands."""
    scans, (scan,) = stage.screen.paper_desk.scans, stage.work.case.scans
    if scans.previews.pop(scan.id, None) is None:
        scans.previews[scan.id] = b"no picture"
    scans.changed.emit()


def test_a_preview_that_arrives_costs_no_tick(take_stage: Take, kit: OfficeKit, tmp_path: Path) -> None:
    (unit,) = registered(kit)
    stage = take_stage()
    filled(stage, unit)
    printed(stage)
    papers = _with_picture(stage, tmp_path)
    papers.focus_open_tick()
    box = stage.focused()
    # Between the press and the release of the space bar.
    QTest.keyPress(box, Qt.Key.Key_Space)
    _preview_comes_or_goes(stage)
    assert stage.focused() is box
    QTest.keyRelease(stage.focused(), Qt.Key.Key_Space)
    assert stage.work.ticks["application_form"]["original"]
    # At once after it, with no event in between.
    papers.focus_open_tick()
    _preview_comes_or_goes(stage)
    stage.press(Qt.Key.Key_Space)
    papers.focus_open_tick()
    stage.press(Qt.Key.Key_Space)
    assert len(stage.work.missing) < 3 and sum(len(row) for row in stage.work.ticks.values()) == 3


def test_a_picture_in_focus_stays_in_focus(take_stage: Take, kit: OfficeKit, tmp_path: Path) -> None:
    (unit,) = registered(kit)
    stage = take_stage()
    filled(stage, unit)
    printed(stage)
    papers = _with_picture(stage, tmp_path)
    (scan,) = stage.work.case.scans
    papers._thumbs[scan.id].setFocus()
    _preview_comes_or_goes(stage)
    assert stage.focused() is papers._thumbs[scan.id]


def test_tab_walks_down_the_papers_and_along_the_scans_line(
    take_stage: Take, kit: OfficeKit, tmp_path: Path
) -> None:
    (unit,) = registered(kit)
    stage = take_stage()
    filled(stage, unit)
    printed(stage)
    papers = _with_picture(stage, tmp_path)
    (scan,) = stage.work.case.scans
    first = papers.box("application_form", "original")
    first.setFocus()
    walked = [first]
    while stage.focused() is not papers.path:
        stage.press(Qt.Key.Key_Tab)
        assert len(walked) < 30 and papers.isAncestorOf(stage.focused())
        walked.append(stage.focused())
    ticks = list(papers._boxes.values())
    assert walked == [first, papers._thumbs[scan.id], *ticks[1:], papers.notice_button, papers.role,
                      papers.choose, papers.path]  # fmt: skip
