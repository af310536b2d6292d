"""Who may authorise whom, for what and until when: the rules alone, and what becomes of a tree."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Refusal
from core.forms.matters import seed_matters
from core.records.delegations import (
    MANAGER,
    USER,
    Grantor,
    Limits,
    Stage,
    Wanted,
    above,
    below,
    is_usable,
    judge_grant,
    judge_revoke,
    normal,
    stage,
)
from core.records.states import DelegationState
from core.rehearsal.people import make_people

DAY = date(2026, 11, 29)
PEOPLE = make_people(Random(4), 40, DAY)
FIRST = Grantor("", "", ("*",), "2026-01-01", "2031-01-01")
LIMITS = Limits()
WANTED = Wanted(USER, PEOPLE[1].name, PEOPLE[1].id_number, ("TAX",), "2026-11-29", "2026-12-28")


def state(number: int, parent: str = "", role: str = USER, **changed: object) -> DelegationState:
    """A claimed delegation of another person."""
    made = DelegationState(
        id=f"d{number}",
        office="o",
        version=2,
        unit="u",
        certificate="c",
        parent=parent,
        role=role,
        matters=("*",),
        valid_from="2026-11-01",
        valid_to="2027-10-31",
        representative_no=1,
        granted_at="2026-11-01T00:00:00.000Z",
        name=PEOPLE[number].name,
        id_number=PEOPLE[number].id_number,
        claimed_at="2026-11-01T01:00:00.000Z",
        status_index=number,
    )
    return replace(made, **changed)  # type: ignore[arg-type]


def code(
    wanted: Wanted, by: Grantor = FIRST, known: tuple[DelegationState, ...] = (), limits: Limits = LIMITS
) -> str:
    """The code of the refusal, empty when the grant may happen."""
    try:
        judge_grant(normal(wanted), by, known, limits, DAY, seed_matters())
    except Refusal as refusal:
        return refusal.code
    return ""


def test_a_first_manager_may_name_managers_and_users() -> None:
    assert code(WANTED) == ""
    assert code(replace(WANTED, role=MANAGER)) == ""
    assert code(replace(WANTED, matters=("*",))) == ""


def test_a_manager_names_users_and_managers_only_where_the_setting_says_so() -> None:
    manager = Grantor(MANAGER, "d9", ("*",), "2026-11-01", "2027-10-31")
    assert code(WANTED, manager) == ""
    assert code(replace(WANTED, role=MANAGER), manager) == "delegation_manager_not_allowed"
    assert code(replace(WANTED, role=MANAGER), manager, limits=Limits(managers_name_managers=True)) == ""
    assert code(WANTED, replace(manager, role=USER)) == "delegation_not_allowed"


@pytest.mark.parametrize(
    ("changed", "refused"),
    [
        ({"role": "owner"}, "delegation_malformed"),
        ({"name": ""}, "delegation_name_wrong"),
        ({"name": "演\x00练"}, "delegation_name_wrong"),
        ({"id_number": ""}, "delegation_id_number_wrong"),
        ({"id_number": "460000199001010001"}, "delegation_id_number_wrong"),
        ({"matters": ()}, "delegation_matters_wrong"),
        ({"matters": ("*", "TAX")}, "delegation_matters_wrong"),
        ({"matters": ("tax",)}, "delegation_matter_unlisted"),
        ({"matters": ("TAX", "HOUSING")}, "delegation_matter_unlisted"),
        ({"valid_from": "20261129"}, "delegation_period_wrong"),
        ({"valid_from": "2026-12-29"}, "delegation_period_wrong"),
        ({"valid_from": "2026-11-28"}, "delegation_period_past"),
        ({"valid_from": "2026-02-30"}, "delegation_period_wrong"),
        ({"valid_to": "2027-11-29"}, "delegation_period_long"),
        ({"valid_from": "2030-12-01", "valid_to": "2031-01-02"}, "delegation_period_beyond"),
    ],
)
def test_what_cannot_be_granted(changed: dict[str, object], refused: str) -> None:
    assert code(replace(WANTED, **changed)) == refused  # type: ignore[arg-type]


def test_the_longest_period_is_the_setting() -> None:
    whole = replace(WANTED, valid_to=(DAY + timedelta(days=364)).isoformat())
    assert code(whole) == ""
    assert code(whole, limits=Limits(days=364)) == "delegation_period_long"


def test_nobody_gives_more_than_they_have() -> None:
    manager = Grantor(MANAGER, "d9", ("TAX", "BANK"), "2026-12-01", "2026-12-31")
    day = {"valid_from": "2026-12-01", "valid_to": "2026-12-31"}
    assert code(replace(WANTED, **day), manager) == ""
    assert code(replace(WANTED, matters=("TAX", "SEAL"), **day), manager) == "delegation_matters_beyond"
    assert code(replace(WANTED, matters=("*",), **day), manager) == "delegation_matters_beyond"
    assert code(replace(WANTED, **{**day, "valid_to": "2027-01-01"}), manager) == "delegation_period_beyond"
    assert code(WANTED, manager) == "delegation_period_beyond"


def test_limits_count_what_is_open_and_nothing_else() -> None:
    managers = tuple(state(n, role=MANAGER) for n in range(2, 7))
    wanted = replace(WANTED, role=MANAGER)
    assert code(wanted, known=managers) == "delegation_managers_full"
    assert code(WANTED, known=managers) == ""
    assert code(wanted, known=(*managers[:4], replace(managers[4], ended=True))) == ""
    assert code(wanted, known=(*managers[:4], replace(managers[4], valid_to="2026-11-28"))) == ""
    users = tuple(state(n, claimed_at="") for n in range(2, 22))
    assert code(WANTED, known=users) == "delegation_users_full"
    assert code(WANTED, known=users, limits=Limits(users=21)) == ""


def test_a_person_stands_once_below_a_certificate() -> None:
    """Typed differently it is the same number."""
    known = (state(1, role=MANAGER),)
    spaced = f"{PEOPLE[1].id_number[:6]} {PEOPLE[1].id_number[6:]}".lower()
    assert code(replace(WANTED, id_number=spaced), known=known) == "delegation_person_twice"
    assert code(WANTED, known=(replace(known[0], ended=True),)) == ""


def test_how_a_delegation_stands() -> None:
    assert stage(state(1, claimed_at=""), DAY) is Stage.OFFERED
    assert stage(state(1, valid_from="2026-11-30"), DAY) is Stage.EARLY
    assert stage(state(1), DAY) is Stage.STANDING
    assert stage(state(1, valid_to=DAY.isoformat()), DAY) is Stage.STANDING
    assert stage(state(1, suspended=True), DAY) is Stage.SUSPENDED
    assert stage(state(1, valid_to="2026-11-28", suspended=True), DAY) is Stage.EXPIRED
    assert stage(state(1, ended=True), DAY) is Stage.ENDED


def test_revoking_belongs_to_those_above() -> None:
    states = {
        each.id: each
        for each in (state(1, role=MANAGER), state(2, "d1"), state(3, role=MANAGER), state(4, ended=True))
    }
    for actor in ("", "d1"):
        judge_revoke(actor, states["d2"], states)
    for actor, target, refused in (
        ("d2", "d2", "delegation_not_yours"),
        ("d3", "d2", "delegation_not_yours"),
        ("d2", "d1", "delegation_not_yours"),
        ("", "d4", "delegation_ended"),
    ):
        with pytest.raises(Refusal) as refusal:
            judge_revoke(actor, states[target], states)
        assert refusal.value.code == refused


@given(st.lists(st.integers(0, 12), min_size=1, max_size=12), st.data())
def test_nothing_stands_below_what_has_ended(parents: list[int], data: st.DataObject) -> None:
    """A tree of any shape: the link that ends takes exactly all below it along."""
    states: dict[str, DelegationState] = {}
    for number, parent in enumerate(parents):
        states[f"d{number}"] = state(number, f"d{parent}" if parent < number else "")
    ended = data.draw(st.sampled_from(sorted(states)))
    states[ended] = replace(states[ended], ended=True)
    hanging = {each.id for each in below(states, ended)}
    for name, each in states.items():
        usable = is_usable([each, *above(states, name)], DAY)
        assert usable is (name != ended and name not in hanging)
