"""An invented office built straight from core: it signs by hand and speaks to a hub, without a desk's store.

Because it checks nothing itself it is also the patched client of every attack in these tests.
"""

from __future__ import annotations

import base64
import hashlib
import random as random_module
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from core.claims.code import ClaimCode, mint
from core.claims.pair import pair_key, pin, unit_tag
from core.clock import Clock, china_date, to_stamp
from core.forms.divisions import get_office
from core.forms.papers import default_checklist
from core.forms.registry import latest
from core.forms.spec import Grade
from core.ids import new_id, system_random
from core.keys.sealing import new_exchange_key, seal_to
from core.keys.signer import SoftwareSigner
from core.records.changes import CHANGES
from core.records.model import (
    GENESIS,
    Action,
    Salted,
    SignedAction,
    commitments,
    salted,
    sign_action,
)
from core.rehearsal.units import RehearsalUnit, case_values, make_units
from core.sync.enrolment import OfficeCertificate, read_certificate
from core.sync.envelope import action_item, open_private, seal_private, unwrap, wrap
from core.sync.scan_wire import chunk_aad

Post = Callable[[str, bytes], tuple[int, bytes]]

OFFICE_CODE = "469023"


@dataclass
class Member:
    """Somebody of the office with the key that signs for them."""

    id: str
    roles: tuple[str, ...]
    name: str
    signer: SoftwareSigner


def member(name: str, *roles: str) -> Member:
    """Draw a member with a key of their own."""
    return Member(new_id(), roles, name, SoftwareSigner.generate(system_random, 16))


@dataclass
class SampleOffice:
    """One office with one desk. ``outbox`` holds the items that have not been pushed."""

    post: Post
    clock: Clock
    rehearsal: bool = False
    office: str = field(default_factory=new_id)
    device: str = field(default_factory=new_id)
    epoch: int = 1
    signer: SoftwareSigner = field(default_factory=SoftwareSigner.generate)
    exchange: tuple[bytes, bytes] = field(default_factory=new_exchange_key)
    admin: Member = field(default_factory=lambda: member("管理员演练", "admin"))
    clerk: Member = field(default_factory=lambda: member("受理员演练", "clerk"))
    reviewer: Member = field(default_factory=lambda: member("审核员演练", "reviewer", "clerk"))
    certificate: OfficeCertificate | None = None
    outbox: list[dict[str, Any]] = field(default_factory=list)
    seq: int = 0
    prev: str = GENESIS
    versions: dict[str, int] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    founding: SignedAction | None = None
    founding_private: Mapping[str, Salted] = field(default_factory=dict)
    protocol: int = 1
    papers: dict[str, bytes] = field(default_factory=dict)
    eras: dict[str, str] = field(default_factory=dict)

    # --- actions --------------------------------------------------------------------------------

    def action(
        self,
        kind: str,
        subject_kind: str,
        subject: str,
        public: Mapping[str, Any],
        private: Mapping[str, Salted],
        person: str,
    ) -> Action:
        """Build the next action of the desk's chain; nothing is remembered yet."""
        return Action(
            id=new_id(),
            office=self.office,
            subject_kind=subject_kind,  # type: ignore[arg-type]
            subject=subject,
            base_version=self.versions.get(subject, 0),
            kind=kind,
            at=to_stamp(self.clock()),
            device=self.device,
            device_epoch=self.epoch,
            seq=self.seq + 1,
            prev=self.prev,
            person=person,
            public=dict(public),
            commitments=commitments(private),
            rehearsal=self.rehearsal,
        )

    def keep(self, signed: SignedAction, private: Mapping[str, Salted]) -> SignedAction:
        """Take a signed action into chain and outbox."""
        action = signed.action
        self.seq, self.prev = action.seq, signed.hash
        self.versions[action.subject] = action.base_version + 1
        sealed = self.seal(private, signed.hash) if private else ""
        self.outbox.append(action_item(signed, sealed))
        return signed

    def seal(self, private: Mapping[str, Salted], action_hash: str) -> str:
        """Seal values to the hub."""
        assert self.certificate is not None
        key = bytes.fromhex(self.certificate.hub_exchange_key)
        return seal_private(private, key, action_hash, system_random)

    def act(
        self,
        kind: str,
        subject_kind: str,
        subject: str,
        public: Mapping[str, Any] | None = None,
        personal: Mapping[str, str] | None = None,
        by: Member | None = None,
        **changed: Any,
    ) -> SignedAction:
        """Make an action and keep it. ``changed`` overrides fields before signing: the patched client."""
        who = by or self.clerk
        private = salted({k: v for k, v in (personal or {}).items() if v}, system_random)
        action = self.action(kind, subject_kind, subject, public or {}, private, who.id)
        return self.keep(sign_action(replace(action, **changed), who.signer), private)

    def reject_last(self, subject: str) -> None:
        """The hub refused the newest action of a subject: the next one builds on what was before."""
        self.versions[subject] -= 1

    # --- enrolment ------------------------------------------------------------------------------

    def device_data(self) -> dict[str, str]:
        """What an office says of its desk."""
        return {
            "id": self.device,
            "algorithm": "Ed25519",
            "key": self.signer.public_bytes().hex(),
            "exchange_key": self.exchange[1].hex(),
        }

    def enrolment(self, single_clerk: bool = False) -> bytes:
        """The enrolment request; the same bytes every time."""
        if self.founding is None:
            founder = {
                "person": self.admin.id,
                "key": self.admin.signer.public_bytes().hex(),
                "algorithm": "Ed25519",
                "roles": list(self.admin.roles),
            }
            place = get_office(OFFICE_CODE)
            public = {
                "code": OFFICE_CODE,
                "name": place.name,
                "level": place.level,
                "parent": place.parent or "",
                "device": self.device_data(),
                "founder": founder,
            }
            self.founding_private = salted({"name": self.admin.name}, system_random)
            action = self.action(
                "office_founded", "office", self.office, public, self.founding_private, self.admin.id
            )
            self.founding = sign_action(action, self.admin.signer)
            self.seq, self.prev = 1, self.founding.hash
            self.versions[self.office] = 1
        payload = {
            "type": "enrolment",
            "protocol": 1,
            "office": self.office,
            "device": self.device_data(),
            "founding": action_item(self.founding, ""),
            "single_clerk": single_clerk,
            "sent_at": self.founding.action.at,
        }
        return wrap(payload, self.signer)

    def enrolled(self, certificate: dict[str, Any]) -> None:
        """Take in the office certificate and prepare the first batch: founder's name, then the people."""
        self.certificate = read_certificate(certificate)
        assert self.founding is not None
        self.outbox.append(action_item(self.founding, self.seal(self.founding_private, self.founding.hash)))
        for person in (self.clerk, self.reviewer):
            self.add_person(person)

    def add_person(self, person: Member) -> SignedAction:
        """Add a member to the office."""
        public = {
            "person": person.id,
            "key": person.signer.public_bytes().hex(),
            "algorithm": "Ed25519",
            "roles": list(person.roles),
        }
        return self.act("person_added", "office", self.office, public, {"name": person.name}, by=self.admin)

    # --- business -------------------------------------------------------------------------------

    def invented(self, index: int) -> RehearsalUnit:
        """One of the invented units."""
        return make_units(get_office(OFFICE_CODE), china_date(self.clock()), 2, index + 1)[index]

    def register(self, unit: RehearsalUnit) -> str:
        """Register a unit; returns its id."""
        unit_id = new_id()
        public, personal = split("unit-record", unit.values)
        self.act("unit_registered", "unit", unit_id, {**public, "representative_no": 1}, personal)
        return unit_id

    def file(self, unit_id: str, unit: RehearsalUnit, by: Member | None = None) -> str:
        """File, tick the papers, print and scan a case; returns its id."""
        case = new_id()
        values = case_values(unit, "attachment-1", china_date(self.clock()))
        public, personal = split("attachment-1", values)
        filed = self.act(
            "case_filed",
            "case",
            case,
            {"unit": unit_id, "case_no": case[:8], "era": self.eras.get(unit_id, ""), **public},
            personal,
            by=by,
        )
        ticks = {
            item.id: {"original": item.original, "copy": item.copy}
            for item in default_checklist("attachment-1")
        }
        self.act("papers_checked", "case", case, {"items": ticks}, by=by)
        printed = {"content": filed.hash, "copies": 1, "layout": "1"}
        self.act("case_printed", "case", case, printed, by=by)
        paper = self.papers[case] = b"\x89PNG\r\n\x1a\n" + f"invented signed form of {case}".encode() * 99
        scan = {
            "scan": f"scan-{case[:8]}",
            "role": "signed_form",
            "media_type": "image/png",
            "pages": 1,
            "content": filed.hash,
        }
        self.act("scan_attached", "case", case, scan, {"sha256": hashlib.sha256(paper).hexdigest()}, by=by)
        self.hashes[case] = filed.hash
        return case

    def change(
        self,
        kind: str,
        unit_id: str,
        unit: RehearsalUnit,
        number: int = 1,
        details: Mapping[str, str] | None = None,
        apply: bool = True,
    ) -> SignedAction:
        """File and approve a life-cycle change, and record its effect; returns the last action.

        ``unit`` holds the values as they will be, ``number`` the representative's.
        """
        spec, change = CHANGES[kind], new_id()
        bare: tuple[dict[str, Any], dict[str, str]] = ({"form": {}, "values": {}}, {})
        public, personal = split("unit-record", unit.values) if spec.form else bare
        said = {"basis": "演练编办〔2026〕7号" if spec.basis else "", "details": dict(details or {})}
        place = {"unit": unit_id, "unit_version": self.versions[unit_id], "change": kind}
        filed = self.act("change_filed", "change", change, {**place, **said, **public}, personal)
        approved = {"content": filed.hash}
        done = self.act("change_approved", "change", change, approved, by=self.reviewer)
        if not apply:
            return done
        facts: dict[str, Any] = {"change": change, "basis": said["basis"]}
        facts |= public if spec.form else {}
        facts |= {"details": said["details"]} if spec.details else {}
        facts |= {"representative_no": number} if kind == "representative" else {}
        facts |= {"case": ""} if kind == "manager" else {}
        effect = self.act(spec.effect, "unit", unit_id, facts, personal, by=self.reviewer)
        if kind in ("representative", "manager", "details", "deregistration", "handover"):
            self.eras[unit_id] = effect.hash
        return effect

    def submit(self, case: str, by: Member | None = None) -> SignedAction:
        """Submit a case."""
        return self.act("case_submitted", "case", case, {"content": self.hashes[case]}, by=by)

    def approve(
        self, case: str, by: Member | None = None, kind: str = "case_approved", **changed: Any
    ) -> SignedAction:
        """Approve a case; the other person unless said otherwise."""
        public = {"content": self.hashes[case], "scan": f"scan-{case[:8]}"}
        return self.act(kind, "case", case, public, by=by or self.reviewer, **changed)

    def approved_case(self, index: int = 0) -> Approved:
        """A unit with an approved case, all of it in the outbox."""
        unit = self.invented(index)
        unit_id = self.register(unit)
        case = self.file(unit_id, unit)
        self.submit(case)
        return Approved(case, unit_id, unit, self.approve(case).hash)

    # --- claims ---------------------------------------------------------------------------------

    def mint(
        self, approved: Approved, purpose: int = 1, record: bool = True, number: int = 1, **changed: Any
    ) -> Minted:
        """Mint a code as a desk does; ``changed`` overrides what the code says."""
        assert self.certificate is not None
        issued = int(self.clock().timestamp())
        jti = system_random(12)
        key = self.pair()
        facts = {
            "case": approved.case,
            "approval": approved.approval,
            "jti": jti.hex(),
            "purpose": purpose,
            "representative_no": number,
            "issued_at": issued,
            "expires_at": issued + 600,
        }
        claim = new_id()
        if record:
            self.act("claim_minted", "claim", claim, facts)
        code = ClaimCode(
            office=OFFICE_CODE,
            issued_at=issued,
            expires_at=issued + 600,
            jti=jti,
            unit_tag=unit_tag(key, jti, approved.invented.values["uscc"]),
            purpose=purpose,
            representative_no=number,
            facts=bytes.fromhex(approved.approval)[:16],
            device_epoch=self.epoch,
            seq=self.seq,
        )
        text = mint(replace(code, **changed), self.signer, self.certificate.issuer)
        return Minted(claim, jti, text, pin(key, jti))

    def pair(self) -> bytes:
        """The key that office and hub share."""
        assert self.certificate is not None
        return pair_key(self.exchange[0], bytes.fromhex(self.certificate.hub_exchange_key))

    # --- speaking -------------------------------------------------------------------------------

    def envelope(self, kind: str, **fields: Any) -> bytes:
        """An envelope of this desk."""
        payload = {
            "type": kind,
            "protocol": self.protocol,
            "office": self.office,
            "device": self.device,
            "sent_at": to_stamp(self.clock()),
            "nonce": system_random(16).hex(),
            **fields,
        }
        return wrap(payload, self.signer)

    def ask(self, path: str, data: bytes) -> dict[str, Any]:
        """Post an envelope and read the hub's, its signature checked."""
        status, answer = self.post(path, data)
        assert status == 200, (status, answer)
        opened = unwrap(answer)
        assert self.certificate is not None
        assert opened.verify(bytes.fromhex(self.certificate.hub_key))
        return opened.payload

    def batch(self, items: Iterable[dict[str, Any]]) -> bytes:
        """An envelope of actions."""
        return self.envelope("actions", device_epoch=self.epoch, actions=list(items))

    def push(self) -> list[dict[str, Any]]:
        """Push the outbox; returns the receipts."""
        items, self.outbox = self.outbox, []
        receipts: list[dict[str, Any]] = self.ask("/api/v1/actions", self.batch(items))["receipts"]
        return receipts

    def push_all_recorded(self) -> None:
        """Push the outbox; everything must be recorded."""
        bad = [r for r in self.push() if r["verdict"] != "recorded"]
        assert not bad, bad

    def feed(self, after: int = 0, limit: int = 500) -> dict[str, Any]:
        """Pull the feed."""
        return self.ask("/api/v1/feed", self.envelope("feed", after=after, limit=limit))

    def chunk(self, case: str, start: int, part: bytes, size: int, /, **changed: Any) -> bytes:
        """An envelope with the bytes of a case's scan from ``start`` on."""
        assert self.certificate is not None
        key, scan = bytes.fromhex(self.certificate.hub_exchange_key), f"scan-{case[:8]}"
        sealed = base64.b64encode(seal_to(key, part, chunk_aad(self.office, scan, start))).decode()
        place = {"case": case, "scan": scan, "attempt": 0, "start": start, "size": size}
        return self.envelope("scan-chunk", **{**place, "data": sealed, **changed})

    def send_paper(self, case: str) -> dict[str, Any]:
        """Send a case's scan in one chunk; returns where the hub says it stands."""
        paper = self.papers[case]
        data = self.chunk(case, 0, paper, len(paper))
        status: dict[str, Any] = self.ask("/api/v1/scan-chunk", data)["scan"]
        return status

    def progress(self, *jti: bytes) -> list[dict[str, Any]]:
        """Ask how claims fare."""
        data = self.envelope("claim-progress", jti=[item.hex() for item in jti])
        claims: list[dict[str, Any]] = self.ask("/api/v1/claims/progress", data)["claims"]
        return claims

    def open(self, item: dict[str, Any], action_hash: str) -> dict[str, Salted]:
        """Open a feed item's personal values."""
        return open_private(item["sealed"], self.exchange[0], action_hash)


@dataclass(frozen=True)
class Approved:
    """An approved case with the hash of its approval."""

    case: str
    unit: str
    invented: RehearsalUnit
    approval: str


@dataclass(frozen=True)
class Minted:
    """A minted code and what belongs to it."""

    claim: str
    jti: bytes
    text: str
    pin: str


def split(form: str, values: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """Split values into the action's public part and the personal values."""
    spec = latest(form)
    personal = {f.id for f in spec.fields() if f.grade is Grade.PERSONAL}
    reference = {"id": spec.id, "version": spec.version, "digest": spec.digest()}
    clear = {name: value for name, value in values.items() if value and name not in personal}
    private = {name: value for name, value in values.items() if value and name in personal}
    return {"form": reference, "values": clear}, private


def shuffled(items: list[Any], seed: int) -> list[Any]:
    """Return the items in another order."""
    mixed = list(items)
    random_module.Random(seed).shuffle(mixed)
    return mixed
