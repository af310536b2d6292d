"""Random days of two desks that import, register, correct, hand over, take back, erase and sync.

The model knows only credit codes: what is recorded at the hub stands at both desks, once, with the values
that were last recorded, beside what was handed over; what was refused stands nowhere. Invented data.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule

from core.errors import Refusal, UserError
from core.ids import new_id
from core.records.changes import HANDED_OVER
from core.records.states import UnitState
from core.services import changes, erasure, register, units
from core.services.conflicts import open_items, settle
from core.services.handover import Handover, read_handover, written
from core.services.register import import_units
from core.services.session import Session
from core.verbs.changing import add_change
from hub.checking import differences
from hub.world import LedgerWorld
from tests.contract.test_real_hub import Asgi
from tests.core.services.office_kit import OFFICE, invented_units
from tests.core.services.two_desks import DESKS, TwoDesks, two_desks
from tests.hub.sample_office import OFFICE_CODE, SampleOffice, split

DESK = st.sampled_from(DESKS)
UNITS = 24
UNIT = st.integers(0, UNITS - 1)


class Registers(RuleBasedStateMachine):
    """Two desks of an office; every step may meet what the other one did without its knowledge."""

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp(prefix="certdesk-register-"))
        self.stack = ExitStack()
        self.pair = self.stack.enter_context(two_desks(self.place))
        self.elsewhere = elsewhere(self.pair)
        self.codes: dict[str, str] = {}  # of units that were handed back: their record elsewhere, the code
        self.returned = 0
        self.page_units = vars(register)["PAGE_UNITS"]
        vars(register)["PAGE_UNITS"] = 3  # so that a few units make several pages

    def teardown(self) -> None:
        """Settle everything, compare, and throw it away."""
        try:
            self.settle_all()
            self.compare()
        finally:
            vars(register)["PAGE_UNITS"] = self.page_units
            self.stack.close()
            shutil.rmtree(self.place, ignore_errors=True)

    # --- days ---------------------------------------------------------------------------------

    @rule(name=DESK, start=UNIT, count=st.integers(1, 8))
    def take_in(self, name: str, start: int, count: int) -> None:
        """Import some units; those that this desk has already are the lines that are named."""
        end = min(start + count, UNITS)
        with self.pair.kit(name).sit("both") as session:
            have = codes(session)
            rows = [(at, invented_units()[at].values) for at in range(start, end)]
            known = [at for at, values in rows if values["uscc"] in have]
            try:
                report = import_units(session, rows)
            except Refusal as refusal:
                assert refusal.code == "refusal_unsettled" and not known
                return
            assert [each.line for each in report.refused] == known
            assert report.done == (0 if known else len(rows))

    @rule(name=DESK, at=UNIT)
    def register_one(self, name: str, at: int) -> None:
        """Register one unit by hand."""
        values = invented_units()[at].values
        with self.pair.kit(name).sit("both") as session:
            there = units.unit_by_code(session, values["uscc"])
            try:
                units.register_unit(session, values)
                assert there is None
            except Refusal as refusal:
                assert there is not None
                assert refusal.code == ("unit_handed_over" if there.closed else "unit_exists")

    @rule(name=DESK, at=UNIT, number=st.integers(1, 3))
    def correct(self, name: str, at: int, number: int) -> None:
        """Correct a unit if this desk has it."""
        values = invented_units()[at].values
        with self.pair.kit(name).sit("both") as session:
            unit = units.unit_by_code(session, values["uscc"])
            if unit is None:
                return
            try:
                units.correct_unit(session, unit.id, {**values, "address": f"演练改址{number}号"})
            except Refusal as refusal:
                assert refusal.code == ("unit_closed" if unit.closed else "refusal_unsettled")

    @rule(name=DESK, pick=UNIT)
    def hand_over(self, name: str, pick: int) -> None:
        """Hand a unit over to an office elsewhere: its code stays taken for whoever has no hand-over."""
        kit = self.pair.kit(name)
        try:
            with kit.sit("clerk") as clerk:
                unit = picked(clerk, pick, "")
                if unit is None:
                    return
                asked = {"kind": "handover", "unit": unit.id, "basis": "演练", "office": OFFICE_CODE}
                change = add_change(clerk, asked)["change"]
            with kit.sit("reviewer") as reviewer:
                changes.approve_change(reviewer, change)
        except Refusal as refusal:
            assert refusal.code == "refusal_unsettled"

    @rule(name=DESK, pick=UNIT)
    def come_back(self, name: str, pick: int) -> None:
        """The office elsewhere hands a unit back; both desks may enter it by the one code."""
        self.pair.sync(name)
        with self.pair.kit(name).sit("clerk") as clerk:
            unit = picked(clerk, pick, HANDED_OVER)
            if unit is None:
                return
            with clerk.read() as uow:
                if uow.ledger.delivery([unit.id]).value != "recorded":
                    return
            away, code = unit.moved["unit"], unit.values["uscc"]
            values = next(each.values for each in invented_units()[:UNITS] if each.values["uscc"] == code)
            if away not in self.codes:
                former = {"office": clerk.office, "unit": unit.id}
                self.codes[away] = handed_back(self.elsewhere, away, former, values)
            try:
                units.register_unit(clerk, values, self.codes[away])
            except Refusal as refusal:
                assert refusal.code == "unit_exists"
                standing = units.unit_by_code(clerk, code)
                fresh = read_handover(self.codes[away]).fresh
                assert standing is not None and (not standing.closed or units.get_unit(clerk, fresh).closed)
                return
            self.returned += 1
            standing = units.unit_by_code(clerk, code)
            assert standing is not None and not standing.closed and standing.former["unit"] == away

    @rule(name=DESK, at=UNIT)
    def erase(self, name: str, at: int) -> None:
        """Erase a unit's personal values at one desk."""
        with self.pair.kit(name).sit("admin") as session:
            unit = units.unit_by_code(session, invented_units()[at].values["uscc"])
            if unit is None or session.store is None:
                return
            with session.read() as uow:
                pending = uow.ledger.delivery([unit.id]).value != "recorded"
            if pending:
                return
            try:
                erasure.erase(session, "unit", unit.id)
            except UserError as fault:
                raise AssertionError(fault.code) from fault
            assert units.get_unit(session, unit.id).erased

    @rule(name=DESK)
    def sync(self, name: str) -> None:
        """Run a cycle."""
        self.pair.sync(name)

    @rule(name=DESK)
    def settle(self, name: str) -> None:
        """Let go of what was refused."""
        self._settle(name)

    @rule(name=DESK)
    def rebuild(self, name: str) -> None:
        """Lists made anew are the lists that were there."""
        with self.pair.kit(name).sit("both") as session:
            before = shown(session)
            with session.begin() as uow:
                uow.projection.rebuild()
            assert shown(session) == before

    # --- the end ------------------------------------------------------------------------------

    def _settle(self, name: str) -> None:
        with self.pair.kit(name).sit("both") as session:
            for item in open_items(session):
                settle(session, item.id, "drop")

    def settle_all(self) -> None:
        """Sync and settle until nobody has anything to say."""
        for _ in range(3):
            self.pair.sync(*DESKS)
            for name in DESKS:
                self._settle(name)
        self.pair.sync(*DESKS, *DESKS)

    def compare(self) -> None:
        """Hub and desks hold the same units, each code once, all of them recorded."""
        with self.pair.kit("here").sit("both") as session, self.pair.hub.database.read() as connection:
            world = LedgerWorld(connection, session.office, self.pair.hub.sealed)
            rows = world.credit_codes()
            standing = [code for unit, code in rows if (state := world.unit(unit)) and not state.closed]
            found_by_code = {code: world.unit_with_code(code) for _, code in rows}
            assert list(differences(self.pair.hub.sealed, connection, session.office)) == []
        held = [code for _, code in rows]
        assert len(standing) == len(set(standing))
        assert all(found_by_code[code].open for code in standing)  # type: ignore[union-attr]
        for name in DESKS:
            with self.pair.kit(name).sit("both") as session:
                lines = units.find_units(session, limit=1000)
                assert sorted(line.uscc for line in lines) == sorted(held)
                assert {line.delivery for line in lines} <= {"recorded"}
                for line in lines:
                    unit = units.get_unit(session, line.unit)
                    assert unit.values["uscc"] == line.uscc
                    assert line.unit in [each.unit for each in units.find_units(session, line.name, 1000)]
        for at in range(UNITS):
            at_hub = found_by_code.get(invented_units()[at].values["uscc"])
            made = [at_hub and (at_hub.id, at_hub.version, public(at_hub.values))]
            for name in DESKS:
                with self.pair.kit(name).sit("both") as session:
                    found = units.unit_by_code(session, invented_units()[at].values["uscc"])
                    made.append(found and (found.id, found.version, public(found.values)))
            assert made[0] == made[1] == made[2]


def elsewhere(pair: TwoDesks) -> SampleOffice:
    """Another office at the same hub."""
    asgi = Asgi(pair.hub)
    made = SampleOffice(asgi.post, pair.here.clock, True)
    made.enrolled(asgi.accept(made.enrolment()))
    made.push_all_recorded()
    return made


def picked(session: Session, pick: int, closed: str) -> UnitState | None:
    """Return one of this desk's units that go on, or of those whose record was closed in this way."""
    lines = [line for line in units.find_units(session, limit=1000) if line.closed == closed]
    return units.get_unit(session, lines[pick % len(lines)].unit) if lines else None


def handed_back(other: SampleOffice, away: str, former: dict[str, str], values: Mapping[str, str]) -> str:
    """Let the other office register a unit that was handed over to it, and hand it back; return the code."""
    facts, personal = split("unit-record", values)
    facts |= {"representative_no": 1, "former": former}
    other.act("unit_registered", "unit", away, facts, personal)
    fresh = new_id()
    other.change("handover", away, invented_units()[0], details={"office": OFFICE.code, "unit": fresh})
    other.push_all_recorded()
    return written(Handover(other.office, away, fresh))


def codes(session: Session) -> set[str]:
    """Return the credit codes this desk has."""
    return {line.uscc for line in units.find_units(session, limit=1000)}


def shown(session: Session) -> list[Any]:
    """Return the list, and what it finds."""
    return [units.find_units(session, query, 1000) for query in ("", "演练", "医院", "1246")]


def public(values: Any) -> dict[str, str]:
    """Return values without what one desk may have erased."""
    return {name: value for name, value in values.items() if name != "representative_name"}


TestRegisters = Registers.TestCase
TestRegisters.pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]  # type: ignore[attr-defined]
TestRegisters.settings = settings(
    max_examples=15, stateful_step_count=16, deadline=None, suppress_health_check=list(HealthCheck)
)


def test_a_unit_that_comes_back_at_both_desks_stands_once() -> None:
    """The machine's steps in an order that it seldom finds: there and back twice, entered at two desks."""
    days = Registers()
    try:
        days.register_one("here", 0)
        for _ in range(2):
            days.pair.settle_down()
            days.hand_over("here", 0)
            days.pair.settle_down()
            days.register_one("there", 0)
            days.take_in("there", 0, 1)
            for pick, name in product(range(2), DESKS):  # neither desk has heard of the other's entry
                days.come_back(name, pick)
            days.settle_all()
            days.correct("there", 0, 1)
        assert (days.returned, len(days.codes)) == (4, 2)
    finally:
        days.teardown()
