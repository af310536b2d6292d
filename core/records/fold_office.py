"""The office folded: its name, devices, people and checklists."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from core.records.model import Entry
from core.records.people import Device, OfficeState, Person, Role


def _person(data: dict[str, Any], name: str | None) -> Person:
    return Person(
        id=data["person"],
        roles=frozenset(Role(role) for role in data["roles"]),
        algorithm=data["algorithm"],
        public_key=bytes.fromhex(data["key"]),
        name=name,
    )


def _device(data: dict[str, Any]) -> Device:
    return Device(
        data["id"], data["algorithm"], bytes.fromhex(data["key"]), bytes.fromhex(data["exchange_key"])
    )


def _apply_office(state: OfficeState, entry: Entry) -> OfficeState:
    kind, public = entry.action.kind, entry.action.public
    people = dict(state.people)
    if kind == "person_added":
        people[public["person"]] = _person(dict(public), (entry.private or {}).get("name"))
    elif kind == "person_disabled":
        people[public["person"]] = replace(people[public["person"]], active=False)
    elif kind == "person_enabled":
        people[public["person"]] = replace(people[public["person"]], active=True)
    elif kind == "person_rekeyed":
        old = people[public["person"]]
        people[old.id] = replace(
            old,
            public_key=bytes.fromhex(public["key"]),
            algorithm=public["algorithm"],
            former_keys=(*old.former_keys, old.public_key),
        )
    elif kind == "person_roles_set":
        roles = frozenset(Role(role) for role in public["roles"])
        people[public["person"]] = replace(people[public["person"]], roles=roles)
    elif kind == "checklist_set":
        return replace(
            state,
            version=state.version + 1,
            checklists={**state.checklists, public["form"]: tuple(public["items"])},
        )
    elif kind == "device_added":
        device = _device(dict(public))
        return replace(state, version=state.version + 1, devices={**state.devices, device.id: device})
    return replace(state, version=state.version + 1, people=people)


def fold_office(entries: Iterable[Entry], state: OfficeState | None = None) -> OfficeState | None:
    """Fold the office subject: its name, devices, people and checklists."""
    for entry in entries:
        if state is None:
            public = entry.action.public
            founder = _person(dict(public["founder"]), (entry.private or {}).get("name"))
            device = _device(dict(public["device"]))
            state = OfficeState(
                id=entry.action.subject,
                code=public["code"],
                name=public["name"],
                level=public["level"],
                parent=public["parent"],
                rehearsal=entry.action.rehearsal,
                version=1,
                people={founder.id: founder},
                devices={device.id: device},
            )
        else:
            state = _apply_office(state, entry)
    return state
