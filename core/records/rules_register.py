"""Rules of a register's page: every unit on it is judged as if it had been registered by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from core.errors import Refusal
from core.forms.registry import by_digest
from core.forms.sieve import Columns, first_errors
from core.forms.spec import CheckContext, FormSpec
from core.records.hearing import Hearing, Rule
from core.records.register import (
    PAGE_UNITS,
    Rows,
    page_digest,
    page_shape,
    read_page,
    register_subject,
    verify_lines,
)

LINES_TOLD = 50
"""How many refused lines a refusal names; their number is told whole."""


class Register(Protocol):
    """What a page may clash with; the desk's store and the hub's tables both answer it."""

    def taken_units(self, units: Sequence[str]) -> set[str]:
        """Return which of these ids belong to units of the office already."""

    def taken_codes(self, codes: Sequence[str]) -> set[str]:
        """Return which of these credit codes a unit of the office has already."""


@dataclass(frozen=True)
class LineFault:
    """Why a line (from 1) cannot be registered: the refusal that the unit alone would meet."""

    line: int
    code: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class OpenPage:
    """A page's records before the judge: text, lines, and the personal values, all of them disclosed."""

    text: bytes
    rows: Rows
    private: Rows
    register: Register


def page_form(action_public: Mapping[str, Any]) -> FormSpec:
    """Return the published form that a page was filled by. Raises ``Refusal('form_unknown')``."""
    form = action_public["form"]
    spec = by_digest(form["digest"])
    if spec is None or (spec.id, spec.version) != (form["id"], form["version"]) or spec.id != "unit-record":
        raise Refusal("form_unknown")
    return spec


def open_page(public: Mapping[str, Any], text: bytes, private: Rows, register: Register) -> OpenPage:
    """Read a page's records and hold them against what was signed for.

    Raises ``Refusal`` form_unknown, page_digest_wrong, page_malformed, commitment_wrong.
    """
    shape = page_shape(page_form(public))
    if page_digest(text) != public["digest"]:
        raise Refusal("page_digest_wrong")
    rows = read_page(text, shape)
    if len(rows) != public["count"]:
        raise Refusal("page_malformed", why="count")
    verify_lines(rows, private, shape, whole=True)
    return OpenPage(text, rows, private, register)


def columns_of(spec: FormSpec, rows: Rows, private: Rows) -> dict[str, Sequence[str]]:
    """Return a page's values by field, as the form's rules read them."""
    shape = page_shape(spec)
    across, disclosed = list(zip(*rows, strict=True)), list(zip(*private, strict=True))
    columns: dict[str, Sequence[str]] = dict(
        zip(shape.public, across[1 + len(shape.personal) :], strict=True)
    )
    columns.update(zip(shape.personal, disclosed[1::2], strict=True))
    return columns


def line_faults(
    spec: FormSpec, columns: Columns, units: Sequence[str], context: CheckContext, register: Register
) -> list[LineFault]:
    """Return every line that cannot be registered, with the first rule it breaks, in order of lines."""
    count = len(units)
    errors = first_errors(spec, columns, count, context)
    codes = columns["uscc"]
    taken, held = register.taken_codes(codes), register.taken_units(units)
    return list(_faults(count, errors, codes, taken, [unit in held for unit in units] if held else None))


def _faults(
    count: int, errors: Mapping[int, Any], codes: Sequence[str], taken: set[str], held: list[bool] | None
) -> Iterator[LineFault]:
    if not errors and not taken and held is None and len(set(codes)) == count:
        return
    seen: dict[str, int] = {}
    for line, code in enumerate(codes):
        first = seen.setdefault(code, line)
        if line in errors:
            found = errors[line]
            yield LineFault(line + 1, "form_incomplete", {"field": found.field, "finding": found.code})
        elif code in taken or (held is not None and held[line]):
            yield LineFault(line + 1, "unit_exists", {})
        elif first != line:
            yield LineFault(line + 1, "unit_twice", {"first": first + 1})


def refuse_lines(faults: Sequence[LineFault]) -> None:
    """Refuse a page some of whose lines have a fault. Raises ``Refusal('register_lines_refused')``."""
    if faults:
        told = [{"line": each.line, "code": each.code, **each.params} for each in faults[:LINES_TOLD]]
        raise Refusal("register_lines_refused", count=len(faults), lines=told)


def _register_page(hearing: Hearing) -> None:
    if hearing.action.subject != register_subject(hearing.action.office):
        raise Refusal("action_malformed", why="subject")
    page = hearing.page
    if page is None:
        raise Refusal("page_missing")
    if len(page.rows) > PAGE_UNITS:
        raise Refusal("page_malformed", why="count")
    spec = page_form(hearing.public)
    context = CheckContext(as_of=hearing.as_of, office_area=hearing.office.code[:6])
    units = [row[0] for row in page.rows]
    refuse_lines(line_faults(spec, columns_of(spec, page.rows, page.private), units, context, page.register))


RULES: Mapping[str, Rule] = {"register_page": _register_page}
