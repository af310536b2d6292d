"""What the hub's benchmarks load it with: real-shaped cases, each action signed by its person.

The office signs by hand (``tests.hub.sample_office``), so that nothing of a desk's own cost is measured.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.clock import china_date, system_clock
from core.forms.divisions import get_office
from core.ids import system_random
from core.rehearsal.units import RehearsalUnit, make_units
from hub.enrolments import accept
from hub.setup import Hub, init
from tests.hub.sample_office import OFFICE_CODE, Approved, SampleOffice

ACTIONS_OF_A_CASE = 7
"""Unit registered, case filed, papers ticked, printed, signed paper scanned, submitted, approved."""


@contextmanager
def hub_on(url: str, folder: Path) -> Iterator[Hub]:
    """Yield a new hub in this database."""
    folder.mkdir(parents=True, exist_ok=True)
    hub = init(url, "https://hub.example.invalid", folder / "root.pem", system_random(32), rehearsal=True)
    try:
        yield hub
    finally:
        hub.database.close()


class Load:
    """An enrolled office that makes cases, every one of another unit."""

    def __init__(self, hub: Hub, cases: int) -> None:
        self.office = SampleOffice(_unreached, system_clock, rehearsal=True, protocol=2)
        self.office.enrolled(accept(hub, self.office.enrolment(), single_clerk=False))
        today = china_date(system_clock())
        self._units = iter(make_units(get_office(OFFICE_CODE), today, count=cases))

    def case(self) -> Approved:
        """Put the actions of one approved case into the office's outbox."""
        unit: RehearsalUnit = next(self._units)
        unit_id = self.office.register(unit)
        case = self.office.file(unit_id, unit)
        self.office.submit(case)
        return Approved(case, unit_id, unit, self.office.approve(case).hash)

    def batch(self, cases: int) -> tuple[bytes, list[dict[str, Any]]]:
        """Return an envelope with the outbox and that many cases, and its items."""
        for _ in range(cases):
            self.case()
        items, self.office.outbox = self.office.outbox, []
        return self.office.batch(items), items


def _unreached(path: str, data: bytes) -> tuple[int, bytes]:
    raise AssertionError("a benchmark speaks to the hub without a network")
