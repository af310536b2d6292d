"""Rebuild = increments: whatever was appended or rejected late, the lists are those a rebuild makes.

The machine drives the store alone, with receipts in any order the hub may give them; after every step all
projection tables are compared with their rebuilt selves.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, multiple, rule

from core.records.model import GENESIS, HUB, Action, SignedAction, sign_action
from core.records.states import Delivery
from core.store import tables as t
from core.store.action_rows import Receipt
from core.store.unit_of_work import UnitOfWork
from tests.core.store.store_kit import DEVICE, SIGNER, append, case_facts, open_store, unit_facts

NAMES = ("演练第一小学", "演练医院", "南样图书馆", "䶮江𬱖溪水文站", "市2中心A", "演练医院")
# Shrinking may take five minutes, and the shrunk example is what one wants to see.
pytestmark = pytest.mark.timeout(900)
AT = "2026-11-23T05:00:00.000Z"


def photograph(uow: UnitOfWork) -> dict[str, Any]:
    """Return everything that lists are made of, without the row numbers that may differ."""
    connection = uow.connection
    picture: dict[str, Any] = {}
    for table in t.PROJECTIONS:
        rows = connection.execute(table.select()).all()
        columns = [c.name for c in table.columns if c.name not in ("rowid", "rowid_of")]
        picture[table.name] = sorted(tuple(str(row._mapping[c]) for c in columns) for row in rows)
    units = "JOIN unit_row ON unit_row.rowid ="
    initials = connection.exec_driver_sql(
        f"SELECT unit, initials FROM unit_initials {units} unit_initials.rowid_of"
    )
    picture["initials"] = sorted(map(tuple, initials.all()))
    for query in ("演练", "医院", "样", "䶮江", "ylyy", "1246"):
        picture[query] = uow.lists.units(query)
    picture["cases"] = uow.lists.cases()
    return picture


class Rebuild(RuleBasedStateMachine):
    """Units, cases, claims and certificates; receipts and rejections; another desk's actions."""

    subjects = Bundle("subjects")

    def __init__(self) -> None:
        super().__init__()
        self.place = Path(tempfile.mkdtemp(prefix="certdesk-rebuild-"))
        self.store = open_store(self.place)
        self.position = 0
        self.counts = {"u": 0, "c": 0, "k": 0, "z": 0}

    def teardown(self) -> None:
        """Throw the store away."""
        self.store.close()
        shutil.rmtree(self.place)

    def _new(self, kind: str) -> str:
        self.counts[kind] += 1
        return f"{kind}{self.counts[kind]}"

    # --- acting -------------------------------------------------------------------------------

    @rule(target=subjects, name=st.sampled_from(NAMES))
    def register(self, name: str) -> tuple[str, str]:
        """A new unit."""
        unit = self._new("u")
        with self.store.begin() as uow:
            facts = unit_facts(name, f"1246{self.counts['u']:014d}")
            append(uow, ("unit", unit), "unit_registered", facts, {"representative_name": "演甲"})
        return ("unit", unit)

    @rule(subject=subjects, name=st.sampled_from(NAMES))
    def go_on(self, subject: tuple[str, str], name: str) -> None:
        """Whatever comes next on a unit or a case, or its first action anew after that was rejected."""
        kind, subject_id = subject
        with self.store.begin() as uow:
            version = len(uow.ledger.entries(kind, subject_id))
            if kind == "unit":
                step = "unit_corrected" if version else "unit_registered"
                append(
                    uow, subject, step, unit_facts(name, "12469999YX00000000"), {"representative_name": name}
                )
            elif kind == "case" and version:
                steps = ("case_amended", "case_submitted", "case_withdrawn", "submission_recalled")
                step = steps[len(name) % 4]
                public = case_facts("u1", "n") if step == "case_amended" else {"content": "x"}
                append(uow, subject, step, public)
            elif kind == "claim" and version == 1:
                append(uow, subject, "claim_voided", {"reason": "renewed"})

    @rule(target=subjects, subject=subjects)
    def file(self, subject: tuple[str, str]) -> Any:
        """A new case of a unit."""
        if subject[0] != "unit":
            return multiple()
        case = self._new("c")
        with self.store.begin() as uow:
            facts = case_facts(subject[1], f"2026-{case}")
            append(uow, ("case", case), "case_filed", facts, {"representative_name": "演乙"})
        return ("case", case)

    @rule(target=subjects, subject=subjects)
    def mint(self, subject: tuple[str, str]) -> Any:
        """A claim code of a case."""
        if subject[0] != "case":
            return multiple()
        claim = self._new("k")
        facts = {"case": subject[1], "approval": "a", "jti": claim, "purpose": 1, "representative_no": 1}
        with self.store.begin() as uow:
            facts |= {"issued_at": self.counts["k"], "expires_at": 9}
            append(uow, ("claim", claim), "claim_minted", facts)
        return ("claim", claim)

    # --- the hub ------------------------------------------------------------------------------

    @rule(rejected=st.lists(st.booleans(), min_size=1, max_size=4))
    def receive(self, rejected: list[bool]) -> None:
        """Receipts for the oldest pending actions; what stands on a rejected one is rejected too."""
        with self.store.begin() as uow:
            told: list[str] = []
            for signed, refuse in zip(uow.outbox.oldest(DEVICE, len(rejected)), rejected, strict=False):
                # a real hub refuses every version that is not the next one it has
                recorded = [
                    r.signed
                    for r in uow.ledger.record(signed.action.subject, 0, 1000)
                    if r.delivery is Delivery.RECORDED
                ]
                conflict = signed.action.base_version != len(recorded)
                self._receipt(uow, signed, refuse or conflict)
                told.append(signed.hash)
            for kind, subject in uow.ledger.subjects_of(told):
                uow.projection.refresh(kind, subject)

    def _receipt(self, uow: UnitOfWork, signed: SignedAction, rejected: bool) -> None:
        if rejected:
            uow.ledger.add_receipt(Receipt(signed.hash, "rejected", None, "version_conflict", {}, AT))
        else:
            self.position += 1
            uow.ledger.add_receipt(Receipt(signed.hash, "recorded", self.position, "", {}, AT))

    @rule(subject=subjects)
    def issue(self, subject: tuple[str, str]) -> None:
        """The hub issues a certificate for a case."""
        if subject[0] != "case":
            return
        certificate = self._new("z")
        public = {
            "case": subject[1],
            "unit": "u1",
            "jti": "j",
            "approval": "a",
            "representative_no": 1,
            "issued_at": AT,
            "expires_at": AT,
            "status_index": 1,
        }
        self._fed("certificate", certificate, "certificate_issued", public, HUB, 0)

    @rule(subject=subjects)
    def another_desk(self, subject: tuple[str, str]) -> None:
        """Another desk of the office was quicker: its action is recorded at the version the hub has."""
        kind, subject_id = subject
        with self.store.read() as uow:
            history = uow.ledger.record(subject_id, 0, 1000)
        have = sum(row.delivery is Delivery.RECORDED for row in history)
        if kind == "case" and have:
            self._fed(kind, subject_id, "case_withdrawn", {}, "desk-2", have)
        if kind == "unit" and have:
            self._fed(kind, subject_id, "unit_corrected", unit_facts("另一台改的医院"), "desk-2", have)

    def _fed(
        self, kind: Any, subject: str, what: str, public: dict[str, Any], device: str, base: int
    ) -> None:
        self.position += 1
        action = Action(
            id=f"fed-{self.position}",
            office="office",
            subject_kind=kind,
            subject=subject,
            base_version=base,
            kind=what,
            at=AT,
            device=device,
            device_epoch=1,
            seq=self.position,
            prev=GENESIS,
            person="other",
            public=json.loads(json.dumps(public)),
            rehearsal=True,
        )
        signed = sign_action(action, SIGNER)
        with self.store.begin() as uow:
            uow.ledger.append_many([(signed, {})])
            uow.ledger.add_receipt(Receipt(signed.hash, "recorded", self.position, "", {}, AT))
            uow.projection.refresh(kind, subject)

    @rule(subject=subjects)
    def erase(self, subject: tuple[str, str]) -> None:
        """A person's data is destroyed."""
        with self.store.begin() as uow:
            uow.ledger.erase(subject[1])
            uow.projection.refresh(*subject)

    # --- what must hold -----------------------------------------------------------------------

    @invariant()
    def lists_are_what_a_rebuild_makes(self) -> None:
        """The point of it all."""
        with self.store.read() as uow:
            before = photograph(uow)
            uow.projection.rebuild()
            after = photograph(uow)
        assert before == after


Rebuild.TestCase.settings = settings(max_examples=8, stateful_step_count=18, deadline=None)
TestRebuild = Rebuild.TestCase


@pytest.mark.slow
class TestRebuildAtLength(Rebuild.TestCase):  # type: ignore[name-defined, misc]
    """The same machine, longer."""

    settings = settings(max_examples=30, stateful_step_count=30, deadline=None)


def test_the_open_case_of_a_unit_is_the_newest_whatever_the_order_of_rows(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with store.begin() as uow:
        append(uow, ("unit", "u"), "unit_registered", unit_facts("演练医院"))
        for number in (1, 2):  # one by each form, both open
            append(uow, ("case", f"c{number}"), "case_filed", case_facts("u", f"2026-{number}"))
        append(uow, ("case", "c1"), "case_submitted", {"content": "x"})
        assert uow.lists.units()[0].open_case == "c2"
        uow.projection.rebuild()
        assert uow.lists.units()[0].open_case == "c2"
    store.close()


def test_the_machine_would_see_a_stale_row(tmp_path: Path) -> None:
    """A control: a receipt without a refresh is what the invariant exists for."""
    store = open_store(tmp_path)
    with store.begin() as uow:
        signed = append(uow, ("unit", "u"), "unit_registered", unit_facts("演练医院"))
        uow.ledger.add_receipt(Receipt(signed.hash, "rejected", None, "x", {}, AT))
    with store.read() as uow:
        before = photograph(uow)
        uow.projection.rebuild()
        assert photograph(uow) != before
    store.close()


def test_a_case_is_delivered_only_when_its_unit_is(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with store.begin() as uow:
        first = append(uow, ("unit", "u"), "unit_registered", unit_facts("演练医院"))
        filed = append(uow, ("case", "c"), "case_filed", case_facts("u", "1"))
        for place, signed in enumerate((first, filed), 1):
            uow.ledger.add_receipt(Receipt(signed.hash, "recorded", place, "", {}, AT))
            uow.projection.refresh(signed.action.subject_kind, signed.action.subject)
        assert uow.lists.cases()[0].delivery == Delivery.RECORDED
        append(uow, ("unit", "u"), "unit_corrected", unit_facts("演练医院"))
        assert uow.lists.cases()[0].delivery == Delivery.PENDING
    store.close()


def test_a_case_waits_no_longer_for_a_claim_code_that_was_refused(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with store.begin() as uow:
        first = append(uow, ("unit", "u"), "unit_registered", unit_facts("演练医院"))
        filed = append(uow, ("case", "c"), "case_filed", case_facts("u", "1"))
        for place, signed in enumerate((first, filed), 1):
            uow.ledger.add_receipt(Receipt(signed.hash, "recorded", place, "", {}, AT))
        facts = {"case": "c", "approval": "a", "jti": "k", "purpose": 1, "representative_no": 1}
        minted = append(uow, ("claim", "k"), "claim_minted", facts | {"issued_at": 1, "expires_at": 9})
        assert uow.lists.cases()[0].delivery == Delivery.PENDING
        uow.ledger.add_receipt(Receipt(minted.hash, "rejected", None, "x", {}, AT))
        uow.projection.refresh("claim", "k")
        assert uow.lists.cases()[0].delivery == Delivery.RECORDED
    store.close()


def test_a_rejection_shows_until_somebody_settles_it(tmp_path: Path) -> None:
    store = open_store(tmp_path)

    def delivery() -> str:
        return uow.ledger.delivery(["c"]).value

    with store.begin() as uow:
        append(uow, ("unit", "u"), "unit_registered", unit_facts("演练医院"))
        filed = append(uow, ("case", "c"), "case_filed", case_facts("u", "1"))
        uow.ledger.add_receipt(Receipt(filed.hash, "recorded", 1, "", {}, AT))
        assert delivery() == "recorded"
        printed = append(uow, ("case", "c"), "case_submitted", {"content": "x"})
        later = append(uow, ("case", "c"), "submission_recalled")
        uow.ledger.add_receipt(Receipt(printed.hash, "rejected", None, "x", {}, AT))
        assert delivery() == "rejected"
        uow.ledger.add_receipt(Receipt(later.hash, "rejected", None, "version_conflict", {}, AT))
        assert delivery() == "rejected"
        again = append(uow, ("case", "c"), "case_withdrawn")
        uow.ledger.add_receipt(Receipt(again.hash, "recorded", 2, "", {}, AT))
        assert delivery() == "rejected"  # until a person settles it (decision 012), whatever came after
        assert replace(again.action).base_version == 1
    store.close()
