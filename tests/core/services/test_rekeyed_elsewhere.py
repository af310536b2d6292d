"""Work signed with a key that another desk replaced meanwhile: refused, shown, done again, nothing lost.

docs/decisions/025-a-former-key-signs-nothing-more.md
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from core.errors import EnvironmentFault
from core.keys.keyring import Keyring
from core.records.model import SignedAction, action_from_body
from core.services import applications, desks, people, sync, units
from core.services.audit import verify_record
from core.services.conflicts import open_items, settle
from hub import tables
from tests.core.services.office_kit import PNG, OfficeKit
from tests.core.services.test_desks import House, open_house

NEW = "a new password"
MOBILE = "13800000009"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with open_house(tmp_path) as opened:
        yield opened


def refused(house: House, kit: OfficeKit) -> list[tuple[str, str]]:
    with kit.sit("reviewer") as session:
        return list(sync.sync(session, house.wire).rejected)


def rekey(house: House) -> None:
    """The administrator at the first desk gives the clerk a new password and key; the hub records it."""
    with house.first.sit("admin") as admin:
        people.reset_password(admin, house.first.person("clerk"), NEW)
    house.first.unlocked["clerk"] = Keyring.load(house.first.folder.keyring).unlock("clerk", NEW)
    house.sync(house.first)


def fetch_new_key(house: House, kit: OfficeKit) -> None:
    """What 设置—电脑 does: ask, let the first desk write a package, take it in."""
    with kit.sit("reviewer") as session:
        request, _ = desks.request_desk(kit.folder, kit.ports, session=session)
        assert desks.merge_package(session, house.admit(request)) == 1
    kit.unlocked["clerk"] = Keyring.load(kit.folder.keyring).unlock("clerk", NEW)


def test_nothing_is_lost_and_nothing_under_the_former_key_is_recorded(house: House) -> None:
    second = house.join("second")
    second.unlocked = dict(second.unlocked)
    second.made = 40
    with second.sit("clerk") as clerk:
        case = second.ready_case(clerk)
    house.settle()
    with second.sit("clerk") as clerk:  # without a line, not knowing
        values = applications.get_case(clerk, case).case.values | {"representative_mobile": MOBILE}
        applications.amend_case(clerk, case, values)
        unit = second.unit(clerk)
        typed = units.get_unit(clerk, unit).values
        other = applications.file_case(clerk, "attachment-1", unit, second.typed(clerk, unit))
        other_values = applications.get_case(clerk, other).case.values
        made = sync.status(clerk).pending
    rekey(house)
    codes = refused(house, second)
    assert len(codes) == made and {code for _, code in codes} == {"signed_with_former_key"}

    with second.sit("clerk") as clerk, pytest.raises(EnvironmentFault, match="person_key_differs"):
        second.unit(clerk)  # from the moment it is known here, the old key signs nothing more
    fetch_new_key(house, second)
    with second.sit("clerk") as clerk:
        items = {item.subject: item for item in open_items(clerk)}
        shown = [deed for item in items.values() for deed in item.mine]
        assert len(shown) == len({deed.hash for deed in shown}) == made and set(items) == {case, unit, other}
        assert items[case].redo.way == "same_case" and items[unit].redo.way == "new_unit"

        done = settle(clerk, items[unit].id, "redo")
        draft = next(each for each in applications.drafts(clerk) if each.id == done.draft)
        assert {name: draft.values[name] for name in typed if name in draft.values} == {
            name: value for name, value in typed.items() if name in draft.values
        }
        again = units.register_unit(clerk, draft.values)
        done = settle(clerk, items[case].id, "redo")
        draft = next(each for each in applications.drafts(clerk) if each.id == done.draft)
        applications.amend_case(clerk, done.case, draft.values, draft.id)
        later = next(item for item in open_items(clerk) if item.subject == other)
        assert (later.redo.way, later.redo.target) == ("new_case", again)
        done = settle(clerk, later.id, "redo")
        draft = next(each for each in applications.drafts(clerk) if each.id == done.draft)
        filed = applications.file_case(clerk, done.form, again, draft.values)
    house.settle()
    house.all_equal()
    with house.first.sit("admin") as admin:
        assert applications.get_case(admin, case).case.values == values
        assert applications.get_case(admin, filed).case.values == other_values
        assert units.get_unit(admin, again).values == typed
        assert verify_record(admin) > 0
    _only_present_keys_signed(house)


def test_what_needs_no_form_is_done_again_in_one_act_and_the_scan_with_it(house: House) -> None:
    second = house.join("second")
    second.unlocked = dict(second.unlocked)
    second.made = 60
    with second.sit("clerk") as clerk:
        case = second.filed_case(clerk)
        second.print_case(clerk, case)
    house.settle()
    with second.sit("clerk") as clerk:
        scan = second.scan_case(clerk, case)
        second.tick_all(clerk, case)
        applications.submit(clerk, case)
        ticks = applications.get_case(clerk, case).case.papers
    rekey(house)
    assert {code for _, code in refused(house, second)} == {"signed_with_former_key"}
    fetch_new_key(house, second)
    with second.sit("clerk") as clerk:
        [item] = open_items(clerk)
        done = settle(clerk, item.id, "redo")
        assert (done.way, done.redone) == ("again", 3)
        found = applications.get_case(clerk, case).case
        assert found.papers == ticks and found.lifecycle.value == "submitted"
        assert applications.read_scan(clerk, scan) == PNG
    house.settle()
    house.all_equal()
    _only_present_keys_signed(house)


def _only_present_keys_signed(house: House) -> None:
    """After the re-keying's position no row of the hub bears a signature of the former key."""
    with house.hub.database.read() as connection:
        rows = connection.execute(select(tables.action).order_by(tables.action.c.position)).all()
    rekeyed = next(row.position for row in rows if row.kind == "person_rekeyed")
    with house.first.sit("admin") as admin, admin.read() as uow:
        clerk = admin.office_state(uow).people[house.first.person("clerk")]
    [former] = clerk.former_keys
    signed = [
        (row.position, SignedAction(action_from_body(json.loads(row.body)), row.algorithm, row.signature))
        for row in rows
    ]
    by_clerk = [(at, each) for at, each in signed if each.action.person == clerk.id]
    assert any(each.verify(former) for at, each in by_clerk if at < rekeyed), (
        "the control: it did sign before"
    )
    assert not any(each.verify(former) for at, each in by_clerk if at > rekeyed)
    assert any(each.verify(clerk.public_key) for at, each in by_clerk if at > rekeyed)
