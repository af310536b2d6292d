"""The tree of a unit's certificate at the desk: down the feed from the real hub, folded and placed."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from core.errors import UserError
from core.records.changes import CHANGES
from core.records.delegations import LAPSE, RENEW, Stage
from core.rehearsal.people import make_people
from core.services.applications import get_case
from core.services.changes import preview_filing
from core.services.delegations import tree_of_unit
from core.services.dying import UNHEARD
from core.services.sync import sync
from core.services.verification import fetch
from core.sync.desk import note_on_manager_change
from hub.delegation_settings import set_on_manager_change
from hub.engine import lock_office
from hub.facts import void_certificates
from hub.ledger import Ledger
from hub.scenarios import add_scenarios, remove_scenarios
from tests.core.services.office_kit import open_kit
from tests.core.services.real_hub import open_real_hub
from tests.hub.trees import authorise, issue, under


def test_the_tree_comes_down_the_feed_and_dies_with_the_certificate(tmp_path: Path) -> None:
    kit = open_kit(tmp_path)
    real = open_real_hub(tmp_path, kit)
    people = make_people(Random(5), 4, kit.today())
    try:
        real.enrol(kit)
        case = kit.approved_case()
        with kit.sit("clerk") as clerk:
            found = get_case(clerk, case)
            unit, approval = found.unit.id, found.case.approval or ""
            assert tree_of_unit(clerk, unit) == ()
            sync(clerk, real.port)
            hub, office = real.hub, clerk.office
            with hub.database.write() as connection:
                lock_office(connection, office)
                ledger = Ledger(hub, connection, office)
                holder, _ = issue(hub, connection, ledger, unit, case, approval)
                second, _ = authorise(hub, connection, ledger, holder, people[1], "manager")
                authorise(hub, connection, ledger, holder, people[2], "user", claimed=False)
                below = under(holder, second)
                authorise(hub, connection, ledger, below, people[3], "user", matters=("TAX", "NEW1"))
            sync(clerk, real.port)
            [tree] = tree_of_unit(clerk, unit)
            assert [(each.name, each.depth, each.stage) for each in tree.people] == [
                (people[1].name, 0, Stage.STANDING),
                (people[3].name, 1, Stage.STANDING),
                (people[2].name, 0, Stage.OFFERED),
            ]
            assert tree.people[1].matters == ("税务登记和办税", "NEW1")
            entry = {"code": "NEW1", "name": "新的事项", "department": "某部门"}
            add_scenarios(hub, json.dumps({"scenarios": [entry]}).encode())
            remove_scenarios(hub, b'{"codes": ["NEW1", "TAX"]}')
            fetch(clerk, real.port)
            assert tree_of_unit(clerk, unit)[0].people[1].matters == ("税务登记和办税", "新的事项")
            assert tree.people[0].id_number == people[1].id_number and not tree.void
            with hub.database.write() as connection:
                lock_office(connection, office)
                void_certificates(hub, connection, Ledger(hub, connection, office), unit, "why")
            sync(clerk, real.port)
            [tree] = tree_of_unit(clerk, unit)
            assert tree.void and {each.stage for each in tree.people} == {Stage.ENDED}
            with clerk.store.begin() as uow:
                uow.projection.rebuild()
            assert tree_of_unit(clerk, unit) == (tree,)
            with pytest.raises(UserError, match="unit_unknown"):
                tree_of_unit(clerk, "nobody")
    finally:
        real.close()
        kit.close()


def test_the_preview_tells_what_becomes_of_them_as_the_province_has_set_it(tmp_path: Path) -> None:
    kit = open_kit(tmp_path)
    real = open_real_hub(tmp_path, kit)
    person = make_people(Random(6), 1, kit.today())[0]
    try:
        real.enrol(kit)
        case = kit.approved_case()
        with kit.sit("clerk") as clerk:
            sync(clerk, real.port)
            found = get_case(clerk, case)
            unit, hub = found.unit.id, real.hub
            assert preview_filing(clerk, unit, "manager").afterwards == "", "nobody is authorised"
            with hub.database.write() as connection:
                lock_office(connection, clerk.office)
                ledger = Ledger(hub, connection, clerk.office)
                holder, _ = issue(hub, connection, ledger, unit, case, found.case.approval or "")
                authorise(hub, connection, ledger, holder, person, "manager")
            sync(clerk, real.port)
            for effect in (LAPSE, RENEW, LAPSE):
                with hub.database.write() as connection:
                    set_on_manager_change(connection, effect)
                sync(clerk, real.port)
                told = {kind: preview_filing(clerk, unit, kind) for kind in CHANGES}
                assert len(told["manager"].delegations) == 1
                assert {kind: told[kind].afterwards for kind in ("manager", "loss")} == {
                    "manager": effect,
                    "loss": effect,
                }
                assert told["representative"].afterwards == LAPSE, "below another representative never"
                assert not any(told[kind].afterwards for kind in ("suspension", "deregistration", "handover"))
            with clerk.store.begin() as uow:
                note_on_manager_change(uow, "keep")
            assert preview_filing(clerk, unit, "manager").afterwards == UNHEARD, (
                "an unknown word says nothing"
            )
    finally:
        real.close()
        kit.close()
