"""Hostile payloads: the judge raises nothing but ``Refusal``, and what it lets pass the folds can read.

The second half is what keeps an office alive: an action that is accepted once is folded for ever.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import Refusal
from core.records.fold_case import fold_case
from core.records.fold_certificate import fold_claim
from core.records.fold_office import fold_office
from core.records.fold_unit import fold_unit
from core.records.judge import judge, papers_still_missing
from core.records.kinds import KINDS
from core.records.model import action_from_body
from core.records.register import PAGE_KIND
from tests.core.records.memory_world import MemoryWorld, day_of
from tests.core.records.office_world import OFFICE, OfficeWorld, make_world
from tests.core.records.test_judge_matrix import DESK_KINDS, _steps, _world_for

_FOLDS: dict[str, Callable[..., Any]] = {
    "office": fold_office,
    "unit": fold_unit,
    "case": fold_case,
    "claim": fold_claim,
}
_WORLDS: dict[str, OfficeWorld] = {}

# Surrogates excluded: no JSON text that decodes carries them past action_from_body (tested below).
TEXTS = st.one_of(
    st.text(max_size=8),
    st.sampled_from(["", "admin", "clerk", "ghost", "hub", "unit-1", "case-1", "attachment-1", "0" * 64]),
    st.sampled_from(["-1", "２０２６", "2026-02-30", "yes", "a" * 300, "\x00", "\u202e甲", "𬱖" * 60]),
)
JSONS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**53), 2**53), TEXTS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["id", "person", "roles", "original", "field", "x"]), inner, max_size=3
        ),
    ),
    max_leaves=6,
)


def _doer(kind: str) -> str:
    return {"admin": "admin", "clerk": "clerk", "reviewer": "reviewer"}[sorted(KINDS[kind].roles)[0].value]


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    found = [path] if path else []
    if isinstance(value, dict):
        found += [place for key in value for place in _places(value[key], (*path, key))]
    elif isinstance(value, list):
        found += [place for at in range(len(value)) for place in _places(value[at], (*path, at))]
    return found


def _changed(public: Any, draw: Callable[..., Any]) -> Any:
    public = copy.deepcopy(public)
    for _ in range(draw(st.integers(1, 2))):
        places = _places(public)
        place = draw(st.sampled_from(places)) if places else ("x",)
        inside = public
        for step in place[:-1]:
            inside = inside[step]
        change = draw(st.sampled_from(["set", "drop", "add"]))
        if change == "drop" and place[-1] != "x":
            del inside[place[-1]]
        elif change == "add" and isinstance(inside, dict):
            inside[draw(st.sampled_from(["x", "values", "ключ", "roles"]))] = draw(JSONS)
        else:
            inside[place[-1]] = draw(JSONS)
    return public


def _hear(here: OfficeWorld, kind: str, public: Any, private: dict[str, str]) -> MemoryWorld | None:
    """Judge; return the world with the action in it if it passed."""
    subject = _steps(kind, here)[0]
    world = MemoryWorld(OFFICE) if kind == "office_founded" else here.world.copy()
    try:
        entry = world.propose(_doer(kind), kind, subject, public, private)
        judge(entry.action, private, world, day_of(entry.action))
    except Refusal:
        return None
    except ValueError:
        return None  # no canonical form: action_from_body would not have let it in
    world.add(entry)
    return world


def _read_everything(world: MemoryWorld) -> None:
    for kind, subject in list(world.subjects):
        if kind in _FOLDS:
            assert _FOLDS[kind](world.entries(kind, subject)) is not None
    office, case = world.office(), world.case("case-1")
    assert office is not None
    if case is not None:
        papers_still_missing(office, case)
        case.signed_scan()
        case.paper_stale()


@pytest.mark.parametrize("kind", DESK_KINDS)
def test_a_changed_payload_is_refused_or_can_be_read_for_ever(kind: str) -> None:
    here = _WORLDS.setdefault(kind, _world_for(kind))
    _, public, private = _steps(kind, here)
    passed = _hear(here, kind, public, private)
    # Unchanged, it passes: else nothing below would mean anything. A page lacks its records here.
    assert passed is not None or kind == PAGE_KIND

    @settings(max_examples=60)
    @given(st.data())
    def fuzz(data: st.DataObject) -> None:
        typed = {name: data.draw(st.one_of(st.just(value), TEXTS)) for name, value in private.items()}
        world = _hear(here, kind, _changed(public, data.draw), typed)
        if world is not None:
            _read_everything(world)

    fuzz()


@pytest.mark.slow
@pytest.mark.parametrize("kind", DESK_KINDS)
def test_a_changed_payload_is_refused_or_can_be_read_for_ever_at_length(kind: str) -> None:
    here = _world_for(kind)
    _, public, private = _steps(kind, here)

    @settings(max_examples=400)
    @given(st.data())
    def fuzz(data: st.DataObject) -> None:
        typed = {name: data.draw(st.one_of(st.just(value), TEXTS)) for name, value in private.items()}
        world = _hear(here, kind, _changed(public, data.draw), typed)
        if world is not None:
            _read_everything(world)

    fuzz()


@given(JSONS, st.sampled_from(DESK_KINDS))
def test_any_payload_at_all_is_refused_or_readable(public: Any, kind: str) -> None:
    here = _WORLDS.setdefault(kind, _world_for(kind))
    entry = here.world.propose(_doer(kind), kind, _steps(kind, here)[0], {}, {})
    action = replace(entry.action, public=public if isinstance(public, dict) else {"x": public})
    with pytest.raises(Refusal):
        judge(
            replace(action, public={**action.public, "no-kind-has-this": 1}), {}, here.world, day_of(action)
        )
    try:
        judge(action, {}, here.world, day_of(action))
    except Refusal:
        return
    assert not KINDS[kind].public  # only kinds without public fields can pass with an arbitrary one


@pytest.mark.parametrize(
    ("kind", "spoil"),
    [
        ("person_added", {"roles": ["emperor"]}),
        ("person_added", {"roles": []}),
        ("person_added", {"roles": ["clerk", "clerk"]}),
        ("person_added", {"key": "AB" * 32}),
        ("person_added", {"key": "ab" * 31}),
        ("person_added", {"algorithm": "none"}),
        ("person_added", {"person": ""}),
        ("person_roles_set", {"roles": ["emperor"]}),
        ("person_roles_set", {"roles": [["clerk"]]}),
        ("person_rekeyed", {"key": ""}),
        ("device_added", {"exchange_key": "zz" * 32}),
        ("device_added", {"key": 7}),
        ("papers_checked", {"items": {"manager_id": True}}),
        ("papers_checked", {"items": {"manager_id": {"original": 1, "copy": 0}}}),
        ("papers_checked", {"items": {str(n): {"original": True, "copy": True} for n in range(99)}}),
        ("checklist_set", {"items": [["id", "label"]]}),
        ("case_printed", {"copies": 0}),
        ("case_printed", {"copies": -3}),
        ("case_printed", {"copies": True}),
        ("case_printed", {"layout": "a" * 201}),
        ("scan_attached", {"pages": 0}),
        ("case_returned", {"reasons": [{}]}),
        ("case_returned", {"reasons": ["other"] * 99}),
        ("unit_registered", {"form": {"id": "unit-record"}}),
        ("unit_registered", {"values": {"name": 7}}),
        ("case_filed", {"unit": "a" * 201}),
    ],
)
def test_what_once_would_have_closed_an_office_for_good(kind: str, spoil: dict[str, Any]) -> None:
    here = _world_for(kind)
    subject, public, private = _steps(kind, here)
    with pytest.raises(Refusal) as told:
        here.world.act(_doer(kind), kind, subject, public | spoil, private)
    assert told.value.code in {"action_malformed", "checklist_malformed"}


# --- bodies that travel -----------------------------------------------------------------------------


@given(st.sampled_from(DESK_KINDS))
def test_a_body_comes_back_as_it_went(kind: str) -> None:
    here = _WORLDS.setdefault(kind, _world_for(kind))
    subject, public, private = _steps(kind, here)
    action = here.world.propose(_doer(kind), kind, subject, public, private).action
    again = action_from_body(json.loads(json.dumps(action.body())))
    assert again == action and again.hash() == action.hash()


def _body() -> dict[str, Any]:
    here = make_world()
    facts = {"person": "clerk"}
    return here.world.propose("admin", "person_disabled", ("office", OFFICE), facts).action.body()


@pytest.mark.parametrize("name", sorted(_body()))
def test_a_missing_field_is_refused(name: str) -> None:
    body = _body()
    del body[name]
    with pytest.raises(Refusal, match="action_malformed"):
        action_from_body(body)


@given(st.data())
def test_an_odd_body_is_refused_or_hashable(data: st.DataObject) -> None:
    body = _body()
    name = data.draw(st.sampled_from([*sorted(body), "extra"]))
    body[name] = data.draw(
        st.one_of(JSONS, st.floats(), st.just("\ud800"), st.just({"ключ": 1}), st.just({"a": 0.5}))
    )
    try:
        action = action_from_body(body)
    except Refusal as told:
        assert told.code == "action_malformed"
        return
    assert name != "extra" and len(action.hash()) == 64


@pytest.mark.parametrize(
    "change",
    [
        {"extra": 1},
        {"seq": True},
        {"seq": -1},
        {"seq": 2**53},
        {"seq": "1"},
        {"at": None},
        {"kind": "a" * 201},
        {"subject_kind": "planet"},
        {"rehearsal": 1},
        {"public": []},
        {"public": {"a": 0.5}},
        {"public": {"a": "\ud800"}},
        {"public": {"ключ": 1}},
        {"public": {"n": 2**60}},
        {"commitments": {"name": "zz" * 32}},
        {"commitments": {"name": "AB" * 32}},
        {"commitments": {"name": 7}},
        {"prev": "0" * 63},
    ],
)
def test_each_odd_field_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Refusal, match="action_malformed"):
        action_from_body(_body() | change)


@pytest.mark.parametrize("body", [None, [], "action", 7, {}])
def test_what_is_no_body_is_refused(body: Any) -> None:
    with pytest.raises(Refusal, match="action_malformed"):
        action_from_body(body)


def test_a_body_too_deep_to_hash_is_refused() -> None:
    deep: Any = {}
    for _ in range(100_000):
        deep = {"a": deep}
    with pytest.raises(Refusal, match="action_malformed"):
        action_from_body(_body() | {"public": deep})
