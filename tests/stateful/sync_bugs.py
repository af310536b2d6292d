"""Known bugs, each put into the real component: what the machine is there to find (store-sync.md section 4).

The first six are the table's own; the others are what this design could get wrong beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from sqlalchemy import func, select

from core.clock import to_stamp
from core.errors import Refusal
from core.services import backup
from core.store.action_rows import Receipt
from core.store.refusals import Refusals
from core.sync import cycle, inbox
from core.sync.envelope import read_item
from hub import chain, desk_actions, tables
from hub.batch import Batch
from hub.ledger import Ledger
from tests.stateful.sync_world import Template

Bug = Callable[[], Any]


@contextmanager
def patched(owner: Any, **names: Any) -> Iterator[None]:
    """Put other things under some names of a module or class, for a while."""
    kept = {name: vars(owner)[name] for name in names}
    try:
        for name, new in names.items():
            setattr(owner, name, new)
        yield
    finally:
        for name, old in kept.items():
            setattr(owner, name, old)


# --- the table of store-sync.md -------------------------------------------------------------------


@contextmanager
def no_duplicate_check() -> Iterator[None]:
    """The hub takes what comes again for new."""
    with patched(Batch, known=lambda self, name: None):
        yield


@contextmanager
def last_writer_wins() -> Iterator[None]:
    """The hub takes an edit whatever version it was made on."""
    record = Batch.record

    def overwritten(self: Batch, row: Mapping[str, Any]) -> None:
        table, key = tables.action, ("office", "subject_kind", "subject")
        query = select(func.count()).where(*(table.c[name] == row[name] for name in key))
        count = int(self._connection.execute(query).scalar_one())
        count += sum(all(each[name] == row[name] for name in key) for each in self._rows[table])
        record(self, {**row, "base_version": count})

    with patched(Batch, record=overwritten), patched(Ledger, _check_version=lambda self, action: None):
        yield


@contextmanager
def outbox_cleared_before_the_answer() -> Iterator[None]:
    """The desk takes what it sends for received."""
    ask = cycle._Talk.ask

    def early(self: cycle._Talk, path: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        with self.store.begin() as uow:
            last, now = uow.ledger.count_recorded(), to_stamp(self.desk.clock())
            for number, item in enumerate(payload.get("actions", ()), last + 1):
                uow.ledger.add_receipt(Receipt(read_item(item)[0].hash, "recorded", number, "", {}, now))
        return ask(self, path, payload)

    with patched(cycle._Talk, ask=early):
        yield


@contextmanager
def cursor_saved_before_the_rows() -> Iterator[None]:
    """The desk notes how far it is, and then takes in what brought it there."""
    take = inbox.take_feed

    def ahead(store: Any, desk: Any, certificate: Any, answer: Any, after: int, **how: Any) -> int:
        with store.begin() as uow:
            uow.set_meta("feed_cursor", str(after + len(answer["items"])))
        return take(store, desk, certificate, answer, after, **how)

    with patched(inbox, take_feed=ahead), patched(cycle, take_feed=ahead):
        yield


@contextmanager
def no_epoch_after_a_restore() -> Iterator[None]:
    """A restored desk goes on as the generation that made the backup."""
    with patched(backup, _new_epoch=lambda session, replaced: session.close()):
        yield


@contextmanager
def no_reconcile_after_a_restore() -> Iterator[None]:
    """The hub does not know again what an earlier generation of a desk has sent."""
    take = Ledger._take

    def forgetful(self: Ledger, incoming: Any, ahead: Any, device: str, epoch: int) -> Any:
        link = incoming.link
        if link is not None and link.epoch < epoch and self._batch.known(incoming.hash):
            return self._receipt(link.id, incoming.hash, None, Refusal("action_changed"))
        return take(self, incoming, ahead, device, epoch)

    with patched(Ledger, _take=forgetful):
        yield


# --- further ones -----------------------------------------------------------------------------------


@contextmanager
def positions_from_a_sequence() -> Iterator[None]:
    """Places in the feed are handed out beside the transaction, as a database's sequence does."""
    given = [0]
    take, put_back = Batch.next_position, Template.put_back

    def beside(self: Batch) -> int:
        given[0] = max(given[0] + 1, take(self))
        self._last = given[0]
        return given[0]

    def anew(self: Template) -> None:
        given[0] = 0
        put_back(self)

    with patched(Batch, next_position=beside), patched(Template, put_back=anew):
        yield


@contextmanager
def a_refusal_that_nobody_sees() -> Iterator[None]:
    """What lost against another desk is no work item."""
    of = Refusals.open

    def hidden(self: Refusals, subject_kind: str = "", subject: str = "") -> list[Any]:
        rows = of(self, subject_kind, subject)
        return [row for row in rows if row.receipt and row.receipt.code != "version_conflict"]

    with patched(Refusals, open=hidden):
        yield


@contextmanager
def forks_unseen() -> Iterator[None]:
    """The hub does not follow the desks' chains: two copies of a desk write under the same numbers."""
    with patched(chain, check=lambda newest, link: None):
        yield


@contextmanager
def old_generations_let_in() -> Iterator[None]:
    """The hub does not look at the generation of who speaks: an old copy goes on beside the restored one."""
    find = desk_actions.find_desk

    def ageless(connection: Any, office: str, device: str) -> Any:
        found = find(connection, office, device)
        return found and replace(found, epoch=0)

    with patched(desk_actions, find_desk=ageless):
        yield


SEARCHED: dict[Bug, str] = {
    no_duplicate_check: "edit lost_answer whole_cycle",
    last_writer_wins: "edit whole_cycle",
    outbox_cleared_before_the_answer: "edit lost_request whole_cycle",
    cursor_saved_before_the_rows: "edit pull whole_cycle",
    no_epoch_after_a_restore: "back_up edit restore",
    no_reconcile_after_a_restore: "back_up edit restore whole_cycle",
    positions_from_a_sequence: "edit hub_dies whole_cycle",
    a_refusal_that_nobody_sees: "edit whole_cycle",
    forks_unseen: "edit image put_back",
    old_generations_let_in: "attend back_up edit restore",
}
"""Every bug, and the rules that a short search for it is left with."""
