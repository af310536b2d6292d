"""An office per test and a clerk at its window; the store lane is emptied before the office goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from core.documents.printing import FilePrinter
from tests.core.services.office_kit import OfficeKit, open_kit
from tests.ui.screens.application.stage import Stage
from ui.task import lanes


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[OfficeKit]:
    made = open_kit(tmp_path)
    yield made
    made.close()


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    place = tmp_path / "spool"
    place.mkdir()
    return place


@pytest.fixture
def take_stage(qapp: QApplication, kit: OfficeKit, spool: Path) -> Iterator[Callable[..., Stage]]:
    """Make stages: ``take_stage(form_id=…, printer=…, settings=…)``."""
    made: list[Stage] = []

    def take(form_id: str = "attachment-1", printer: Any = None, settings: Any = None) -> Stage:
        made.append(Stage(kit, form_id, printer or FilePrinter(spool, ["窗口打印机"]), settings))
        return made[-1]

    yield take
    for stage in made:
        stage.window.close()
        stage.window.deleteLater()
    assert lanes().shutdown(10) == ()
    qapp.processEvents()
