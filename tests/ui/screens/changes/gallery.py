"""Pictures of 变更办理, to be looked at: ``python -m tests.ui.screens.changes.gallery OUT``."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QWidget

from core.services import changes
from core.services.units import correct_unit, get_unit
from tests.ui.screens.cases.stage import Stage, settle
from tests.ui.screens.changes import scene as scenes
from ui.application import make_application
from ui.screens.changes.screen import ChangesScreen
from ui.screens.changes.state import DONE, PERIOD, RECLAIM, approve_question
from ui.theme import theme
from ui.widgets.confirm import ConfirmDialog

OUT = Path("gallery")
LOOKS = (
    ("1366", 1366, 768, "light", 14),
    ("1920", 1920, 1080, "light", 14),
    ("dark", 1366, 768, "dark", 14),
    ("large", 1366, 768, "light", 20),
)


def looks(window: QWidget, name: str, *only: str) -> None:
    """Save one picture a look."""
    for look, width, height, tone, base in LOOKS:
        if not only or look in only:
            theme().apply(tone, base)  # type: ignore[arg-type]
            window.resize(width, height)
            settle(80)
            window.grab().save(str(OUT / f"{name}-{look}.png"))
    theme().apply("light", 14)
    window.resize(1366, 768)


def _ending_and_moved(stage: Stage, scene: scenes.Scene) -> None:
    """Let one unit's period end soon, and hand another over."""
    ending, moved = scene.another(), scene.another()
    with stage.kit.sit("clerk") as clerk:
        values = get_unit(clerk, ending).values
        correct_unit(clerk, ending, {**values, "valid_from": "2021-12-05", "valid_to": "2026-12-05"})
        change = changes.file_change(
            clerk, moved, "handover", basis="演练编〔2026〕9号", details={"office": "469023"}
        )
    scenes.approve(scene, change)


def main() -> None:
    """Draw everything."""
    OUT.mkdir(parents=True, exist_ok=True)
    make_application(catch_faults=False)
    with tempfile.TemporaryDirectory() as place:
        stage = Stage(Path(place))
        scene = scenes.certified(stage.kit)
        other = scene.another()
        first = scenes.file_representative(scene)
        with stage.kit.sit("clerk") as clerk:
            changes.file_change(
                clerk, other, "suspension", basis="演练法执〔2026〕3号", details={"reason": "court_order"}
            )
        stage.enter("reviewer")
        screen = stage.open("changes", ChangesScreen)
        assert stage.window is not None
        screen.open(first)
        settle(200)
        looks(stage.window, "change")
        view = screen.pane.change
        assert view is not None
        dialog = ConfirmDialog(stage.window, approve_question(view))
        dialog.show()
        settle(80)
        dialog.grab().save(str(OUT / "question.png"))
        dialog.close()
        stage.leave()
        scenes.approve(scene, first)
        scene.exchange()
        stage.enter("both")
        screen = stage.open("changes", ChangesScreen)
        screen.reading.turn(RECLAIM)
        settle(300)
        looks(stage.window, "reclaim", "1366", "dark")
        screen.reading.turn(DONE)
        settle(300)
        looks(stage.window, "done", "1366")
        _ending_and_moved(stage, scene)
        screen.reading.turn(PERIOD)
        settle(300)
        looks(stage.window, "ends", "1366", "dark")
        screen.reading.turn(DONE)
        settle(300)
        looks(stage.window, "moved", "1366", "dark", "large")
        screen.open("", scene.unit)
        settle(300)
        screen.flow.filing.form.value_edited.emit("representative_name", "符样甲")  # type: ignore[union-attr]
        settle(300)
        looks(stage.window, "filing", "1366", "dark", "large")
        for at in (1, 2, 3, 4) and range(1, screen.flow.filing.kind.count()):
            screen.flow.filing.kind.setCurrentIndex(at)
            settle(250)
            looks(stage.window, f"filing-{screen.flow.filing.asks.kind}", "1366")
        stage.close()


if __name__ == "__main__":
    OUT = Path(sys.argv[1]) if len(sys.argv) > 1 else OUT
    main()
