"""The printed certificate from the case list: saved from the real hub, or refused with a sentence."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QApplication, QWidget

from tests.core.services.real_hub import lost
from tests.ui.screens.verify.test_verify_screen import VerifyStage, stage
from ui.screens.cases.screen import CasesScreen

__all__ = ["stage"]


class Saves:
    """A person who always saves at one place."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def save(self, parent: QWidget | None, caption: str, name: str, kinds: str) -> str:
        return str(self.place)


def test_a_claimed_case_offers_its_printed_certificate(
    stage: VerifyStage, tmp_path: Path, qapp: QApplication
) -> None:
    case = stage.room.claimed_case()
    stage.enter("both").set_hub(stage.room.real.port)
    screen = stage.open("cases", CasesScreen)
    screen.open(case)
    stage.settle()
    screen.paper.chooser = Saves(tmp_path / "sheet.pdf")  # type: ignore[assignment]
    stage.button("sheet_save").click()
    stage.settle()
    assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF-") and "sheet.pdf" in stage.toast()
    stage.room.real.wire = lost
    screen.paper.chooser = Saves(tmp_path / "none.pdf")  # type: ignore[assignment]
    stage.button("sheet_save").click()
    stage.settle()
    assert not (tmp_path / "none.pdf").exists() and stage.toast()
