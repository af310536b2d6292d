"""``office init`` and ``office enrol``."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import CertDeskError, UserError
from core.forms.divisions import Office, get_office
from core.records.people import Role
from core.services import offices, people
from core.services.hub_link import choose_plain_http
from core.services.people import NewPerson
from core.services.session import Folder, Session
from core.sync.enrolment import fingerprint
from core.sync.http_hub import HttpHub
from core.verbs.files import parse_object, read_secret, read_text, reserve, write_json, write_private
from core.verbs.lines import only
from core.verbs.running import Surroundings

_WHAT = "office"


@dataclass(frozen=True)
class Plan:
    """An office to be set up: the founder is the first administrator among ``people``."""

    office: Office
    name: str
    people: Sequence[NewPerson]
    rehearsal: bool


def init(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """Set an office up from a file."""
    del around
    data: Path = options.data
    recovery_out: Path | None = options.recovery_out
    planned = read_plan(options.file, rehearsal=options.rehearsal)
    if recovery_out is None:
        return set_up(planned, data)[0]
    if recovery_out.resolve().is_relative_to(data.resolve()):
        raise UserError("recovery_beside_data")
    reserve(recovery_out)
    try:
        answer, recovery = set_up(planned, data)
    except BaseException:
        with contextlib.suppress(OSError):
            recovery_out.unlink()
        raise
    write_json(recovery_out, recovery)
    return answer | {"recovery": str(recovery_out)}


def set_up(planned: Plan, data: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """Found the office; return the verb's answer and every person's recovery code."""
    founder = next((person for person in planned.people if Role.ADMIN in person.roles), None)
    if founder is None:
        raise UserError("founder_not_admin")
    others = [person for person in planned.people if person is not founder]
    founded = offices.found_office(
        Folder(data), planned.office, planned.name, founder, others, rehearsal=planned.rehearsal
    )
    session = founded.session
    try:
        answer = {
            "office": session.office,
            "code": planned.office.code,
            "name": planned.name,
            "rehearsal": planned.rehearsal,
            "device": session.device.id,
            "people": [
                {"login": member.login, "person": member.person.id, "roles": sorted(member.person.roles)}
                for member in people.members(session)
            ],
            "recovery": None,
        }
    finally:
        session.close()
    return answer, founded.recovery


def read_plan(file: Path, *, rehearsal: bool) -> Plan:
    """Read the office's file. Raises ``UserError`` input_malformed, office_not_listed, role_unknown."""
    row = parse_object(read_text(file, _WHAT), _WHAT)
    only(row, ("office", "name", "people"), _WHAT)
    code, listed = row.get("office"), row.get("people")
    if not isinstance(code, str) or not isinstance(listed, list) or not listed:
        raise UserError("input_malformed", file=_WHAT, why="office")
    office = get_office(code)
    name = row.get("name", office.registrar)
    if not isinstance(name, str) or not name.strip():
        raise UserError("input_malformed", file=_WHAT, why="name")
    return Plan(office, name, [_person(person, file.parent) for person in listed], rehearsal)


def _person(row: Any, folder: Path) -> NewPerson:
    if not isinstance(row, Mapping):
        raise UserError("input_malformed", file=_WHAT, why="people")
    only(row, ("login", "name", "password_file", "roles"), _WHAT)
    words = [row.get(key) for key in ("login", "name", "password_file")]
    roles = row.get("roles")
    if not all(isinstance(word, str) and word for word in words) or not isinstance(roles, list):
        raise UserError("input_malformed", file=_WHAT, why="people")
    login, name, password_file = (str(word) for word in words)
    known = {role.value for role in Role}
    if not roles or not all(isinstance(role, str) and role in known for role in roles):
        raise UserError("role_unknown", roles=sorted(known))
    # A relative place counts from the file that names it, wherever the verb is run.
    password = read_secret(folder / password_file)
    return NewPerson(login, name, password, frozenset(Role(role) for role in roles))


def enrol(session: Session, options: argparse.Namespace) -> dict[str, Any]:
    """Ask the hub for the office certificate."""
    hub = HttpHub(options.url, options.ca, plain_http=options.http)
    if options.http:
        choose_plain_http(session)
    return ask_to_enrol(session, hub, single_clerk=options.single_clerk)


def ask_to_enrol(session: Session, hub: HttpHub, *, single_clerk: bool = False) -> dict[str, Any]:
    """Hand in the request, or the same one again; it also lies beside the data for the operator."""
    request = offices.enrolment_request(session, single_clerk=single_clerk)
    place = session.folder.root / "enrolment.json"
    mark = {"request": str(place), "fingerprint": fingerprint(request)}
    if not place.exists() or place.read_bytes() != request:
        write_private(place, request)
    try:
        certificate = offices.enrol(session, hub, single_clerk=single_clerk)
    except CertDeskError as fault:
        # The operator can accept the file even when the line is dead.
        fault.params |= mark
        raise
    if certificate is None:
        return {"state": "pending", **mark}
    return {
        "state": "enrolled",
        **mark,
        "issuer": certificate.issuer,
        "single_clerk": certificate.single_clerk,
        "not_after": certificate.not_after,
        "root_fingerprint": certificate.root_fingerprint,
    }
