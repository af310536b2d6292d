"""What whoever runs the hub could do to its record: by SQL on the database, with the hub's own key, on files.

Each attack takes a connection to a copy of an honest database. All data is invented.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select, update

from core.canonical import canonical, digest, parse_canonical
from core.keys.sealing import seal, unseal
from core.keys.signer import SoftwareSigner
from core.records.register import pack, page_text, unpack
from core.tlog import checkpoint as notes
from core.tlog.entry import entry_leaf
from core.tlog.merkle import CompactRange
from hub import tables
from hub.log import _store_tiles
from hub.log_tables import log_cosignature, log_tile, log_tree
from hub.register_tables import register_page, register_unit
from hub.sealed import SealedValues
from hub.status_lists import VALID

action = tables.action


@dataclass(frozen=True)
class Scene:
    """The copy under attack. ``kept``: size of the checkpoint that somebody kept elsewhere."""

    connection: Connection
    office: str
    signer: SoftwareSigner
    origin: str
    kept: int
    old_note: str
    dice: random.Random
    sealed: SealedValues

    def rows_of(self, table: Table) -> list[Any]:
        return list(self.connection.execute(select(table).where(table.c.office == self.office)).all())

    def size(self) -> int:
        query = select(func.max(action.c.position)).where(action.c.office == self.office)
        return int(self.connection.execute(query).scalar_one())

    def row(self, position: int) -> dict[str, Any]:
        query = select(action).where(action.c.office == self.office, action.c.position == position)
        return dict(self.connection.execute(query).one()._mapping)

    def change(self, place: int, /, **values: Any) -> None:
        self.connection.execute(
            update(action).where(action.c.office == self.office, action.c.position == place).values(**values)
        )

    def covered(self) -> int:
        """A position that the kept checkpoint covers (not the founding)."""
        return self.dice.randint(2, self.kept)

    def sign_again(self) -> None:
        """Make tiles and head anew from the rows as they now are, with the hub's key, and drop witnesses."""
        for table in (log_tile, log_tree, log_cosignature):
            self.connection.execute(delete(table).where(table.c.office == self.office))
        rows = self.connection.execute(
            select(action.c.recorded_at, action.c.hash)
            .where(action.c.office == self.office)
            .order_by(action.c.position)
        ).all()
        leaves = [entry_leaf(row.recorded_at, row.hash) for row in rows]
        _store_tiles(self.connection, self.office, 0, leaves)
        edge = CompactRange().extended(leaves)
        note = notes.sign_note(notes.Checkpoint(self.origin, edge.size, edge.root()), self.signer)
        row = {"office": self.office, "size": edge.size, "edge": edge.to_text(), "note": note}
        self.connection.execute(insert(log_tree).values(**row))

    def close_gaps(self) -> None:
        """Number the rows through again."""
        query = select(action.c.position).where(action.c.office == self.office).order_by(action.c.position)
        for right, position in enumerate(self.connection.execute(query).scalars().all(), 1):
            if position != right:
                self.change(position, position=right)


def rewritten(row: dict[str, Any]) -> dict[str, str]:
    """A body that says something else, with the hash that goes with it."""
    body = json.loads(row["body"])
    body["at"] = "2020-01-01T00:00:00.000Z"
    data = canonical(body)
    return {"body": data.decode(), "hash": digest("action/1", data).hex()}


# --- the attacks ----------------------------------------------------------------------------------


def delete_one(scene: Scene) -> None:
    position = scene.covered()
    scene.connection.execute(
        delete(action).where(action.c.office == scene.office, action.c.position == position)
    )
    if scene.dice.random() < 0.5:
        scene.close_gaps()


def edit_body(scene: Scene) -> None:
    position = scene.covered()
    changed = rewritten(scene.row(position))
    if scene.dice.random() < 0.5:
        changed = {"body": changed["body"]}
    scene.change(position, **changed)


def back_date(scene: Scene) -> None:
    scene.change(scene.covered(), recorded_at="2020-01-01T00:00:00.000Z")


def insert_one(scene: Scene) -> None:
    """An action that nobody made, taken into the log by the hub itself."""
    size = scene.size()
    row = scene.row(scene.covered())
    body = json.loads(row["body"])
    body |= {"id": f"forged-{scene.dice.random()}", "subject": f"s{scene.dice.random()}"}
    data = canonical(body)
    made = {"id": body["id"], "subject": body["subject"], "position": size + 1}
    made |= {"body": data.decode(), "hash": digest("action/1", data).hex()}
    scene.connection.execute(insert(action).values(**(row | made)))
    scene.sign_again()


def reorder(scene: Scene) -> None:
    first, second = scene.dice.sample(range(2, scene.kept + 1), 2)
    scene.change(first, position=10**9)
    scene.change(second, position=first)
    scene.change(10**9, position=second)
    if scene.dice.random() < 0.5:
        scene.sign_again()


def cut_tail(scene: Scene) -> None:
    last = scene.dice.randint(1, scene.size() - 1)
    scene.connection.execute(delete(action).where(action.c.office == scene.office, action.c.position > last))


def cut_tail_and_sign(scene: Scene) -> None:
    last = scene.dice.randint(1, scene.kept - 1)
    scene.connection.execute(delete(action).where(action.c.office == scene.office, action.c.position > last))
    scene.sign_again()


def rewrite_and_sign(scene: Scene) -> None:
    """The whole history with other moments: every body and signature is right, every leaf is new."""
    for position in range(scene.covered(), scene.size() + 1):
        moment = scene.row(position)["recorded_at"]
        scene.change(position, recorded_at=moment.replace("2026", "2025").replace("2027", "2025"))
    scene.sign_again()


def swap_signatures(scene: Scene) -> None:
    first, second = scene.dice.sample(range(1, scene.size() + 1), 2)
    one, other = scene.row(first)["signature"], scene.row(second)["signature"]
    scene.change(first, signature=other)
    scene.change(second, signature=one)


def edit_tile(scene: Scene) -> None:
    rows = scene.connection.execute(select(log_tile).where(log_tile.c.office == scene.office)).all()
    chosen = scene.dice.choice(rows)
    hashes = bytearray(chosen.hashes)
    bit = scene.dice.randrange(len(hashes) * 8)
    hashes[bit // 8] ^= 1 << bit % 8
    mine = (log_tile.c.office == scene.office, log_tile.c.level == chosen.level)
    query = update(log_tile).where(*mine, log_tile.c.tile == chosen.tile)
    scene.connection.execute(query.values(hashes=bytes(hashes)))


def roll_back_head(scene: Scene) -> None:
    """An older head of the hub's own, over rows that are still there or cut to fit it."""
    old = notes.verify_note(scene.old_note, scene.signer.public_bytes())
    cut = scene.dice.randint(1, old.size - 1)
    scene.connection.execute(delete(action).where(action.c.office == scene.office, action.c.position > cut))
    values: dict[str, Any] = {"note": scene.old_note}
    if scene.dice.random() < 0.5:
        values["size"] = old.size
    scene.connection.execute(update(log_tree).where(log_tree.c.office == scene.office).values(**values))


def drop_office(scene: Scene) -> None:
    for table in tables.metadata.sorted_tables:
        if "office" in table.c:
            scene.connection.execute(delete(table).where(table.c.office == scene.office))


def second_history(scene: Scene) -> None:
    """What desk A was shown ends otherwise than what is shown now: the hub signed both."""
    last = scene.dice.randint(2, scene.kept - 1)
    kept = [scene.row(position) for position in range(last + 1, scene.size() + 1)]
    scene.connection.execute(delete(action).where(action.c.office == scene.office, action.c.position > last))
    kept.pop(0)
    for position, row in enumerate(kept, last + 1):
        scene.connection.execute(insert(action).values(**(row | {"position": position})))
    scene.sign_again()


def move_column(scene: Scene) -> None:
    """Reads go by the columns: a subject moved there hides an action without touching a hash."""
    name, value = scene.dice.choice([("subject", "elsewhere"), ("kind", "case_withdrawn"), ("id", "other")])
    scene.change(scene.covered(), **{name: value})


def swap_key(scene: Scene) -> None:
    """Another key for a member, so that the hub's people can sign in their name from then on."""
    query = select(action).where(action.c.office == scene.office, action.c.kind == "person_added").limit(1)
    row = dict(scene.connection.execute(query).one()._mapping)
    body = json.loads(row["body"])
    body["public"]["key"] = scene.signer.public_bytes().hex()
    data = canonical(body)
    scene.change(row["position"], body=data.decode(), hash=digest("action/1", data).hex())
    if scene.dice.random() < 0.5:
        scene.sign_again()


def change_page(scene: Scene) -> None:
    """Another name for a unit of a page."""
    page = scene.dice.choice(scene.rows_of(register_page))
    lines = json.loads(unpack(bytes(page.records)))
    scene.dice.choice(lines)[-1 - scene.dice.randrange(5)] += "改"
    mine = (register_page.c.office == scene.office, register_page.c.hash == page.hash)
    changed = update(register_page).where(*mine).values(records=pack(page_text(lines)))
    scene.connection.execute(changed)


ATTACKS: dict[str, Callable[[Scene], None]] = {
    "delete": delete_one,
    "edit body": edit_body,
    "back-date": back_date,
    "insert": insert_one,
    "reorder": reorder,
    "cut tail": cut_tail,
    "cut tail and re-sign": cut_tail_and_sign,
    "re-sign an altered history": rewrite_and_sign,
    "swap signatures": swap_signatures,
    "edit tile": edit_tile,
    "roll the checkpoint back": roll_back_head,
    "drop an office": drop_office,
    "two histories": second_history,
    "move a column": move_column,
    "swap a member's key": swap_key,
    "change a page": change_page,
}


# --- on what the hub acts by: no hash changes, ``hub check`` makes the rows again -------------------


def empty_lookup(scene: Scene) -> None:
    lookups = (tables.unit_view, tables.case_view, tables.certificate_view, register_unit)
    table = scene.dice.choice(lookups)
    scene.connection.execute(delete(table).where(table.c.office == scene.office))


def drop_row(scene: Scene) -> None:
    table = scene.dice.choice((tables.unit_view, tables.case_view, register_unit))
    key = list(table.primary_key.columns)[1]
    subject = scene.dice.choice(scene.rows_of(table))[1]
    scene.connection.execute(delete(table).where(table.c.office == scene.office, key == subject))


def add_case(scene: Scene) -> None:
    row = dict(scene.dice.choice(scene.rows_of(tables.case_view))._mapping)
    scene.connection.execute(insert(tables.case_view).values(**(row | {"case": "forged"})))


def other_code(scene: Scene) -> None:
    """A unit is found by another credit code."""
    table = scene.dice.choice((tables.unit_view, register_unit))
    unit = scene.dice.choice(scene.rows_of(table)).unit
    mine = (table.c.office == scene.office, table.c.unit == unit)
    scene.connection.execute(update(table).where(*mine).values(uscc="12460000000000000X"))


def reopen_case(scene: Scene) -> None:
    case = scene.dice.choice(scene.rows_of(tables.case_view))
    other = "draft" if case.lifecycle != "draft" else "approved"
    mine = (tables.case_view.c.office == scene.office, tables.case_view.c.case == case.case)
    scene.connection.execute(update(tables.case_view).where(*mine).values(lifecycle=other))


def raise_certificate(scene: Scene) -> None:
    """A voided certificate is valid again: in the list, in the table, or in both."""
    view, entry = tables.certificate_view, tables.status_entry
    void = scene.dice.choice([row for row in scene.rows_of(view) if row.void])
    where = scene.dice.randrange(3)
    if where != 0:
        mine = (view.c.office == scene.office, view.c.certificate == void.certificate)
        scene.connection.execute(update(view).where(*mine).values(void=False))
    if where != 1:
        place = (entry.c.list == void.list, entry.c.slot == void.slot)
        scene.connection.execute(update(entry).where(*place).values(status=VALID))


def bring_code_back(scene: Scene) -> None:
    codes = tables.claim_code
    scene.connection.execute(update(codes).where(codes.c.office == scene.office).values(voided=False))


def swap_private(scene: Scene) -> None:
    """Another person's name under the same action, sealed with the hub's own key."""
    value = scene.dice.choice(scene.rows_of(tables.private_value))
    key = scene.sealed.find_key(scene.connection, scene.office, value.subject)
    assert key is not None
    pairs = parse_canonical(unseal(key, bytes(value.sealed), value.action_hash.encode()))
    name = scene.dice.choice(sorted(pairs))
    pairs[name][1] += "改"
    sealed = seal(key, canonical(pairs), value.action_hash.encode(), random.randbytes)
    _put_private(scene, value.action_hash, sealed)


def swap_private_of_page(scene: Scene) -> None:
    page = scene.dice.choice(scene.rows_of(register_page))
    key = scene.sealed.find_key(scene.connection, scene.office, page.hash)
    assert key is not None
    lines = json.loads(unseal(key, bytes(page.sealed), page.hash.encode()))
    scene.dice.choice(lines)[1] += "改"
    sealed = seal(key, canonical(lines), page.hash.encode(), random.randbytes)
    mine = (register_page.c.office == scene.office, register_page.c.hash == page.hash)
    scene.connection.execute(update(register_page).where(*mine).values(sealed=sealed))


def drop_private(scene: Scene) -> None:
    """Personal values are gone, and nobody asked for an erasure."""
    value = scene.dice.choice(scene.rows_of(tables.private_value))
    _put_private(scene, value.action_hash, None)


def _put_private(scene: Scene, action_hash: str, sealed: bytes | None) -> None:
    table = tables.private_value
    mine = (table.c.office == scene.office, table.c.action_hash == action_hash)
    gone = delete(table).where(*mine)
    scene.connection.execute(gone if sealed is None else update(table).where(*mine).values(sealed=sealed))


LOOKUP_ATTACKS: dict[str, Callable[[Scene], None]] = {
    "empty a lookup": empty_lookup,
    "drop a row": drop_row,
    "add a case": add_case,
    "move a credit code": other_code,
    "reopen a case": reopen_case,
    "raise a voided certificate": raise_certificate,
    "bring a voided code back": bring_code_back,
    "swap a personal value": swap_private,
    "swap a personal value of a page": swap_private_of_page,
    "drop a personal value": drop_private,
    "change a page": change_page,
}


# --- on the files of an export --------------------------------------------------------------------


def flip_file(folder: Path, office: str, dice: random.Random) -> None:
    """Flip a bit in any file of the log that proves something."""
    files = [path for path in sorted((folder / office).rglob("*")) if path.is_file() and path.stat().st_size]
    files = [path for path in files if path.name != "rejected.txt"]
    path = dice.choice(files)
    data = bytearray(path.read_bytes())
    bit = dice.randrange(len(data) * 8)
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(bytes(data))


def drop_file(folder: Path, office: str, dice: random.Random) -> None:
    """Take a file away."""
    files = [path for path in sorted((folder / office).rglob("*")) if path.is_file() and path.stat().st_size]
    dice.choice([path for path in files if path.name not in ("rejected.txt", "cosignatures.jsonl")]).unlink()


def cut_file(folder: Path, office: str, dice: random.Random) -> None:
    """Cut the end off the list of actions or of a bundle."""
    files = [*sorted((folder / office / "tile").rglob("*")), folder / office / "actions.jsonl"]
    path = dice.choice([path for path in files if path.is_file()])
    data = path.read_bytes()
    path.write_bytes(data[: dice.randrange(len(data))])


FILE_ATTACKS = {"flip a bit": flip_file, "drop a file": drop_file, "cut a file": cut_file}
