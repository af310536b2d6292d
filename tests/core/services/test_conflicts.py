"""Two desks of an office act on the same thing: what the hub refuses becomes work for a person, once."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from core.errors import EnvironmentFault, Refusal, UserError
from core.records.people import Role
from core.services import applications, audit, claims, people, review, sync, units
from core.services.applications import get_case
from core.services.conflicts import WorkItem, open_count, open_items, settle
from core.services.office_papers import papers_of, set_papers
from core.services.session import Session
from tests.core.services.office_kit import OfficeKit, invented_units
from tests.core.services.two_desks import TwoDesks, effective, two_desks


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoDesks]:
    """Two desks for all pairs: every test takes a case or unit of its own."""
    with two_desks(tmp_path_factory.mktemp("two")) as pair:
        yield pair


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[TwoDesks]:
    """Two desks of one's own."""
    with two_desks(tmp_path) as pair:
        yield pair


Act = Callable[[OfficeKit, Session, str], object]


def _amend(mobile: str) -> Act:
    def act(kit: OfficeKit, session: Session, case: str) -> None:
        values = dict(get_case(session, case).case.values)
        applications.amend_case(session, case, values | {"representative_mobile": mobile})

    return act


def _papers(kit: OfficeKit, session: Session, case: str) -> None:
    applications.tick_papers(session, case, {"manager_id": {"original": True, "copy": False}})


def _approve(kit: OfficeKit, session: Session, case: str) -> None:
    review.approve(session, case)


def _return(kit: OfficeKit, session: Session, case: str) -> None:
    review.return_for_correction(session, case, ["other"], "请补正")


@dataclass(frozen=True)
class Case:
    """A pair of acts on one case brought to a point of its life; ``again``: the second may be done again."""

    name: str
    start: str
    first: Act
    second: Act
    again: bool

    def __str__(self) -> str:
        return self.name


RECALL: Act = lambda kit, session, case: applications.recall(session, case)  # noqa: E731
WITHDRAW: Act = lambda kit, session, case: applications.withdraw(session, case)  # noqa: E731
SUBMIT: Act = lambda kit, session, case: applications.submit(session, case)  # noqa: E731
PRINT: Act = lambda kit, session, case: kit.print_case(session, case)  # noqa: E731
SCAN: Act = lambda kit, session, case: kit.scan_case(session, case)  # noqa: E731
UNDO: Act = lambda kit, session, case: review.undo_approval(session, case)  # noqa: E731

CASES = (
    Case("amend, amend", "ready", _amend("13800000001"), _amend("13800000002"), True),
    Case("withdraw, amend", "ready", WITHDRAW, _amend("13800000002"), False),
    Case("submit, amend", "ready", SUBMIT, _amend("13800000002"), False),
    Case("papers, submit", "ready", _papers, SUBMIT, False),
    Case("submit, papers", "ready", SUBMIT, _papers, False),
    Case("papers, papers", "ready", _papers, _papers, True),
    Case("print, print", "ready", PRINT, PRINT, True),
    Case("print, submit", "ready", PRINT, SUBMIT, True),
    Case("amend, submit", "ready", _amend("13800000001"), SUBMIT, False),
    Case("scan, scan", "ready", SCAN, SCAN, True),
    Case("amend, scan", "ready", _amend("13800000001"), SCAN, False),
    Case("withdraw, withdraw", "ready", WITHDRAW, WITHDRAW, False),
    Case("withdraw, approve", "submitted", WITHDRAW, _approve, False),
    Case("approve, withdraw", "submitted", _approve, WITHDRAW, False),
    Case("recall, approve", "submitted", RECALL, _approve, False),
    Case("return, approve", "submitted", _return, _approve, False),
    Case("approve, return", "submitted", _approve, _return, False),
    Case("approve, approve", "submitted", _approve, _approve, False),
    Case("print, approve", "submitted", PRINT, _approve, True),
    Case("undo, undo", "approved", UNDO, UNDO, False),
    Case("print, undo", "approved", PRINT, UNDO, True),
)


def _case(pair: TwoDesks, start: str) -> str:
    with pair.here.sit("clerk") as clerk:
        case = {"ready": pair.here.ready_case, "filed": pair.here.filed_case}.get(
            start, pair.here.submitted_case
        )(clerk)
    if start == "approved":
        with pair.here.sit("reviewer") as reviewer:
            review.approve(reviewer, case)
    pair.settle_down()
    return case


def _do(pair: TwoDesks, name: str, act: Act, case: str) -> None:
    """Do one act at a desk as whoever may: acts of reviewers and of clerks know their own."""
    kit = pair.kit(name)
    login = "reviewer" if act in (_approve, _return, UNDO) else "clerk"
    with kit.sit(login) as session:
        act(kit, session, case)


def _only_item(pair: TwoDesks, name: str) -> WorkItem:
    with pair.kit(name).sit("both") as session:
        (item,) = open_items(session)
        assert open_count(session) == sync.status(session).open_refusals == 1
        return item


def _settle(pair: TwoDesks, name: str, item: str, choice: str, login: str = "both") -> None:
    with pair.kit(name).sit(login) as session:
        settle(session, item, choice)
        with pytest.raises(UserError, match="refusal_gone"):
            settle(session, item, choice)


CHOICES = [
    *((case, "drop") for case in CASES),
    *((case, "redo") for case in CASES if case.again),
    *[(case, "redo") for case in CASES if not case.again][:2],
]


@pytest.mark.parametrize(("case", "choice"), CHOICES, ids=str)
def test_a_pair_of_acts_on_one_case_is_shown_once_and_settled_once(
    shared: TwoDesks, case: Case, choice: str
) -> None:
    case_id = _case(shared, case.start)
    _do(shared, "here", case.first, case_id)
    _do(shared, "there", case.second, case_id)
    refused = shared.sync("here", "there")
    assert refused and {code for _, code in refused} <= {"version_conflict", "refusal_unsettled"}
    item = _only_item(shared, "there")
    assert (item.subject_kind, item.subject, item.code) == ("case", case_id, "version_conflict")
    assert {deed.hash for deed in item.mine} and all(deed.own for deed in item.mine)
    assert item.standing and not any(deed.own for deed in item.standing)
    assert item.redo.open is case.again, item.redo
    before = shared.recorded()["case", case_id]
    if choice == "redo" and not case.again:
        with shared.there.sit("both") as both, pytest.raises(Refusal):
            settle(both, item.id, "redo")
        choice = "drop"
    _settle(shared, "there", item.id, choice, "reviewer" if case.second in (UNDO,) else "both")
    shared.settle_down()
    after = shared.recorded()["case", case_id]
    assert after[: len(before)] == before, "what stood was overwritten"
    if choice == "drop":
        assert after == before
    shared.in_order()
    (settled,) = shared.recorded()["refusal", item.id]
    assert set(settled.action.public["refused"]) == {deed.hash for deed in item.mine}
    assert settled.action.public["choice"] == {"drop": "dropped", "redo": "redone"}[choice]
    again = [entry for entry in after if entry.action.id in settled.action.public["redone"]]
    assert len(again) == len(settled.action.public["redone"]) == len(after) - len(before)


def test_differing_fields_are_told_covered_and_clear(shared: TwoDesks) -> None:
    case_id = _case(shared, "filed")
    _do(shared, "here", _amend("13800000001"), case_id)
    _do(shared, "there", _amend("13800000002"), case_id)
    shared.sync("here", "there")
    item = _only_item(shared, "there")
    (pair,) = [pair for pair in item.pairs if pair.differs]
    assert (pair.label, pair.mine, pair.theirs) == ("手机", "138****0002", "138****0001")
    assert (pair.mine_clear, pair.theirs_clear) == ("13800000002", "13800000001")
    assert "13800000002" not in repr(item), "clear values must not reach a log by way of a repr"
    with shared.there.sit("clerk") as clerk:
        done = settle(clerk, item.id, "redo")
        (draft,) = [each for each in applications.drafts(clerk) if each.id == done.draft]
        assert (done.way, done.form, done.case) == ("same_case", "attachment-1", case_id)
        assert (draft.kind, draft.subject) == ("attachment-1", case_id)
        assert draft.values["representative_mobile"] == "13800000002"
        applications.amend_case(clerk, case_id, draft.values, draft.id)
    shared.settle_down()
    shared.in_order()
    with shared.here.sit("clerk") as clerk:
        assert get_case(clerk, case_id).case.values["representative_mobile"] == "13800000002"


def test_a_second_correction_does_not_ride_on_another_desks_first(shared: TwoDesks) -> None:
    """The lost update that a version number alone does not see: its version fits by chance."""
    with shared.here.sit("clerk") as clerk:
        unit = shared.here.unit(clerk)
    shared.settle_down()

    def correct(name: str, address: str) -> None:
        with shared.kit(name).sit("clerk") as clerk:
            units.correct_unit(clerk, unit, {**units.get_unit(clerk, unit).values, "address": address})

    correct("here", "演练路1号")
    correct("there", "演练路2号")
    correct("there", "演练路3号")
    refused = shared.sync("here", "there")
    assert [code for _, code in refused] == ["version_conflict", "refusal_unsettled"]
    assert shared.recorded()["unit", unit][-1].values()["address"] == "演练路1号"
    item = _only_item(shared, "there")
    assert [deed.kind for deed in item.mine] == ["unit_corrected", "unit_corrected"]
    assert [(pair.mine, pair.theirs) for pair in item.pairs if pair.differs] == [("演练路3号", "演练路1号")]
    with shared.there.sit("clerk") as clerk:
        with pytest.raises(Refusal, match="refusal_unsettled"):
            correct("there", "演练路4号")
        done = settle(clerk, item.id, "redo")
        assert (done.way, done.form, done.unit) == ("same_unit", "unit-record", unit)
        applications.discard_draft(clerk, done.draft)
    correct("there", "演练路5号")
    shared.settle_down()
    shared.in_order()
    assert shared.recorded()["unit", unit][-1].values()["address"] == "演练路5号"


def test_two_filings_for_one_unit(shared: TwoDesks) -> None:
    with shared.here.sit("clerk") as clerk:
        unit = shared.here.unit(clerk)
        shared.there.made = shared.here.made
    shared.settle_down()
    filed = {}
    for name in ("here", "there"):
        kit = shared.kit(name)
        with kit.sit("clerk") as clerk:
            mobile = {"here": "13800000001", "there": "13800000002"}[name]
            typed = kit.typed(clerk, unit, representative_mobile=mobile)
            filed[name] = applications.file_case(clerk, "attachment-1", unit, typed)
            kit.print_case(clerk, filed[name])
    refused = shared.sync("here", "there")
    assert [code for _, code in refused] == ["unit_has_open_case", "version_conflict"]
    item = _only_item(shared, "there")
    with shared.there.sit("clerk") as clerk, pytest.raises(UserError, match="case_unknown"):
        get_case(clerk, filed["there"])
    assert item.obstacle is not None and item.obstacle.id == filed["here"]
    assert [deed.kind for deed in item.standing] == ["case_filed"] and not item.standing[0].own
    assert [pair.mine for pair in item.pairs if pair.differs] == ["138****0002"]
    assert (item.redo.way, item.redo.target) == ("other_case", filed["here"])
    with shared.there.sit("clerk") as clerk:
        done = settle(clerk, item.id, "redo")
        assert (done.way, done.case) == ("other_case", filed["here"])
        draft = next(each for each in applications.drafts(clerk) if each.id == done.draft)
        applications.amend_case(clerk, done.case, draft.values, draft.id)
    shared.settle_down()
    shared.in_order()


def test_a_refused_filing_can_be_filed_anew_once_the_other_is_out_of_the_way(shared: TwoDesks) -> None:
    with shared.here.sit("clerk") as clerk:
        unit = shared.here.unit(clerk)
        shared.there.made = shared.here.made
    shared.settle_down()
    with shared.here.sit("clerk") as clerk:
        first = applications.file_case(clerk, "attachment-1", unit, shared.here.typed(clerk, unit))
    with shared.there.sit("clerk") as clerk:
        applications.file_case(clerk, "attachment-1", unit, shared.there.typed(clerk, unit))
    shared.sync("here", "there")
    with shared.here.sit("clerk") as clerk:
        applications.withdraw(clerk, first)
    shared.settle_down()
    item = _only_item(shared, "there")
    assert item.redo.way == "new_case" and item.obstacle is None
    with shared.there.sit("clerk") as clerk:
        done = settle(clerk, item.id, "redo")
        draft = next(each for each in applications.drafts(clerk) if each.id == done.draft)
        assert draft.subject == unit
        applications.file_case(clerk, draft.kind, unit, draft.values, draft.id)
    shared.settle_down()
    shared.in_order()


def test_one_unit_entered_twice(shared: TwoDesks) -> None:
    """The second entry, and the case filed for it, wait; both can be carried over to the first."""
    invented = invented_units()[150]
    with shared.here.sit("clerk") as clerk:
        first = units.register_unit(clerk, invented.values)
    with shared.there.sit("clerk") as clerk:
        values = {**invented.values, "address": "演练路9号"}
        second = units.register_unit(clerk, values)
        typed = shared.there.typed(clerk, second)
        applications.file_case(clerk, "attachment-1", second, typed)
    refused = shared.sync("here", "there")
    assert [code for _, code in refused] == ["unit_exists", "unit_unknown"]
    with shared.there.sit("clerk") as clerk:
        case_item, unit_item = open_items(clerk)
        assert unit_item.obstacle is not None and unit_item.obstacle.id == first
        assert (unit_item.redo.way, unit_item.redo.target) == ("other_unit", first)
        assert [pair.label for pair in unit_item.pairs if pair.differs] == ["住所"]
        assert (case_item.redo.way, case_item.redo.target) == ("new_case", first)
        assert unit_item.unit_name == case_item.unit_name == invented.values["name"]
        done = settle(clerk, unit_item.id, "redo")
        applications.discard_draft(clerk, done.draft)
        done = settle(clerk, case_item.id, "redo")
        draft = next(each for each in applications.drafts(clerk) if each.id == done.draft)
        applications.file_case(clerk, draft.kind, first, draft.values, draft.id)
    shared.settle_down()
    shared.in_order()


def test_acts_on_the_office_itself(shared: TwoDesks) -> None:
    auditor, reviewer = shared.here.person("auditor"), shared.here.person("reviewer")
    with shared.here.sit("admin") as admin:
        people.set_roles(admin, auditor, frozenset({Role.AUDITOR, Role.CLERK}))
    with shared.there.sit("admin") as admin:
        people.set_active(admin, reviewer, False)
    assert [code for _, code in shared.sync("here", "there")] == ["version_conflict"]
    with shared.there.sit("admin") as admin:
        (item,) = open_items(admin)
        assert (item.subject_kind, item.redo.way) == ("office", "again")
        settle(admin, item.id, "drop")
        assert admin.keyring.entries and all(entry.active for entry in admin.keyring.entries)
    shared.settle_down()
    shared.in_order()
    with shared.here.sit("admin") as admin:
        people.set_roles(admin, auditor, frozenset({Role.AUDITOR}))
    shared.settle_down()


def test_whoever_lacks_the_role_is_told_so(shared: TwoDesks) -> None:
    case_id = _case(shared, "submitted")
    _do(shared, "here", PRINT, case_id)
    _do(shared, "there", _approve, case_id)
    shared.sync("here", "there")
    with shared.there.sit("auditor") as auditor:
        (item,) = open_items(auditor)
        assert (item.drop.code, item.redo.code) == ("role_missing", "role_missing")
        with pytest.raises(Refusal, match="role_missing"):
            settle(auditor, item.id, "drop")
        with pytest.raises(UserError, match="choice_unknown"):
            settle(auditor, item.id, "merge")
    with shared.there.sit("clerk") as clerk:
        (item,) = open_items(clerk)
        assert item.drop.open and item.redo.code == "role_missing"
    with shared.there.sit("reviewer") as reviewer:
        done = settle(reviewer, item.id, "redo")
        assert (done.way, done.redone, done.case) == ("again", 1, case_id)
        assert get_case(reviewer, case_id).case.lifecycle.value == "approved"
    shared.settle_down()
    shared.in_order()


def test_an_undoing_done_again_voids_the_live_code_with_it(pair: TwoDesks) -> None:
    case_id = _case(pair, "approved")
    with pair.here.sit("clerk") as clerk:
        pair.here.print_case(clerk, case_id)
        claims.mint_claim(clerk, case_id)
    _do(pair, "there", UNDO, case_id)
    pair.sync("here", "there")
    item = _only_item(pair, "there")
    with pair.there.sit("reviewer") as reviewer:
        (live,) = claims.claims_of(reviewer, case_id)
        assert not live.voided
        settle(reviewer, item.id, "redo")
        (dead,) = claims.claims_of(reviewer, case_id)
        assert dead.voided
    pair.settle_down()
    pair.in_order()


def test_a_refused_settlement_opens_what_it_had_settled(pair: TwoDesks) -> None:
    case_id = _case(pair, "filed")
    _do(pair, "here", _amend("13800000001"), case_id)
    _do(pair, "there", _amend("13800000002"), case_id)
    pair.sync("here", "there")
    with pair.there.sit("clerk") as clerk:
        (item,) = open_items(clerk)
        settle(clerk, item.id, "drop")
        assert open_items(clerk) == ()
    with pair.here.sit("admin") as admin:
        people.set_active(admin, pair.here.person("clerk"), False)
    refused = pair.sync("here", "there")
    assert [code for _, code in refused] == ["person_unknown"]
    assert _only_item(pair, "there").id == item.id
    _settle(pair, "there", item.id, "drop")
    pair.settle_down()
    pair.in_order()
    assert len(pair.recorded()["refusal", item.id]) == 1


def test_nothing_can_be_chosen_while_more_of_it_waits_for_the_hub(pair: TwoDesks) -> None:
    case_id = _case(pair, "filed")
    _do(pair, "here", _amend("13800000001"), case_id)
    _do(pair, "there", _amend("13800000002"), case_id)
    pair.sync("here", "there")
    with pair.there.sit("clerk") as clerk:
        (item,) = open_items(clerk)
        assert effective(clerk, "case", case_id) == ["case_filed", "case_amended"]
        with clerk.begin() as uow:  # as if receipts had come and the feed had not
            uow.connection.exec_driver_sql("DROP TRIGGER receipt_no_delete")
            uow.connection.exec_driver_sql("DELETE FROM receipt WHERE hash = ?", (item.standing[0].hash,))
        (item,) = open_items(clerk)
        assert (item.drop.code, item.redo.code) == ("refusal_sync_first", "refusal_sync_first")


def test_the_end_of_a_forked_chain_is_settled_like_a_refusal(pair: TwoDesks) -> None:
    """The hub never took it; the desk says that it is settled, and the hub takes that down."""
    case_id, other = _case(pair, "filed"), _case(pair, "filed")
    copy = pair.there.folder.root.with_name("there-before")
    shutil.copytree(pair.there.folder.root, copy)
    _do(pair, "there", _amend("13800000002"), case_id)
    pair.sync("there")
    shutil.rmtree(pair.there.folder.root)
    copy.rename(pair.there.folder.root)  # somebody put an old copy of the folder back
    _do(pair, "there", _papers, case_id)
    _do(pair, "there", _papers, other)
    with pair.there.sit("admin") as admin:
        with pytest.raises(EnvironmentFault, match="chain_forked"):
            sync.sync(admin, pair.wire)
        assert sync.continue_as_new_generation(admin) == 2
    pair.settle_down()
    with pair.there.sit("both") as both:
        items = {item.subject: item for item in open_items(both)}
        assert set(items) == {case_id, other}
        assert {item.code for item in items.values()} == {"chain_forked"}
        assert [deed.kind for deed in items[case_id].standing] == ["case_amended"]
        assert items[other].standing == () and items[other].redo.way == "again"
        settle(both, items[other].id, "redo")
        settle(both, items[case_id].id, "drop")
    pair.settle_down()
    pair.in_order()
    assert [entry.action.kind for entry in pair.recorded()["case", other]] == ["case_filed", "papers_checked"]
    with pair.there.sit("admin") as admin:
        audit.verify_record(admin)
        audit.check_rebuild(admin)


def test_a_set_checklist_is_done_again_at_once(shared: TwoDesks) -> None:
    with shared.here.sit("admin") as admin:
        people.set_roles(admin, shared.here.person("auditor"), frozenset({Role.AUDITOR, Role.CLERK}))
    with shared.there.sit("admin") as admin:
        set_papers(admin, "attachment-1", papers_of(admin, "attachment-1"))
    shared.sync("here", "there")
    with shared.there.sit("admin") as admin:
        (item,) = open_items(admin)
        assert settle(admin, item.id, "redo").redone == 1
    shared.settle_down()
    shared.in_order()
