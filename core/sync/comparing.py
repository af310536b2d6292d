"""Whether desk and hub hold the same record: counted, and compared by the root of the office's log.

The desk keeps the edge of the log (a compact range of 64 bytes a power of two) beside its cursor and
extends it by what it takes in. After a pull its own root must be the one in the hub's signed checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from core.errors import EnvironmentFault
from core.store.checkpoints import Checkpoints
from core.store.unit_of_work import UnitOfWork
from core.sync.desk import feed_cursor
from core.sync.enrolment import OfficeCertificate
from core.sync.witness import check, follow, foresee, hear
from core.tlog.checkpoint import claimed_size
from core.tlog.merkle import CompactRange

EDGE = "log_edge"


def edge_of(uow: UnitOfWork) -> CompactRange | None:
    """Return the log's edge at our cursor; None while it is not known from the first entry on."""
    kept = uow.find_meta(EDGE)
    edge = CompactRange.from_text(kept) if kept else CompactRange()
    return edge if edge.size == feed_cursor(uow) else None


def extend_edge(uow: UnitOfWork, told: Iterable[tuple[Any, str]]) -> None:
    """Add entries (recorded_at, action hash) that follow our cursor, in the transaction that moves it.

    A hub of protocol 1 names no ``recorded_at``: then the edge stays behind, and is made anew from the
    first entry once the hub does.
    """
    edge = edge_of(uow)
    entries = list(told)
    if edge is None or not all(isinstance(at, str) for at, _ in entries):
        return
    uow.set_meta(EDGE, follow(uow, edge, entries).to_text())


def foresee_page(
    uow: UnitOfWork,
    certificate: OfficeCertificate,
    answer: dict[str, Any],
    told: Iterable[tuple[Any, str]],
    old: bool = False,
) -> None:
    """Hold a page that follows our cursor against the heads that the hub signed, before any of it is kept.

    Raises as :func:`hear_checkpoint` and :func:`extend_edge` will.
    """
    edge, entries = edge_of(uow), list(told)
    ahead = None
    if edge is not None and all(isinstance(at, str) for at, _ in entries):
        ahead = foresee(uow, edge, entries)
    if answer.get("log"):
        check(uow, ahead, certificate, str(answer["log"]["checkpoint"]), str(answer["hub_time"]), old)


def start_over(uow: UnitOfWork) -> None:
    """Fetch the whole feed again: what is known is compared, what is missing comes."""
    uow.set_meta("feed_cursor", "0")
    uow.set_meta(EDGE, "")


def hear_checkpoint(
    uow: UnitOfWork, certificate: OfficeCertificate, answer: dict[str, Any], old: bool = False
) -> None:
    """Check the signed checkpoint in an answer against the log as we know it (:func:`witness.hear`).

    A hub that has signed heads before goes on doing so. Raises ``Refusal`` checkpoint_malformed /
    checkpoint_forged, and ``EnvironmentFault('log_diverged')``.
    """
    if answer.get("log"):
        note, hub_time = str(answer["log"]["checkpoint"]), str(answer["hub_time"])
        hear(uow, edge_of(uow), certificate, note, hub_time, old)
        return
    newest = Checkpoints(uow.connection).newest()
    if newest is not None:
        raise EnvironmentFault("log_diverged", size=0, have=newest.size)


def told_size(answer: dict[str, Any]) -> int:
    """Return how many entries the log has by the checkpoint in an answer; 0 when it speaks of none."""
    return claimed_size(str(answer["log"]["checkpoint"])) if answer.get("log") else 0


def whole(uow: UnitOfWork, answer: dict[str, Any]) -> bool:
    """Tell, after the last page of a pull, whether we hold as much as the hub says there is.

    The rows are counted, the cursor is held against the log, and the log has to be known here from its
    first entry, or its root was never compared.
    """
    cursor = feed_cursor(uow)
    if uow.ledger.count_recorded() != cursor:
        return False
    return not answer.get("log") or (edge_of(uow) is not None and told_size(answer) == cursor)
