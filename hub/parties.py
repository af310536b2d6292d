"""The registry of relying departments (用证部门): added, listed, disabled; every version kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, func, select, update

from core.clock import china_date
from core.credentials.jose import sign_compact
from core.errors import UserError
from hub.party_profile import Profile, office_profile, profile_of, read_profile
from hub.party_tables import party
from hub.scenarios import scenarios
from hub.setup import Hub
from hub.tables import PROVINCE, office

PROFILE_TYP: Final = "certdesk-party+jwt"


@dataclass(frozen=True)
class Party:
    """A registered department: its newest profile, the same signed by the hub, and whether it counts."""

    profile: Profile
    version: int
    signed: str
    added_at: str
    disabled_at: str | None

    def refusal(self, hub: Hub) -> str | None:
        """Return why the department may not ask now: party_disabled, party_expired, or None."""
        if self.disabled_at is not None:
            return "party_disabled"
        return "party_expired" if china_date(hub.clock()) > self.profile.valid_until else None


def _party(row: Any) -> Party:
    profile = profile_of(json.loads(row.profile))
    return Party(profile, int(row.version), row.signed, row.added_at, row.disabled_at)


def find_party(connection: Connection, id: str) -> Party | None:
    """Return the newest version of a department."""
    newest = (
        select(party)
        .where(party.c.office == PROVINCE, party.c.party == id)
        .order_by(party.c.version.desc())
        .limit(1)
    )
    row = connection.execute(newest).one_or_none()
    return None if row is None else _party(row)


def add_party(hub: Hub, data: bytes) -> Party:
    """Register a department, or a new version of its profile; returns it as it stands now.

    Raises ``UserError`` as :func:`hub.party_profile.read_profile` does.
    """
    with hub.database.write() as connection:
        value = read_profile(data, scenarios(connection), hub.clock())
        versions = select(func.max(party.c.version)).where(
            party.c.office == PROVINCE, party.c.party == value["id"]
        )
        version = (connection.execute(versions).scalar_one() or 0) + 1
        head = {"typ": PROFILE_TYP, "x5c": hub.x5c}
        body = {"iss": hub.issuer, "iat": hub.now(), "version": version, "profile": value}
        row = {
            "office": PROVINCE,
            "party": value["id"],
            "version": version,
            "profile": json.dumps(value, ensure_ascii=False, sort_keys=True),
            "signed": sign_compact(head, body, hub.sign),
            "added_at": hub.stamp(),
            "disabled_at": None,
        }
        connection.execute(party.insert(), row)
        found = find_party(connection, value["id"])
    assert found is not None
    return found


def disable_party(hub: Hub, id: str) -> Party:
    """Stop a department from asking, at once; said again, nothing changes. Raises party_unknown."""
    with hub.database.write() as connection:
        found = find_party(connection, id)
        if found is None:
            raise UserError("party_unknown", party=id[:40])
        if found.disabled_at is None:
            mine = (party.c.office == PROVINCE, party.c.party == id, party.c.version == found.version)
            connection.execute(update(party).where(*mine).values(disabled_at=hub.stamp()))
            found = find_party(connection, id)
    assert found is not None
    return found


def list_parties(connection: Connection) -> list[Party]:
    """Return every department's newest version, by id."""
    rows = connection.execute(
        select(party).where(party.c.office == PROVINCE).order_by(party.c.party, party.c.version)
    )
    return list({row.party: _party(row) for row in rows}.values())


def party_names(connection: Connection) -> dict[str, Profile]:
    """Return the newest profile of every department, and of every registration office, by id."""
    offices = connection.execute(select(office.c.office, office.c.name))
    known = {each.id: each for each in (office_profile(row.office, row.name) for row in offices)}
    return known | {each.profile.id: each.profile for each in list_parties(connection)}


def office_party(connection: Connection, id: str) -> Party | None:
    """Return an enrolled registration office as a party; withdrawing its desks ends that."""
    row = connection.execute(select(office).where(office.c.office == id)).one_or_none()
    return None if row is None else Party(office_profile(id, row.name), 1, "", row.enrolled_at, None)
