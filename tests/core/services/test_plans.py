"""What a clerk does at the window must not read the whole record: its cost may not grow with the years.

Every statement of a whole case and of its sync is held against SQLite's own plan for it. Reading all of a
table that grows without end is a finding, and so is reading all that one desk ever did, unless it ends after
a page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from core.services import applications, claims, review, sync
from core.services.session import Session
from tests.contract.fake_hub import FakeHub, PostedHub
from tests.core.services.office_kit import OfficeKit, SeededRandom

GROWING = {
    "action",
    "receipt",
    "sealed",
    "attachment",
    "scan_transfer",
    "case_row",
    "claim_row",
    "certificate_row",
}
READS = re.compile(r"^\s*(SELECT|WITH|INSERT|UPDATE|DELETE)", re.IGNORECASE)
NAMES = "|".join(sorted(GROWING))
WHOLE = re.compile(
    rf"SCAN ({NAMES})\b|SEARCH ({NAMES}) .*\((office|device|device=\? AND device_epoch|subject_kind)=\?\)"
)
COUNTED = "SELECT count(receipt.position) AS count_1 FROM receipt"
"""Compared with the hub's count after every cycle, on purpose: counted in an index, not remembered."""
Said = dict[str, Any]


@contextmanager
def heard() -> Iterator[Said]:
    """Collect every statement with parameters of one execution."""
    said: Said = {}

    def note(
        _connection: Connection, _cursor: Any, statement: str, parameters: Any, _context: Any, many: bool
    ) -> None:
        if READS.match(statement):
            said.setdefault(statement, parameters[0] if many else parameters)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def full_reads(session: Session, said: Said) -> list[str]:
    """Return the statements that read a growing table from end to end, each with its plan's words."""
    found = []
    with session.read() as uow:
        for statement, parameters in said.items():
            if "LIMIT" in statement or " ".join(statement.split()) == COUNTED:
                continue
            plan = uow.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
            scans = [str(row[3]) for row in plan if WHOLE.match(row[3])]
            if scans:
                found.append(f"{'; '.join(scans)}: {' '.join(statement.split())}")
    return found


def test_a_case_and_its_sync_read_no_table_from_end_to_end(kit: OfficeKit) -> None:
    hub = PostedHub(FakeHub(kit.clock, SeededRandom("hub")).post)
    kit.enrol(hub)
    before = kit.approved_case()
    with kit.sit("clerk") as clerk:
        sync.sync(clerk, hub)
        with heard() as said:
            case = kit.submitted_case(clerk)
            applications.get_case(clerk, case)
            sync.sync(clerk, hub)
        with kit.sit("reviewer") as reviewer, heard() as more:
            review.approve(reviewer, case)
            claims.mint_claim(reviewer, case)
            sync.sync(reviewer, hub)
        assert len(said) > 30 and before
        assert full_reads(clerk, said | more) == []


@pytest.mark.parametrize("column", ["person", "device"])
def test_reading_everything_is_found(kit: OfficeKit, column: str) -> None:
    """The control."""
    with kit.sit("clerk") as clerk:
        with heard() as said, clerk.read() as uow:
            uow.connection.exec_driver_sql(f"SELECT at FROM action WHERE {column} = ?", ("p",)).scalar()
        assert len(full_reads(clerk, said)) == 1
