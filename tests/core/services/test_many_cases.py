"""Many applications at once: the same cases as one by one, each whole or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import Refusal
from core.records.states import Delivery, Lifecycle
from core.services import applications, audit, sync
from core.services.many_cases import Filing, file_cases
from core.services.session import Session
from core.store.action_rows import Receipt
from tests.contract.fake_hub import FakeHub, PostedHub
from tests.core.services.office_kit import OfficeKit, SeededRandom


def filing(kit: OfficeKit, clerk: Session, unit: str = "", **other: Any) -> Filing:
    """A right application of a new unit, or of ``unit``."""
    unit = unit or kit.unit(clerk)
    form = other.pop("form", "attachment-1")
    return Filing(form, unit, kit.typed(clerk, unit, form, **other.pop("values", {})), **other)


def rows(session: Session) -> list[tuple[Any, ...]]:
    """Return the case list as it is kept."""
    with session.read() as uow:
        found = uow.connection.exec_driver_sql('SELECT * FROM case_row ORDER BY "case"')
        return [tuple(row) for row in found]


def test_they_are_the_same_cases_as_filed_one_by_one(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        many = [filing(kit, clerk), filing(kit, clerk, form="attachment-3"), filing(kit, clerk)]
        alone = applications.file_case(clerk, many[0].form, many[0].unit, many[0].typed)
        first = applications.get_case(clerk, alone).case
        applications.withdraw(clerk, alone)
        made = [applications.get_case(clerk, str(case)).case for case in file_cases(clerk, many)]
        after = kit.filed_case(clerk)
        assert [case.case_no[-4:] for case in made] == ["0002", "0003", "0004"]
        assert applications.get_case(clerk, after).case.case_no.endswith("0005")
        assert [case.form for case in made] == ["attachment-1", "attachment-3", "attachment-1"]
        assert {case.lifecycle for case in made} == {Lifecycle.FILED}
        assert (made[0].values, made[0].unit, made[0].hands) == (first.values, first.unit, first.hands)
    with kit.sit("auditor") as auditor:
        assert audit.verify_record(auditor) > 0
        audit.check_rebuild(auditor)


def test_a_refused_one_leaves_nothing_and_the_others_stand(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        good, unit = filing(kit, clerk), kit.unit(clerk)
        wrong = filing(kit, clerk, values={"representative_id": "1"})
        stranger = Filing(good.form, "nobody", good.typed)
        papers = filing(kit, clerk, papers={f"paper {number}": {} for number in range(81)})
        ticked = filing(kit, clerk, unit, papers={"id_card": {"original": True}})
        answers = file_cases(clerk, [wrong, good, stranger, good, papers, ticked])
        codes = [answer.code if isinstance(answer, Refusal) else "" for answer in answers]
        assert codes == ["form_incomplete", "", "unit_unknown", "unit_has_open_case", "action_malformed", ""]
        assert len(rows(clerk)) == 2
        numbers = [applications.get_case(clerk, str(answers[at])).case.case_no[-4:] for at in (1, 5)]
        assert numbers == ["0001", "0002"]
        assert applications.get_case(clerk, str(answers[5])).case.papers["id_card"]["original"]
        assert file_cases(clerk, []) == []
    with kit.sit("auditor") as auditor:
        audit.verify_record(auditor)
        audit.check_rebuild(auditor)


def test_whoever_may_not_file_files_none(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        one = filing(kit, clerk)
    with kit.sit("auditor") as auditor:
        (answer,) = file_cases(auditor, [one])
        assert isinstance(answer, Refusal) and answer.code == "role_missing"
        assert rows(auditor) == []


def test_the_hubs_word_reaches_the_list_as_if_it_were_made_anew(kit: OfficeKit) -> None:
    fake = FakeHub(kit.clock, SeededRandom("hub"))
    kit.enrol(PostedHub(fake.post))
    with kit.sit("clerk") as clerk:
        cases = [str(case) for case in file_cases(clerk, [filing(kit, clerk) for _ in range(4)])]
        assert {row[6] for row in rows(clerk)} == {"pending"}
        sync.sync(clerk, PostedHub(fake.post))
        assert {row[6] for row in rows(clerk)} == {"recorded"}
        applications.tick_papers(clerk, cases[0], {})
        later = [str(case) for case in file_cases(clerk, [filing(kit, clerk)])]
        waiting = {str(row[0]) for row in rows(clerk) if row[6] == "pending"}
        assert waiting == {cases[0], *later} and sync.status(clerk).pending == 3
        sync.sync(clerk, PostedHub(fake.post))
        assert {row[6] for row in rows(clerk)} == {"recorded"} and sync.status(clerk).pending == 0
    with kit.sit("auditor") as auditor:
        audit.check_rebuild(auditor)


def test_a_case_of_a_refused_unit_is_refused_in_the_list(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        one = filing(kit, clerk)
        with clerk.begin() as uow:
            newest = uow.outbox.oldest(clerk.device.id, 10**6)[-1]
            second = uow.ledger.entries("unit", one.unit)[-1]
            assert newest.hash == second.hash
        from core.services import units

        units.correct_unit(
            clerk, one.unit, {**units.get_unit(clerk, one.unit).values, "address": "演练路1号"}
        )
        with clerk.begin() as uow:
            refused = uow.outbox.oldest(clerk.device.id, 10**6)[-1].hash
            uow.ledger.add_receipt(Receipt(refused, "rejected", None, "unit_exists", {}, newest.action.at))
            uow.projection.refresh("unit", one.unit)
        assert isinstance(file_cases(clerk, [one])[0], str)
        assert [row[6] for row in rows(clerk)] == [Delivery.REJECTED.value]
    with kit.sit("auditor") as auditor:
        audit.check_rebuild(auditor)


@pytest.mark.parametrize("heard", [0, 1, 3])
def test_the_outbox_is_looked_for_only_beyond_what_was_heard(kit: OfficeKit, heard: int) -> None:
    """Receipts may come for some and not for others, in any order: nothing waiting is ever passed over."""
    with kit.sit("clerk") as clerk:
        file_cases(clerk, [filing(kit, clerk) for _ in range(4)])
        with clerk.begin() as uow:
            waiting = uow.outbox.oldest(clerk.device.id, 10**6)
            told = [waiting[at].hash for at in range(heard)] + [waiting[-1].hash]
            uow.ledger.add_receipts(
                Receipt(each, "recorded", number, "", {}, waiting[0].action.at)
                for number, each in enumerate(told, 1)
            )
            uow.outbox.note_heard()
            left = [each.hash for each in uow.outbox.oldest(clerk.device.id, 10**6)]
            assert left == [each.hash for each in waiting if each.hash not in told]
            assert uow.outbox.count(clerk.device.id) == len(left)
