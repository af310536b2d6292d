"""Many records at once: what is plainly clean passes by the column, everything else asks ``check_form``.

A register travels by the thousand, and ``check_form`` takes about sixty microseconds a record because it can
name every fault. Nearly no record has one. The sieve lets a value pass only if it *cannot* have an error:
made of characters that no kind folds or refuses, right in length, of a shape judged before. It never says
that something is wrong: a line that does not pass is judged by ``check_form`` itself, so the verdict is one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from core.forms.check import check_form, has_errors
from core.forms.check_digits import USCC_ALPHABET, organisation_check_character, uscc_check_character
from core.forms.kinds import KINDS
from core.forms.number_kinds import NUMBER_LENGTH
from core.forms.plain_kinds import to_day
from core.forms.spec import CheckContext, FieldSpec, Finding, FormSpec, Severity

Columns = Mapping[str, Sequence[str]]
"""Field id -> that field's value on every line; an absent column counts as empty."""

# Letters and marks that every kind of words leaves as they are: no white space, nothing that NFC, the folds
# of core.forms.characters or the wide marks of names would touch, nothing refused. A test tries each one.
_HAN = "〇㐀-䶿一-鿿\U00020000-\U0002f7ff\U00030000-\U0003fffd"
_WORDS = _HAN + "0-9A-Za-z（），。、；：《》“”—·"
_PLAIN: Mapping[str, re.Pattern[str]] = {
    "text": re.compile(f"[{_WORDS}\n]*"),
    "long_text": re.compile(f"[{_WORDS}\n]*"),
    "unit_name": re.compile(f"[{_WORDS}\n]*"),
    "office_name": re.compile(f"[{_WORDS}\n]*"),
    "person_name": re.compile(f"[{_HAN}·\n]*"),
}
_BY_VALUE = frozenset({"date", "money", "choice", "tick"})
"""Kinds whose errors depend on the value alone, and whose values repeat in a register."""

_WARNING_RULES = frozenset({"within_a_year", "as_registered", "certificate_number"})
"""Field rules that never find an error (a published rule never changes its verdict)."""

_MOST_REMEMBERED = 20_000
_ANY_DAY = CheckContext(date(2000, 1, 1), "")

Screen = Callable[[Sequence[str]], Iterable[int]]
"""Takes a column and returns the lines that are not plainly clean."""


def first_errors(spec: FormSpec, columns: Columns, count: int, context: CheckContext) -> dict[int, Finding]:
    """Return the first error of every line (from 0) that has one, as ``check_form`` finds it.

    ``columns`` hold values in the form's fields only; lines are those of ``count`` records.
    """
    found: dict[int, Finding] = {}
    for line in sorted(_sieve(spec).suspects(columns, count)):
        values = {name: column[line] for name, column in columns.items() if column[line]}
        findings = check_form(spec, values, context)
        if has_errors(findings):
            found[line] = next(each for each in findings if each.severity is Severity.ERROR)
    return found


def first_error(spec: FormSpec, values: Mapping[str, str], context: CheckContext) -> Finding | None:
    """Return the first error of one record, as ``check_form`` finds it; None if it has none."""
    sieve = _sieve(spec)
    if sieve.whole and not sieve.suspects({name: (value,) for name, value in values.items() if value}, 1):
        return None
    findings = check_form(spec, values, context)
    return next((each for each in findings if each.severity is Severity.ERROR), None)


def suspects(spec: FormSpec, columns: Columns, count: int) -> set[int]:
    """Return the lines that are not plainly clean: all others are in normal form and have no error."""
    return _sieve(spec).suspects(columns, count)


class Sieve:
    """The screens of one form. A form with rules that are not known here passes nothing."""

    def __init__(self, spec: FormSpec) -> None:
        screens = {field.id: _screen(field) for field in spec.fields()}
        self.whole = set(spec.form_rules) <= set(_FORM_SCREENS)
        self._screens = {name: screen for name, screen in screens.items() if screen is not None}
        self.whole = self.whole and len(screens) == len(self._screens)
        self._rules = [_FORM_SCREENS[name] for name in spec.form_rules if name in _FORM_SCREENS]

    def suspects(self, columns: Columns, count: int) -> set[int]:
        """Return the lines that ``check_form`` has to judge."""
        if not self.whole or not set(columns) <= set(self._screens):
            return set(range(count))
        found: set[int] = set()
        empty = [""] * count
        for name, screen in self._screens.items():
            found.update(screen(columns.get(name, empty)))
        for rule in self._rules:
            found.update(rule(columns, empty))
        return found


_SIEVES: dict[int, tuple[FormSpec, Sieve]] = {}
_MOST_SIEVES = 16


def _sieve(spec: FormSpec) -> Sieve:
    """Return the form's sieve. A form is known by its identity: to hash a whole form takes too long."""
    known = _SIEVES.get(id(spec))
    if known is None or known[0] is not spec:
        if len(_SIEVES) >= _MOST_SIEVES:
            _SIEVES.clear()
        known = _SIEVES[id(spec)] = (spec, Sieve(spec))
    return known[1]


def _screen(field: FieldSpec) -> Screen | None:
    if field.shown_when is not None or not set(field.rules) <= _WARNING_RULES:
        return None
    if field.kind in _PLAIN:
        return None if field.choices else _words(field, _PLAIN[field.kind])
    if field.kind in _BY_VALUE:
        return _by_value(field)
    return _codes(field) if field.kind == "uscc" and not field.choices else None


def _words(field: FieldSpec, plain: re.Pattern[str]) -> Screen:
    limit, required = field.max_length, field.required

    def clean(value: str) -> bool:
        return len(value) <= limit and "\n" not in value and plain.fullmatch(value) is not None

    def screen(column: Sequence[str]) -> Iterable[int]:
        distinct = set(column)
        if required and "" in distinct:
            return [line for line, value in enumerate(column) if not value or not clean(value)]
        joined = "\n".join(distinct)
        alike = joined.count("\n") == len(distinct) - 1 and plain.fullmatch(joined) is not None
        if alike and max(map(len, distinct), default=0) <= limit:
            return ()
        return [line for line, value in enumerate(column) if not clean(value)]

    return screen


def _by_value(field: FieldSpec) -> Screen:
    kind, choices = KINDS[field.kind], {choice.code for choice in field.choices}
    known: dict[str, bool] = {}

    def clean(value: str) -> bool:
        if not value:
            return not field.required
        if len(value) > field.max_length or (choices and value not in choices):
            return False
        return kind.parse(value) == value and not has_errors(kind.check(value, _ANY_DAY))

    def screen(column: Sequence[str]) -> Iterable[int]:
        fresh = set(column).difference(known)
        if len(known) + len(fresh) > _MOST_REMEMBERED:
            known.clear()
            fresh = set(column)
        known.update((value, clean(value)) for value in fresh)
        if all(map(known.__getitem__, set(column))):
            return ()
        return [line for line, value in enumerate(column) if not known[value]]

    return screen


class _Parts(dict[str, tuple[int, int]]):
    """What a piece of a credit code adds to its two check sums; worked out once by the plain functions.

    Both sums are linear, so a code's sums are those of its pieces, each padded with noughts.
    """

    def __init__(self, start: int, end: int) -> None:
        super().__init__()
        self._start, self._end = start, end

    def __missing__(self, piece: str) -> tuple[int, int]:
        if len(piece) != self._end - self._start:
            raise ValueError("length")
        body = "0" * self._start + piece + "0" * (NUMBER_LENGTH - 1 - self._end)
        outer = -USCC_ALPHABET.index(uscc_check_character(body)) % 31
        inner = -"0123456789X".index(organisation_check_character(body[8:16])) % 11
        if len(self) >= _MOST_REMEMBERED:
            self.clear()
        self[piece] = outer, inner
        return outer, inner


_PIECES = tuple(_Parts(start, end) for start, end in ((0, 8), (8, 11), (11, 14), (14, 16), (16, 17)))


def _sound(value: str) -> bool:
    one, two, three, four, five = _PIECES
    try:
        a, i = one[value[:8]]
        b, j = two[value[8:11]]
        c, k = three[value[11:14]]
        d, m = four[value[14:16]]
        e, _ = five[value[16:17]]
    except (ValueError, KeyError, IndexError):
        return False
    whole = USCC_ALPHABET[-(a + b + c + d + e) % 31] == value[17:]
    return whole and "0123456789X"[-(i + j + k + m) % 11] == value[16]


def _codes(field: FieldSpec) -> Screen:
    def screen(column: Sequence[str]) -> Iterable[int]:
        lines = enumerate(column)
        if field.max_length < NUMBER_LENGTH:
            return [line for line, value in lines if value]
        return [line for line, value in lines if (value or field.required) and not _sound(value)]

    return screen


def _period(columns: Columns, empty: Sequence[str]) -> Iterable[int]:
    begins, ends = columns.get("valid_from", empty), columns.get("valid_to", empty)
    pairs = enumerate(zip(begins, ends, strict=True))
    # Days in normal form stand in the order of their texts; what is none stands out by its own screen.
    return [line for line, (begin, end) in pairs if end <= begin and to_day(begin) and to_day(end)]


_FORM_SCREENS: Mapping[str, Callable[[Columns, Sequence[str]], Iterable[int]]] = {"period_in_order": _period}
