"""Rules of the office itself: its people, their keys and roles, its paper list, its desks."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import Refusal
from core.forms.papers import from_data
from core.records.hearing import Hearing, Rule
from core.records.model import HUB
from core.records.people import Person, Role


def _office_founded(hearing: Hearing) -> None:
    if hearing.action.subject != hearing.action.office or hearing.world.office() is not None:
        raise Refusal("office_exists")


def _known_person(hearing: Hearing) -> Person:
    person = hearing.office.person(hearing.public["person"])
    if person is None:
        raise Refusal("person_unknown")
    return person


def _fresh_key(hearing: Hearing) -> None:
    key = bytes.fromhex(hearing.public["key"])
    for person in hearing.office.people.values():
        if key == person.public_key or key in person.former_keys:
            raise Refusal("key_in_use")


def _person_added(hearing: Hearing) -> None:
    if hearing.office.person(hearing.public["person"]) is not None or hearing.public["person"] == HUB:
        raise Refusal("person_exists")
    _fresh_key(hearing)


def _person_enabled(hearing: Hearing) -> None:
    _known_person(hearing)


def _person_disabled(hearing: Hearing) -> None:
    person = _known_person(hearing)
    others = [p for p in hearing.office.active_with(Role.ADMIN) if p.id != person.id]
    if not others:
        raise Refusal("last_admin")


def _person_roles_set(hearing: Hearing) -> None:
    _known_person(hearing)
    if Role.ADMIN.value not in hearing.public["roles"]:
        _person_disabled(hearing)


def _person_rekeyed(hearing: Hearing) -> None:
    _known_person(hearing)
    _fresh_key(hearing)


def _checklist_set(hearing: Hearing) -> None:
    if hearing.public["form"] not in ("attachment-1", "attachment-3"):
        raise Refusal("form_unknown")
    from_data(hearing.public["items"])


def _device_added(hearing: Hearing) -> None:
    if hearing.public["id"] in hearing.office.devices:
        raise Refusal("device_exists")


RULES: Mapping[str, Rule] = {
    "office_founded": _office_founded,
    "person_added": _person_added,
    "person_disabled": _person_disabled,
    "person_enabled": _person_enabled,
    "person_rekeyed": _person_rekeyed,
    "person_roles_set": _person_roles_set,
    "checklist_set": _checklist_set,
    "device_added": _device_added,
}
