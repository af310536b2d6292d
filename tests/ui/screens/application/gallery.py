"""Pictures of the application page, to be looked at: ``python …/gallery.py OUT``."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[4]))

from core.documents.printing import FilePrinter
from core.services import applications, review
from tests.core.services.office_kit import open_kit
from tests.ui.screens.application.stage import Stage, letter_png
from ui.application import make_application
from ui.task import lanes
from ui.theme import theme

LOOKS = (
    ("1366", 1366, 768, "light", 14),
    ("1920", 1920, 1080, "light", 14),
    ("dark-1366", 1366, 768, "dark", 14),
    ("dark-1920", 1920, 1080, "dark", 14),
    ("large-1366", 1366, 768, "light", 20),
    ("large-1920", 1920, 1080, "light", 20),
)


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    application = make_application(catch_faults=False)
    place = Path(tempfile.mkdtemp())
    kit = open_kit(place)
    with kit.sit("clerk") as clerk:
        units = [kit.unit(clerk) for _ in range(8)]
        typed = kit.typed(clerk, units[0])
        applications.save_draft(clerk, "", "attachment-1", units[3], kit.typed(clerk, units[3]))
        applications.save_draft(clerk, "", "attachment-1", units[4], {"unit_name": "某单位"})
        returned = kit.submitted_case(clerk)
        submitted = kit.submitted_case(clerk)
    with kit.sit("reviewer") as reviewer:
        review.return_for_correction(
            reviewer, returned, ["signature_missing", "seal_missing"], "章盖在签名处"
        )
    approved = kit.approved_case()
    stage = Stage(kit, printer=FilePrinter(place, ["窗口打印机", "二楼打印机"]))

    def shoot(name: str, *, page: str = "") -> None:
        for look, width, height, colours, base in LOOKS:
            theme().apply(colours, base)  # type: ignore[arg-type]
            stage.window.resize(width, height)
            if page:
                stage.screen.bench.side.show_page(page)
            settle(500)
            stage.window.grab().save(str(out / f"{name}-{look}.png"))
        theme().apply("light", 14)
        stage.window.resize(1366, 768)
        stage.window.toast.hide()

    def settle(ms: int = 300) -> None:
        from PySide6.QtCore import QEventLoop, QTimer

        loop = QEventLoop()
        QTimer.singleShot(ms, loop.quit)
        loop.exec()

    settle(400)
    shoot("picker")
    stage.start(units[0])
    settle()
    for id, value in typed.items():
        stage.screen.hand.edit(id, value)
    shoot("form")
    for id, value in {
        "other_manager": "yes", "manager_name": "李𬭎梅", "manager_mobile": "1391234",
        "manager_id": "460000199202020025",
    }.items():  # fmt: skip
        stage.screen.hand.edit(id, value)
    stage.screen.steps.submit()
    shoot("errors")
    stage.screen.hand.edit("other_manager", "")
    stage.screen.steps.print_paper()
    stage.until(lambda: stage.screen.prints.dialog is not None)
    settle(800)
    stage.screen.prints.dialog.grab().save(str(out / "print.png"))  # type: ignore[union-attr]
    stage.answers.place = str(place / "x.pdf")
    stage.screen.prints.dialog.save_wanted.emit(1)  # type: ignore[union-attr]
    settle(800)
    stage.screen.prints.dialog.grab().save(str(out / "print-unknown.png"))  # type: ignore[union-attr]
    stage.screen.prints.dialog.reject()  # type: ignore[union-attr]
    settle(500)
    shoot("pending")
    stage.screen.prints.settle(stage.work.case.id, True)
    settle(500)
    stage.screen.show_papers()
    stage.screen.paper_desk.add([str(letter_png(place / "scan.png"))], "signed_form")
    stage.until(lambda: stage.work.signed)
    stage.screen.bench.papers.box("manager_id", "original").click()
    shoot("papers", page="papers")
    stage.screen.hand.edit("address", "海南省琼海市演练路99号")
    settle()
    shoot("stale", page="paper")
    for name, case in (("returned", returned), ("submitted", submitted), ("approved", approved)):
        stage.screen.hand.amend(case)
        settle(600)
        shoot(name, page="paper")
    shoot("unit", page="unit")
    stage.window.close()
    application.processEvents()
    lanes().shutdown()
    kit.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "gallery"))
