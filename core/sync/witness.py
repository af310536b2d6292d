"""The desk as a witness of its office's log: it follows it entry by entry and signs what it found right.

A desk holds its office's whole feed, so it makes the log's root itself and needs to believe nothing. What
the hub signs for a push is kept as a promise until the desk has pulled so far; what it signs for the feed
has to be the desk's own root. The newest head that was right goes back with the desk's cosignature.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.errors import EnvironmentFault, UserError
from core.store.action_rows import Receipt
from core.store.checkpoints import Checkpoints, KeptCheckpoint
from core.store.unit_of_work import UnitOfWork
from core.sync.desk import Desk, hub_now
from core.sync.enrolment import OfficeCertificate
from core.tlog.checkpoint import Checkpoint, cosign, origin_of, verify_note, witness_name
from core.tlog.entry import entry_leaf
from core.tlog.merkle import CompactRange, Tree, inclusion_proof
from core.tlog.proof import ReceiptProof


def signed_head(certificate: OfficeCertificate, note: str) -> Checkpoint:
    """Read a head of this office's log. Raises ``Refusal`` checkpoint_malformed / checkpoint_forged."""
    origin = origin_of(certificate.issuer, certificate.office)
    return verify_note(note, bytes.fromhex(certificate.hub_key), origin)


def verify_batch(
    uow: UnitOfWork, certificate: OfficeCertificate, receipts: Iterable[Receipt], log: Mapping[str, Any]
) -> None:
    """Check that every action a push newly recorded is under the head that came with its receipts.

    ``log`` is the answer's (``hub.log.log_answer``). The head is kept as a promise. Raises
    ``EnvironmentFault('log_diverged')``, ``Refusal`` as :func:`signed_head`, ``ValueError`` for nonsense.
    """
    head = signed_head(certificate, str(log["checkpoint"]))
    first = int(log["first"])
    left = CompactRange(first - 1, (bytes.fromhex(item) for item in log["left"]))
    fresh = {int(position): bytes.fromhex(leaf) for position, leaf in log["hub"]}
    for receipt in receipts:
        if receipt.position is not None and receipt.position >= first:
            fresh[receipt.position] = entry_leaf(receipt.at, receipt.hash)
    whole = sorted(fresh) == list(range(first, head.size + 1))
    if not whole or left.extended(fresh[at] for at in sorted(fresh)).root() != head.root:
        raise EnvironmentFault("log_diverged", size=head.size, root=head.root.hex(), position=first)
    kept = Checkpoints(uow.connection)
    if head.size > kept.size():
        kept.promise(head.size, head.root.hex())


def follow(uow: UnitOfWork, edge: CompactRange, told: Sequence[tuple[str, str]]) -> CompactRange:
    """Add entries (recorded_at, action hash) that follow ``edge``; return the new edge.

    Raises ``EnvironmentFault('log_diverged')`` as :func:`foresee` does.
    """
    kept = Checkpoints(uow.connection)
    ahead = foresee(uow, edge, told)
    kept.add(edge.size + 1, told)
    kept.keep_promises(ahead.size)
    return ahead


def foresee(uow: UnitOfWork, edge: CompactRange, told: Iterable[tuple[str, str]]) -> CompactRange:
    """Return the edge as it will be, nothing kept yet; heads signed for our pushes are checked on the way.

    Raises ``EnvironmentFault('log_diverged')``.
    """
    promised = Checkpoints(uow.connection).promised()
    edge = edge.extended(())
    for at, action_hash in told:
        edge.append(entry_leaf(at, action_hash))
        if edge.size in promised and promised[edge.size] != {edge.root().hex()}:
            raise _diverged(edge, edge.size, *promised[edge.size])
    return edge


def _diverged(edge: CompactRange, size: int, *roots: str) -> EnvironmentFault:
    ours = {"have": edge.size, "ours": edge.root().hex()}
    return EnvironmentFault("log_diverged", size=size, root=min(roots), **ours)


def hear(
    uow: UnitOfWork,
    edge: CompactRange | None,
    certificate: OfficeCertificate,
    note: str,
    hub_time: str,
    old: bool = False,
) -> None:
    """Hold a signed head against our own log (:func:`check`), and keep it if it is of just what we hold."""
    head = check(uow, edge, certificate, note, hub_time, old)
    if edge is not None and head.size == edge.size:
        Checkpoints(uow.connection).keep(KeptCheckpoint(head.size, head.root.hex(), note, hub_time))


def check(
    uow: UnitOfWork,
    edge: CompactRange | None,
    certificate: OfficeCertificate,
    note: str,
    hub_time: str,
    old: bool = False,
) -> Checkpoint:
    """Return a signed head that does not contradict our log up to ``edge``.

    ``edge`` is None while the log is not known here from its first entry. A head smaller than what we have
    is fine in an answer older than the last one (a stick; ``old`` if the caller knows that it is); in a
    later one the hub has lost what it had.
    Raises ``EnvironmentFault('log_diverged')`` or ``Refusal`` as :func:`signed_head`.
    """
    head = signed_head(certificate, note)
    kept = Checkpoints(uow.connection)
    newest = kept.newest()
    late = old or (newest is not None and hub_time < newest.hub_time)
    if newest is not None and head.size < newest.size and not late:
        raise EnvironmentFault(
            "log_diverged", size=head.size, root=head.root.hex(), have=newest.size, ours=newest.root
        )
    known = head.size <= kept.size() or (edge is not None and head.size == edge.size)
    if known and root_at(uow, head.size, edge) != head.root:
        raise EnvironmentFault("log_diverged", size=head.size, root=head.root.hex(), have=kept.size())
    if edge is not None and head.size < edge.size and not late:
        raise _diverged(edge, head.size, head.root.hex())
    return head


def root_at(uow: UnitOfWork, size: int, edge: CompactRange | None = None) -> bytes:
    """Return the root of the first ``size`` entries that we hold; quick when they end at ``edge``."""
    if edge is not None and edge.size == size:
        return edge.root()
    held = Checkpoints(uow.connection).entries(size)
    return CompactRange().extended(entry_leaf(*entry) for entry in held).root()


def cosigned(uow: UnitOfWork, desk: Desk, certificate: OfficeCertificate) -> str:
    """Return the newest head we found right with this desk's cosignature, empty before there is one."""
    newest = Checkpoints(uow.connection).newest()
    if newest is None:
        return ""
    name = witness_name(origin_of(certificate.issuer, certificate.office), desk.device)
    return cosign(newest.note, name, desk.signer, int(hub_now(uow, desk).timestamp()))


def receipt_proofs(
    uow: UnitOfWork, hashes: Iterable[str], head: KeptCheckpoint | None = None
) -> list[ReceiptProof]:
    """Return, for those of these actions that the log held then, the proofs that they are under a head.

    ``head`` is one that was held against our own log, by default the newest we keep.
    """
    kept = Checkpoints(uow.connection)
    head = head or kept.newest()
    if head is None:
        return []
    tree, proofs = Tree(entry_leaf(*entry) for entry in kept.entries(head.size)), []
    for action_hash in hashes:
        found, signed = kept.find(action_hash), uow.ledger.find_signed(action_hash)
        if found is not None and signed is not None and found[0] <= head.size:
            position, moment = found
            path = tuple(inclusion_proof(tree.node, position - 1, head.size))
            body = signed.action.encoded.decode()
            proofs.append(ReceiptProof(moment, body, position - 1, path, head.note))
    return proofs


def head_of(uow: UnitOfWork, certificate: OfficeCertificate, note: str) -> KeptCheckpoint:
    """Hold a head from elsewhere against our own log. Raises as :func:`hear`, checkpoint_newer."""
    head = signed_head(certificate, note)
    if head.size > Checkpoints(uow.connection).size():
        raise UserError("checkpoint_newer")
    if root_at(uow, head.size) != head.root:
        raise EnvironmentFault("log_diverged", size=head.size, root=head.root.hex())
    return KeptCheckpoint(head.size, head.root.hex(), note, "")
