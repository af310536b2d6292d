"""Areas and offices: data, with the three traps of domain.md 3.4."""

from __future__ import annotations

import pytest
from stdnum import numdb

from core.errors import UserError
from core.forms import divisions
from core.forms.kinds import KINDS
from tests.core.forms.samples import NO_UNIT


def test_every_office_stands_on_a_current_area_and_below_another_office() -> None:
    codes = {office.code for office in divisions.offices()}
    assert len(codes) == len(divisions.offices()) == 28
    for office in divisions.offices():
        assert divisions.current(office.area_code) is not None
        assert (office.parent is None) == (office.level == "省")
        assert office.parent is None or office.parent in codes
        assert all(divisions.current(former) is None for former in office.former_areas)


def test_every_current_area_has_its_office() -> None:
    areas = {area.code for area in divisions.all_areas() if area.until is None}
    assert areas == {office.area_code for office in divisions.offices()}


def test_level_and_parent_are_not_what_the_digits_suggest() -> None:
    chengmai, danzhou, wuzhishan = map(divisions.get_office, ("469023", "460400", "469001"))
    assert (chengmai.level, chengmai.parent) == ("县", "460000")
    assert (danzhou.level, danzhou.parent, danzhou.former_areas) == ("市", "460000", ("469003",))
    assert (wuzhishan.level, wuzhishan.parent) == ("市", "460000")
    assert not [office for office in divisions.offices() if office.parent == "460400"]


def test_default_names_are_sound_names() -> None:
    office = divisions.get_office("469023")
    assert office.name == "中共澄迈县委机构编制委员会办公室"
    assert office.registrar == "澄迈县事业单位登记管理局"
    kind = KINDS["office_name"]
    for each in divisions.offices():
        for name in (each.name, each.registrar):
            assert kind.parse(name) == name
            assert kind.check(name, NO_UNIT) == []


def test_one_number_meant_two_counties() -> None:
    assert divisions.names("469025") == "白沙黎族自治县、定安县"
    assert divisions.current("469025") is not None
    assert divisions.names("460001") == "五指山市、通什市"
    assert divisions.current("460001") is None


def test_the_table_knows_every_area_the_library_knows() -> None:
    # python-stdnum's table is a second source; it also lists groupings that are no place to live.
    groupings = {"460101", "460201", "460301", "460302", "460303", "469000"}
    library = {
        f"46{number:04d}"
        for number in range(10_000)
        if "county"
        in dict(part for _, rest in numdb.get("cn/loc").info(f"46{number:04d}") for part in rest.items())
    }
    assert library - groupings <= {area.code for area in divisions.all_areas()}
    assert len(library) == 68


@pytest.mark.parametrize(
    ("code", "known"), [("460025", True), ("110105", True), ("469099", False), ("990000", False)]
)
def test_what_a_number_may_start_with(code: str, known: bool) -> None:
    assert divisions.is_known(code) is known


def test_an_office_that_is_not_listed() -> None:
    with pytest.raises(UserError, match="office_not_listed"):
        divisions.get_office("110000")
