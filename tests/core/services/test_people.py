"""People, passwords, recovery codes, and a keyring that has seen bad days."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.errors import EnvironmentFault, Refusal, UserError
from core.keys.keyring import Keyring, Unlocked
from core.records.people import Role
from core.services import audit, people
from core.services.offices import found_office
from core.services.people import NewPerson
from core.services.session import Folder, Ports, unlock, unlock_with_recovery
from tests.core.services.office_kit import OFFICE, MovableClock, OfficeKit, SeededRandom, password

NEW = NewPerson("li", "演新人", "long enough", frozenset({Role.CLERK}))


def test_an_office_is_founded_whole_or_not_at_all(tmp_path: Path) -> None:
    folder, ports = Folder(tmp_path / "o"), Ports(MovableClock(), SeededRandom(1))
    admin = NewPerson("a", "演甲", "password1", frozenset({Role.ADMIN}))
    for founder, others, code in (
        (NewPerson("a", "演甲", "password1", frozenset({Role.CLERK})), [], "founder_not_admin"),
        (NewPerson("a", "演甲", "short", frozenset({Role.ADMIN})), [], "password_too_short"),
        (admin, [NewPerson("a", "演乙", "password2", frozenset({Role.CLERK}))], "login_taken"),
        (admin, [NewPerson("b", " ", "password2", frozenset({Role.CLERK}))], "name_missing"),
        (admin, [NewPerson("b", "演乙", "password2", frozenset())], "roles_missing"),
    ):
        with pytest.raises(UserError) as told:
            found_office(folder, OFFICE, "演练局", founder, others, ports=ports)
        assert told.value.code == code
        assert not folder.exists(), code
    founded = found_office(folder, OFFICE, "演练局", admin, [], ports=ports)
    founded.session.close()
    with pytest.raises(UserError, match="data_folder_in_use"):
        found_office(folder, OFFICE, "演练局", admin, [], ports=ports)
    assert folder.keyring.stat().st_mode & 0o777 == 0o600 and folder.root.stat().st_mode & 0o777 == 0o700
    assert not founded.session.rehearsal


def test_a_person_is_added_works_is_disabled_and_comes_back(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk, pytest.raises(Refusal, match="role_missing"):
        people.add_person(clerk, NEW)
    with kit.sit("admin") as admin:
        recovery = people.add_person(admin, NEW)
        assert len(recovery.replace("-", "")) == 28
        with pytest.raises(UserError, match="login_taken"):
            people.add_person(admin, NEW)
        with pytest.raises(UserError, match="password_too_short"):
            people.add_person(admin, NewPerson("x", "演", "short", frozenset({Role.CLERK})))
        member = next(m for m in people.members(admin) if m.login == "li")
        assert member.person.name == "演新人" and member.person.active
    session = unlock(kit.folder, "li", "long enough", kit.ports)
    assert people.my_roles(session) == {Role.CLERK}
    kit.filed_case(session)
    session.close()
    with kit.sit("admin") as admin:
        people.set_active(admin, member.person.id, False)
    with pytest.raises(UserError, match="wrong_password"):
        unlock(kit.folder, "li", "long enough", kit.ports)
    with pytest.raises(UserError, match="recovery_code_wrong"):
        unlock_with_recovery(kit.folder, "li", recovery, "another one", kit.ports)
    with kit.sit("admin") as admin:
        people.set_active(admin, member.person.id, True)
    unlock(kit.folder, "li", "long enough", kit.ports).close()


def test_a_disabled_person_is_kept_out_even_if_the_keyring_file_says_otherwise(kit: OfficeKit) -> None:
    with kit.sit("admin") as admin:
        people.set_active(admin, kit.person("clerk"), False)
    data = json.loads(kit.folder.keyring.read_text())
    for entry in data["entries"]:
        entry["active"] = True
    kit.folder.keyring.write_text(json.dumps(data))
    with pytest.raises(UserError, match="wrong_password"):
        unlock(kit.folder, "clerk", password("clerk"), kit.ports)


def test_a_person_disabled_while_sitting_there_does_nothing_more(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        with kit.sit("admin") as admin:
            people.set_active(admin, kit.person("clerk"), False)
        with pytest.raises(Refusal, match="person_unknown"):
            kit.unit(clerk)


def test_roles_change_at_once_and_the_last_administrator_stays(kit: OfficeKit) -> None:
    with kit.sit("admin") as admin:
        for wrong in (
            lambda: people.set_active(admin, kit.person("admin"), False),
            lambda: people.set_roles(admin, kit.person("admin"), frozenset({Role.CLERK})),
        ):
            with pytest.raises(Refusal, match="last_admin"):
                wrong()
        with pytest.raises(UserError, match="roles_missing"):
            people.set_roles(admin, kit.person("clerk"), frozenset())
        people.set_roles(admin, kit.person("clerk"), frozenset({Role.CLERK, Role.ADMIN}))
        people.set_roles(admin, kit.person("admin"), frozenset({Role.AUDITOR}))
        with pytest.raises(Refusal, match="role_missing"):
            people.set_roles(admin, kit.person("admin"), frozenset({Role.ADMIN}))
    unlock(kit.folder, "admin", password("admin"), kit.ports).close()


def test_the_refused_last_administrator_can_still_log_in(kit: OfficeKit) -> None:
    """The keyring follows the record: a refused disabling leaves the entry active."""
    with kit.sit("admin") as admin, pytest.raises(Refusal):
        people.set_active(admin, kit.person("admin"), False)
    unlock(kit.folder, "admin", password("admin"), kit.ports).close()


def test_a_password_is_changed_by_who_knows_the_old_one(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        with pytest.raises(UserError, match="wrong_password"):
            people.change_password(clerk, "wrong wrong", "new password")
        with pytest.raises(UserError, match="password_too_short"):
            people.change_password(clerk, password("clerk"), "short")
        code = people.change_password(clerk, password("clerk"), "new password")
        kit.unit(clerk)  # the session goes on
    for login, secret in (
        ("clerk", password("clerk")),
        ("nobody", "new password"),
        ("admin", "new password"),
    ):
        with pytest.raises(UserError, match="wrong_password"):
            unlock(kit.folder, login, secret, kit.ports)
    with pytest.raises(UserError, match="recovery_code_wrong"):  # the slip of the old password is void
        unlock_with_recovery(kit.folder, "clerk", kit.recovery["clerk"], "third password", kit.ports)
    session, second = unlock_with_recovery(
        kit.folder, "clerk", code.lower().replace("-", " "), "third password", kit.ports
    )
    assert second != code
    kit.unit(session)  # the signing key is still the same
    assert audit.verify_record(session) > 0
    session.close()
    unlock(kit.folder, "clerk", "third password", kit.ports).close()


def test_a_forgotten_password_is_reset_with_a_new_key(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        kit.filed_case(clerk)
        with pytest.raises(Refusal, match="role_missing"):
            people.reset_password(clerk, kit.person("clerk"), "new password")
    with kit.sit("admin") as admin:
        with pytest.raises(UserError, match="person_unknown"):
            people.reset_password(admin, "nobody", "new password")
        people.reset_password(admin, kit.person("clerk"), "new password")
    with pytest.raises(UserError, match="wrong_password"):
        unlock(kit.folder, "clerk", password("clerk"), kit.ports)
    session = unlock(kit.folder, "clerk", "new password", kit.ports)
    kit.filed_case(session)
    assert audit.verify_record(session) > 0  # the former key's actions still stand
    session.close()
    with kit.sit("clerk") as stale, pytest.raises(EnvironmentFault, match="person_key_differs"):
        kit.unit(stale)  # somebody who kept the old key in memory signs nothing with it


# --- interrupted, damaged, raced --------------------------------------------------------------------


def test_adding_somebody_cut_off_half_way_can_be_done_again(kit: OfficeKit) -> None:
    """Killed between keyring and database: the entry opens nothing and does not block its login."""
    with kit.sit("admin") as admin:
        orphan = Unlocked("never-recorded", admin.unlocked.data_key, b"s" * 32)
        admin.keyring.put(orphan, "li", "long enough", kit.ports.random)
    with pytest.raises(UserError, match="wrong_password"):
        unlock(kit.folder, "li", "long enough", kit.ports)
    with kit.sit("admin") as admin:
        people.add_person(admin, NEW)
    unlock(kit.folder, "li", "long enough", kit.ports).close()


def test_two_programs_at_one_keyring_lose_nobody(kit: OfficeKit) -> None:
    with kit.sit("admin") as here, kit.sit("admin") as there:
        people.add_person(here, NEW)
        people.set_active(there, kit.person("auditor"), False)
    unlock(kit.folder, "li", "long enough", kit.ports).close()


DAMAGE = {
    "empty": b"",
    "cut": None,
    "no json": b"{",
    "a list": b"[]",
    "no entries": b"{}",
    "entries not a list": b'{"entries": 7}',
    "entry not an object": b'{"entries": [7]}',
    "entry without fields": b'{"entries": [{}]}',
    "entry with strangers": b'{"entries": [{"person":"p","login":"l","password":{},"recovery":{},"x":1}]}',
    "not text": b"\xff\xfe\x00",
    "deep": b"[" * 100_000,
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_keyring_is_named(kit: OfficeKit, how: str) -> None:
    data = DAMAGE[how]
    whole = kit.folder.keyring.read_bytes()
    kit.folder.keyring.write_bytes(whole[: len(whole) // 2] if data is None else data)
    with pytest.raises(EnvironmentFault, match="keyring_damaged"):
        unlock(kit.folder, "clerk", password("clerk"), kit.ports)


def test_a_missing_keyring_is_named_and_an_emptied_entry_too(kit: OfficeKit) -> None:
    data = json.loads(kit.folder.keyring.read_text())
    data["entries"][0]["password"] = {"v": 1}
    login = data["entries"][0]["login"]
    kit.folder.keyring.write_text(json.dumps(data))
    with pytest.raises(EnvironmentFault, match="wrap_damaged"):
        unlock(kit.folder, login, password(login), kit.ports)
    kit.folder.keyring.unlink()
    with pytest.raises(EnvironmentFault, match="keyring_missing"):
        unlock(kit.folder, "clerk", password("clerk"), kit.ports)


def test_a_weakened_keyring_is_refused(kit: OfficeKit) -> None:
    data = json.loads(kit.folder.keyring.read_text())
    for entry in data["entries"]:
        entry["password"]["passes"] = 1
    kit.folder.keyring.write_text(json.dumps(data))
    with pytest.raises(EnvironmentFault, match="kdf_below_floor"):
        unlock(kit.folder, "clerk", password("clerk"), kit.ports)


def test_no_login_of_another_office_fits(kit: OfficeKit, tmp_path: Path) -> None:
    """A keyring beside a database that is not its own: named, and nothing is made over it."""
    admin = NewPerson("admin", "演甲", "password-x", frozenset({Role.ADMIN}))
    other = found_office(
        Folder(tmp_path / "other"), OFFICE, "演练局", admin, ports=Ports(kit.clock, SeededRandom(9))
    )
    other.session.close()
    kit.folder.keyring.write_bytes((tmp_path / "other" / "keyring.json").read_bytes())
    before = kit.folder.database.read_bytes()
    with pytest.raises(EnvironmentFault, match="database_key_wrong"):
        unlock(kit.folder, "admin", "password-x", kit.ports)
    assert kit.folder.database.read_bytes() == before


def test_the_keyring_holds_no_name_and_nothing_that_opens(kit: OfficeKit) -> None:
    with kit.sit("admin") as admin:
        people.add_person(admin, NEW)
        secrets = [admin.unlocked.data_key, admin.unlocked.seed]
        names = [member.person.name for member in people.members(admin)]
    text = kit.folder.keyring.read_text()
    for secret in secrets:
        assert secret.hex() not in text
    for name in names:
        assert name is not None and name not in text
    assert set(Keyring.load(kit.folder.keyring).logins()) == {
        "admin",
        "clerk",
        "reviewer",
        "auditor",
        "both",
        "li",
    }


def test_a_founding_killed_half_way_does_not_block_the_folder(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "office")
    founder = NewPerson("admin", "王演", "password-1", frozenset({Role.ADMIN}))
    first = found_office(folder, OFFICE, "演练登记局", founder)
    first.session.close()
    left = folder.database.read_bytes()
    folder.keyring.unlink()  # what a kill between the database and the keyring leaves
    second = found_office(folder, OFFICE, "演练登记局", founder)
    second.session.close()
    aside = [path for path in folder.root.glob("desk.db-unopened-*")]
    assert len(aside) == 1 and aside[0].read_bytes() == left
    with pytest.raises(UserError, match="data_folder_in_use"):
        found_office(folder, OFFICE, "演练登记局", founder)
