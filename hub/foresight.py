"""What a batch will ask of the database, read in a few queries before its first action is judged.

Nothing here decides anything: what was not foreseen is read when it is asked for. The bodies are not yet
judged, so whatever is odd in them is passed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from core.records.model import Action
from hub.batch import Batch
from hub.chain import is_name
from hub.incoming import Incoming
from hub.sealed import SubjectKeys, sealing_subject
from hub.world import LedgerWorld


def foresee(items: Sequence[Incoming], batch: Batch, world: LedgerWorld, keys: SubjectKeys) -> None:
    """Read what these items will be asked about: known actions, subjects, lookups, sealing keys."""
    batch.read(
        [each.hash for each in items if each.link is not None],
        [each.link.id for each in items if each.link is not None],
    )
    actions = [
        each.signed.action for each in items if each.signed is not None and batch.known(each.hash) is None
    ]
    keys.read(subject for action in actions for subject in _sealed_under(action))
    world.read([*_subjects(actions), *(("unit", unit) for unit in _named(actions, "unit"))])
    cases = {action.subject for action in actions if action.subject_kind == "case"}
    cases.update(_named(actions, "case"))
    world.read(("case", case) for case in cases)
    units = set(_named(actions, "unit")) | set(world.units_of(cases))
    world.read(("unit", unit) for unit in units)
    certificates = world.lookups.read(_codes(actions), units, cases)
    world.read(("certificate", certificate) for certificate in certificates)


def _subjects(actions: Sequence[Action]) -> Iterator[tuple[str, str]]:
    for action in actions:
        if is_name(action.subject):
            yield action.subject_kind, action.subject


def _named(actions: Sequence[Action], name: str) -> list[str]:
    found = (action.public.get(name) for action in actions)
    return [value for value in found if isinstance(value, str) and is_name(value)]


def _codes(actions: Sequence[Action]) -> Iterator[str]:
    for action in actions:
        values: Any = action.public.get("values") if action.subject_kind == "unit" else None
        code = values.get("uscc") if isinstance(values, dict) else None
        if isinstance(code, str):
            yield code


def _sealed_under(action: Action) -> Iterator[str]:
    try:
        yield sealing_subject(action)
    except (LookupError, TypeError):
        return
