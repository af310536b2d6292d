"""Invented people. Nobody of these exists, and everybody can see it.

Given names contain 演, 练, 拟, 样 or 例; ID numbers carry the sequence 000, which is never given out; phones
are a plain series. A share of the names is written with characters that break careless software.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product
from random import Random

from core.forms.check_digits import id_check_character
from core.forms.divisions import HOME_PROVINCE, all_areas

MOST_PEOPLE = 10_000
"""Phones 13800000000 to 13800009999 are what the series holds."""

_SURNAMES = (*"陈王李符吴林黄郑何邢羊韦麦蔡云韩冯詹唐周", "欧阳", "司徒")
_MARKS = tuple("演练拟样例")
_GIVEN = (*"一二三山川海云木石泉风雨松竹梅兰晨星月明春秋冬夏文武安宁平和", "")
_RARE = ("𬱖", "𫖯", "𬭎", "㛃", "䶮", "𬴂", "𫍯", "𬀩")
_DOTTED = ("阿演·样例", "古丽·拟例", "演练·木石")
_RARE_EVERY = 7
_DOTTED_EVERY = 97
_YOUNGEST, _OLDEST = 25, 59


@dataclass(frozen=True)
class Person:
    """An invented person: name, ID number with sequence 000, mobile number."""

    name: str
    id_number: str
    mobile: str


def make_people(random: Random, count: int, today: date) -> list[Person]:
    """Return ``count`` different people (≤ 10,000), aged 25 to 59 on ``today``; number 0 has a rare name.

    Names, ID numbers and phones are each unique within the list.
    """
    if count > MOST_PEOPLE:
        raise ValueError("the series of phones is too short")
    names = _names(random, count)
    numbers = _id_numbers(random, count, today)
    phones = random.sample(range(MOST_PEOPLE), count)
    return [
        Person(name, number, f"1380000{phone:04d}")
        for name, number, phone in zip(names, numbers, phones, strict=True)
    ]


def _names(random: Random, count: int) -> list[str]:
    plain = ["".join(parts) for parts in product(_SURNAMES, _MARKS, _GIVEN)]
    rare = [surname + mark + given for surname, mark, given in product(_SURNAMES, _MARKS, _RARE)]
    random.shuffle(plain)
    random.shuffle(rare)
    # The first of all is beyond U+FFFF whatever the seed: demo and tests lean on it.
    first = next(at for at, name in enumerate(rare) if ord(name[-1]) > 0xFFFF)
    rare.insert(0, rare.pop(first))
    dotted = list(_DOTTED)
    names: list[str] = []
    for at in range(count):
        if at % _RARE_EVERY == 0 and rare:
            names.append(rare.pop(0))
        elif at % _DOTTED_EVERY == _DOTTED_EVERY - 1 and dotted:
            names.append(dotted.pop())
        elif plain:
            names.append(plain.pop())
        else:  # thousands of people: number them
            names.append(f"{random.choice(_SURNAMES)}例{_numeral(at)}")
    return names


def _numeral(number: int) -> str:
    return "".join("〇一二三四五六七八九"[int(digit)] for digit in str(number))


def _id_numbers(random: Random, count: int, today: date) -> list[str]:
    # Abolished areas too: most people of the province carry one (domain.md 3.2).
    areas = sorted({a.code for a in all_areas() if a.code.startswith(HOME_PROVINCE) and a.code[4:] != "00"})
    numbers: dict[str, None] = {}
    while len(numbers) < count:
        days = random.randrange(_YOUNGEST * 366, _OLDEST * 365)
        born = today - timedelta(days=days)
        body = f"{random.choice(areas)}{born:%Y%m%d}000"
        numbers[body + id_check_character(body)] = None
    return list(numbers)
