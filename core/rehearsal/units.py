"""Invented units of one office: valid in every check, plainly not real.

Names contain 演练, codes start their organisation part with YX (which nobody was ever given), and the same
seed gives the same office on every machine, so that a report can name "unit 17 of seed 2".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from core.forms.check_digits import organisation_check_character, uscc_check_character
from core.forms.divisions import Office, current
from core.rehearsal.people import MOST_PEOPLE, Person, make_people

COUNT = 300
_YEARS_VALID = 5
_RENEWAL_DAYS = 30
"""Renewal is applied for in the last thirty days (domain.md 1.3)."""

# What the unit is, what it is for, and which invented bureau sponsors it.
_THEMES = (
    ("小学", "实施小学义务教育，促进基础教育发展。", "教育局"),
    ("中学", "实施中学学历教育，促进基础教育发展。", "教育局"),
    ("幼儿园", "为学龄前儿童提供保育和教育服务。", "教育局"),
    ("教师进修学校", "承担中小学教师继续教育和教学研究。", "教育局"),
    ("人民医院", "为人民身体健康提供医疗与护理保健服务。", "卫生健康委员会"),
    ("卫生院", "提供基本医疗、预防保健和公共卫生服务。", "卫生健康委员会"),
    ("疾病预防控制中心", "承担疾病预防控制、健康教育和卫生检验。", "卫生健康委员会"),
    ("妇幼保健院", "为妇女儿童提供医疗保健服务。", "卫生健康委员会"),
    ("图书馆", "保存借阅图书资料，促进社会经济文化发展。", "文化局"),
    ("文化馆", "组织指导群众文化活动，繁荣群众文化事业。", "文化局"),
    ("博物馆", "征集、保护、研究和展示文物。", "文化局"),
    ("文化站", "开展群众文化活动，提供公共文化服务。", "镇人民政府"),
    ("农业技术推广站", "推广农业技术，提供农业信息和技术咨询。", "农业农村局"),
    ("畜牧兽医站", "开展动物疫病防控和畜牧技术推广。", "农业农村局"),
    ("林业站", "承担林业技术推广和森林资源管护服务。", "林业局"),
    ("水库管理所", "负责水库工程运行、管理和防汛调度。", "水务局"),
    ("水文监测站", "承担水文监测和水资源调查评价。", "水务局"),
    ("公路养护站", "负责公路养护和路况巡查。", "交通运输局"),
    ("市场服务中心", "为市场主体提供登记咨询和检验服务。", "市场监管局"),
    ("计量检定测试所", "承担计量器具检定、校准和测试。", "市场监管局"),
    ("政务服务中心", "为政务服务事项集中办理提供保障。", "营商环境局"),
    ("公共就业服务中心", "提供就业创业、职业介绍和培训服务。", "人力资源局"),
    ("社会保险服务中心", "承担社会保险登记、核定和待遇支付服务。", "人力资源局"),
    ("救助管理站", "对生活无着的流浪乞讨人员实施救助。", "民政局"),
    ("社会福利院", "为孤、老、残人员提供供养和康复服务。", "民政局"),
    ("档案馆", "收集、保管、利用档案资料。", "档案局"),
    ("融媒体中心", "承担新闻采编播发和公共信息服务。", "宣传部"),
    ("环境监测站", "承担环境质量监测和应急监测。", "生态环境局"),
    ("体育服务中心", "组织群众体育活动，管理公共体育设施。", "体育局"),
    ("不动产登记中心", "承担不动产登记的事务性工作。", "自然资源局"),
)
_NUMBERED = frozenset({"小学", "中学", "幼儿园", "人民医院"})
_PLACES = ("新海", "南样", "演丰里", "例溪", "练塘", "拟山", "样坡", "𬱖溪", "䶮江", "㛃山", "𫖯岭", "𬭎田")
_FUNDING = ("财政补助", "财政补助", "财政补助", "财政补助、非财政补助", "非财政补助")
_CAPITALS = ("5万元", "32.6万元", "100万元", "268.45万元", "600万元", "1250万元", "1.2亿元")


@dataclass(frozen=True)
class RehearsalUnit:
    """One invented unit: its ``unit-record`` values, its representative, and who manages if another does."""

    index: int
    values: Mapping[str, str]
    representative: Person
    manager: Person | None


def make_units(office: Office, today: date, seed: int = 2, count: int = COUNT) -> tuple[RehearsalUnit, ...]:
    """Return ``count`` invented units (≤ 5,000) of ``office``, all different, as of ``today``.

    The same arguments give the same units. Number 0 has a manager whose name lies beyond U+FFFF, and a
    certificate that is not about to end.
    """
    if not 0 <= count <= MOST_PEOPLE // 2:
        raise ValueError("at most 5,000 units")
    random = Random(f"certdesk rehearsal {seed} {office.code}")
    people = make_people(random, 2 * count, today)
    units = []
    for index in range(count):
        manager, representative = people[2 * index], people[2 * index + 1]
        values = _values(random, office, index, representative.name, today)
        is_another = index % 3 == 0
        units.append(RehearsalUnit(index, values, representative, manager if is_another else None))
    return tuple(units)


def case_values(unit: RehearsalUnit, form_id: str, filled_on: date) -> dict[str, str]:
    """Return complete, valid values of ``attachment-1`` or ``attachment-3`` for the unit, in normal form."""
    lead = unit.representative
    values = {
        "filled_on": filled_on.isoformat(),
        "unit_name": unit.values["name"],
        "address": unit.values["address"],
        "representative_name": lead.name,
        "representative_mobile": lead.mobile,
        "representative_id": lead.id_number,
        "handset_confirmed": "yes",
        "remark": "演练数据" if unit.index % 2 else "",
        "attendant": "manager" if unit.manager and unit.index % 2 else "representative",
        "identity_checked": "yes",
    }
    if form_id == "attachment-1":
        values["other_manager"] = "yes" if unit.manager else ""
        values["occasion"] = "renewal" if _about_to_end(unit, filled_on) else "alone"
        return values | (_manager_block(unit, unit.manager) if unit.manager else {})
    if form_id == "attachment-3":
        values["reason"] = "manager_changed" if unit.manager else "representative_changed"
        return values | _manager_block(unit, unit.manager or lead)
    raise ValueError(f"no rehearsal values for {form_id}")


def _manager_block(unit: RehearsalUnit, manager: Person) -> dict[str, str]:
    return {
        "office_name": unit.values["office_name"],
        "manager_name": manager.name,
        "manager_mobile": manager.mobile,
        "manager_id": manager.id_number,
    }


def _about_to_end(unit: RehearsalUnit, day: date) -> bool:
    return date.fromisoformat(unit.values["valid_to"]) <= day + timedelta(days=_RENEWAL_DAYS)


def _values(random: Random, office: Office, index: int, representative: str, today: date) -> dict[str, str]:
    area = current(office.area_code)
    place = area.name if area else ""
    theme, purpose, bureau = _THEMES[index % len(_THEMES)]
    name = _name(place, theme, index)
    sponsors = [f"{place}演练{bureau}", f"{place}演练综合服务局"][: 2 if index % 11 == 4 else 1]
    begin, end = _period(random, index, today)
    return {
        "uscc": invented_uscc(office.area_code, index),
        "name": name,
        "second_name": f"{name}（培训部）" if index % 9 == 1 else "",
        "third_name": f"{name}（服务站）" if index % 45 == 1 else "",
        "other_names": f"{name}分部；{name}第二分部" if index % 30 == 7 else "",
        "purpose": f"{purpose}（演练数据，不是真实登记信息）",
        "address": f"{place}演练镇{random.choice(_PLACES)}路{index + 1}号",
        "representative_name": representative,
        "funding_source": random.choice(_FUNDING),
        "starting_capital": random.choice(_CAPITALS),
        "sponsor": "；".join(sponsors),
        "office_name": office.registrar,
        "valid_from": begin.isoformat(),
        "valid_to": end.isoformat(),
        "former_certificate_no": f"事证第1{office.area_code}{index + 1:05d}号" if index % 3 == 2 else "",
        "state": "active",
    }


def invented_uscc(area_code: str, index: int) -> str:
    """Return a code with both check characters right and an organisation part ``YX`` + six digits."""
    organisation = f"YX{index:06d}"
    body = f"12{area_code}{organisation}{organisation_check_character(organisation)}"
    return body + uscc_check_character(body)


def _name(place: str, theme: str, index: int) -> str:
    # Index and place name together are different for every unit of a theme.
    round_, spot = divmod(index // len(_THEMES), len(_PLACES))
    number = 1 + index // len(_THEMES)
    if theme in _NUMBERED:
        return f"{place}演练第{_ordinal(number)}{theme}"
    suffix = f"（{_ordinal(round_ + 1)}）" if round_ else ""
    return f"{place}演练{_PLACES[(spot + index) % len(_PLACES)]}{theme}{suffix}"


def _ordinal(number: int) -> str:
    tens, ones = divmod(number, 10)
    digits = "零一二三四五六七八九"
    if number >= 100:
        return str(number)
    return ("" if tens == 0 else "十" if tens == 1 else f"{digits[tens]}十") + (digits[ones] if ones else "")


def _period(random: Random, index: int, today: date) -> tuple[date, date]:
    """Five years less a day; every twentieth certificate ends within the renewal time."""
    left = random.randrange(1, _RENEWAL_DAYS) if index % 20 == 3 else random.randrange(60, 1700)
    end = today + timedelta(days=left)
    begin = end + timedelta(days=1)
    return begin.replace(year=begin.year - _YEARS_VALID, day=min(begin.day, 28)), end
