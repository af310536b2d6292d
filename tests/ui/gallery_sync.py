"""Pictures of the exchange's dialogs, to be looked at: ``python tests/ui/gallery_sync.py OUT`` (invented)."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from core.errors import EnvironmentFault
from core.services.stick import StickReport
from core.settings import Settings
from core.sync.stick import StickFault
from tests.core.services.office_kit import open_kit
from tests.ui.gallery import shoot, wait
from ui.application import make_application
from ui.desk import Desk
from ui.hub_keeper import HubKeeper
from ui.messages import sentence
from ui.stick_dialog import StickDialog
from ui.stick_view import Carried, export_words, import_words
from ui.sync_dialog import SyncDialog
from ui.sync_strip import SyncStrip
from ui.sync_view import ACTIONS, SCANS, SyncView
from ui.task import lanes
from ui.theme import theme

LAST = "2026-11-23T02:00:00.000Z"
GOOD = {"linked": True, "enrolled": True, "last_sync": LAST}
STATES = {
    "good": SyncView(**GOOD, days=0, level="fresh"),  # type: ignore[arg-type]
    "actions": SyncView(**GOOD, running=True, done=120, total=400, stage=ACTIONS),  # type: ignore[arg-type]
    "scans": SyncView(**GOOD, running=True, done=3 << 30, total=4 << 30, stage=SCANS),  # type: ignore[arg-type]
    "paused": SyncView(**GOOD, paused=True, pending=7, scans_waiting=2, days=2, level="old"),  # type: ignore[arg-type]
    "fork": SyncView(
        **GOOD,  # type: ignore[arg-type]
        pending=4,
        admin=True,
        halt="chain_forked",
        halt_words=sentence(EnvironmentFault("halt_chain_forked")),
        days=5,
        level="stale",
        open_refusals=3,
    ),
    "busy": SyncView(**GOOD, pending=3, days=0, level="fresh", busy=5),  # type: ignore[arg-type]
    "gone": SyncView(
        **GOOD,  # type: ignore[arg-type]
        pending=3,
        days=4,
        level="stale",
        fault=sentence(EnvironmentFault("hub_unreachable")),
    ),
}


def main(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    make_application(catch_faults=False)
    with TemporaryDirectory() as place:
        kit = open_kit(Path(place))
        desk = Desk(Settings())
        desk.unlock_with(kit.open("admin"), None)
        strip = SyncStrip(desk, HubKeeper())
        for look, base in (("light", 14), ("dark", 14), ("light", 20)):
            theme().apply(look, base)  # type: ignore[arg-type]
            for name, view in STATES.items():
                dialog = SyncDialog(None, strip, _Nowhere())  # type: ignore[arg-type]
                dialog.show()
                dialog.show_view(view)
                wait(60)
                shoot(dialog, out / f"sync-{name}-{look}-{base}.png")
                dialog.close()
            stick = StickDialog(None, desk)
            stick.folder.setText("/media/usb")
            stick.show()
            wait(60)
            shoot(stick, out / f"stick-{look}-{base}.png")
            stick._ended("\n".join(export_words(Carried(StickReport(6, 12, 3, pending=12)))), "good")
            wait(60)
            shoot(stick, out / f"stick-out-{look}-{base}.png")
            faults = (StickFault("a/b/to-desk/000012-0001.cds", "stick_damaged"),)
            report = StickReport(5, 12, 3, 9, (("x", "case_changed"),), pending=2, faults=faults)
            stick._ended("\n".join(import_words(Carried(report))), "warn")
            wait(60)
            shoot(stick, out / f"stick-in-{look}-{base}.png")
            stick.close()
        lanes().shutdown()
        kit.close()


class _Nowhere:
    """Leads nowhere."""

    def open_refusals(self, item_id: str = "") -> None:
        return


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "gallery"))
