"""Which entries count: in order of version, without the rejected and what stood on them."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from core.records.model import GENESIS, Action, Entry, Salted, commitments, effective, salted, verify_private

ENTRIES = st.lists(
    st.tuples(st.integers(0, 5), st.sampled_from("ab"), st.integers(1, 2)), min_size=0, max_size=12
)


def _entry(base: int, seq: int, device: str = "a", epoch: int = 1) -> Entry:
    action = Action(
        id=f"{device}{epoch}{seq}",
        office="o",
        subject_kind="case",
        subject="c",
        base_version=base,
        kind="case_printed",
        at="2026-11-23T02:00:00.000Z",
        device=device,
        device_epoch=epoch,
        seq=seq,
        prev=GENESIS,
        person="p",
    )
    return Entry(action, action.hash(), {})


def _chain(drawn: list[tuple[int, str, int]]) -> list[Entry]:
    """Entries as a desk's table holds them: each device's own in the order of its chain."""
    made = [_entry(base, seq, device, epoch) for seq, (base, device, epoch) in enumerate(drawn, 1)]
    return sorted(made, key=lambda e: (e.action.device_epoch, e.action.seq))


def _versions(entries: list[Entry]) -> list[int]:
    return [entry.action.base_version for entry in entries]


@given(ENTRIES, st.data())
def test_what_counts_is_a_gapless_line_of_unrejected_entries(
    drawn: list[tuple[int, str, int]], data: st.DataObject
) -> None:
    entries = _chain(drawn)
    rejected = (
        frozenset(data.draw(st.sets(st.sampled_from([e.hash for e in entries])))) if entries else frozenset()
    )
    found = effective(entries, rejected)
    assert _versions(found) == list(range(len(found)))
    assert not {entry.hash for entry in found} & rejected
    # It is as long as it can be, given the first choice at each version: nothing fitting was left over.
    newest = {e.action.device: (e.action.device_epoch, e.action.seq) for e in found}
    for entry in entries:
        if entry.hash not in rejected and entry.action.base_version == len(found):
            assert (entry.action.device_epoch, entry.action.seq) <= newest[entry.action.device]


@given(ENTRIES, st.data())
def test_a_rejection_takes_nothing_away_below_itself(
    drawn: list[tuple[int, str, int]], data: st.DataObject
) -> None:
    entries = _chain(drawn)
    before = effective(entries, frozenset())
    if not before:
        return
    victim = data.draw(st.sampled_from(before))
    after = effective(entries, frozenset({victim.hash}))
    assert after[: victim.action.base_version] == before[: victim.action.base_version]
    assert victim not in after


def test_a_late_rejection_takes_what_was_built_on_it() -> None:
    line = [_entry(0, 1), _entry(1, 2), _entry(2, 3), _entry(3, 4)]
    assert effective(line, frozenset()) == line
    assert effective(line, frozenset({line[1].hash})) == line[:1]


def test_what_was_built_on_the_rejected_does_not_come_back_on_its_successor() -> None:
    filed, printed, submitted = _entry(0, 1), _entry(1, 2), _entry(2, 3)
    amended = _entry(1, 4)
    # 3 was judged after 2; standing on 4, which it never saw, it would be a submission of other words.
    assert effective([filed, printed, submitted, amended], frozenset({printed.hash})) == [filed, amended]
    again = _entry(2, 5)
    found = effective([filed, printed, submitted, amended, again], frozenset({printed.hash}))
    assert found == [filed, amended, again]


def test_a_restored_desk_does_not_fall_back_to_its_former_generation() -> None:
    filed, old, new = _entry(0, 1), _entry(2, 9), _entry(1, 1, epoch=2)
    assert effective([filed, old, new], frozenset()) == [filed, new]


def test_of_two_for_one_version_the_receipted_one_given_first_wins() -> None:
    filed, ours, theirs = _entry(0, 1), _entry(1, 2), _entry(1, 1, "b")
    assert effective([filed, theirs, ours], frozenset()) == [filed, theirs]
    assert effective([filed, ours, theirs], frozenset()) == [filed, ours]


@given(st.dictionaries(st.sampled_from(["name", "remark", "id"]), st.text(max_size=20), min_size=1))
def test_personal_values_answer_to_their_commitments_and_to_no_other_value(values: dict[str, str]) -> None:
    import pytest

    from core.errors import Refusal

    counter = iter(range(256))
    private = salted(values, lambda count: bytes([next(counter)] * count))
    assert len({item.salt for item in private.values()}) == len(private)
    action = replace(_entry(0, 1).action, commitments=commitments(private))
    verify_private(action, private)
    name = next(iter(private))
    for wrong in (
        Salted(private[name].salt, private[name].value + "x"),
        Salted("ff" * 16, private[name].value),
        Salted(private[name].salt[:-2], private[name].value),
    ):
        with pytest.raises(Refusal, match="commitment_wrong"):
            verify_private(action, private | {name: wrong})
    with pytest.raises(Refusal, match="commitment_wrong"):
        verify_private(action, {n: item for n, item in private.items() if n != name})
    with pytest.raises(Refusal, match="commitment_wrong"):
        verify_private(action, private | {"stranger": private[name]})
