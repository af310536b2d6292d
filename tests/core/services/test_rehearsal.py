"""The rehearsal office: whole or not at all, known passwords, invented units that pass every check."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.errors import Cancelled, UserError
from core.records.people import Role
from core.services import people, units
from core.services.hub_link import hub_link
from core.services.rehearsal import forget_rehearsal, found_rehearsal
from core.services.session import Folder, unlock


def test_four_people_with_one_role_each_and_units_by_the_clerk(data_dir: Path) -> None:
    seen: list[tuple[int, int]] = []
    made = found_rehearsal(Folder(data_dir), lambda done, total: seen.append((done, total)), units=30)
    try:
        assert seen == [(25, 30), (30, 30)]
        assert made.session.rehearsal
        assert len(units.find_units(made.session, limit=1000)) == 30
        assert {person.role for person in made.people} == set(Role)
        assert {member.login: set(member.person.roles) for member in people.members(made.session)} == {
            person.login: {person.role} for person in made.people
        }
        link = hub_link(made.session)
        assert link is not None and link.embedded and link.url == ""
    finally:
        made.session.close()
    for person in made.people:
        unlock(Folder(data_dir), person.login, person.password).close()


def test_no_password_is_written_anywhere(data_dir: Path) -> None:
    made = found_rehearsal(Folder(data_dir), units=0)
    made.session.close()
    written = b"".join(path.read_bytes() for path in data_dir.rglob("*") if path.is_file())
    assert made.people[0].login in json.dumps(
        json.loads((data_dir / "keyring.json").read_text()), ensure_ascii=False
    )
    assert len({person.password for person in made.people}) == 4
    for person in made.people:
        assert person.password.encode() not in written


def test_stopping_leaves_no_office(data_dir: Path) -> None:
    asked: list[int] = []

    def cancelled() -> bool:
        asked.append(1)
        return len(asked) > 27

    with pytest.raises(Cancelled):
        found_rehearsal(Folder(data_dir), cancelled=cancelled, units=40)
    assert not Folder(data_dir).exists()
    assert not list(data_dir.glob("desk.db*"))
    found_rehearsal(Folder(data_dir), units=0).session.close()


def test_a_folder_in_use_is_left_alone(data_dir: Path) -> None:
    made = found_rehearsal(Folder(data_dir), units=1)
    made.session.close()
    with pytest.raises(UserError, match="data_folder_in_use"):
        found_rehearsal(Folder(data_dir), units=1)
    unlock(Folder(data_dir), made.people[0].login, made.people[0].password).close()


def test_forgetting_takes_a_rehearsal_and_nothing_else(data_dir: Path) -> None:
    beside = Folder(data_dir / "office")
    beside.root.mkdir()
    (beside.root / "keyring.json").write_text("{}")
    place = Folder(data_dir / "rehearsal")
    found_rehearsal(place, units=0).session.close()
    with pytest.raises(UserError, match="not_a_rehearsal"):
        forget_rehearsal(beside)
    forget_rehearsal(place)
    forget_rehearsal(place)
    assert not place.root.exists() and (beside.root / "keyring.json").exists()
