"""The words by which units are found: written with the row, or soon after it for a whole register.

Pinyin and pairs take longer than the row itself, so a page of the register is listed first and gets its words
in steps of bounded size; until then its units are found by code and by pieces of the name, only slower.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, select, update

from core.records.register import page_shape
from core.records.rules_register import page_form
from core.store import tables as t
from core.store.register import RegisterPages
from core.words import pairs, pinyin_initials, singles

NAMES = ("name", "second_name", "third_name", "other_names")
"""Fields of the unit record by which a unit is found."""

STEP = 500
"""Units that get their words in one unit of work: some hundredths of a second."""

_BETWEEN = " \ue000 "
"""A word nobody types, between the names of one unit: no fragment may match across them."""


def names_of(values: Mapping[str, str]) -> list[str]:
    """Return the names a unit goes by."""
    return [values[field] for field in NAMES if values.get(field)]


def write_words(connection: Connection, units: Iterable[tuple[int, Sequence[str]]]) -> None:
    """Write the words of units, given as (row number, names); they have none yet."""
    every = list(units)
    words = [(row, _joined(names, pairs), _joined(names, singles)) for row, names in every]
    initials = sorted({(i, row) for row, names in every for name in names for i in pinyin_initials(name)})
    if words:
        connection.exec_driver_sql("INSERT INTO unit_search (rowid, pairs, singles) VALUES (?, ?, ?)", words)
    if initials:
        connection.exec_driver_sql("INSERT INTO unit_initials (initials, rowid_of) VALUES (?, ?)", initials)


def _joined(names: Sequence[str], cut: object) -> str:
    return _BETWEEN.join(" ".join(cut(name)) for name in names)  # type: ignore[operator]


def add_words(connection: Connection, pages: RegisterPages, limit: int = STEP) -> int:
    """Give at most ``limit`` units their words; return how many had none before this step."""
    fill = t.register_fill
    row = connection.execute(
        select(fill, t.action.c.body)
        .join(t.action, t.action.c.hash == fill.c.hash)
        .where(fill.c.words < fill.c.count)
        .order_by(fill.c.first)
        .limit(1)
    ).first()
    if row is None:
        return 0
    waiting = pages.waiting_for_words()
    shape = page_shape(page_form(json.loads(row.body)["public"]))
    places = [1 + len(shape.personal) + shape.public.index(field) for field in NAMES]
    start, end = row.words, min(row.words + limit, row.count)
    ends = (row.first + start, row.first + end - 1)
    # Whoever was changed meanwhile has words of the new names already; a row that is gone needs none.
    query = "SELECT rowid, unit FROM unit_row WHERE rowid BETWEEN ? AND ?"
    query += " AND rowid NOT IN (SELECT rowid FROM unit_search WHERE rowid BETWEEN ? AND ?)"
    wanted = {str(unit): int(rowid) for rowid, unit in connection.exec_driver_sql(query, ends + ends)}
    lines = json.loads(pages.text(row.hash))[start:end]
    named = (
        (wanted[line[0]], [line[at] for at in places if line[at]]) for line in lines if line[0] in wanted
    )
    write_words(connection, named)
    connection.execute(update(fill).where(fill.c.hash == row.hash).values(words=end))
    return waiting
