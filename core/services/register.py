"""A whole register taken in at once: checked to the last line, then signed in pages, or nothing at all.

One person signs for a page of up to a thousand units (``core.records.register``). Whether it comes from a
file of lines or from a spreadsheet, every line is judged by the rules of a unit entered by hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.clock import china_date, from_stamp
from core.errors import Cancelled, UserError
from core.forms.check import CheckContext, normalise
from core.forms.registry import latest
from core.forms.sieve import Columns, suspects
from core.forms.spec import FormSpec
from core.ids import new_id
from core.records.judge import judge
from core.records.model import sign_action
from core.records.register import (
    PAGE_BYTES,
    PAGE_KIND,
    PAGE_UNITS,
    REGISTER,
    Rows,
    make_lines,
    pack,
    page_public,
    page_shape,
    page_text,
    register_subject,
)
from core.records.rules_register import OpenPage, line_faults
from core.services.recording import propose, require_own_key
from core.services.session import Session
from core.services.units import UNIT_FORM
from core.store.unit_of_work import UnitOfWork
from core.store.unit_words import STEP, add_words

_ROOM = PAGE_BYTES // 2
"""Bytes of text at which a page ends; half of what a hub unpacks."""

Line = tuple[int, Mapping[str, str] | UserError]
"""A line's number in its file, and its values as typed, or why it could not be read."""


@dataclass(frozen=True)
class RefusedLine:
    """A line that cannot be registered: its number in the file, code and params of the rule it breaks."""

    line: int
    code: str
    params: Mapping[str, Any]


@dataclass(frozen=True)
class ImportReport:
    """What became of an import: units registered and pages signed, or every refused line and nothing done."""

    done: int
    pages: int
    refused: tuple[RefusedLine, ...]


def import_units(
    session: Session,
    records: Iterable[Line],
    progress: Callable[[int, int], None] = lambda done, total: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> ImportReport:
    """Register all units of ``records``, or none when a single line is refused.

    Raises ``Refusal`` role_missing and what else the judge says of the pages, ``Cancelled``,
    ``EnvironmentFault`` disk_*; nothing is kept then.
    """
    spec = latest(UNIT_FORM)
    numbers, values, refused = _read(records)
    values = _normal(spec, values)
    with session.begin() as uow:
        refused += _faults(session, uow, spec, numbers, values)
        if refused or not values:
            return ImportReport(0, 0, tuple(sorted(refused, key=lambda each: each.line)))
        pages = 0
        for done, page in _pages(session, spec, values):
            if cancelled():
                raise Cancelled()
            _sign(session, uow, spec, page)
            pages += 1
            progress(done, len(values))
        uow.projection.refresh(REGISTER, register_subject(session.office))
    finish_words(session)
    return ImportReport(len(values), pages, ())


def finish_words(session: Session, cancelled: Callable[[], bool] = lambda: False) -> None:
    """Give listed units the words by which they are found, a few hundred in one unit of work."""
    while not cancelled():
        with session.read() as uow:
            if not uow.ledger.pages.waiting_for_words():
                return
        with session.begin() as uow:
            add_words(uow.connection, uow.ledger.pages, STEP)


def _read(records: Iterable[Line]) -> tuple[list[int], list[Mapping[str, str]], list[RefusedLine]]:
    numbers, values, refused = [], [], []
    for number, typed in records:
        if isinstance(typed, UserError):
            refused.append(RefusedLine(number, typed.code, typed.params))
        else:
            numbers.append(number)
            values.append(typed)
    return numbers, values, refused


def _columns(spec: FormSpec, values: Sequence[Mapping[str, str]]) -> Columns:
    return {field.id: [each.get(field.id, "") for each in values] for field in spec.fields()}


def _normal(spec: FormSpec, typed: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    """Return values in normal form; what is plainly clean is in it already."""
    tidy = suspects(spec, _columns(spec, typed), len(typed))
    return [normalise(spec, each) if line in tidy else each for line, each in enumerate(typed)]


def _faults(
    session: Session, uow: UnitOfWork, spec: FormSpec, numbers: list[int], values: Sequence[Mapping[str, str]]
) -> list[RefusedLine]:
    if not values:
        return []
    context = CheckContext(china_date(session.now()), session.office_state(uow).code[:6])
    nobody = [""] * len(values)
    found = line_faults(spec, _columns(spec, values), nobody, context, uow.ledger.pages)
    told = []
    for each in found:
        params = dict(each.params)
        if "first" in params:
            params["first"] = numbers[params["first"] - 1]
        told.append(RefusedLine(numbers[each.line - 1], each.code, params))
    return told


def _pages(
    session: Session, spec: FormSpec, values: Sequence[Mapping[str, str]]
) -> Iterator[tuple[int, tuple[Rows, Rows]]]:
    """Cut units into pages; yield how many are done with each, and its lines."""
    shape = page_shape(spec)
    start = 0
    while start < len(values):
        end = min(start + PAGE_UNITS, len(values))
        while True:
            # Ids of a page in ascending order: whoever keys rows by them then fills its index in one sweep.
            ids = sorted(new_id(session.random) for _ in range(end - start))
            lines = make_lines(zip(ids, values[start:end], strict=True), shape, session.random)
            if len(page_text(lines[0])) <= _ROOM or end - start == 1:
                break
            end = start + (end - start) // 2
        yield end, lines
        start = end


def _sign(session: Session, uow: UnitOfWork, spec: FormSpec, page: tuple[Rows, Rows]) -> None:
    rows, private = page
    text = page_text(rows)
    public = page_public(spec, text, len(rows))
    action, _, _ = propose(session, uow, REGISTER, register_subject(session.office), PAGE_KIND, public)
    certificate = session.certificate(uow)
    world = uow.world(session.office, bool(certificate and certificate.single_clerk))
    require_own_key(session, world.office())
    opened = OpenPage(text, rows, private, uow.ledger.pages)
    judge(action, {}, world, china_date(from_stamp(action.at)), opened)
    signed = sign_action(action, session.signer)
    uow.ledger.append(signed, {})
    uow.ledger.pages.keep(signed.hash, pack(text), rows, private, page_shape(spec))
