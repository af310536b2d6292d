"""Pictures of the page: ``python -m tests.ui.screens.verify.gallery FOLDER``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from core.credentials.judgement import Judgement
from core.credentials.verifier import Verdict
from core.errors import EnvironmentFault
from core.services.hub_questions import BasicData
from core.services.verification import Checked
from tests.ui.screens.cases.stage import Stage
from tests.ui.screens.units.gallery import LOOKS
from ui.application import make_application
from ui.screens.verify.screen import VerifyScreen
from ui.screens.verify.state import answer_view, basic_view
from ui.theme import theme

SHOWN = {
    "unit.uscc": "124690230000000193",
    "unit.name": "虚构县图书馆",
    "person.name": "某丙",
    "role": "user",
    "matters": ["BANK", "TAX"],
    "valid_from": "2026-11-01",
    "valid_to": "2026-12-31",
}
FACE = {
    "uscc": "124690230000000193",
    "name": "虚构县图书馆",
    "address": "虚构县虚构镇虚构路 1 号",
    "representative": "某甲",
    "office_name": "虚构县事业单位登记管理局",
    "valid_from": "2024-01-01",
    "valid_to": "2028-12-31",
}
AT = 1795420800
BASIC = {
    "unit.uscc": "124690230000000193",
    "unit.name": "虚构县图书馆",
    "unit.purpose": "为公众提供图书借阅、阅览和文献检索服务，开展全民阅读推广",
    "unit.address": "虚构县虚构镇虚构路 1 号",
    "unit.funding_source": "财政补助",
    "unit.starting_capital": "120万元",
    "unit.sponsor": "虚构县文化局",
    "unit.office_name": "虚构县事业单位登记管理局",
    "unit.valid_from": "2024-01-01",
    "unit.valid_to": "2028-12-31",
    "representative.name": "某甲",
}
BASICS = {
    "basic": BasicData(Judgement("valid", AT), BASIC),
    "basic-void": BasicData(Judgement("not valid", AT, ("certificate_void",)), {}),
    "basic-unknown": BasicData(Judgement("unknown", AT, ("unit_unknown",)), {}),
}
VIEWS = {
    "valid": Checked(Verdict(Judgement("valid", AT), "delegation", SHOWN), True),
    "unproven": Checked(Verdict(Judgement("valid", AT, ("holder_not_proven",)), "certificate", SHOWN), True),
    "altered": Checked(Verdict(Judgement("not valid", AT, ("paper_altered",)), "printed", FACE), True),
    "sheet": Checked(Verdict(Judgement("valid", AT), "printed", FACE), True),
    "void": Checked(Verdict(Judgement("not valid", AT, ("parent_void",)), "delegation", SHOWN), True),
    "unknown": Checked(Verdict(Judgement("unknown", AT, ("status_stale",)), "certificate", SHOWN), False),
}


def main(folder: Path) -> None:
    """Write all pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        stage = Stage(Path(place))
        stage.enter("both")
        screen = stage.open("verify", VerifyScreen)
        views = {name: answer_view(checked) for name, checked in VIEWS.items()}
        views |= {name: basic_view(found) for name, found in BASICS.items()}
        for look, width, height, mode, base in LOOKS:
            theme().apply(mode, base)  # type: ignore[arg-type]
            assert stage.window is not None
            stage.window.resize(width, height)
            screen.clear()
            stage.settle(100)
            _grab(stage, folder / f"empty-{look}.png")
            screen.ask.show_linked(True)
            for name, view in views.items():
                screen.answer.show_answer(view)
                stage.settle(100)
                _grab(stage, folder / f"{name}-{look}.png")
            screen._on_basic_failed(EnvironmentFault("hub_unreachable"))
            stage.settle(100)
            _grab(stage, folder / f"basic-offline-{look}.png")
            screen.ask.show_linked(False)
        screen.clear()
        stage.close()


def _grab(stage: Stage, place: Path) -> None:
    assert stage.window is not None
    stage.window.grab().save(str(place))


if __name__ == "__main__":
    make_application(catch_faults=False)
    main(Path(sys.argv[1]))
