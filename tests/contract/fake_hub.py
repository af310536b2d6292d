"""A hub in memory that speaks the wire: enough for a desk, held to the same contract as the real one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from core.canonical import canonical
from core.clock import Clock, china_date, from_stamp, to_stamp
from core.errors import Refusal, UserError
from core.ids import RandomBytes, new_id
from core.keys.sealing import new_exchange_key
from core.keys.signer import SoftwareSigner, key_id
from core.records.judge import judge
from core.records.model import (
    GENESIS,
    HUB,
    Action,
    Entry,
    Salted,
    SignedAction,
    sign_action,
    verify_private,
)
from core.sync.compress import decompress
from core.sync.enrolment import OfficeCertificate, fingerprint, sign_certificate
from core.sync.envelope import (
    BATCH_LIMITS,
    MAX_ENVELOPE_BYTES,
    PROTOCOLS,
    Opened,
    action_item,
    open_private,
    read_item,
    seal_private,
    unwrap,
    wrap,
)
from core.sync.http_hub import HttpHub
from core.tlog.checkpoint import Checkpoint, origin_of, sign_note
from core.tlog.entry import entry_leaf
from core.tlog.merkle import CompactRange, Tree
from tests.core.records.memory_world import MemoryWorld

Answer = tuple[int, bytes]
Post = Callable[[str, bytes], Answer]
ISSUER = "http://127.0.0.1:18443"


@dataclass
class _Office:
    id: str
    device: dict[str, str]
    certificate: dict[str, Any]
    world: MemoryWorld
    epoch: int = 0
    feed: list[tuple[SignedAction, dict[str, Salted]]] = field(default_factory=list)
    receipts: dict[str, dict[str, Any]] = field(default_factory=dict)
    chains: dict[tuple[str, int], tuple[int, str]] = field(default_factory=dict)


class FakeHub:
    """One hub, many offices: ``post`` is its whole face, ``accept`` its operator, ``issue`` a phone."""

    def __init__(
        self,
        clock: Clock,
        random: RandomBytes,
        *,
        accepts: bool = True,
        protocols: tuple[int, ...] = PROTOCOLS,
    ) -> None:
        self.clock, self.random, self.accepts, self.protocols = clock, random, accepts, protocols
        self.signer = SoftwareSigner.generate(random)
        self.exchange_secret, self.exchange_public = new_exchange_key(random)
        self.offices: dict[str, _Office] = {}
        self._wishes: dict[str, bytes] = {}

    # --- the wire -----------------------------------------------------------------------------

    def post(self, path: str, body: bytes) -> Answer:
        """Answer one request."""
        try:
            if path == "/api/v1/enrolments":
                return self._enrolments(body)
            if path not in ("/api/v1/actions", "/api/v1/feed"):  # as the first release: no such place
                return 404, b"{}"
            opened = unwrap(body)
            if opened.protocol not in self.protocols:  # as the first release said it: without ``supported``
                raise Refusal("protocol_unknown", protocol=opened.protocol)
            office = self._authenticate(opened)
            kind, act = {
                "/api/v1/actions": ("actions", self._actions),
                "/api/v1/feed": ("feed", self._feed),
            }[path]
            if opened.payload["type"] != kind:
                raise Refusal("envelope_malformed")
            offset = (from_stamp(opened.payload["sent_at"]) - self.clock()).total_seconds()
            if kind != "actions" and abs(offset) > 900:
                raise Refusal("request_stale")
            answer = {"type": kind, "protocol": opened.protocol, "hub_time": to_stamp(self.clock())}
            answer |= {"nonce": opened.payload.get("nonce", ""), **act(office, opened.payload)}
            if opened.protocol > 1:
                answer["revoked"] = []
            return 200, wrap(answer, self.signer)
        except UserError as fault:
            status = {"request_stale": 401, "signature_wrong": 401, "device_unknown": 401}
            code = 409 if fault.code.startswith(("chain_", "epoch_")) else status.get(fault.code, 400)
            return code, canonical({"error": fault.code, "params": fault.params})

    def _authenticate(self, opened: Opened) -> _Office:
        office = self.offices.get(str(opened.payload.get("office")))
        if office is None or office.device["id"] != opened.payload.get("device"):
            raise Refusal("device_unknown")
        if not opened.verify(bytes.fromhex(office.device["key"])):
            raise Refusal("signature_wrong")
        return office

    # --- enrolment ----------------------------------------------------------------------------

    def _enrolments(self, body: bytes) -> Answer:
        payload = unwrap(body).payload
        if not unwrap(body).verify(bytes.fromhex(payload["device"]["key"])):
            raise Refusal("enrolment_forged")
        known = self.offices.get(payload["office"])
        if known is None and self.accepts:
            self.accept(body, single_clerk=payload["single_clerk"])
            known = self.offices[payload["office"]]
        if known is not None:
            return 200, canonical({"state": "enrolled", "certificate": known.certificate})
        self._wishes[payload["office"]] = body
        return 202, canonical({"state": "pending", "fingerprint": fingerprint(body)})

    def accept(self, request: bytes, single_clerk: bool = False) -> None:
        """The operator accepts an office."""
        payload = unwrap(request).payload
        founding, _ = read_item(payload["founding"])
        public, device = founding.action.public, payload["device"]
        certificate = OfficeCertificate(
            office=payload["office"],
            code=public["code"],
            name=public["name"],
            device=device["id"],
            kid=key_id(bytes.fromhex(device["key"])),
            device_key=device["key"],
            exchange_key=device["exchange_key"],
            single_clerk=single_clerk,
            rehearsal=founding.action.rehearsal,
            issuer=ISSUER,
            hub_kid=self.signer.kid,
            hub_algorithm=self.signer.algorithm,
            hub_key=self.signer.public_bytes().hex(),
            hub_exchange_key=self.exchange_public.hex(),
            not_before=to_stamp(self.clock()),
            not_after=to_stamp(self.clock() + timedelta(days=1000)),
        )
        world = MemoryWorld(payload["office"], single_clerk=single_clerk)
        office = _Office(payload["office"], device, sign_certificate(certificate, self.signer), world)
        self.offices[payload["office"]] = office
        self._keep(office, founding, {})

    # --- actions ------------------------------------------------------------------------------

    def _actions(self, office: _Office, payload: dict[str, Any]) -> dict[str, Any]:
        if payload["device_epoch"] < office.epoch:
            raise Refusal("epoch_old", epoch=office.epoch)
        limit = BATCH_LIMITS[payload["protocol"]]
        if len(payload["actions"]) > limit:
            raise Refusal("batch_too_large", limit=limit)
        office.epoch = payload["device_epoch"]
        first = len(office.feed) + 1
        answer = self._receipts(office, payload)
        if payload["protocol"] > 1:
            left = CompactRange().extended(self._leaves(office)[: first - 1])
            proof = {"first": first, "left": [item.hex() for item in left.hashes], "hub": []}
            answer["log"] = {"checkpoint": self._checkpoint(office), **proof}
        return answer

    def _leaves(self, office: _Office) -> list[bytes]:
        return [entry_leaf(office.receipts[signed.hash]["at"], signed.hash) for signed, _ in office.feed]

    def _checkpoint(self, office: _Office) -> str:
        leaves = self._leaves(office)
        origin = origin_of(ISSUER, office.id)
        return sign_note(Checkpoint(origin, len(leaves), Tree(leaves).root()), self.signer)

    def _receipts(self, office: _Office, payload: dict[str, Any]) -> dict[str, Any]:
        receipts: list[dict[str, Any]] = []
        for item in payload["actions"]:
            try:
                receipts.append(self._take(office, item, payload["device"]))
            except Refusal as fault:
                if not receipts:
                    raise
                return {
                    "type": "receipts",
                    "receipts": receipts,
                    "stopped": {"error": fault.code, "params": fault.params},
                }
        return {"type": "receipts", "receipts": receipts}

    def _take(self, office: _Office, item: dict[str, Any], device: str) -> dict[str, Any]:
        signed, sealed = read_item(item)
        if signed.hash in office.receipts:
            return office.receipts[signed.hash]
        self._extend(office, signed, device)
        try:
            return self._keep(office, signed, self._judged(office, signed, sealed))
        except UserError as fault:
            office.world.reject(signed.action)
            return self._receipt(office, signed, None, fault.code, fault.params)

    def _extend(self, office: _Office, signed: SignedAction, device: str) -> None:
        action = signed.action
        if action.device != device:
            raise Refusal("chain_foreign")
        seq, prev = office.chains.get((action.device, action.device_epoch), (0, GENESIS))
        if (action.seq, action.prev) != (seq + 1, prev):
            kind = "gap" if action.seq > seq + 1 else "forked" if action.seq <= seq else "broken"
            raise Refusal(f"chain_{kind}", seq=seq + 1, prev=prev)
        office.chains[action.device, action.device_epoch] = (action.seq, signed.hash)

    def _judged(self, office: _Office, signed: SignedAction, sealed: str) -> dict[str, Salted]:
        action, state = signed.action, office.world.office()
        person = state.person(action.person) if state else None
        if person is None:
            raise Refusal("person_unknown")
        if not signed.verify(person.public_key):
            raise Refusal("signature_wrong")
        private = open_private(sealed, self.exchange_secret, signed.hash) if sealed else {}
        verify_private(action, private)
        have = len(office.world.entries(action.subject_kind, action.subject))
        if action.base_version != have:
            raise Refusal("version_conflict", base=action.base_version, have=have)
        clear = {name: item.value for name, item in private.items()}
        judge(action, clear, office.world, china_date(from_stamp(action.at)))
        return private

    def _keep(self, office: _Office, signed: SignedAction, private: dict[str, Salted]) -> dict[str, Any]:
        clear = {name: item.value for name, item in private.items()}
        action = signed.action
        if action.kind == "office_founded":
            office.chains[action.device, action.device_epoch] = (action.seq, signed.hash)
        office.world.add(Entry(action, signed.hash, clear))
        office.feed.append((signed, private))
        return self._receipt(office, signed, len(office.feed), "", {})

    def _receipt(
        self,
        office: _Office,
        signed: SignedAction,
        position: int | None,
        code: str,
        params: Mapping[str, Any],
    ) -> dict[str, Any]:
        receipt = {
            "action": signed.action.id,
            "hash": signed.hash,
            "verdict": "rejected" if position is None else "recorded",
            "position": position,
            "code": code,
            "params": json.loads(json.dumps(dict(params))),
            "at": to_stamp(self.clock()),
        }
        office.receipts[signed.hash] = receipt
        return receipt

    # --- feed ---------------------------------------------------------------------------------

    def _feed(self, office: _Office, payload: dict[str, Any]) -> dict[str, Any]:
        after = payload["after"]
        page = office.feed[after : after + min(payload["limit"], BATCH_LIMITS[payload["protocol"]])]
        exchange = bytes.fromhex(office.device["exchange_key"])
        items = [
            {
                "position": after + place,
                **action_item(
                    signed, seal_private(private, exchange, signed.hash, self.random) if private else ""
                ),
            }
            for place, (signed, private) in enumerate(page, 1)
        ]
        answer: dict[str, Any] = {"items": items, "next": after + len(items)}
        if payload["protocol"] > 1:
            for item, (signed, _) in zip(items, page, strict=True):
                item["recorded_at"] = office.receipts[signed.hash]["at"]
            answer["log"] = {"checkpoint": self._checkpoint(office)}
        return answer

    # --- a phone ------------------------------------------------------------------------------

    def issue(self, office_id: str, case_id: str, jti: str = "00" * 12) -> str:
        """Let a phone claim: record the hub's own fact that a certificate was issued; return its id."""
        office, certificate = self.offices[office_id], new_id(self.random)
        case = office.world.case(case_id)
        assert case is not None and case.approval is not None
        public = {
            "case": case_id,
            "unit": case.unit,
            "jti": jti,
            "approval": case.approval,
            "representative_no": 1,
            "issued_at": to_stamp(self.clock()),
            "expires_at": to_stamp(self.clock() + timedelta(days=365)),
            "status_index": 7,
        }
        self.state_fact(office_id, "certificate_issued", certificate, public)
        return certificate

    def state_fact(self, office_id: str, kind: str, certificate: str, public: dict[str, Any]) -> None:
        """Record one of the hub's own facts."""
        office = self.offices[office_id]
        seq, prev = office.chains.get((HUB, 0), (0, GENESIS))
        action = Action(
            id=new_id(self.random),
            office=office_id,
            subject_kind="certificate",
            subject=certificate,
            base_version=len(office.world.entries("certificate", certificate)),
            kind=kind,
            at=to_stamp(self.clock()),
            device=HUB,
            device_epoch=0,
            seq=seq + 1,
            prev=prev,
            person=HUB,
            public=public,
            rehearsal=True,
        )
        office.chains[HUB, 0] = (action.seq, action.hash())
        self._keep(office, sign_action(action, self.signer), {})


class PostedHub(HttpHub):
    """The desk's own port, with everything of it but the socket: bytes go to ``post`` instead.

    ``unpacks`` False: what is compressed stays so, as before a hub of the first release.
    """

    def __init__(self, post: Post, *, unpacks: bool = True) -> None:
        super().__init__(ISSUER, plain_http=True)
        self.post = post
        self.unpacks = unpacks
        self.asked: list[str] = []

    def _exchange(self, path: str, body: bytes, packed: bool) -> tuple[int, bytes, str]:
        self.asked.append(path)
        body = decompress(body, MAX_ENVELOPE_BYTES) if packed and self.unpacks else body
        return *self.post(path, body), ""
