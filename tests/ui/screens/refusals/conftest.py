"""A window at the desk that was too late, and the other desk behind it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.core.services.two_desks import TwoDesks, two_desks
from tests.ui.screens.cases.stage import Stage
from ui.task import lanes


class LateStage(Stage):
    """The stage of the desk ``there`` of two."""

    def __init__(self, pair: TwoDesks) -> None:
        self.pair = pair
        self.kit = pair.there
        self.desk = self.window = self.shell = None

    def close(self) -> None:
        """Sign out and stop the lanes; the desks are closed by whoever opened them."""
        self.leave()
        assert lanes().shutdown() == ()
        self.kit.close()


@pytest.fixture
def stage(qapp: QApplication, tmp_path: Path) -> Iterator[LateStage]:
    """Two desks and a window at the second."""
    with two_desks(tmp_path) as pair:
        made = LateStage(pair)
        yield made
        made.close()
