"""T29: a disk that flips a bit of the log before its head is signed (security.md 5.2); none may be signed.

A flip in what was signed before, in what is written now, in the edge, in the head, or in a new action. The
known-bad control is a hub that does not read its new tiles back: it has to sign, or the suite proves nothing.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, select, update

from core.errors import EnvironmentFault
from core.tlog import checkpoint as notes
from core.tlog.merkle import Tree
from hub import log, tables
from hub.log_tables import log_tree
from hub.log_tiles import StoredTree, put_tile
from hub.setup import Hub, init
from tests.hub.log_rows import add_rows, leaf

FLIPS = int(os.environ.get("CERTDESK_LOG_FLIPS", "1000"))
"""Flips; a release runs 10,000."""
BEFORE, MORE = 500, 20
OFFICE = "office-1"


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """A log of 500 entries; the next twenty complete a tile."""
    folder = tmp_path_factory.mktemp("flips")
    url = f"sqlite:///{folder / 'hub.db'}"
    hub = init(url, "https://hub.example", folder / "root.pem", bytes(32), rehearsal=True)
    with hub.database.write() as connection:
        add_rows(connection, OFFICE, 1, BEFORE)
        log.extend(hub, connection, OFFICE)
    yield hub
    hub.database.close()


def flipped(data: bytes, dice: random.Random) -> bytes:
    bit = dice.randrange(len(data) * 8)
    wrong = bytearray(data)
    wrong[bit // 8] ^= 1 << bit % 8
    return bytes(wrong)


def lie(dice: random.Random) -> Any:
    """Tiles that come back from the disk otherwise than they were written."""
    victim = dice.randint(0, 1)

    def lying(
        connection: Connection, office: str, level: int, index: int, data: bytes, *, grows: bool
    ) -> None:
        wrong = flipped(data, dice) if level == victim else data
        put_tile(connection, office, level, index, wrong, grows=grows)

    return lying


def flip_text(connection: Connection, dice: random.Random, what: str) -> None:
    if what in ("edge", "note"):
        table, chosen = log_tree, (log_tree.c.office == OFFICE,)
    else:
        table, chosen = tables.action, (tables.action.c.position == BEFORE + dice.randint(1, MORE),)
    text = connection.execute(select(table.c[what]).where(*chosen)).scalar_one()
    wrong = flipped(str(text).encode(), dice).decode("utf-8", "surrogateescape").encode("utf-8", "replace")
    connection.execute(update(table).where(*chosen).values({what: wrong.decode()}))


def signs(hub: Hub, dice: random.Random, what: str, patch: pytest.MonkeyPatch) -> str:
    """Let the log grow over one flip; return ``refused``, ``sound`` or ``bad``. Nothing is committed."""
    with hub.database.engine.connect() as connection, connection.begin() as transaction:
        add_rows(connection, OFFICE, BEFORE + 1, MORE)
        if what == "tile":
            patch.setattr(log, "put_tile", lie(dice))
        else:
            flip_text(connection, dice, what)
        try:
            log.extend(hub, connection, OFFICE)
        except EnvironmentFault as fault:
            assert fault.code == "log_damaged"
            return "refused"
        else:
            return "sound" if _sound(hub, connection) else "bad"
        finally:
            transaction.rollback()


def _sound(hub: Hub, connection: Connection) -> bool:
    """Tell whether what was signed is the true head, and lies in the tiles as well."""
    size = BEFORE + MORE
    head = notes.verify_note(log.checkpoint(connection, OFFICE), hub.signer.public_bytes())
    right = Tree(leaf(OFFICE, position) for position in range(1, size + 1))
    stored = StoredTree(connection, OFFICE, size)
    first = b"".join(right.node(0, 256 + at) for at in range(256))
    roots = b"".join(right.node(8, at) for at in range(2))
    return head.root == right.root() and (stored.tile(0, 1), stored.tile(1, 0)) == (first, roots)


def test_no_flip_before_the_signature_is_signed(hub: Hub) -> None:
    count = dict.fromkeys(("refused", "sound", "bad"), 0)
    control = 0
    for turn in range(FLIPS):
        dice = random.Random(turn)
        with pytest.MonkeyPatch.context() as patch:
            what = dice.choice(["tile", "tile", "edge", "note", "hash", "body"])
            count[signs(hub, dice, what, patch)] += 1
    for turn in range(20):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(log, "_check_tiles", lambda *_: None)
            control += signs(hub, random.Random(turn), "tile", patch) == "bad"
    print(
        f"\nT29 bitflip-log: injected {FLIPS}, refused {count['refused']}, harmless {count['sound']}, "
        f"bad heads signed {count['bad']}, control {control} of 20"
    )
    assert count["bad"] == 0 and control == 20
    assert count["sound"] < FLIPS // 50  # base64's last bits, and letters that mean the same in hex
