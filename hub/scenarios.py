"""The scenario list (应用场景清单) and the guide (办事指南): what ships, and what was changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, CursorResult, delete, select

from core.credentials.jose import Malformed, read_json
from core.errors import UserError
from core.forms.matters import Matter, seed_matters
from hub import tables
from hub.party_tables import scenario
from hub.setup import Hub
from hub.shapes import Field, check
from hub.tables import PROVINCE
from resources import read_text

GUIDE_SETTING: Final = "guide"
CODE: Final = r"^[A-Z][A-Z0-9]{1,15}$"
_SCENARIO = (
    Field("code", "事项代码", "两到十六位大写字母和数字，字母开头", longest=16, pattern=CODE),
    Field("name", "事项名称", longest=60),
    Field("department", "办理部门", longest=60),
    Field("steps", "怎样使用", required=False, longest=300),
)
_LIST = (
    Field(
        "scenarios",
        "场景",
        type="list",
        longest=200,
        fields=(Field("", "", type="object", fields=_SCENARIO),),
    ),
)
_SECTION = (
    Field("heading", "小标题", longest=40),
    Field("lines", "内容", type="list", longest=40, fields=(Field("", "一段", longest=600),)),
)
_GUIDE = (
    Field("title", "标题", longest=60),
    Field(
        "sections", "各部分", type="list", longest=30, fields=(Field("", "", type="object", fields=_SECTION),)
    ),
)
STEPS: Final = "办理人在手机上打开电子证书出示动态码，窗口扫码即可核验单位身份和办理人的授权。"
"""How a certificate is used where nothing else is said."""


@dataclass(frozen=True)
class Scenario:
    """One use of the certificate: code and name of the matter, who handles it, how the certificate serves."""

    code: str
    name: str
    department: str
    steps: str = STEPS


@dataclass(frozen=True)
class Section:
    """A part of the guide."""

    heading: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Guide:
    """The service guide as it is published."""

    title: str
    sections: tuple[Section, ...]


def _changed(connection: Connection) -> CursorResult[Any]:
    mine = scenario.c.office == PROVINCE
    return connection.execute(select(scenario).where(mine).order_by(scenario.c.code))


def known_matters(connection: Connection) -> dict[str, Matter]:
    """Return the matters of the list and those taken off it, by code: what ships first, in its order."""
    found = dict(seed_matters())
    for row in _changed(connection):
        found[row.code] = Matter(row.code, row.name, row.department, bool(row.removed))
    return found


def scenarios(connection: Connection) -> dict[str, Scenario]:
    """Return the list as it stands, by code: what ships in its order, then what was added."""
    found = {code: Scenario(code, m.name, m.department) for code, m in seed_matters().items()}
    for row in _changed(connection):
        if row.removed:
            found.pop(row.code, None)
        else:
            found[row.code] = Scenario(row.code, row.name, row.department, row.steps or STEPS)
    return found


def _object(data: bytes) -> Any:
    try:
        return read_json(data)
    except Malformed as fault:
        raise UserError("scenario_file_malformed") from fault


def _put(hub: Hub, connection: Connection, entry: Scenario, *, removed: bool) -> None:
    mine = (scenario.c.office == PROVINCE, scenario.c.code == entry.code)
    connection.execute(delete(scenario).where(*mine))
    row = {
        "office": PROVINCE,
        "code": entry.code,
        "name": entry.name,
        "department": entry.department,
        "steps": entry.steps,
        "removed": removed,
        "at": hub.stamp(),
    }
    connection.execute(scenario.insert(), row)


def add_scenarios(hub: Hub, data: bytes) -> int:
    """Add scenarios, or say those with these codes anew; all of the file or none. Returns how many.

    Raises ``UserError`` scenario_file_malformed, scenario_twice or the codes of :func:`hub.shapes.check`.
    """
    value = _object(data)
    check(value, _LIST)
    items = [Scenario(**item) for item in value["scenarios"]]
    codes = [item.code for item in items]
    twice = next((code for code in codes if codes.count(code) > 1), None)
    if twice is not None:
        raise UserError("scenario_twice", matter=twice)
    with hub.database.write() as connection:
        for item in items:
            _put(hub, connection, item, removed=False)
    return len(items)


def remove_scenarios(hub: Hub, data: bytes) -> int:
    """Take scenarios off the list: ``{"codes": […]}``; all or none. Returns how many.

    Raises ``UserError`` scenario_file_malformed, party_matter_unknown, or the codes of the shape.
    """
    value = _object(data)
    item = Field("", "事项代码", longest=16, pattern=CODE)
    check(value, (Field("codes", "事项代码", type="list", longest=200, fields=(item,)),))
    with hub.database.write() as connection:
        standing = scenarios(connection)
        for code in dict.fromkeys(value["codes"]):
            if code not in standing:
                raise UserError("party_matter_unknown", matter=code)
            _put(hub, connection, standing[code], removed=True)
    return len(set(value["codes"]))


def read_guide(value: Any) -> Guide:
    """Return a guide from its JSON value. Raises ``UserError`` of the shape."""
    check(value, _GUIDE)
    sections = tuple(Section(item["heading"], tuple(item["lines"])) for item in value["sections"])
    return Guide(value["title"], sections)


def guide(connection: Connection) -> Guide:
    """Return the guide as it stands: the province's, else the one that ships."""
    table = tables.hub_setting
    mine = select(table.c.value).where(table.c.office == PROVINCE, table.c.name == GUIDE_SETTING)
    text = connection.execute(mine).scalar_one_or_none()
    return read_guide(json.loads(text if text is not None else read_text("data/guide.json")))


def set_guide(hub: Hub, data: bytes) -> Guide:
    """Put a guide in the place of the present one.

    Raises ``UserError`` scenario_file_malformed or the codes of the shape.
    """
    value = _object(data)
    found = read_guide(value)
    table = tables.hub_setting
    row = {"office": PROVINCE, "name": GUIDE_SETTING, "value": json.dumps(value, ensure_ascii=False)}
    with hub.database.write() as connection:
        connection.execute(delete(table).where(table.c.office == PROVINCE, table.c.name == GUIDE_SETTING))
        connection.execute(table.insert(), row)
    return found


def as_text(standing: Mapping[str, Scenario]) -> list[dict[str, str]]:
    """Return the list as JSON values."""
    return [vars(entry) for entry in standing.values()]
