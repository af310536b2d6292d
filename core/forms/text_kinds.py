"""Kinds made of words: names, addresses, remarks. Spelling is folded, wording never touched."""

from __future__ import annotations

import re

from core.forms.characters import HAN, MIDDLE_DOT, fold, fold_dots, one_line, refused
from core.forms.spec import CheckContext, Finding, Severity

_WIDE_MARKS = str.maketrans("();", "（）；")
# White space that Chinese typesetting does not know: between two Han characters (or what stands with them).
_SPACE_BETWEEN_HAN = re.compile(rf"(?<=[{HAN}·（）]) (?=[{HAN}·（）])")
# In the register a unit's name has no space next to Han at all: 第 1 小学 is 第1小学.
_SPACE_BESIDE_HAN = re.compile(rf"(?<=[{HAN}·（）；]) | (?=[{HAN}·（）；])")
_STOP_BETWEEN_HAN = re.compile(rf"(?<=[{HAN}])[.．。](?=[{HAN}])")
_NOT_OF_A_PERSON = re.compile(rf"[^{HAN}·A-Za-zÀ-ɏ '’.-]")
_ONLY_HAN = re.compile(rf"[{HAN}]+")


class Text:
    """Any words on one line."""

    def parse(self, text: str) -> str:
        return _SPACE_BETWEEN_HAN.sub("", one_line(fold(text)))

    def check(self, value: str, ctx: CheckContext) -> list[Finding]:
        return refused(value)

    def format(self, value: str) -> str:
        return value

    def mask(self, value: str) -> str:
        return value

    def summary(self, value: str) -> str:
        return ""


class LongText(Text):
    """Words on several lines; line breaks are kept, as single line feeds."""

    def parse(self, text: str) -> str:
        return "\n".join(super(LongText, self).parse(line) for line in text.strip().splitlines()).strip()


class UnitName(Text):
    """The name of a unit or an office: full-width brackets, half-width digits, no space beside Han.

    Several names in one field stand apart by ；.
    """

    def parse(self, text: str) -> str:
        return _SPACE_BESIDE_HAN.sub("", one_line(fold_dots(fold(text)).translate(_WIDE_MARKS)))


class PersonName(Text):
    """A person's name: Han of any plane, the middle dot of longer names, Latin letters."""

    def parse(self, text: str) -> str:
        name = _SPACE_BETWEEN_HAN.sub("", one_line(fold_dots(fold(text))))
        return _STOP_BETWEEN_HAN.sub(MIDDLE_DOT, name)

    def check(self, value: str, ctx: CheckContext) -> list[Finding]:
        findings = refused(value)
        if findings:
            return findings
        if stranger := _NOT_OF_A_PERSON.search(value):
            params = {"position": stranger.start() + 1}
            return [Finding("", "name_character", Severity.WARNING, params)]
        if len(value) == 1:
            return [Finding("", "name_short", Severity.WARNING)]
        if len(value) > 4 and _ONLY_HAN.fullmatch(value):
            return [Finding("", "name_long", Severity.NOTE, {"length": len(value)})]
        return []

    def mask(self, value: str) -> str:
        return value[:1] + "**" if value else ""
