"""The keys of a computer that waits: sealed from the first byte; an older file is brought up to date."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from core.errors import Cancelled, EnvironmentFault, UserError
from core.forms.divisions import get_office
from core.keys.passwords import wrap
from core.records.people import Role
from core.services import desks
from core.services.offices import found_office
from core.services.people import NewPerson
from core.services.session import DeviceKeys, Folder, Ports
from core.services.waiting_keys import ask, find_waiting, give_up, open_waiting
from tests.core.services.office_kit import MovableClock, SeededRandom, password
from tests.core.services.test_desks import House, house  # noqa: F401

SECRET = password("clerk")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "new")


@pytest.fixture
def ports() -> Ports:
    return Ports(MovableClock(), SeededRandom("waiting"))


def in_clear(folder: Folder, device: DeviceKeys) -> None:
    """What the release before wrote without a password file."""
    folder.joining.write_text(json.dumps({"device": device.to_json()}))


def under_password(folder: Folder, device: DeviceKeys) -> None:
    """What the release before wrote with one."""
    folder.joining.write_text(json.dumps({"wrapped": wrap(SECRET, device.to_json().encode())}))


def secrets_of(device: DeviceKeys) -> tuple[str, str]:
    return device.signing_seed.hex(), device.exchange_secret.hex()


def test_nothing_secret_lies_in_clear_and_the_fingerprint_is_known_without_a_password(
    folder: Folder, ports: Ports
) -> None:
    assert find_waiting(folder) is None
    asked = ask(folder, ports, SECRET, "窗口一")
    text = folder.joining.read_text()
    assert not any(secret in text for secret in secrets_of(open_waiting(folder, SECRET)))
    assert json.loads(text)["wrapped"]["kdf"] == "argon2id"
    assert folder.joining.stat().st_mode & 0o777 == 0o600
    assert find_waiting(folder) == asked and asked.login == "窗口一"
    assert desks.requested(asked.request) == asked.fingerprint
    assert ask(folder, ports, SECRET) == asked  # the same keys ask


@pytest.mark.parametrize(("secret", "code"), [("", "password_"), ("7 chars", "password_too_short")])
def test_without_a_real_password_no_keys_are_made(
    folder: Folder, ports: Ports, secret: str, code: str
) -> None:
    with pytest.raises(UserError, match=code):
        ask(folder, ports, secret)
    assert not folder.joining.exists()


def test_another_password_opens_nothing_and_giving_up_destroys(folder: Folder, ports: Ports) -> None:
    first = ask(folder, ports, SECRET)
    for attempt in (ask, lambda folder, ports, secret: open_waiting(folder, secret)):
        with pytest.raises(UserError, match="waiting_password_wrong"):
            attempt(folder, ports, "another password")
    give_up(folder)
    assert list(folder.root.iterdir()) == []
    with pytest.raises(UserError, match="desk_not_requested"):
        give_up(folder)
    assert ask(folder, ports, SECRET).fingerprint != first.fingerprint


@pytest.mark.parametrize("written", [in_clear, under_password])
def test_a_file_of_the_release_before_is_sealed_when_it_asks_again(
    folder: Folder, ports: Ports, written: Callable[[Folder, DeviceKeys], None]
) -> None:
    before = ask(folder, ports, SECRET)
    device = open_waiting(folder, SECRET)
    written(folder, device)
    found = find_waiting(folder)
    assert found is not None and found.request == b""  # nothing to show until a password came
    assert ask(folder, ports, SECRET, "clerk").fingerprint == before.fingerprint
    text = folder.joining.read_text()
    assert not any(secret in text for secret in secrets_of(device))
    assert open_waiting(folder, SECRET) == device
    with pytest.raises(UserError, match="waiting_password_wrong"):
        open_waiting(folder, "another password")


def test_a_damaged_file_is_named_and_can_only_be_given_up(folder: Folder, ports: Ports) -> None:
    ask(folder, ports, SECRET)
    whole = json.loads(folder.joining.read_text())
    (other := Folder(folder.root / "other")).root.mkdir()
    theirs = ask(other, ports, SECRET).request.decode()
    damaged = ["{", "[]", "{}", json.dumps(whole | {"wrapped": {}}), json.dumps(whole | {"request": theirs})]
    for text in damaged:
        folder.joining.write_text(text)
        with pytest.raises(EnvironmentFault, match="waiting_keys_damaged"):
            open_waiting(folder, SECRET)
    folder.joining.write_text(json.dumps(whole | {"request": "{}"}))
    with pytest.raises(EnvironmentFault, match="waiting_keys_damaged"):
        find_waiting(folder)
    give_up(folder)


def test_no_office_is_founded_where_keys_wait(folder: Folder, ports: Ports) -> None:
    ask(folder, ports, SECRET)
    founder = NewPerson("admin", "演甲", password("admin"), frozenset({Role.ADMIN}))
    with pytest.raises(UserError, match="desk_waits"):
        found_office(folder, get_office("460108"), "演练机关", founder, ports=ports)
    assert [path.name for path in folder.root.iterdir()] == ["joining.json"]


# --- joining with them ----------------------------------------------------------------------------


def test_keys_left_in_clear_join_once_and_are_gone(house: House) -> None:  # noqa: F811
    new, ports, request, _ = house.ask("second")
    in_clear(new, open_waiting(new, SECRET))
    package = house.admit(request)
    with pytest.raises(UserError, match="wrong_password"):
        desks.join_office(new, package, "clerk", "not the password", ports)
    desks.join_office(new, package, "clerk", SECRET, ports).close()
    assert not new.joining.exists() and new.exists()


def test_whoever_asked_another_may_join(house: House) -> None:  # noqa: F811
    new, ports, request, _ = house.ask("second")  # under the clerk's password
    package = house.admit(request)
    with pytest.raises(UserError, match="waiting_password_wrong"):
        desks.join_office(new, package, "reviewer", password("reviewer"), ports)
    session = desks.join_office(new, package, "reviewer", password("reviewer"), ports, asked_with=SECRET)
    session.close()


@dataclass
class Steps:
    """Counts them and asks to stop before one."""

    stop: int
    seen: list[int] = field(default_factory=list)

    def count(self, done: int, total: int) -> None:
        assert total == desks.STEPS
        self.seen.append(done)

    def enough(self) -> bool:
        return len(self.seen) == self.stop


def test_stopped_at_any_step_the_computer_waits_as_before(house: House) -> None:  # noqa: F811
    new, ports, request, mark = house.ask("second")
    package = house.admit(request)
    for stop in range(desks.STEPS + 1):
        steps = Steps(stop)
        with pytest.raises(Cancelled):
            desks.join_office(
                new, package, "clerk", SECRET, ports, progress=steps.count, cancelled=steps.enough
            )
        assert steps.seen == list(range(stop)) and not new.exists()
        assert [path.name for path in new.root.iterdir()] == ["joining.json"]
    found = find_waiting(new)
    assert found is not None and found.fingerprint == mark
    desks.join_office(new, package, "clerk", SECRET, ports).close()
