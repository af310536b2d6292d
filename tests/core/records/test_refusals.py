"""Settling what was refused: only what was refused, only once; and nothing is built on it unseen."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.errors import Refusal
from core.records.fold_refusal import fold_refusal
from core.records.judge import judge
from tests.core.records.memory_world import MemoryWorld, day_of
from tests.core.records.office_world import OfficeWorld, Payload, make_world
from tests.core.records.test_judge_matrix import settlement

REFUSAL = ("refusal", "refusal-1")


def _refused_correction(here: OfficeWorld) -> str:
    """The desk corrects the unit, the hub refuses it; return the hash."""
    public, private = here.unit_payload()
    entry = here.world.propose("clerk", "unit_corrected", ("unit", "unit-1"), public, private)
    here.world.reject(entry.action)
    return entry.hash


def test_a_settlement_is_folded_and_closes_the_refusal() -> None:
    here = make_world()
    refused = _refused_correction(here)
    assert here.world.refused(refused)
    here.world.act("clerk", "refusal_settled", REFUSAL, settlement(refused, choice="redone", redone=("x",)))
    state = fold_refusal(here.world.entries(*REFUSAL))
    assert state is not None
    assert (state.refused, state.choice, state.redone) == ((refused,), "redone", ("x",))
    assert not here.world.refused(refused)
    assert fold_refusal([]) is None


def test_the_same_refusal_is_settled_once_under_whatever_name() -> None:
    here = make_world()
    refused = _refused_correction(here)
    here.world.act("clerk", "refusal_settled", REFUSAL, settlement(refused))
    with pytest.raises(Refusal, match="refusal_unknown"):
        here.world.act("admin", "refusal_settled", ("refusal", "another"), settlement("b" * 64, refused))
    with pytest.raises(Refusal, match="action_out_of_order"):
        here.world.act("clerk", "refusal_settled", REFUSAL, settlement("b" * 64))


def test_what_stands_cannot_be_settled_as_refused() -> None:
    here = make_world()
    standing = here.world.entries("unit", "unit-1")[0].hash
    with pytest.raises(Refusal, match="refusal_unknown"):
        here.world.act("clerk", "refusal_settled", REFUSAL, settlement(standing))


@pytest.mark.parametrize(
    "public",
    [
        settlement(),
        settlement("a" * 63),
        settlement("A" * 64),
        settlement("a" * 64, "a" * 64),
        settlement("a" * 64, choice="merged"),
        settlement("a" * 64, choice="dropped", redone=("x",)),
        settlement("a" * 64, choice="redone", redone=("x", "y")),
        settlement("a" * 64, "b" * 64, choice="redone", redone=("x", "x")),
        settlement("a" * 64, choice="redone", redone=("",)),
        settlement(*(f"{number:064x}" for number in range(1001))),
    ],
)
def test_an_odd_settlement_is_refused(public: Payload) -> None:
    with pytest.raises(Refusal, match="action_malformed"):
        make_world().world.act("clerk", "refusal_settled", REFUSAL, public)


def _correct(world: MemoryWorld, here: OfficeWorld, **other: int) -> None:
    public, private = here.unit_payload()
    entry = world.propose("clerk", "unit_corrected", ("unit", "unit-1"), public, private)
    action = replace(entry.action, seq=1000, **other)
    judge(action, entry.private or {}, world, day_of(action))


def test_what_was_built_on_a_refused_action_is_refused_with_it_until_it_is_settled() -> None:
    """The desk's second correction would fit by chance on another desk's; nobody has looked at that."""
    here = make_world()
    refused = _refused_correction(here)
    public, private = here.unit_payload()
    theirs = here.world.propose("clerk", "unit_corrected", ("unit", "unit-1"), public, private)
    action = replace(theirs.action, device="other", seq=1)
    here.world.add(replace(theirs, action=action, hash=action.hash()))
    with pytest.raises(Refusal, match="refusal_unsettled") as told:
        _correct(here.world, here)
    assert told.value.params["refused"] == [refused]
    here.world.act("clerk", "refusal_settled", REFUSAL, settlement(refused))
    _correct(here.world, here)


def test_a_refusal_stops_nothing_elsewhere() -> None:
    here = make_world()
    _refused_correction(here)
    here.file()
    public, private = here.unit_payload()
    entry = here.world.propose("clerk", "unit_corrected", ("unit", "unit-1"), public, private)
    judge(replace(entry.action, device="other", seq=1), entry.private or {}, here.world, day_of(entry.action))
    _correct(here.world, here)  # on the refused one's own version: it was made knowing of the refusal
