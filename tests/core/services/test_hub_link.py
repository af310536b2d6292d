"""Which hub an office speaks to, before and after enrolment; and a real office from the wizard's answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.credentials.x509 import make_root
from core.errors import EnvironmentFault, UserError
from core.records.people import Role
from core.services.founding import choose_hub, found_real_office
from core.services.hub_link import (
    HUB_URL,
    choose_embedded,
    hub_link,
    read_ca,
    remember_hub,
    request_fingerprint,
)
from core.services.people import NewPerson
from core.services.session import Folder
from tests.core.services.office_kit import OfficeKit


def test_nothing_is_linked_at_first(kit: OfficeKit) -> None:
    with kit.sit("admin") as admin:
        assert hub_link(admin) is None


def test_an_address_is_kept_and_can_be_spoken_to(kit: OfficeKit) -> None:
    with kit.sit("admin") as admin:
        remember_hub(admin, " https://hub.invalid/base/ ")
    with kit.sit("clerk") as clerk:
        link = hub_link(clerk)
        assert link is not None and (link.url, link.embedded, link.ca_file) == (
            "https://hub.invalid/base",
            False,
            None,
        )
        with pytest.raises(EnvironmentFault, match="hub_unreachable"):
            link.port().enrol(b"{}")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("hub.invalid", "hub_url_wrong"),
        ("ftp://hub.invalid", "hub_url_wrong"),
        ("http://hub.invalid", "hub_url_insecure"),
        ("http://127.0.0.1:8800", "hub_http_not_chosen"),
    ],
)
def test_an_address_that_will_not_do_changes_nothing(kit: OfficeKit, url: str, code: str) -> None:
    with kit.sit("admin") as admin:
        with pytest.raises(UserError, match=code):
            remember_hub(admin, url)
        assert hub_link(admin) is None


def test_plain_http_is_chosen_and_taken_back_with_the_address(kit: OfficeKit) -> None:
    with kit.sit("admin") as admin:
        link = remember_hub(admin, "http://127.0.0.1:1", plain_http=True)
        assert hub_link(admin) == link and link.plain_http
        with pytest.raises(EnvironmentFault, match="hub_unreachable"):
            link.port().enrol(b"{}")
        with pytest.raises(UserError, match="hub_url_insecure"):
            remember_hub(admin, "http://192.0.2.1", plain_http=True)
        assert hub_link(admin) == link
        remember_hub(admin, "https://hub.invalid")
        with admin.begin() as uow:
            uow.set_meta(HUB_URL, "http://127.0.0.1:1")  # what a release before had kept
        known = hub_link(admin)
        assert known is not None
        with pytest.raises(UserError, match="hub_http_not_chosen"):
            known.port()


def test_an_authority_is_kept_beside_the_data_and_rubbish_is_not(kit: OfficeKit, tmp_path: Path) -> None:
    place = tmp_path / "ca.pem"
    made = make_root("演练", 30, kit.clock(), rehearsal=True)
    place.write_bytes(made[1] if isinstance(made[1], bytes) else made[1].encode())
    with kit.sit("admin") as admin:
        with pytest.raises(UserError, match="ca_file_wrong"):
            remember_hub(admin, "https://hub.invalid", b"-----BEGIN NOTHING-----")
        link = remember_hub(admin, "https://hub.invalid", read_ca(place))
        assert link.ca_file is not None and link.ca_file.read_bytes() == place.read_bytes()
        assert hub_link(admin) == link
    with pytest.raises(EnvironmentFault, match="file_unreadable"):
        read_ca(tmp_path / "missing.pem")


def test_the_embedded_hub_can_be_chosen_before_it_is_made(kit: OfficeKit) -> None:
    with kit.sit("admin") as admin:
        choose_embedded(admin)
        link = hub_link(admin)
        assert link is not None and link.embedded


def test_the_fingerprint_stays_the_same(kit: OfficeKit) -> None:
    with kit.sit("admin") as admin:
        first = request_fingerprint(admin, single_clerk=True)
        assert request_fingerprint(admin) == first and first.count("-") == 7


def _people() -> list[NewPerson]:
    return [
        NewPerson("窗口一", "演示甲", "password-1", frozenset({Role.CLERK})),
        NewPerson("主任", "演示乙", "password-2", frozenset({Role.ADMIN})),
    ]


def test_a_real_office_is_founded_by_its_first_administrator(data_dir: Path) -> None:
    founded = found_real_office(Folder(data_dir), "469023", "澄迈县事业单位登记管理局", _people())
    try:
        assert not founded.session.rehearsal
        assert set(founded.recovery) == {"窗口一", "主任"}
        fault = choose_hub(founded, "province", "http://hub.invalid")
        assert fault is not None and fault.code == "hub_url_insecure"
        assert hub_link(founded.session) is None
        assert choose_hub(founded, "province", "https://hub.invalid", single_clerk=True) is None
        link = hub_link(founded.session)
        assert link is not None and link.url == "https://hub.invalid"
    finally:
        founded.session.close()


def test_an_office_without_administrator_is_not_founded(data_dir: Path) -> None:
    with pytest.raises(UserError, match="founder_not_admin"):
        found_real_office(Folder(data_dir), "469023", "澄迈县事业单位登记管理局", _people()[:1])
    assert not Folder(data_dir).exists()
