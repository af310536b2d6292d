"""Random days of two desks that import, register, correct, erase and sync: one register in the end.

The model knows only credit codes: what is recorded at the hub stands at both desks, once, with the values
that were last recorded; what was refused stands nowhere. Invented data.
"""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from sqlalchemy import select

from core.errors import Refusal, UserError
from core.services import changes, erasure, register, units
from core.services.conflicts import open_items, settle
from core.services.register import import_units
from core.services.session import Session
from core.verbs.changing import add_change
from hub.register_tables import register_unit
from hub.tables import unit_view
from tests.core.services.office_kit import invented_units
from tests.core.services.two_desks import DESKS, two_desks

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

    @rule(name=DESK, at=UNIT)
    def hand_over(self, name: str, at: int) -> None:
        """Hand a unit over to an office elsewhere: its code stays taken for whoever has no hand-over."""
        kit = self.pair.kit(name)
        try:
            with kit.sit("clerk") as clerk:
                unit = units.unit_by_code(clerk, invented_units()[at].values["uscc"])
                if unit is None:
                    return
                asked = {"kind": "handover", "unit": unit.id, "basis": "演练", "office": "469024"}
                change = add_change(clerk, asked)["change"]
            with kit.sit("reviewer") as reviewer:
                changes.approve_change(reviewer, change)
        except Refusal as refusal:
            assert refusal.code == ("unit_closed" if unit.closed else "refusal_unsettled")

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
        with self.pair.hub.database.read() as connection:
            held = [
                str(row.uscc)
                for table in (register_unit, unit_view)
                for row in connection.execute(select(table.c.uscc))
            ]
        assert len(held) == len(set(held))
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
            made = []
            for name in DESKS:
                with self.pair.kit(name).sit("both") as session:
                    found = units.unit_by_code(session, invented_units()[at].values["uscc"])
                    made.append(found and (found.id, found.version, public(found.values)))
            assert made[0] == made[1]


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
