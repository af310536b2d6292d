"""Beside the refused end of a forked chain there is room; elsewhere a place in a chain is taken once."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError

from core.records.model import SignedAction, sign_action
from core.store import engine as engine_module
from core.store import tables as t
from core.store.action_rows import Receipt
from core.store.unit_of_work import Store
from tests.core.store.store_kit import SIGNER, append, open_store, unit_facts


def _twin(signed: SignedAction) -> SignedAction:
    action = replace(
        signed.action, id=f"{signed.action.id}-twin", base_version=signed.action.base_version + 7
    )
    return sign_action(action, SIGNER)


def _filled(store: Store, *, refresh: bool = True) -> list[SignedAction]:
    steps = [("unit_registered", "甲"), ("unit_corrected", "乙")]
    unit = ("unit", "u")
    with store.begin() as uow:
        made = [
            append(uow, unit, kind, unit_facts(name), {"representative_name": f"演{name}"}, refresh=refresh)
            for kind, name in steps
        ]
        uow.ledger.add_receipt(Receipt(made[0].hash, "recorded", 1, "", {}, made[0].action.at))
    return made


def test_a_place_in_a_chain_is_taken_once_unless_its_owner_was_refused(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    first, second = _filled(store)
    for standing in (first, second):
        with pytest.raises(IntegrityError, match="append-only"), store.begin() as uow:
            uow.ledger.append_many([(_twin(standing), {})])
    with store.begin() as uow:
        assert not uow.refusals.stands_beside(_twin(second).action)
        # Another copy's next action, whose predecessor was refused as well and is in no feed.
        after = replace(_twin(second).action, id="after", seq=3, prev="f" * 64)
        assert not uow.refusals.stands_beside(after)
        uow.ledger.add_receipt(Receipt(second.hash, "rejected", None, "chain_forked", {}, second.action.at))
        uow.ledger.append_many([(_twin(second), {})])
        assert uow.refusals.stands_beside(_twin(second).action)
        astray = replace(_twin(second).action, prev=second.hash)
        assert not uow.refusals.stands_beside(astray), "its predecessor is elsewhere in the chain"
        assert uow.refusals.stands_beside(after)
        assert not uow.refusals.stands_beside(replace(after, seq=4)), "nothing was refused before it"
        assert not uow.refusals.stands_beside(replace(after, prev=first.hash)), "that one is elsewhere"
    store.close()


def test_a_record_of_the_former_schema_is_whole_after_its_table_was_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as former:
        former.setattr(engine_module, "HEAD", "0004")
        store = open_store(tmp_path)
        made = _filled(store, refresh=False)  # today's projection wants tables that a former schema has not
        with store.read() as uow:
            before = uow.connection.exec_driver_sql("SELECT * FROM action").all()
            names = uow.connection.exec_driver_sql("SELECT sql FROM sqlite_master WHERE name = 'action'")
            assert "uq_action_chain" in str(names.scalar())
        store.close()
    store = open_store(tmp_path)
    with store.begin() as uow:
        assert uow.connection.exec_driver_sql("SELECT * FROM action").all() == before
        assert [signed.hash for signed in uow.ledger.chain()] == [signed.hash for signed in made]
        assert uow.ledger.private_of(made[1])["representative_name"].value == "演乙"
        guards = uow.connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        assert set(t.guard_names()) <= {row[0] for row in guards}
        assert append(uow, ("unit", "u"), "unit_corrected", unit_facts("丙")).action.seq == 3
    with pytest.raises(IntegrityError, match="FOREIGN KEY"), store.begin() as uow:
        uow.ledger.add_receipt(Receipt("f" * 64, "recorded", 9, "", {}, "2026-11-23T02:00:00.000Z"))
    store.close()
