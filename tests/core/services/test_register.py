"""A register in pages is, to everyone who reads it, the same units registered one by one. Invented data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from core.errors import Cancelled, EnvironmentFault, Refusal, UserError
from core.records.register import PAGE_KIND, REGISTER, register_subject
from core.services import applications, audit, erasure, register, sync, units
from core.services.conflicts import open_items, settle
from core.services.register import ImportReport, import_units
from core.services.session import Session
from core.store import tables as t
from core.words import pinyin_initials
from hub.register import erase_unit
from hub.world import LedgerWorld
from tests.core.services.office_kit import OfficeKit, invented_units, open_kit
from tests.core.services.two_desks import TwoDesks, two_desks


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[TwoDesks]:
    """Two desks of one's own."""
    with two_desks(tmp_path) as pair:
        yield pair


@pytest.fixture(autouse=True)
def short_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of seven, so that a few units make several."""
    monkeypatch.setattr(register, "PAGE_UNITS", 7)


def values(start: int, end: int) -> list[Mapping[str, str]]:
    """Return some of the invented units' values."""
    return [unit.values for unit in invented_units()[start:end]]


def take(session: Session, start: int, end: int) -> ImportReport:
    """Import some of the invented units."""
    return import_units(session, enumerate(values(start, end), 1))


def seen(session: Session) -> list[tuple[str, ...]]:
    """Return all that lists say of the units, in the list's order, without ids and moments."""
    return [
        (line.uscc, line.name, line.representative, line.delivery, str(line.open_case is not None))
        for line in units.find_units(session, limit=1000)
    ]


def found(session: Session, query: str) -> list[str]:
    """Return the codes of the units that a search finds."""
    return [line.uscc for line in units.find_units(session, query, 1000)]


def states(session: Session) -> dict[str, tuple[Any, ...]]:
    """Return every unit's fold, by code."""
    made = {}
    for line in units.find_units(session, limit=1000):
        unit = units.get_unit(session, line.unit)
        assert units.unit_by_code(session, line.uscc) == unit
        made[line.uscc] = (unit.version, dict(unit.values), unit.representative_no, unit.erased, unit.office)
    return made


INITIALS = min(pinyin_initials(values(4, 5)[0]["name"]))
QUERIES = (
    "演练",
    "医",
    "小学",
    "中心 演练",
    "分部",
    "1246",
    "124601080000",
    INITIALS[:6],
    "y",
    "没有这家",
    "𬱖溪",
)


def test_a_register_in_pages_is_the_units_one_by_one(kit: OfficeKit, tmp_path: Path) -> None:
    place = tmp_path / "one"
    place.mkdir()
    one = open_kit(place)
    with kit.sit("clerk") as whole, one.sit("clerk") as single:
        assert take(whole, 0, 60) == ImportReport(60, 9, ())
        for each in values(0, 60):
            units.register_unit(single, each)
        assert seen(whole) == seen(single)
        assert states(whole) == states(single)
        for query in QUERIES:
            assert found(whole, query) == found(single, query), query
        unit = units.unit_by_code(whole, values(3, 4)[0]["uscc"])
        twin = units.unit_by_code(single, values(3, 4)[0]["uscc"])
        assert unit is not None and twin is not None
        changed = {**values(3, 4)[0], "name": "演练改名幼儿园"}
        units.correct_unit(whole, unit.id, changed)
        units.correct_unit(single, twin.id, changed)
        assert seen(whole) == seen(single)
        assert states(whole) == states(single)
        for query in (*QUERIES, "改名"):
            assert found(whole, query) == found(single, query), query
    one.close()


def test_both_desks_and_the_hub_hold_the_same_register(pair: TwoDesks) -> None:
    with pair.here.sit("clerk") as here:
        take(here, 0, 20)
        assert {line[3] for line in seen(here)} == {"pending"}
    assert pair.sync("here", "there") == []
    with pair.here.sit("clerk") as here, pair.there.sit("clerk") as there:
        assert {line[3] for line in seen(here)} == {"recorded"}
        assert seen(here) == seen(there)
        assert states(here) == states(there)
        assert found(there, INITIALS) == found(here, INITIALS) != []
        with there.read() as uow, pair.hub.database.read() as connection:
            world = LedgerWorld(connection, there.office, pair.hub.sealed)
            desk = uow.world(there.office, False)
            for code in states(there):
                assert world.unit_with_code(code) == desk.unit_with_code(code)
            assert sorted(code for _, code in world.credit_codes()) == sorted(states(there))
            assert world.unit_with_code("12469000000000000X") is None
    pair.in_order()


def test_a_page_unit_lives_on_like_any_other(pair: TwoDesks) -> None:
    with pair.here.sit("clerk") as here:
        take(here, 0, 10)
    pair.settle_down()
    first, second = (invented_units()[at] for at in (0, 1))
    with pair.there.sit("clerk") as there:
        unit = units.unit_by_code(there, first.values["uscc"])
        assert unit is not None
        units.correct_unit(there, unit.id, {**first.values, "address": "演练新址8号"})
        other = units.unit_by_code(there, second.values["uscc"])
        assert other is not None
        with pytest.raises(Refusal) as refused:
            units.correct_unit(there, other.id, {**second.values, "uscc": first.values["uscc"]})
        assert refused.value.code == "unit_exists"
        with pytest.raises(Refusal) as refused:
            units.register_unit(there, first.values)
        assert refused.value.code == "unit_exists"
    with pair.here.sit("clerk") as here:
        typed = pair.here.typed(here, other.id)
        case = applications.file_case(here, "attachment-1", other.id, typed)
    assert pair.sync("there", "here", "there") == []
    with pair.here.sit("clerk") as here:
        assert units.get_unit(here, unit.id).version == 2
        assert units.get_unit(here, unit.id).values["address"] == "演练新址8号"
        assert applications.get_case(here, case).case.unit == other.id
    pair.in_order()


def test_a_code_given_back_by_a_correction_is_free(pair: TwoDesks) -> None:
    """The hub finds a page's unit by its present code, not by the one on the page."""
    with pair.here.sit("clerk") as here:
        take(here, 0, 3)
    pair.settle_down()
    (first, other) = (values(0, 1)[0], values(200, 201)[0])
    with pair.here.sit("clerk") as here:
        unit = units.unit_by_code(here, first["uscc"])
        assert unit is not None
        units.correct_unit(here, unit.id, {**first, "uscc": other["uscc"]})
        take(here, 0, 1)
    assert pair.sync("here", "there") == []
    pair.in_order()
    with pair.hub.database.read() as connection:
        world = LedgerWorld(connection, unit.office, pair.hub.sealed)
        found = world.unit_with_code(other["uscc"])
        assert found is not None and found.id == unit.id
        assert world.unit_with_code(first["uscc"]) not in (None, found)


def test_one_bad_line_refuses_all_and_names_every_line(kit: OfficeKit) -> None:
    with kit.sit("clerk") as session:
        take(session, 0, 2)
        before = len(audit_rows(session))
        rows: list[Any] = list(enumerate(values(2, 20), 11))
        rows[1] = (12, {**rows[1][1], "uscc": "12469023YX0000000X"})
        rows[3] = (14, UserError("input_malformed", file="unit", why="json"))
        rows[5] = (16, rows[4][1])
        rows[7] = (18, values(0, 1)[0])
        rows[9] = (20, {**rows[9][1], "representative_name": ""})
        report = import_units(session, rows)
        assert (report.done, report.pages) == (0, 0)
        assert [(each.line, each.code) for each in report.refused] == [
            (12, "form_incomplete"),
            (14, "input_malformed"),
            (16, "unit_twice"),
            (18, "unit_exists"),
            (20, "form_incomplete"),
        ]
        assert report.refused[2].params == {"first": 15}
        assert report.refused[4].params == {"field": "representative_name", "finding": "required"}
        assert len(audit_rows(session)) == before
        assert len(seen(session)) == 2


def audit_rows(session: Session) -> list[Any]:
    with session.read() as uow:
        return uow.ledger.record(None, 0, 1000)


def test_cancelled_half_way_nothing_is_there(kit: OfficeKit) -> None:
    with kit.sit("clerk") as session:
        told: list[tuple[int, int]] = []
        with pytest.raises(Cancelled):
            import_units(
                session,
                enumerate(values(0, 30), 1),
                lambda done, total: told.append((done, total)),
                lambda: len(told) == 2,
            )
        assert told == [(7, 30), (14, 30)]
        assert seen(session) == []
        assert take(session, 0, 30).done == 30


def test_only_clerks_and_administrators_sign_for_a_register(kit: OfficeKit) -> None:
    for login, code in (("auditor", "role_missing"), ("reviewer", "role_missing"), ("admin", "")):
        with kit.sit(login) as session:
            try:
                take(session, 0, 3)
                assert not code
            except Refusal as refusal:
                assert refusal.code == code


def test_two_desks_import_at_once_and_one_of_them_hears_so(pair: TwoDesks) -> None:
    with pair.here.sit("both") as here, pair.there.sit("both") as there:
        take(here, 0, 10)
        take(there, 5, 20)
    assert pair.sync("here") == []
    refused = pair.sync("there")
    assert len(refused) == 3
    assert {code for _, code in refused} <= {"version_conflict", "refusal_unsettled"}
    with pair.there.sit("both") as there:
        assert len(seen(there)) == 10
        assert found(there, values(12, 13)[0]["uscc"]) == []
        items = open_items(there)
        assert len(items) == 1
        settle(there, items[0].id, "drop")
        again = take(there, 5, 20)
        assert [each.line for each in again.refused] == [1, 2, 3, 4, 5]
        assert take(there, 10, 20).done == 10
    pair.settle_down()
    pair.in_order()
    with pair.here.sit("both") as here:
        assert len(seen(here)) == 20


def test_erasing_one_unit_leaves_the_page_whole(pair: TwoDesks) -> None:
    with pair.here.sit("admin") as here:
        take(here, 0, 7)
        unit = units.unit_by_code(here, values(2, 3)[0]["uscc"])
        assert unit is not None
        with pytest.raises(UserError) as too_soon:
            erasure.erase(here, "unit", unit.id)
        assert too_soon.value.code == "register_unsynced"
        sync.sync(here, pair.wire)
        with here.read() as uow:
            page = uow.ledger.entries(REGISTER, register_subject(here.office))[0]
            key = uow.connection.execute(t.register_private.select()).one()
        erasure.erase(here, "unit", unit.id)
        erased = units.get_unit(here, unit.id)
        assert erased.erased and "representative_name" not in erased.values
        assert erased.values["name"] == unit.values["name"]
        others = [state for state in states(here).values() if not state[3]]
        assert len(others) == 6 and all("representative_name" in state[1] for state in others)
        with here.read() as uow:
            after = uow.connection.execute(t.register_private.select()).one()
            assert after.key != key.key and after.sealed != key.sealed
            uow.ledger.pages.verify(page.action, page.hash)
        assert audit.verify_record(here) > 0
    with pair.hub.database.write() as connection:
        erase_unit(pair.hub, connection, unit.office, unit.id)
    pair.sync("there")
    with pair.there.sit("both") as there:
        gone = units.get_unit(there, unit.id)
        assert gone.erased and "representative_name" not in gone.values
        assert sum(not state[3] for state in states(there).values()) == 6
    name = unit.values["representative_name"].encode()
    for path in (pair.hub.database.engine.url.database, pair.there.folder.database):
        assert name not in Path(str(path)).read_bytes()


def test_the_record_notices_a_page_that_was_tampered_with(kit: OfficeKit) -> None:
    with kit.sit("admin") as session:
        take(session, 0, 5)
        assert audit.verify_record(session) > 0
        with session.begin() as uow:
            uow.connection.exec_driver_sql("DROP TRIGGER register_page_no_update")
            text = uow.ledger.pages.text(uow.connection.execute(t.register_page.select()).one().hash)
            from core.records.register import pack

            forged = pack(text.replace("演练".encode(), "训练".encode(), 1))
            uow.connection.execute(t.register_page.update().values(records=forged))
        with pytest.raises(EnvironmentFault) as fault:
            audit.verify_record(session)
        assert fault.value.code == "record_tampered"


def test_nothing_waits_for_words_and_a_step_finds_where_it_stopped(kit: OfficeKit) -> None:
    with kit.sit("clerk") as session:
        take(session, 0, 20)
        with session.begin() as uow:
            assert uow.ledger.pages.waiting_for_words() == 0
            complete = [found_in(uow, query) for query in QUERIES]
            uow.connection.exec_driver_sql("DELETE FROM unit_search")
            uow.connection.exec_driver_sql("DELETE FROM unit_initials")
            uow.connection.exec_driver_sql("UPDATE register_fill SET words = 0")
            # Without words: pieces of the main name and codes are found all the same.
            for query in ("演练", "小学", "1246", "没有这家"):
                assert found_in(uow, query) == complete[QUERIES.index(query)]
        register.finish_words(session)
        with session.read() as uow:
            assert [found_in(uow, query) for query in QUERIES] == complete


def found_in(uow: Any, query: str) -> list[str]:
    return [line.uscc for line in uow.lists.units(query)]


def test_a_rebuild_makes_the_same_lists(pair: TwoDesks) -> None:
    with pair.here.sit("both") as here:
        take(here, 0, 10)
        pair.sync("here")
        take(here, 10, 15)
        unit = units.unit_by_code(here, values(1, 2)[0]["uscc"])
        assert unit is not None
        units.correct_unit(here, unit.id, {**values(1, 2)[0], "name": "演练重建医院"})
        before = (seen(here), [found(here, query) for query in (*QUERIES, "重建")])
        audit.check_rebuild(here)
        with here.begin() as uow:
            uow.projection.rebuild()
        assert (seen(here), [found(here, query) for query in (*QUERIES, "重建")]) == before


def test_the_audit_view_shows_a_page(kit: OfficeKit) -> None:
    with kit.sit("admin") as session:
        take(session, 0, 3)
    with kit.sit("auditor") as session, session.read() as uow:
        newest = uow.ledger.record(None, 0, 1)[0]
        assert newest.signed.action.kind == PAGE_KIND
        assert newest.signed.action.public["count"] == 3
