"""Pictures of the page: ``python -m tests.ui.screens.uses.gallery FOLDER``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.core.services.real_hub import lost
from tests.ui.screens.units.gallery import LOOKS
from tests.ui.screens.uses.scene import HOUSING, LABOUR, Scene
from ui.application import make_application
from ui.screens.units.screen import UnitsScreen
from ui.screens.uses.state import OWN
from ui.theme import theme

SAID = (
    (LABOUR, "valid", {}),
    (HOUSING, "not valid", {"why": "certificate_void", "reason": "核对公积金缴存单位，办理汇缴登记"}),
    (LABOUR, "unknown", {"why": "status_stale", "function": "matter"}),
    (HOUSING, "refused", {"why": "party_budget_spent", "function": "compare"}),
)  # fmt: skip


def main(folder: Path) -> None:
    """Write all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        scene = Scene(Path(place), 5)
        for at in range(30):
            department, answer, more = SAID[at % 4]
            unit = None if at % 11 == 3 else scene.units[at % 5]
            scene.note(department, unit, answer, serial=f"SB-{at:06}", **more)  # type: ignore[arg-type]
        screen = scene.open_page("both")
        _looks(scene, folder, "list")
        screen.table.setCurrentIndex(screen.table.model().index(2, 0))
        _looks(scene, folder, "line")
        screen.open(scene.units[0], "演练县图书馆")
        screen.filter.period.setCurrentIndex(screen.filter.period.findData(OWN))
        scene.settle()
        _looks(scene, folder, "unit")
        screen.filter.words.setText("没有")
        scene.settle()
        _looks(scene, folder, "no-match")
        screen.clear()
        scene.real.wire = lost
        screen.fetch()
        scene.settle()
        _looks(scene, folder, "offline")
        screen._fetched = None
        screen.fetch()
        scene.settle()
        _looks(scene, folder, "offline-first")
        units = scene.open("units", UnitsScreen)
        units.open(scene.units[0])
        scene.settle()
        _looks(scene, folder, "door")
        scene.close()


def _looks(scene: Scene, folder: Path, name: str) -> None:
    assert scene.window is not None
    for look, width, height, mode, base in LOOKS:
        theme().apply(mode, base)  # type: ignore[arg-type]
        scene.window.resize(width, height)
        scene.settle(80)
        scene.window.grab().save(str(folder / f"uses-{name}-{look}.png"))


if __name__ == "__main__":
    make_application(catch_faults=False)
    main(Path(sys.argv[1]))
