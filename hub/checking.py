"""What the hub looks things up by, held against the record it was made from.

The log shows that the record stayed as it was; the hub acts by tables made from it. Whoever empties or edits
those changes no hash, so every row is made again from the record and compared. Changes nothing, and says ids
only, nothing personal.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy import Connection, Table, select

from core.errors import EnvironmentFault, Refusal
from core.records.model import Action
from core.records.register import PAGE_KIND, open_text, page_shape, read_page
from core.records.rules_register import page_form
from hub import tables
from hub.bulk import among
from hub.delegation_tables import delegation_view
from hub.register_tables import register_page, register_unit
from hub.sealed import SealedValues, is_erased, sealing_subject
from hub.status_lists import INVALID, SUSPENDED, VALID, Slot
from hub.tables import PROVINCE
from hub.world import LedgerWorld

_AT_ONCE = 500

_UNREADABLE = (LookupError, ValueError, TypeError, AttributeError, Refusal)

Row = tuple[Any, ...]
Take = Callable[[LedgerWorld, str], None]


@dataclass(frozen=True)
class Difference:
    """A row that is not what the record says: in which ``table``, of which ``subject``."""

    office: str
    table: str
    subject: str

    def line(self) -> dict[str, str]:
        """Return it as a verb tells it."""
        return asdict(self)


@dataclass
class _Expected:
    """The rows of one office as its record makes them, by subject.

    ``places`` are those in the status lists: the status, and whose it is; ``voided`` the numbers of codes
    that the office took back.
    """

    units: dict[str, Row] = field(default_factory=dict)
    page_units: dict[str, Row] = field(default_factory=dict)
    cases: dict[str, Row] = field(default_factory=dict)
    certificates: dict[str, Row] = field(default_factory=dict)
    delegations: dict[str, Row] = field(default_factory=dict)
    places: dict[tuple[int, int], tuple[int, str]] = field(default_factory=dict)
    voided: set[str] = field(default_factory=set)


def differences(sealed: SealedValues, connection: Connection, office: str) -> Iterator[Difference]:
    """Make an office's lookups anew from its record and yield every row that is otherwise, or not there.

    Personal values, and the records of pages, are held against what was signed.
    """
    yield from _OfficeCheck(sealed, connection, office).run()


class _OfficeCheck:
    def __init__(self, sealed: SealedValues, connection: Connection, office: str) -> None:
        self._sealed = sealed
        self._connection = connection
        self._office = office
        self._wanted = _Expected()

    def run(self) -> Iterator[Difference]:
        wanted = self._wanted
        yield from self._pages()
        takes: Mapping[str, Take] = {
            "unit": self._unit,
            "case": self._case,
            "certificate": self._certificate,
            "delegation": self._delegation,
            "claim": self._claim,
            "office": lambda world, name: None,
            "change": lambda world, name: None,
        }
        for kind, take in takes.items():
            yield from self._subjects(kind, take)
        units, paged = tables.unit_view, register_unit
        cases, held = tables.case_view, tables.certificate_view
        yield from self._compare(units, ("unit", "uscc"), wanted.units)
        yield from self._compare(paged, ("unit", "uscc", "page", "line"), wanted.page_units)
        yield from self._compare(cases, ("case", "unit", "form", "lifecycle"), wanted.cases)
        of_held = ("certificate", "case", "unit", "jti", "void", "list", "slot")
        yield from self._compare(held, of_held, wanted.certificates)
        of_below = ("delegation", "certificate", "ended", "list", "slot")
        yield from self._compare(delegation_view, of_below, wanted.delegations)
        yield from self._statuses()
        yield from self._codes()

    # --- what the record says -----------------------------------------------------------------------

    def _pages(self) -> Iterator[Difference]:
        """Take in the units of pages; a page that is not the one that was signed for is named."""
        actions = tables.action
        mine = (actions.c.office == self._office, actions.c.kind == PAGE_KIND)
        query = select(actions.c.hash, actions.c.position, actions.c.body).where(*mine)
        for row in self._connection.execute(query.order_by(actions.c.position)).all():
            its = (register_page.c.office == self._office, register_page.c.hash == row.hash)
            blob = self._connection.execute(select(register_page.c.records).where(*its)).scalar()
            try:
                action = Action(**json.loads(row.body))
                shape = page_shape(page_form(action.public))
                lines = read_page(open_text(bytes(blob or b""), action.public["digest"]), shape)
            except _UNREADABLE:
                yield self._found(register_page, row.hash)
                continue
            code = 1 + len(shape.personal) + shape.public.index("uscc")
            for at, line in enumerate(lines):
                self._wanted.page_units[line[0]] = (line[code], row.position, at)

    def _subjects(self, kind: str, take: Take) -> Iterator[Difference]:
        """Fold every subject of a kind; its personal values are held against what was committed to."""
        actions = tables.action
        mine = (actions.c.office == self._office, actions.c.subject_kind == kind)
        names = list(self._connection.execute(select(actions.c.subject).where(*mine).distinct()).scalars())
        if kind == "unit":  # in the order of their pages: each is read about once
            names = list(dict.fromkeys([*self._wanted.page_units, *names]))
        for some in _batches(names):
            world = self._world()
            try:
                _read_ahead(world, kind, some)
            except (EnvironmentFault, *_UNREADABLE):
                for name in some:  # one of them is damaged: each by itself, to say which
                    yield from self._subject(self._world(), kind, name, take)
                continue
            for name in some:
                yield from self._subject(world, kind, name, take)

    def _world(self) -> LedgerWorld:
        return LedgerWorld(self._connection, self._office, self._sealed)

    def _subject(self, world: LedgerWorld, kind: str, name: str, take: Take) -> Iterator[Difference]:
        try:
            entries = world.entries(kind, name)
            take(world, name)
        except EnvironmentFault as fault:
            page = fault.params.get("why") == "page"
            yield self._found(register_page if page else tables.private_value, name)
            return
        except _UNREADABLE:
            yield self._found(tables.action, name)
            return
        for entry in entries:
            action = entry.action
            gone = bool(action.commitments) and entry.private is None and action.kind != "office_founded"
            if gone and not is_erased(self._connection, self._office, sealing_subject(action)):
                yield self._found(tables.private_value, name)
                return

    def _unit(self, world: LedgerWorld, name: str) -> None:
        state = world.unit(name)
        if state is None:
            return
        paged = self._wanted.page_units.get(name)
        if paged is None:
            self._wanted.units[name] = (state.values["uscc"],)
        else:
            self._wanted.page_units[name] = (state.values["uscc"], *paged[1:])

    def _case(self, world: LedgerWorld, name: str) -> None:
        state = world.case(name)
        if state is not None:
            self._wanted.cases[name] = (state.unit, state.form, state.lifecycle.value)

    def _certificate(self, world: LedgerWorld, name: str) -> None:
        state = world.certificate(name)
        if state is None:
            return
        place = Slot.at(state.status_index)
        row = (state.case, state.unit, state.jti, state.void, place.list, place.slot)
        self._wanted.certificates[name] = row
        self._place(place, name, state.void, state.suspended)

    def _delegation(self, world: LedgerWorld, name: str) -> None:
        state = world.delegation(name)
        if state is None:
            return
        place = None if state.status_index is None else Slot.at(state.status_index)
        where = (None, None) if place is None else (place.list, place.slot)
        self._wanted.delegations[name] = (state.certificate, state.ended, *where)
        if place is not None:
            self._place(place, name, state.ended, state.suspended)

    def _place(self, place: Slot, name: str, ended: bool, suspended: bool) -> None:
        status = INVALID if ended else SUSPENDED if suspended else VALID
        self._wanted.places[place.list, place.slot] = (status, name)

    def _claim(self, world: LedgerWorld, name: str) -> None:
        state = world.claim(name)
        if state is not None and state.voided:
            self._wanted.voided.add(state.jti)

    # --- what lies here -----------------------------------------------------------------------------

    def _compare(
        self, table: Table, columns: Iterable[str], wanted: Mapping[str, Row]
    ) -> Iterator[Difference]:
        query = select(*(table.c[name] for name in columns)).where(table.c.office == self._office)
        seen: set[str] = set()
        for row in self._connection.execute(query):
            subject, values = str(row[0]), tuple(row[1:])
            seen.add(subject)
            if wanted.get(subject) != values:
                yield self._found(table, subject)
        for subject in sorted(wanted.keys() - seen):
            yield self._found(table, subject)

    def _statuses(self) -> Iterator[Difference]:
        entry = tables.status_entry
        lists = {place[0] for place in self._wanted.places}
        there: dict[Row, int] = {}
        for number in sorted(lists):
            mine = (entry.c.office == PROVINCE, entry.c.list == number)
            for row in self._connection.execute(select(entry.c.slot, entry.c.status).where(*mine)):
                there[number, row.slot] = row.status
        for place, (status, name) in self._wanted.places.items():
            if there.get(place) != status:
                yield self._found(entry, name)

    def _codes(self) -> Iterator[Difference]:
        """A code that the office took back has to stay so; others may be void for reasons of their own."""
        codes = tables.claim_code
        for some in _batches(sorted(self._wanted.voided)):
            mine = (codes.c.office == self._office, among(self._connection, codes.c.jti, some))
            void = set(self._connection.execute(select(codes.c.jti).where(*mine, codes.c.voided)).scalars())
            yield from (self._found(codes, jti) for jti in some if jti not in void)

    def _found(self, table: Table, subject: str) -> Difference:
        return Difference(self._office, table.name, subject)


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[first : first + _AT_ONCE] for first in range(0, len(names), _AT_ONCE))


def _read_ahead(world: LedgerWorld, kind: str, names: Sequence[str]) -> None:
    world.read([(kind, name) for name in names])
    if kind == "case":
        certificates = world.lookups.read((), (), names)
        units = [("unit", unit) for unit in world.units_of(names)]
        world.read([*(("certificate", each) for each in certificates), *units])
