"""An office beside the real hub, whose units two invented departments verified."""

from __future__ import annotations

from pathlib import Path

from core.services.sync import sync
from hub.uses import Use, note_use
from tests.core.services import office_kit
from tests.core.services.real_hub import open_real_hub
from tests.hub.department import Department
from tests.ui.screens.cases.stage import Stage
from ui.screens.uses.screen import UsesScreen
from ui.task import lanes

LABOUR, HOUSING = "演练市人力资源和社会保障局", "演练市住房公积金管理中心"


class Scene(Stage):
    """``note`` writes a line as a request does; ``open_page`` signs in and opens the page."""

    def __init__(self, place: Path, units: int = 2) -> None:
        self.kit = office_kit.open_kit(place)
        self.desk = self.window = self.shell = None
        self.real = open_real_hub(place, self.kit)
        self.real.enrol(self.kit)
        with self.kit.sit("clerk") as clerk:
            self.units = [self.kit.unit(clerk) for _ in range(units)]
            sync(clerk, self.real.port)
            self.office = clerk.office
        self.departments = {name: Department(self.real.hub) for name in (LABOUR, HOUSING)}
        for name, each in self.departments.items():
            each.register(name=name)

    def note(self, department: str, unit: str | None, answer: str = "valid", **said: str) -> str:
        """Write a line now; a minute passes."""
        hub, reasons = self.real.hub, (said.pop("why"),) if "why" in said else ()
        use = Use(
            party=self.departments[department].id,
            version=1,
            function=said.pop("function", "basic"),
            answer=answer,
            reasons=reasons,
            office=self.office,
            unit=unit,
            purpose="social",
            serial=said.pop("serial", "SB-000001"),
            reason=said.pop("reason", "办理社会保险登记"),
            operator_name="核验员演练",
            operator_number="HR-000731",
        )
        with hub.database.write() as connection:
            number = note_use(hub, connection, use)
        self.kit.clock.move(minutes=1)
        return number

    def open_page(self, login: str = "clerk") -> UsesScreen:
        """Sign in beside the hub and open the page."""
        self.enter(login).set_hub(self.real.port)
        return self.open("uses", UsesScreen)

    def close(self) -> None:
        """Sign out, stop the lanes, close hub and office."""
        self.leave()
        assert lanes().shutdown() == ()
        self.real.close()
        self.kit.close()
