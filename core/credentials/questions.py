"""The questions beyond authenticity: is it the time, is it this person, does it cover this matter?

Every answer speaks of what was *disclosed*. What the holder withheld is unknown, and a name alone never
proves a person.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from core.credentials.judgement import NOT_VALID, UNKNOWN, VALID, Judgement
from core.credentials.person_digest import matches
from core.forms.matters import ALL_MATTERS, covers


@dataclass(frozen=True, repr=False)
class Person:
    """Who stands there, as the ID card says."""

    name: str
    id_number: str


def same_name(one: object, other: str) -> bool:
    """Tell whether two spellings are one name: spaces, full width and the dots in foreign names aside."""
    return isinstance(one, str) and bool(one.strip()) and _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return re.sub(r"[·•・‧.．\s]", "", unicodedata.normalize("NFKC", name))


def period(claims: object, today: date, early: str, late: str) -> list[Judgement]:
    """Judge ``valid_from`` and ``valid_to`` (both days included), as far as they are disclosed."""
    known = claims if isinstance(claims, Mapping) else {}
    found = []
    for name, reason in (("valid_from", early), ("valid_to", late)):
        if name not in known:
            continue
        try:
            day = date.fromisoformat(known[name])
        except (ValueError, TypeError):
            found.append(Judgement(NOT_VALID, None, ("dates",)))
            continue
        if today < day if name == "valid_from" else today > day:
            found.append(Judgement(NOT_VALID, None, (reason,)))
    return found


def _compare(name: object, digest: object, person: Person) -> Judgement:
    """Hold one disclosed person against who stands there."""
    if isinstance(name, str) and not same_name(name, person.name):
        return Judgement(NOT_VALID, None, ("person_differs",))
    if digest is None or name is None:
        return Judgement(UNKNOWN, None, ("person_not_shown",))
    if not matches(digest, person.id_number):
        return Judgement(NOT_VALID, None, ("person_differs",))
    return Judgement(VALID)


def _group(claims: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = claims.get(name)
    return value if isinstance(value, Mapping) else {}


def certificate_person(claims: Mapping[str, Any], person: Person | None) -> list[Judgement]:
    """Judge whether the person is the one who manages the certificate, or the unit's representative.

    Only the manager's ID number is in a certificate; a representative who is not the manager is known by
    name alone, and that is not enough to say *valid*.
    """
    if person is None:
        return []
    manager, representative = _group(claims, "manager"), _group(claims, "representative")
    found = _compare(manager.get("name"), manager.get("id_digest"), person)
    if found.answer == NOT_VALID and manager.get("role") != "representative":
        name = representative.get("name")
        if name is None or same_name(name, person.name):
            return [Judgement(UNKNOWN, None, ("person_not_shown",))]
    return [found]


def printed_person(representative: str, person: Person | None) -> list[Judgement]:
    """Judge a person by a printed certificate: it names one person and holds no ID number."""
    if person is None:
        return []
    if same_name(representative, person.name):
        return [Judgement(UNKNOWN, None, ("person_not_shown",))]
    return [Judgement(NOT_VALID, None, ("person_differs",))]


def delegation_answers(
    claims: Mapping[str, Any], today: date, matter: str | None, person: Person | None, known: Collection[str]
) -> list[Judgement]:
    """Judge a delegation's period, matter and person; ``known`` are the matters that there are."""
    found = period(claims, today, "delegation_not_yet", "delegation_expired")
    if matter is not None:
        found += [_matter(claims.get("matters"), matter, known), *_somebody(person)]
    if person is not None:
        shown = _group(claims, "person")
        found.append(_compare(shown.get("name"), shown.get("id_digest"), person))
    return found


def every_matter(matter: str | None, person: Person | None, known: Collection[str]) -> list[Judgement]:
    """Judge a matter by what speaks for every matter: a certificate, or a printed one."""
    return [] if matter is None else [_known(matter, known), *_somebody(person)]


def _somebody(person: Person | None) -> list[Judgement]:
    """Keep a matter from being *valid* of nobody: a matter is always a certain person's."""
    return [] if person is not None else [Judgement(UNKNOWN, None, ("person_not_asked",))]


def _known(matter: str, known: Collection[str]) -> Judgement:
    """Judge a matter where every one is covered: none that nobody has heard of is."""
    return Judgement(VALID) if matter in known else Judgement(UNKNOWN, None, ("matter_unknown",))


def _matter(granted: object, matter: str, known: Collection[str]) -> Judgement:
    if granted is None:
        return Judgement(UNKNOWN, None, ("matter_not_shown",))
    if isinstance(granted, list) and ALL_MATTERS in granted and matter not in granted:
        return _known(matter, known)
    if (
        isinstance(granted, list)
        and all(isinstance(code, str) for code in granted)
        and covers(granted, matter)
    ):
        return Judgement(VALID)
    return Judgement(NOT_VALID, None, ("matter_not_covered",))
