"""Kinds with a closed form: days, amounts of money, choices, ticks."""

from __future__ import annotations

import re
from datetime import date

from core.forms.characters import fold, one_line, refused
from core.forms.spec import CheckContext, Finding

YES = "yes"
"""The value of a tick that is set; one that is not set is the empty text."""

_DAY = re.compile(r"([0-9]{4})\s*[-/.年、\s]\s*([0-9]{1,2})\s*[-/.月、\s]\s*([0-9]{1,2})\s*日?")
_DIGITS = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_NORMAL_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AMOUNT = re.compile(r"(0|[1-9][0-9]*)(\.[0-9]+)?(万|亿)?元")
_NOT_OF_AN_AMOUNT = re.compile(r"[\s,，¥￥]|人民币|整\Z")
_SET, _UNSET = (
    frozenset({"yes", "true", "1", "是", "✓", "√", "☑"}),
    frozenset({"", "no", "false", "0", "否", "☐"}),
)


class Day:
    """A calendar day; read in the usual spellings, kept as ``yyyy-mm-dd``."""

    def parse(self, text: str) -> str:
        tidy = one_line(fold(text)).replace("／", "/").replace("－", "-").replace("．", ".")
        match = _DAY.fullmatch(tidy) or _DIGITS.fullmatch(tidy)
        return f"{match[1]}-{match[2]:0>2}-{match[3]:0>2}" if match else tidy

    def check(self, value: str, ctx: CheckContext) -> list[Finding]:
        if not _NORMAL_DAY.fullmatch(value):
            return [Finding("", "date_format")]
        return [] if to_day(value) else [Finding("", "date_nonexistent")]

    def format(self, value: str) -> str:
        day = to_day(value)
        return f"{day.year}年{day.month}月{day.day}日" if day else value

    def mask(self, value: str) -> str:
        return self.format(value)

    def summary(self, value: str) -> str:
        return ""


def to_day(value: str) -> date | None:
    """Return the day a normal value names, or None where there is no such day."""
    try:
        return date.fromisoformat(value) if _NORMAL_DAY.fullmatch(value) else None
    except ValueError:
        return None


class Amount:
    """An amount of money as the certificate words it: digits and unit, ``600万元``; never a float."""

    def parse(self, text: str) -> str:
        bare = fold(text).replace("．", ".").replace("圆", "元")
        while (rest := fold(_NOT_OF_AN_AMOUNT.sub("", bare))) != bare:  # taking out may bring together
            bare = rest
        return bare

    def check(self, value: str, ctx: CheckContext) -> list[Finding]:
        if findings := refused(value):
            return findings
        return [] if _AMOUNT.fullmatch(value) else [Finding("", "money_format")]

    def format(self, value: str) -> str:
        return value

    def mask(self, value: str) -> str:
        return value

    def summary(self, value: str) -> str:
        return ""


class Option:
    """One of the codes its field offers; the field, not the kind, knows which."""

    def parse(self, text: str) -> str:
        return text.strip()

    def check(self, value: str, ctx: CheckContext) -> list[Finding]:
        return []

    def format(self, value: str) -> str:
        return value

    def mask(self, value: str) -> str:
        return value

    def summary(self, value: str) -> str:
        return ""


class Tick:
    """Yes, or nothing."""

    def parse(self, text: str) -> str:
        word = one_line(fold(text))
        return YES if word.lower() in _SET else "" if word.lower() in _UNSET else word

    def check(self, value: str, ctx: CheckContext) -> list[Finding]:
        return [] if value == YES else [Finding("", "tick_unknown")]

    def format(self, value: str) -> str:
        return "✓" if value == YES else ""

    def mask(self, value: str) -> str:
        return self.format(value)

    def summary(self, value: str) -> str:
        return ""
