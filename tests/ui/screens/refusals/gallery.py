"""Pictures of 退回事项, to be looked at: ``python -m tests.ui.screens.refusals.gallery OUT``."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QWidget

from core.services.office_papers import office_face
from core.settings import Settings
from tests.core.services.two_desks import two_desks
from tests.ui.screens.cases.stage import settle
from tests.ui.screens.refusals import scene
from ui.application import make_application
from ui.desk import Desk
from ui.main_window import MainWindow
from ui.screens.refusals.screen import RefusalsScreen
from ui.screens.refusals.state import again_question, drop_question
from ui.shell import Shell
from ui.sync_view import SyncView
from ui.task import lanes
from ui.theme import theme
from ui.widgets.confirm import ConfirmDialog

OUT = Path("gallery")
LOOKS = (("1366", 1366, 768, "light", 14), ("1920", 1920, 1080, "light", 14),
         ("dark", 1366, 768, "dark", 14), ("large", 1366, 768, "light", 20),
         ("dark-1920", 1920, 1080, "dark", 18))  # fmt: skip


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


def main() -> None:
    """Draw everything."""
    OUT.mkdir(parents=True, exist_ok=True)
    make_application(catch_faults=False)
    with tempfile.TemporaryDirectory() as place, two_desks(Path(place)) as pair:
        scene.corrected_twice(pair)
        scene.filed_twice(pair)
        withdrawn = scene.withdrawn_meanwhile(pair)
        scene.approved_meanwhile(pair)
        amended = scene.amended_twice(pair)
        session = pair.there.open("both")
        desk = Desk(Settings())
        desk.unlock_with(session, None)
        window = MainWindow("证窗", rehearsal=True)
        shell = Shell(window, desk, office_face(session))
        shell.add_foot(lambda: None, lambda: None)
        shell.show_sync(SyncView(True, True, 0, "2026-11-23T02:00:00.000Z", open_refusals=5))
        window.resize(1366, 768)
        window.show()
        screen = window.open("refusals")
        assert isinstance(screen, RefusalsScreen)
        settle(200)
        looks(window, "amended")
        screen.pane.equal.click()
        screen._on_entered(screen._chosen)
        settle(50)
        looks(window, "amended-all", "1366", "large")
        screen._on_back()
        screen.pane.equal.click()
        names = ("amended", "approved", "withdrawn", "filed", "corrected")
        for row, name in enumerate(names):
            screen.list.move_by(1 if row else 0)
            settle(80)
            looks(window, name, "1366", "dark")
        view = screen.pane.shown
        assert view is not None
        for name, question in (("drop", drop_question(view)), ("again", again_question(view))):
            dialog = ConfirmDialog(window, question)
            dialog.show()
            settle(60)
            dialog.grab().save(str(OUT / f"ask-{name}.png"))
            dialog.close()
        for case in (amended, withdrawn):
            shell.open_case(case)
            settle(200)
            looks(window, f"case-{'amended' if case == amended else 'withdrawn'}", "1366", "large")
        screen.open("")
        screen._items = ()
        window.open("refusals")
        settle(100)
        from core.services.conflicts import open_items
        from core.services.conflicts import settle as settle_item

        for item in open_items(session):
            settle_item(session, item.id, "drop")
        shell.show_sync(SyncView(True, True, 5, "2026-11-23T02:00:00.000Z"))
        screen.load()
        settle(200)
        looks(window, "empty", "1366", "dark")
        window.close()
        desk.lock()
        settle(100)
        lanes().shutdown()


if __name__ == "__main__":
    OUT = Path(sys.argv[1] if len(sys.argv) > 1 else "gallery")
    main()
