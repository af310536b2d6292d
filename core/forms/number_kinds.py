"""Kinds made of digits with a meaning: the unit's code, the citizen's number, the phone.

An area code inside a number is a hint and never a reason to refuse: it says where a number was given
out, under a list of areas that has changed several times since.
"""

from __future__ import annotations

import re
from datetime import date

from core.forms import divisions
from core.forms.characters import fold_code
from core.forms.check_digits import (
    USCC_ALPHABET,
    id_check_character,
    organisation_check_character,
    uscc_check_character,
)
from core.forms.spec import CheckContext, Finding, Severity

NUMBER_LENGTH = 18
"""Both national numbers have eighteen characters."""
MOBILE_LENGTH = 11
YOUNGEST, OLDEST = 16, 110
"""Plausible ages, in full years, of a person who represents or manages a unit."""

_INSTITUTION = "12"  # department 1 (机构编制), category 2 (事业单位)
_NOT_IN_USCC = re.compile(f"[^{USCC_ALPHABET}]")
_LOOKS_LIKE = {"O": "0", "I": "1", "S": "5", "V": "U", "Z": "2"}
_CROSSES = str.maketrans(dict.fromkeys("×✕✖хХχΧ", "X"))  # what stands in papers for the check character X
_COUNTRY_PREFIX = re.compile(r"\A(?:\+|00)?86(?=1[0-9]{10}\Z)")
_MOBILE = re.compile(r"1[3-9][0-9]{9}")


def _too_short(value: str, need: int) -> list[Finding]:
    return [Finding("", "too_short", params={"missing": need - len(value), "length": need})]


def _wrong_character(character: str, position: int) -> list[Finding]:
    if meant := _LOOKS_LIKE.get(character):
        return [Finding("", "number_looks_like", params={"position": position + 1, "suggestion": meant})]
    return [Finding("", "number_character", params={"position": position + 1})]


class _Number:
    """What the three have in common: typed with spaces, dashes, full-width digits, small letters."""

    def parse(self, text: str) -> str:
        return fold_code(text)

    def format(self, value: str) -> str:
        return value

    def mask(self, value: str) -> str:
        return value

    def summary(self, value: str) -> str:
        return ""


class Uscc(_Number):
    """Unified social credit code (GB 32100-2015), with the organisation code's own check inside it."""

    def check(self, value: str, ctx: CheckContext) -> list[Finding]:
        if stranger := _NOT_IN_USCC.search(value):
            return _wrong_character(stranger[0], stranger.start())
        if len(value) < NUMBER_LENGTH:
            return _too_short(value, NUMBER_LENGTH)
        return _uscc_checks(value) or _uscc_hints(value, ctx)

    def summary(self, value: str) -> str:
        area = divisions.current(value[2:8])
        return area.name if area else ""


def _uscc_checks(value: str) -> list[Finding]:
    whole = uscc_check_character(value[:17]) == value[17]
    inner = organisation_check_character(value[8:16]) == value[16]
    if whole and inner:
        return []
    if whole:
        return [Finding("", "uscc_inner_check")]
    # A sound inner code says that the slip is outside of it, and the other way round.
    return [Finding("", "uscc_check_outside" if inner else "uscc_check_inside")]


def _uscc_hints(value: str, ctx: CheckContext) -> list[Finding]:
    if not value.startswith(_INSTITUTION):
        return [Finding("", "uscc_not_institution", Severity.WARNING, {"prefix": value[:2]})]
    area = value[2:8]
    if area in divisions.areas_of_office(ctx.office_area):
        return []
    params = {"area": area, "name": divisions.names(area) or "省外或未知"}
    return [Finding("", "uscc_other_area", Severity.WARNING, params)]


class IdNumber(_Number):
    """Citizen identity number (GB 11643-1999)."""

    def parse(self, text: str) -> str:
        return fold_code(text.translate(_CROSSES))

    def check(self, value: str, ctx: CheckContext) -> list[Finding]:
        if stranger := re.search("[^0-9]", value[: NUMBER_LENGTH - 1]):
            return _wrong_character(stranger[0], stranger.start())
        if len(value) < NUMBER_LENGTH:
            return [Finding("", "id_fifteen")] if len(value) == 15 else _too_short(value, NUMBER_LENGTH)
        if value[17] not in "0123456789X":
            return _wrong_character(value[17], 17)
        born = birth_date(value)
        if born is None:
            return [Finding("", "id_date")]
        if id_check_character(value[:17]) != value[17]:
            return [Finding("", "id_check")]
        if born > ctx.as_of:
            return [Finding("", "id_future")]
        if not YOUNGEST <= _full_years(born, ctx.as_of) <= OLDEST:
            return [Finding("", "id_age", params={"youngest": YOUNGEST, "oldest": OLDEST})]
        return [] if divisions.is_known(value[:6]) else [Finding("", "id_area_unknown", Severity.NOTE)]

    def mask(self, value: str) -> str:
        return f"{value[:4]}{'*' * 10}{value[-4:]}" if len(value) == NUMBER_LENGTH else "*" * len(value)

    def summary(self, value: str) -> str:
        born = birth_date(value)
        return f"{born.isoformat()} {'男' if int(value[16]) % 2 else '女'}" if born else ""


def birth_date(number: str) -> date | None:
    """Return the date of birth inside a citizen number, or None where there is no such day."""
    if not re.fullmatch("[0-9]{17}[0-9X]", number):
        return None
    try:
        return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return None


def _full_years(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


class Mobile(_Number):
    """Mobile number of the mainland; carriers' segments are not looked at, they change."""

    def parse(self, text: str) -> str:
        return _COUNTRY_PREFIX.sub("", re.sub(r"[()（）.]", "", fold_code(text)), count=1)

    def check(self, value: str, ctx: CheckContext) -> list[Finding]:
        if stranger := re.search("[^0-9]", value):
            return _wrong_character(stranger[0], stranger.start())
        if len(value) < MOBILE_LENGTH:
            return _too_short(value, MOBILE_LENGTH)
        return [] if _MOBILE.fullmatch(value) else [Finding("", "mobile_prefix")]

    def mask(self, value: str) -> str:
        return f"{value[:3]}****{value[7:]}" if len(value) == MOBILE_LENGTH else "*" * len(value)
