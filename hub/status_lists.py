"""The status lists: two bits a certificate, a random place in lists of 100,000, never given twice.

A list is signed anew when something in it changed and when the signed one is half a minute old, so a
verifier that keeps it for its ``ttl`` of a minute is never far behind.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, update

from core.credentials.status import INVALID, SUSPENDED, VALID, StatusList, StatusReference, make_token
from core.ids import RandomBytes
from hub import tables
from hub.engine import insert_new
from hub.setup import Hub
from hub.tables import PROVINCE

__all__ = [
    "INVALID",
    "SUSPENDED",
    "VALID",
    "Slot",
    "list_token",
    "list_uri",
    "read_status",
    "set_status",
    "slot_of",
    "take_slot",
]

SIZE = 100_000
FULL = SIZE // 2
"""A list closes half full, so that a free place is found at once and places say nothing about order."""
TTL, LIFETIME, FRESH = 60, 3600, 30


@dataclass(frozen=True)
class Slot:
    """A place in a list."""

    list: int
    slot: int

    @property
    def index(self) -> int:
        """The place as one number over all lists, as it stands in the hub's own actions."""
        return self.list * SIZE + self.slot

    @classmethod
    def at(cls, index: int) -> Slot:
        """Return the place that :attr:`index` names."""
        return cls(*divmod(index, SIZE))


def list_uri(issuer: str, number: int) -> str:
    """Return where a list is served."""
    return f"{issuer}/status/{number}"


def slot_of(hub: Hub, reference: StatusReference) -> Slot | None:
    """Return the place a status reference names, None if it is none of this hub's."""
    head, number = reference.uri.rpartition("/")[::2]
    if head != f"{hub.issuer}/status" or not number.isascii() or not number.isdigit() or len(number) > 6:
        return None
    slot = Slot(int(number), reference.idx)
    return slot if reference.uri == list_uri(hub.issuer, slot.list) and 0 <= slot.slot < SIZE else None


def read_status(hub: Hub, connection: Connection, reference: StatusReference) -> int | None:
    """Return a status as it stands in the database now, None for a place that was never given."""
    slot, entry = slot_of(hub, reference), tables.status_entry
    if slot is None:
        return None
    place = (entry.c.office == PROVINCE, entry.c.list == slot.list, entry.c.slot == slot.slot)
    found = connection.execute(select(entry.c.status).where(*place)).scalar_one_or_none()
    return None if found is None else int(found)


# Built once: a voiding says them for every delegation that hangs below.
_LISTS, _ENTRIES = tables.status_list, tables.status_entry
_LIST = (_LISTS.c.office == PROVINCE, _LISTS.c.list == bindparam("of"))
_NEWEST = select(_LISTS).where(_LISTS.c.office == PROVINCE).order_by(_LISTS.c.list.desc()).limit(1)
_TAKEN = update(_LISTS).where(*_LIST).values(taken=_LISTS.c.taken + 1)
_CHANGED = update(_LISTS).where(*_LIST).values(version=_LISTS.c.version + 1)
_ENTRY = (
    _ENTRIES.c.office == PROVINCE,
    _ENTRIES.c.list == bindparam("of"),
    _ENTRIES.c.slot == bindparam("at"),
)
_SET = update(_ENTRIES).where(*_ENTRY).values(status=bindparam("value"))


def take_slot(connection: Connection, random: RandomBytes) -> Slot:
    """Take a random free place; the caller's transaction makes it final."""
    table = tables.status_list
    newest = connection.execute(_NEWEST).one_or_none()
    number = newest.list if newest else 0
    if newest is None or newest.taken >= FULL:
        number = number + 1 if newest else 0
        insert_new(connection, table, {"office": PROVINCE, "list": number, "taken": 0, "version": 0})
    while True:
        slot = Slot(number, int.from_bytes(random(8), "big") % SIZE)
        row = {"office": PROVINCE, "list": slot.list, "slot": slot.slot, "status": VALID}
        if insert_new(connection, tables.status_entry, row):
            break
    connection.execute(_TAKEN, {"of": number})
    return slot


def set_status(connection: Connection, slot: Slot, value: int) -> None:
    """Change a certificate's status; the list is signed anew before anybody reads it again."""
    connection.execute(_SET, {"of": slot.list, "at": slot.slot, "value": value})
    connection.execute(_CHANGED, {"of": slot.list})


def list_token(hub: Hub, number: int) -> str | None:
    """Return the signed list, or None if there is no such list."""
    table, now = tables.status_list, hub.now()
    with hub.database.read() as connection:
        row = connection.execute(
            select(table).where(table.c.office == PROVINCE, table.c.list == number)
        ).one_or_none()
        if row is None:
            return None
        kept = hub.status_tokens.get(number)
        if kept is not None and kept[0] == row.version and 0 <= now - kept[1] < FRESH:
            return kept[2]
        token = sign_list(hub, connection, number, now, now + LIFETIME)
    hub.status_tokens[number] = (row.version, now, token)
    return token


def sign_list(hub: Hub, connection: Connection, number: int, now: int, expires_at: int) -> str:
    """Return a list as it stands in the database, signed. Times in seconds since 1970 UTC."""
    entry, values = tables.status_entry, StatusList(SIZE)
    changed = connection.execute(
        select(entry.c.slot, entry.c.status).where(
            entry.c.office == PROVINCE, entry.c.list == number, entry.c.status != VALID
        )
    )
    for place in changed:
        values.set(place.slot, place.status)
    return make_token(values, list_uri(hub.issuer, number), now, expires_at, TTL, hub.sign, hub.x5c)
