"""Pictures of the register page, to be looked at: ``python -m tests.ui.screens.units.gallery OUT``."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QWidget

from core.services.units import correct_unit, get_unit
from core.settings import Settings
from tests.core.services.office_kit import open_kit
from tests.ui.screens.claim.room import Answers, Calls, shell, wait
from ui.application import make_application
from ui.desk import Desk
from ui.screens.units.screen import UnitsScreen
from ui.task import lanes
from ui.theme import theme

OUT = Path("gallery")
LOOKS = (("1366", 1366, 768, "light", 14), ("1920", 1920, 1080, "light", 14),
         ("dark", 1366, 768, "dark", 14), ("large", 1366, 768, "light", 20),
         ("large-1920", 1920, 1080, "dark", 20))  # fmt: skip


def looks(window: QWidget, name: str, *only: str) -> None:
    for look, width, height, tone, base in LOOKS:
        if not only or look in only:
            theme().apply(tone, base)  # type: ignore[arg-type]
            window.resize(width, height)
            wait(80)
            window.grab().save(str(OUT / f"{name}-{look}.png"))
    theme().apply("light", 14)
    window.resize(1366, 768)


def main() -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    make_application(catch_faults=False)
    with tempfile.TemporaryDirectory() as place:
        kit = open_kit(Path(place))
        case = kit.approved_case()
        with kit.sit("clerk") as clerk:
            units = [kit.unit(clerk) for _ in range(30)]
            for change in ({"address": "海南省海口市演练路 9 号"}, {"starting_capital": "700万元"}):
                correct_unit(clerk, units[0], {**get_unit(clerk, units[0]).values, **change})
            from core.services.applications import get_case

            open_unit = get_case(clerk, case).unit.id
        desk = Desk(Settings())
        desk.unlock_with(kit.open("clerk"), None)
        screen = UnitsScreen(desk, Calls(), ask_first=Answers())
        window = shell(screen, "单位登记")
        window.resize(1366, 768)
        window.show()
        wait(400)
        looks(window, "units-empty", "1366", "dark")
        screen.open(units[0])
        wait(400)
        looks(window, "units-detail")
        screen.open(open_unit)
        wait(400)
        looks(window, "units-open-case", "1366")
        screen.correct()
        wait(300)
        looks(window, "units-correct", "1366", "dark", "large", "1920")
        screen.cancel()
        screen.start_new()
        wait(300)
        form = screen.editor.form
        form.editor("uscc").edited.emit("52460000MJY123456U")
        form.editor("name").edited.emit("海口市美兰区演练文化馆")
        wait(300)
        looks(window, "units-new", "1366", "large")
        screen.editing.save()
        wait(300)
        looks(window, "units-new-errors", "1366")
        screen.may_leave()
        screen.list.search.setText("没有这样的单位")
        wait(400)
        looks(window, "units-nothing", "1366")
        screen.on_shown()
        wait(300)
        looks(window, "units-resume", "1366")
        window.close()
        desk.lock()
        wait(200)
        lanes().shutdown()
        kit.close()


if __name__ == "__main__":
    OUT = Path(sys.argv[1] if len(sys.argv) > 1 else "gallery")
    main()
