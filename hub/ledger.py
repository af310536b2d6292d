"""The ledger: takes batches of actions from desks, judges each, keeps the good and remembers the bad.

The hub trusts no desk. Device signature, person's signature, chain, compare-and-set, commitments and
the same rules that the desk ran are all checked again here, and only this verdict counts. A batch is
one transaction; one action's rejection never loses the others; a batch sent again gets the same answer.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from core.canonical import canonical, digest
from core.clock import china_date, from_stamp
from core.errors import Refusal, UserError
from core.records.fold import fold_case, fold_certificate, fold_claim, fold_office, fold_refusal, fold_unit
from core.records.judge import judge
from core.records.kinds import KINDS
from core.records.model import Action, Entry, Salted, SignedAction, verify_private
from core.records.register import PAGE_KIND, fold_register
from core.records.rules_register import OpenPage
from core.sync.envelope import open_private, read_item
from hub import chain, tables
from hub.after_batch import after_batch
from hub.desks import check_new_device, require_hex, require_signing_key
from hub.engine import insert_new, next_position
from hub.projections import project
from hub.register import IncomingPage
from hub.sealed import is_erased, plain, sealing_subject
from hub.setup import Hub
from hub.world import LedgerWorld

log = logging.getLogger("certdesk.hub.ledger")

FUTURE_SECONDS = 15 * 60
MAX_ACTION_BYTES = 256 * 1024

_FOLDS: Mapping[str, Any] = {
    "office": fold_office,
    "unit": fold_unit,
    "case": fold_case,
    "claim": fold_claim,
    "certificate": fold_certificate,
    "refusal": fold_refusal,
    "register": fold_register,
}


@dataclass(frozen=True)
class Receipt:
    """What the hub says of one action. ``position`` is its place in the office's feed, if recorded."""

    action: str
    hash: str
    position: int | None
    code: str
    params: Mapping[str, Any]
    at: str

    def body(self) -> dict[str, Any]:
        """Return the receipt as it travels."""
        return {
            "action": self.action,
            "hash": self.hash,
            "verdict": "rejected" if self.position is None else "recorded",
            "position": self.position,
            "code": self.code,
            "params": dict(self.params),
            "at": self.at,
        }


@dataclass(frozen=True)
class Accepted:
    """The receipts of a batch, and the chain's fault that stopped it, if one did."""

    receipts: tuple[Receipt, ...]
    fault: chain.ChainFault | None


class Ledger:
    """One office's ledger inside one writing transaction (the caller holds the office's lock)."""

    def __init__(self, hub: Hub, connection: Connection, office: str) -> None:
        self._hub = hub
        self._connection = connection
        self.office = office
        self.world = LedgerWorld(connection, office, hub.sealed)

    def take(self, items: list[Any], device: str, epoch: int) -> Accepted:
        """Judge the items in order; ``device`` and ``epoch`` are the sender's."""
        receipts: list[Receipt] = []
        fault: chain.ChainFault | None = None
        for item in items:
            try:
                receipts.append(self._take(item, device, epoch))
            except chain.ChainFault as found:
                fault = found
                break
        self.world.register.write()
        after_batch(self._hub, self._connection, self, self.office)
        return Accepted(tuple(receipts), fault)

    def _take(self, item: Any, device: str, epoch: int) -> Receipt:
        body = item.get("action") if isinstance(item, dict) else None
        link = chain.read_link(body)
        action_hash = digest("action/1", canonical(body)).hex()
        if link is None:
            return self._receipt("", action_hash, None, Refusal("action_malformed", why="link"))
        known = self._known(link.id, action_hash, item)
        if known is not None:
            return known
        if link.device != device or link.epoch > epoch:
            return self._receipt(link.id, action_hash, None, Refusal("device_foreign"))
        chain.check(self._connection, self.office, link)
        chain.extend(self._connection, self.office, link, action_hash)
        try:
            return self._record(item, action_hash)
        except UserError as refusal:
            self.world.refusals.note(link, action_hash, body)
            return self._reject(link.id, action_hash, refusal)

    # --- already known --------------------------------------------------------------------------

    def _known(self, action_id: str, action_hash: str, item: Any) -> Receipt | None:
        table = tables.action
        row = self._connection.execute(
            select(table.c.id, table.c.position, table.c.recorded_at).where(
                table.c.office == self.office, table.c.hash == action_hash
            )
        ).one_or_none()
        if row is not None:
            self._disclose_late(item, action_hash)
            return Receipt(row.id, action_hash, row.position, "", {}, row.recorded_at)
        refused = tables.rejection
        row = self._connection.execute(
            select(refused).where(refused.c.office == self.office, refused.c.hash == action_hash)
        ).one_or_none()
        if row is not None:
            return Receipt(row.id, action_hash, None, row.code, json.loads(row.params), row.at)
        return None

    def _disclose_late(self, item: Any, action_hash: str) -> None:
        """The founder's name is not in the enrolment; it comes when the founding action is sent again."""
        signed, sealed = read_item(item)
        if not sealed or not signed.action.commitments or signed.action.kind != "office_founded":
            return
        if self._hub.sealed.get(self._connection, self.office, action_hash) is not None:
            return
        try:
            private = open_private(sealed, self._hub.exchange_secret, action_hash)
            verify_private(signed.action, private)
        except Refusal:
            return
        self._hub.sealed.put(self._connection, signed.action, action_hash, private)
        self.world.forget("office", self.office)

    # --- new ------------------------------------------------------------------------------------

    def _record(self, item: Any, action_hash: str) -> Receipt:
        signed, sealed = read_item(item)
        action = signed.action
        if action.kind == "office_founded":
            raise Refusal("office_exists")
        self._check_form(action)
        self._check_person(signed)
        incoming = None
        if action.kind == PAGE_KIND:
            incoming = IncomingPage(self._hub, self.world.register, item, action_hash)
        private = self._open(action, "" if incoming else sealed, action_hash)
        self._check_version(action)
        self._check_moment(action)
        page = incoming.read(action) if incoming else None
        self._judge(action, Entry(action, action_hash, plain(private)), page)
        receipt = self.append(signed, private)
        if incoming is not None and receipt.position is not None:
            incoming.keep(action, receipt.position)
        return receipt

    def _check_form(self, action: Action) -> None:
        if len(canonical(action.body())) > MAX_ACTION_BYTES:
            raise Refusal("action_too_large", limit=MAX_ACTION_BYTES)
        if action.office != self.office:
            raise Refusal("office_foreign")
        if not all(chain.is_name(name) for name in (action.subject, action.person)):
            raise Refusal("action_malformed", why="name")
        if action.kind not in KINDS:
            raise Refusal("action_unknown", kind=action.kind[:32])
        values = action.public.get("values", {})
        if not isinstance(values, dict) or not all(isinstance(value, str) for value in values.values()):
            raise Refusal("action_malformed", why="values")
        table = tables.action
        changed = self._connection.execute(
            select(table.c.id).where(table.c.office == self.office, table.c.id == action.id)
        ).one_or_none()
        if changed is not None or self._refused_before(action.id):
            raise Refusal("action_changed")

    def _refused_before(self, action_id: str) -> bool:
        table = tables.rejection
        query = select(table.c.id).where(table.c.office == self.office, table.c.id == action_id).limit(1)
        return self._connection.execute(query).one_or_none() is not None

    def _check_person(self, signed: SignedAction) -> None:
        """The key register decides whose signature this is; nothing inside the action does."""
        office = self.world.office()
        person = office.person(signed.action.person) if office else None
        if person is None:
            raise Refusal("person_unknown")
        require_hex(signed.signature, 64)
        if signed.algorithm != person.algorithm or not signed.verify(person.public_key):
            raise Refusal("signature_wrong")

    def _open(self, action: Action, sealed: str, action_hash: str) -> dict[str, Salted]:
        private: dict[str, Salted] = {}
        if sealed:
            private = open_private(sealed, self._hub.exchange_secret, action_hash)
        verify_private(action, private)
        if is_erased(self._connection, self.office, sealing_subject(action)):
            raise Refusal("subject_erased")
        return private

    def _check_version(self, action: Action) -> None:
        have = len(self.world.recorded(action.subject_kind, action.subject))
        if action.base_version != have:
            raise Refusal("version_conflict", base=action.base_version, have=have)

    def _check_moment(self, action: Action) -> None:
        try:
            ahead = (from_stamp(action.at) - self._hub.clock()).total_seconds()
        except (ValueError, OverflowError) as fault:
            raise Refusal("action_malformed", why="at") from fault
        if ahead > FUTURE_SECONDS:
            raise Refusal("action_from_future", seconds=int(ahead))

    def _judge(self, action: Action, entry: Entry, page: OpenPage | None) -> None:
        before = self.world.entries(action.subject_kind, action.subject)
        try:
            judge(action, entry.private or {}, self.world, china_date(from_stamp(action.at)), page)
            _FOLDS[action.subject_kind]([*before, entry])
            self._check_keys(action)
        except UserError:
            raise
        except Exception as fault:
            # What a hostile body can make a rule do is not foreseeable; the body is at fault, and only
            # the kind of failure is written down, because its text could quote the body.
            log.error("rule failed: %s on %s", type(fault).__name__, action.kind)
            raise Refusal("action_malformed", why="rules") from fault

    def _check_keys(self, action: Action) -> None:
        """What becomes an id or a key in our tables must be one."""
        public = action.public
        if action.kind in ("person_added", "person_rekeyed"):
            require_signing_key(public["key"], public["algorithm"])
        if action.kind == "person_added" and not chain.is_name(public["person"]):
            raise Refusal("action_malformed", why="name")
        if action.kind == "device_added":
            check_new_device(self._connection, self.office, public)
        if action.kind == "claim_minted":
            require_hex(public["jti"], 12)
            require_hex(public["approval"], 32)

    # --- writing --------------------------------------------------------------------------------

    def append(self, signed: SignedAction, private: Mapping[str, Salted]) -> Receipt:
        """Record an action that may happen: row, sealed values, lookups, place in the feed."""
        action, action_hash, at = signed.action, signed.hash, self._hub.stamp()
        position = next_position(self._connection, self.office)
        row = {
            "office": self.office,
            "hash": action_hash,
            "id": action.id,
            "position": position,
            "subject_kind": action.subject_kind,
            "subject": action.subject,
            "base_version": action.base_version,
            "kind": action.kind,
            "body": canonical(action.body()).decode(),
            "algorithm": signed.algorithm,
            "signature": signed.signature,
            "recorded_at": at,
        }
        if not insert_new(self._connection, tables.action, row):
            raise RuntimeError("the office's lock was not held")
        self._hub.sealed.put(self._connection, action, action_hash, private)
        self.world.add(Entry(action, action_hash, plain(private)), position)
        project(self._connection, self.world, action)
        return Receipt(action.id, action_hash, position, "", {}, at)

    def _reject(self, action_id: str, action_hash: str, refusal: UserError) -> Receipt:
        receipt = self._receipt(action_id, action_hash, None, refusal)
        row = {
            "office": self.office,
            "hash": action_hash,
            "id": action_id,
            "code": receipt.code,
            "params": canonical(dict(receipt.params)).decode(),
            "at": receipt.at,
        }
        insert_new(self._connection, tables.rejection, row)
        return receipt

    def _receipt(self, action_id: str, action_hash: str, position: int | None, refusal: UserError) -> Receipt:
        return Receipt(action_id, action_hash, position, refusal.code, refusal.params, self._hub.stamp())
