"""The ledger: takes batches of actions from desks, judges each, keeps the good and remembers the bad.

The hub trusts no desk. Device signature, person's signature, chain, compare-and-set, commitments and
the same rules that the desk ran are all checked again here, and only this verdict counts. A batch is
one transaction; one action's rejection never loses the others; a batch sent again gets the same answer.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from core.canonical import canonical
from core.clock import china_date, from_stamp, to_stamp
from core.errors import Refusal, UserError
from core.records.changes import HANDED_OVER
from core.records.judge import judge
from core.records.kinds import KINDS
from core.records.model import Action, Entry, Salted, SignedAction, verify_private
from core.records.register import PAGE_KIND
from core.records.rules_register import OpenPage
from hub import chain
from hub.after_batch import after_batch
from hub.batch import Batch
from hub.desks import check_new_device, require_hex, require_signing_key
from hub.foresight import foresee
from hub.incoming import Ahead, Incoming, ReadBatch
from hub.projections import project
from hub.register import IncomingPage
from hub.sealed import plain, sealing_subject
from hub.setup import Hub
from hub.world import LedgerWorld

log = logging.getLogger("certdesk.hub.ledger")

FUTURE_SECONDS = 15 * 60
MAX_ACTION_BYTES = 256 * 1024


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
        self._batch = Batch(connection, office)
        self._keys = hub.sealed.subject_keys(connection, office, ())
        self._look_at_clock()
        self._in_pages = False

    def take(self, batch: ReadBatch, device: str, epoch: int) -> Accepted:
        """Judge the items in order; ``device`` and ``epoch`` are the sender's."""
        self._look_at_clock()
        foresee(batch.items, self._batch, self.world, self._keys)
        receipts: list[Receipt] = []
        fault: chain.ChainFault | None = None
        for incoming in batch.items:
            try:
                receipts.append(self._take(incoming, batch.ahead, device, epoch))
            except chain.ChainFault as found:
                fault = found
                break
        self._flush()
        after_batch(self._hub, self._connection, self, self.office)
        return Accepted(tuple(receipts), fault)

    def _look_at_clock(self) -> None:
        """All that one transaction records is recorded at one moment."""
        self._now = self._hub.clock()
        self._at = to_stamp(self._now)

    def _take(self, incoming: Incoming, ahead: Ahead, device: str, epoch: int) -> Receipt:
        link, action_hash = incoming.link, incoming.hash
        if link is None:
            return self._receipt("", action_hash, None, Refusal("action_malformed", why="link"))
        known = self._batch.known(action_hash)
        if known is not None:
            self._disclose_late(incoming, ahead)
            return Receipt(known.id, action_hash, known.position, known.code, known.params, known.at)
        if link.device != device or link.epoch > epoch:
            return self._receipt(link.id, action_hash, None, Refusal("device_foreign"))
        chain.check(self._batch.head(link), link)
        self._batch.extend(link, action_hash)
        try:
            return self._record(incoming, ahead)
        except UserError as refusal:
            self.world.refusals.note(link, action_hash, incoming.item["action"])
            return self._reject(link.id, action_hash, refusal)

    def _disclose_late(self, incoming: Incoming, ahead: Ahead) -> None:
        """The founder's name is not in the enrolment; it comes when the founding action is sent again."""
        signed, sealed = incoming.signed, incoming.sealed
        if signed is None or not sealed or signed.action.kind != "office_founded":
            return
        action, action_hash = signed.action, incoming.hash
        recorded = self.world.recorded(action.subject_kind, action.subject)
        if not action.commitments or not any(
            each.entry.hash == action_hash and each.entry.private is None for each in recorded
        ):
            return
        try:
            private = ahead.open(sealed, action_hash)
            verify_private(action, private)
        except Refusal:
            return
        self._hub.sealed.put(self._connection, action, action_hash, private)
        self.world.forget("office", self.office)

    # --- new ------------------------------------------------------------------------------------

    def _record(self, incoming: Incoming, ahead: Ahead) -> Receipt:
        signed = incoming.read()
        action = signed.action
        if action.kind == "office_founded":
            raise Refusal("office_exists")
        self._check_form(action)
        self._check_person(signed, ahead)
        self._between_pages(action.kind == PAGE_KIND)
        if action.kind == PAGE_KIND:
            return self._record_page(incoming, signed)
        private = self._open(incoming, action, ahead)
        self._check_version(action)
        entry = Entry(action, incoming.hash, plain(private))
        self._judge(action, entry, self._day(action))
        return self._keep(signed, private, entry)

    def _between_pages(self, page: bool) -> None:
        """Pages have tables of their own, which other actions read: at a change of sides nothing may wait."""
        if page is not self._in_pages:
            self._flush()
            self.world.forget_units()
            self._in_pages = page

    def _record_page(self, incoming: Incoming, signed: SignedAction) -> Receipt:
        action = signed.action
        page = IncomingPage(self._hub, self.world.register, incoming.item, incoming.hash)
        self._require_whole(action, {})
        self._check_version(action)
        day = self._day(action)
        opened = page.read(action)
        entry = Entry(action, incoming.hash, {})
        self._judge(action, entry, day, opened)
        receipt = self._keep(signed, {}, entry)
        assert receipt.position is not None
        page.keep(action, receipt.position)
        return receipt

    def _check_form(self, action: Action) -> None:
        if len(action.encoded) > MAX_ACTION_BYTES:
            raise Refusal("action_too_large", limit=MAX_ACTION_BYTES)
        if action.office != self.office:
            raise Refusal("office_foreign")
        if not chain.is_name(action.subject) or not chain.is_name(action.person):
            raise Refusal("action_malformed", why="name")
        if action.kind not in KINDS:
            raise Refusal("action_unknown", kind=action.kind[:32])
        values = action.public.get("values", {})
        if not isinstance(values, dict) or not set(map(type, values.values())) <= {str}:
            raise Refusal("action_malformed", why="values")
        if self._batch.is_taken(action.id):
            raise Refusal("action_changed")

    def _check_person(self, signed: SignedAction, ahead: Ahead) -> None:
        """The key register decides whose signature this is; nothing inside the action does."""
        office = self.world.office()
        person = office.person(signed.action.person) if office else None
        if person is None:
            raise Refusal("person_unknown")
        require_hex(signed.signature, 64)
        if signed.algorithm != person.algorithm or not ahead.verify(signed, person.public_key):
            # Refused either way (docs/decisions/025); the reason is told apart for whoever has to settle it.
            former = any(signed.verify(key) for key in person.former_keys)
            raise Refusal("signed_with_former_key" if former else "signature_wrong")

    def _open(self, incoming: Incoming, action: Action, ahead: Ahead) -> dict[str, Salted]:
        private = ahead.open(incoming.sealed, incoming.hash) if incoming.sealed else {}
        self._require_whole(action, private)
        return private

    def _require_whole(self, action: Action, private: Mapping[str, Salted]) -> None:
        """Refuse other values than those committed to, and any of an erased subject."""
        verify_private(action, private)
        try:
            subject = sealing_subject(action)
        except (LookupError, TypeError) as fault:
            raise Refusal("action_malformed", why="person") from fault
        if self._keys.is_erased(subject):
            raise Refusal("subject_erased")

    def _check_version(self, action: Action) -> None:
        have = len(self.world.recorded(action.subject_kind, action.subject))
        if action.base_version != have:
            raise Refusal("version_conflict", base=action.base_version, have=have)

    def _day(self, action: Action) -> date:
        """Return the day, in China, on which an action was made; refuse one from the future."""
        try:
            moment = from_stamp(action.at)
            ahead = (moment - self._now).total_seconds()
            day = china_date(moment)
        except (ValueError, OverflowError) as fault:
            raise Refusal("action_malformed", why="at") from fault
        if ahead > FUTURE_SECONDS:
            raise Refusal("action_from_future", seconds=int(ahead))
        return day

    def _judge(self, action: Action, entry: Entry, day: date, page: OpenPage | None = None) -> None:
        try:
            judge(action, entry.private or {}, self.world, day, page)
            self.world.try_on(entry)
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
        if action.kind == "unit_registered" and "former" in public:
            self._check_former(action)
        if action.kind == "claim_minted":
            require_hex(public["jti"], 12)
            require_hex(public["approval"], 32)

    def _check_former(self, action: Action) -> None:
        """A unit that comes from another office was handed over to this one under this very id."""
        former, office = action.public["former"], self.world.office()
        if not chain.is_name(former["office"]) or not chain.is_name(former["unit"]):
            raise Refusal("handover_unknown")
        elsewhere = LedgerWorld(self._connection, former["office"], self._hub.sealed)
        unit = elsewhere.unit(former["unit"])
        if unit is None or office is None or unit.closed != HANDED_OVER:
            raise Refusal("handover_unknown")
        if unit.moved != {"office": office.code, "unit": action.subject}:
            raise Refusal("handover_unknown")

    # --- writing --------------------------------------------------------------------------------

    def append(self, signed: SignedAction, private: Mapping[str, Salted]) -> Receipt:
        """Record, at once, an action that may happen: row, sealed values, lookups, place in the feed."""
        self._look_at_clock()
        receipt = self._keep(signed, private, Entry(signed.action, signed.hash, plain(private)))
        self._flush()
        return receipt

    def _keep(self, signed: SignedAction, private: Mapping[str, Salted], entry: Entry) -> Receipt:
        action, action_hash = signed.action, entry.hash
        position, at = self._batch.next_position(), self._at
        self._batch.record(
            {
                "office": self.office,
                "hash": action_hash,
                "id": action.id,
                "position": position,
                "subject_kind": action.subject_kind,
                "subject": action.subject,
                "base_version": action.base_version,
                "kind": action.kind,
                "body": action.encoded.decode(),
                "algorithm": signed.algorithm,
                "signature": signed.signature,
                "recorded_at": at,
            }
        )
        for table, row in self._keys.seal(action, action_hash, private):
            self._batch.add(table, row)
        self.world.add(entry, position)
        project(self._connection, self.world, action, at)
        return Receipt(action.id, action_hash, position, "", {}, at)

    def _flush(self) -> None:
        """Write what waits; from here on the tables say all that is known here."""
        self._batch.flush()
        self.world.register.write()
        self.world.lookups.flush()

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
        self._batch.reject(row, receipt.params)
        return receipt

    def _receipt(self, action_id: str, action_hash: str, position: int | None, refusal: UserError) -> Receipt:
        return Receipt(action_id, action_hash, position, refusal.code, refusal.params, self._at)
