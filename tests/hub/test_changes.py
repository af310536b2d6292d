"""What a life-cycle change ends at the hub: at once, in one transaction, in whatever order things arrive."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

import hub.suspensions
from core.credentials.certificate_claims import VCT
from core.credentials.key_proof import make_proof, new_holder_key
from core.credentials.sdjwt import verify
from core.credentials.status import INVALID, SUSPENDED, VALID, StatusReference
from core.errors import UserError
from core.sync.envelope import action_item
from hub import claims, delivery, tables
from hub.nonces import make_nonce
from hub.status_lists import FRESH, TTL
from tests.hub.conftest import Station
from tests.hub.sample_office import Approved, Minted, SampleOffice, split
from tests.hub.test_suspension import kinds, status


@dataclass
class Held:
    """A unit whose certificate is on a phone."""

    approved: Approved
    reference: StatusReference

    @property
    def unit(self) -> str:
        return self.approved.unit


def issue(station: Station, minted: Minted) -> StatusReference | None:
    """A phone's whole way, spoken straight into the hub; None while the facts are awaited."""
    granted = claims.token(station.hub, minted.text, minted.pin)
    return fetch(station, granted.token)


def fetch(station: Station, token: str) -> StatusReference | None:
    at = int(station.hands().timestamp())
    proof = make_proof(new_holder_key(), station.hub.issuer, make_nonce(station.hub), at)
    done = delivery.credential(station.hub, token, proof)
    if not done.sd_jwt:
        return None
    reference = verify(done.sd_jwt, [station.root], station.hands(), VCT).status
    assert reference is not None
    return reference


@pytest.fixture
def held(station: Station, office: SampleOffice) -> Held:
    return hold(station, office)


def hold(station: Station, office: SampleOffice) -> Held:
    approved = office.approved_case()
    minted = office.mint(approved)
    office.push_all_recorded()
    reference = issue(station, minted)
    assert reference is not None
    return Held(approved, reference)


DETAILS = {
    "suspension": {"reason": "dispute"},
    "resumption": {"reason": "cause_ended"},
    "handover": {"office": "469024", "unit": "elsewhere"},
    "loss": {"identity_checked": "yes"},
}


def change(office: SampleOffice, held: Held, kind: str) -> Any:
    """File, approve and apply a change of the unit at the desk; returns the effect. Nothing is pushed."""
    unit = held.approved.invented
    values = dict(unit.values)
    values |= {
        "representative": {"representative_name": "演新任"},
        "details": {"address": "演练新址 9 号"},
    }.get(kind, {})
    number = 2 if kind == "representative" else 1
    return office.change(kind, held.unit, replace(unit, values=values), number, DETAILS.get(kind))


VOIDING = {
    "representative": "representative_changed",
    "manager": "manager_changed",
    "details": "unit_changed",
    "deregistration": "unit_deregistered",
    "handover": "unit_handed_over",
    "loss": "loss_reported",
}


@pytest.mark.parametrize("kind", VOIDING)
def test_one_approval_ends_certificate_tokens_and_codes(
    station: Station, office: SampleOffice, held: Held, kind: str
) -> None:
    again, spare = office.mint(held.approved, 2), office.mint(held.approved, 2)
    office.push_all_recorded()
    token = claims.token(station.hub, spare.text, spare.pin).token
    change(office, held, kind)
    office.push_all_recorded()

    assert status(station, held.reference) == INVALID
    with pytest.raises(UserError):
        fetch(station, token)
    with pytest.raises(UserError):
        issue(station, again)
    last = [
        item["action"] for item in office.feed()["items"] if item["action"]["kind"] == "certificate_voided"
    ]
    assert [action["public"]["reason"] for action in last] == [VOIDING[kind]]
    with station.hub.database.read() as connection:
        rows = connection.execute(
            select(tables.claim_code).where(tables.claim_code.c.office == office.office)
        )
        assert all(row.voided for row in rows if row.jti in (again.jti.hex(), spare.jti.hex()))
        cases = select(tables.case_view.c.lifecycle).where(tables.case_view.c.case == held.approved.case)
        lifecycle = connection.execute(cases).scalar_one()
    assert lifecycle == ("approved" if kind == "loss" else "ended")


def test_a_suspension_holds_until_it_is_lifted_and_nothing_is_claimed_meanwhile(
    station: Station, office: SampleOffice, held: Held
) -> None:
    change(office, held, "suspension")
    office.push_all_recorded()
    assert status(station, held.reference) == SUSPENDED
    code = office.mint(held.approved, 2, record=False)
    with pytest.raises(UserError, match="voided"):
        issue(station, code)
    change(office, held, "resumption")
    office.push_all_recorded()
    assert status(station, held.reference) == VALID
    assert kinds(office)[-1] == "certificate_resumed"


def test_a_new_phone_claimed_before_the_loss_was_heard_of_stays(
    station: Station, office: SampleOffice, held: Held
) -> None:
    """The code was made after the loss, so the phone that came first is the new one."""
    change(office, held, "loss")
    code = office.mint(held.approved, 2)
    fresh = issue(station, code)
    assert fresh is not None and status(station, held.reference) == INVALID
    office.push_all_recorded()
    assert status(station, fresh) == VALID


def test_an_open_case_gives_way_to_the_one_filed_after_the_change_in_the_same_batch(
    station: Station, office: SampleOffice
) -> None:
    open_case = office.approved_case()
    change(office, Held(open_case, StatusReference("", 0)), "details")
    case = office.file(open_case.unit, open_case.invented)
    office.submit(case)
    fresh = replace(open_case, case=case, approval=office.approve(case).hash)
    code = office.mint(fresh)
    office.push_all_recorded()
    assert issue(station, code) is not None


def test_a_unit_handed_over_is_registered_elsewhere_under_the_id_that_was_drawn(
    station: Station, office: SampleOffice, held: Held
) -> None:
    unit = held.approved.invented
    facts, personal = split("unit-record", office.invented(3).values)
    facts |= {"representative_no": 1, "former": {"office": office.office, "unit": held.unit}}
    office.act("unit_registered", "unit", "drawn-there", facts, personal)
    assert [receipt["code"] for receipt in office.push()] == ["handover_unknown"]
    other = station.new_office()
    facts, personal = split("unit-record", unit.values)
    facts |= {"representative_no": 1, "former": {"office": office.office, "unit": held.unit}}
    other.act("unit_registered", "unit", "elsewhere", facts, personal)
    assert [receipt["code"] for receipt in other.push()] == ["handover_unknown"]


def test_a_newer_certificate_of_the_unit_takes_the_place_of_the_older(
    station: Station, office: SampleOffice, held: Held
) -> None:
    case = office.file(held.unit, held.approved.invented)
    office.submit(case)
    second = replace(held.approved, case=case, approval=office.approve(case).hash)
    code = office.mint(second)
    office.push_all_recorded()
    fresh = issue(station, code)
    assert fresh is not None
    assert (status(station, held.reference), status(station, fresh)) == (INVALID, VALID)
    with pytest.raises(UserError):  # the older case has ended with it
        issue(station, office.mint(held.approved, 2, record=False))


# --- ahead of everything older --------------------------------------------------------------------


def ahead(office: SampleOffice, *effects: Any) -> list[str]:
    """Send effects ahead; returns the hashes that the hub acts on."""
    data = office.envelope("urgent", actions=[action_item(each, "") for each in effects])
    told: list[str] = office.ask("/api/v1/urgent", data)["ahead"]
    return told


def test_a_change_sent_ahead_suspends_at_once_and_its_facts_void(
    station: Station, office: SampleOffice, held: Held
) -> None:
    effect = change(office, held, "representative")
    assert ahead(office, effect) == [effect.hash] == ahead(office, effect)
    assert status(station, held.reference) == SUSPENDED
    code = office.mint(held.approved, 2, record=False)
    token = claims.token(station.hub, code.text, code.pin).token
    assert fetch(station, token) is None, "nothing is issued before the facts are there"
    office.push_all_recorded()
    assert status(station, held.reference) == INVALID
    assert kinds(office).count("certificate_suspended") == 1 and "certificate_resumed" not in kinds(office)
    assert ahead(office, effect) == [], "what is recorded has no effect a second time"


def test_a_change_sent_ahead_and_then_refused_is_lifted(
    station: Station, office: SampleOffice, held: Held
) -> None:
    effect = office.act(
        "manager_changed",
        "unit",
        held.unit,
        {"basis": "演练", "change": "none", "case": ""},
        by=office.reviewer,
    )
    assert ahead(office, effect) == [effect.hash]
    assert status(station, held.reference) == SUSPENDED
    assert [receipt["code"] for receipt in office.push()] == ["change_unknown"]
    assert status(station, held.reference) == VALID


def test_only_a_reviewers_signature_of_this_desk_is_believed(
    station: Station, office: SampleOffice, held: Held
) -> None:
    facts = {"basis": "演练", "change": "none", "case": ""}
    by_clerk = office.act("manager_changed", "unit", held.unit, facts, by=office.clerk)
    good = office.act("manager_changed", "unit", held.unit, facts, by=office.reviewer)
    forged = replace(good, signature="00" * 64)
    foreign = office.act("manager_changed", "unit", held.unit, facts, by=office.reviewer, device="other")
    nobody = office.act("manager_changed", "unit", "no-such-unit", facts, by=office.reviewer)
    mild = office.act("unit_renewed", "unit", held.unit, facts, by=office.reviewer)
    assert ahead(office, by_clerk, forged, foreign, nobody, mild) == []
    assert status(station, held.reference) == VALID


# --- every order of events ------------------------------------------------------------------------

EVENTS = ("push", "ahead", "old token", "old code", "fetch", "replacement", "again")


class Story:
    """A change at the desk, and what phones and lines do around it, in any order."""

    def __init__(self, station: Station, kind: str) -> None:
        self.station, self.kind = station, kind
        self.office = station.new_office()
        self.held = hold(station, self.office)
        self.old = [self.office.mint(self.held.approved, 2) for _ in range(2)]
        self.effect = change(self.office, self.held, kind)
        self.sent = list(self.office.outbox)
        self.tokens: list[str] = []
        self.references = [self.held.reference]
        self.recorded = self.heard = False

    def happen(self, event: str) -> None:
        with suppress(UserError):  # refused is as good as it gets
            self._happen(event)

    def _happen(self, event: str) -> None:
        office = self.office
        if event == "push":
            office.push()
            self.recorded = self.heard = True
        elif event == "again":
            office.ask("/api/v1/actions", office.batch(self.sent if self.recorded else []))
        elif event == "ahead":
            self.heard = self.heard or bool(ahead(office, self.effect))
        elif event == "old token":
            self.tokens.append(claims.token(self.station.hub, self.old[0].text, self.old[0].pin).token)
        elif event == "old code":
            self._keep(issue(self.station, self.old[1]))
        elif event == "replacement":
            self._keep(issue(self.station, office.mint(self.held.approved, 2, record=False)))
        elif event == "fetch" and self.tokens:
            self._keep(fetch(self.station, self.tokens[-1]))

    def _keep(self, reference: StatusReference | None) -> None:
        if reference is not None:
            assert not self.heard, "issued after the change was heard of"
            self.references.append(reference)

    def statuses(self) -> set[int]:
        entry = tables.status_entry
        with self.station.hub.database.read() as connection:
            rows = connection.execute(select(entry.c.list, entry.c.slot, entry.c.status)).all()
        table = {(row.list, row.slot): row.status for row in rows}
        lists = {each.uri: int(each.uri.rsplit("/", 1)[1]) for each in self.references}
        return {table[lists[each.uri], each.idx] for each in self.references}


@given(
    kind=st.sampled_from(["representative", "manager", "details", "deregistration", "handover"]),
    events=st.permutations(EVENTS),
)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_in_every_order_nothing_voided_is_accepted_afterwards(
    station: Station, kind: str, events: list[str]
) -> None:
    story = Story(station, kind)
    for event in events:
        story.happen(event)
        if story.recorded:
            assert story.statuses() == {INVALID}, events
        elif story.heard:
            assert VALID not in story.statuses(), events
    assert story.recorded


def test_the_story_sees_a_hub_that_forgets_to_void(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    """The known-bad control: without the voiding the invariant above does not hold."""
    story = Story(station, "representative")
    monkeypatch.setattr(hub.suspensions, "end_former", lambda *_: None)
    story.happen("push")
    assert story.statuses() == {VALID}


def test_a_list_is_signed_anew_within_a_minute() -> None:
    assert FRESH <= 60 and TTL <= 60
