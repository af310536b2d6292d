"""What every hub owes a desk. The fake and the real hub run the same lines, so a desk may trust either.

Everything goes over the wire as bytes: envelopes in, envelopes out (contracts.md, "Hub HTTP").
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest

from core.clock import to_stamp
from core.keys.signer import SoftwareSigner
from core.records.judge import judge
from core.records.model import (
    GENESIS,
    Action,
    Salted,
    SignedAction,
    commitments,
    salted,
    sign_action,
    verify_private,
)
from core.services import audit, backup, sync
from core.services.applications import get_case
from core.services.offices import certificate_or_refuse, enrol, enrolment_request
from core.services.session import Session
from core.sync.envelope import (
    BATCH_LIMITS,
    PROTOCOL,
    action_item,
    open_private,
    read_item,
    seal_private,
    unwrap,
    wrap,
)
from core.tlog.checkpoint import origin_of, verify_note
from core.tlog.entry import entry_leaf
from core.tlog.merkle import CompactRange
from tests.contract.fake_hub import PostedHub
from tests.core.services.office_kit import OfficeKit, SeededRandom, password

Payload = dict[str, Any]


class Place(Protocol):
    """A hub under test: its face, and its operator's word."""

    def post(self, path: str, body: bytes) -> tuple[int, bytes]:
        """Answer a request."""

    def accept(self, request: bytes, single_clerk: bool = False) -> object:
        """Accept an enrolment."""


@dataclass
class Talk:
    """A desk that speaks to a hub by hand."""

    place: Place
    session: Session
    random: SeededRandom

    def head(self, kind: str) -> Payload:
        """Return what every payload says."""
        return {
            "type": kind,
            "protocol": PROTOCOL,
            "office": self.session.office,
            "device": self.session.device.id,
            "sent_at": to_stamp(self.session.clock()),
        }

    def send(self, path: str, payload: Payload) -> tuple[int, Payload]:
        """Send; return the status and the payload of the answer (checked to be the hub's own)."""
        status, data = self.place.post(path, wrap(payload, self.session.device.signer))
        if status != 200:
            return status, json.loads(data)
        opened = unwrap(data)
        certificate = certificate_or_refuse(self.session)
        assert opened.kid == certificate.hub_kid
        assert opened.verify(bytes.fromhex(certificate.hub_key))
        return status, opened.payload

    def items(self) -> list[Payload]:
        """Return everything of this desk's chain as items to push."""
        with self.session.read() as uow:
            return [self.item(signed, uow.ledger.private_of(signed)) for signed in uow.ledger.chain()]

    def item(self, signed: SignedAction, private: dict[str, Salted]) -> Payload:
        """Seal one action for the hub."""
        exchange = bytes.fromhex(certificate_or_refuse(self.session).hub_exchange_key)
        sealed = seal_private(private, exchange, signed.hash, self.random) if private else ""
        return action_item(signed, sealed)

    def push(self, items: list[Payload], **other: Any) -> tuple[int, Payload]:
        """Push a batch."""
        payload = self.head("actions") | {"device_epoch": self.session.device.epoch, "actions": items}
        return self.send("/api/v1/actions", payload | other)

    def feed(self, after: int, limit: int = 500, **other: Any) -> tuple[int, Payload]:
        """Ask for the feed."""
        payload = self.head("feed") | {"after": after, "limit": limit, "nonce": self.random(16).hex()}
        return self.send("/api/v1/feed", payload | other)

    def verdicts(self, items: list[Payload]) -> list[tuple[str, str]]:
        """Push and return (verdict, code) in the order sent."""
        status, answer = self.push(items)
        assert status == 200, answer
        told = {receipt["action"]: receipt for receipt in answer["receipts"]}
        return [(told[i["action"]["id"]]["verdict"], told[i["action"]["id"]]["code"]) for i in items]

    def next(
        self,
        signer: SoftwareSigner,
        person: str,
        subject: tuple[Any, str, int],
        kind: str,
        public: Payload,
        private: dict[str, str] | None = None,
        **other: Any,
    ) -> tuple[Action, SignedAction, dict[str, Salted]]:
        """Make by hand, rules unasked, what comes next in this desk's chain."""
        with self.session.read() as uow:
            last = uow.ledger.last_of_chain(self.session.device.id, self.session.device.epoch)
        salts = salted(private or {}, self.random)
        action = Action(
            id=self.random(8).hex(),
            office=self.session.office,
            subject_kind=subject[0],
            subject=subject[1],
            base_version=subject[2],
            kind=kind,
            at=to_stamp(self.session.clock()),
            device=self.session.device.id,
            device_epoch=self.session.device.epoch,
            seq=1 if last is None else last[0] + 1,
            prev=GENESIS if last is None else last[1],
            person=person,
            public=public,
            commitments=commitments(salts),
            rehearsal=self.session.rehearsal,
        )
        action = replace(action, **other)
        return action, sign_action(action, signer), salts


class HubContract:
    """The lines. A subclass gives the fixture ``place``; ``kit`` comes from conftest."""

    @pytest.fixture
    def talk(self, place: Place, kit: OfficeKit) -> Talk:
        """A desk accepted by the hub, with nothing pushed."""
        session = kit.open("both")
        request = enrolment_request(session)
        place.post("/api/v1/enrolments", request)
        place.accept(request)
        status, answer = place.post("/api/v1/enrolments", request)
        assert status == 200, answer
        with session.begin() as uow:
            uow.set_meta("certificate", json.dumps(json.loads(answer)["certificate"]))
        return Talk(place, session, SeededRandom("talk"))

    def test_an_office_waits_until_the_operator_accepts_and_is_told_the_same_ever_after(
        self, place: Place, kit: OfficeKit
    ) -> None:
        request = enrolment_request(kit.open("admin"))
        first = place.post("/api/v1/enrolments", request)
        assert first[0] == 202 and json.loads(first[1])["state"] == "pending"
        assert len(json.loads(first[1])["fingerprint"]) == 39
        assert place.post("/api/v1/enrolments", request) == first
        place.accept(request)
        status, answer = place.post("/api/v1/enrolments", request)
        assert status == 200 and json.loads(answer)["state"] == "enrolled"
        assert place.post("/api/v1/enrolments", request) == (status, answer)

    def test_an_enrolment_not_signed_by_the_key_it_carries_is_refused(
        self, place: Place, kit: OfficeKit
    ) -> None:
        payload = unwrap(enrolment_request(kit.open("admin"))).payload
        status, answer = place.post("/api/v1/enrolments", wrap(payload, SoftwareSigner.from_seed(b"x" * 32)))
        assert status in (400, 401, 403) and "error" in json.loads(answer)

    def test_a_whole_case_is_recorded_in_order_and_a_second_push_changes_nothing(
        self, talk: Talk, kit: OfficeKit
    ) -> None:
        kit.approved_case()
        items = talk.items()
        status, answer = talk.push(items)
        assert status == 200 and answer["type"] == "receipts" and answer["protocol"] == PROTOCOL
        assert [(r["action"], r["hash"]) for r in answer["receipts"]] == [
            (item["action"]["id"], read_item(item)[0].hash) for item in items
        ]
        assert {r["verdict"] for r in answer["receipts"]} == {"recorded"}
        assert [r["position"] for r in answer["receipts"]] == list(range(1, len(items) + 1))
        assert all(r["code"] == "" and r["params"] == {} for r in answer["receipts"])
        again = talk.push(items)[1]
        assert again["receipts"] == answer["receipts"]
        assert talk.feed(0)[1]["next"] == len(items)

    def test_the_feed_has_no_gap_and_answers_this_very_question(self, talk: Talk, kit: OfficeKit) -> None:
        kit.approved_case()
        items = talk.items()
        talk.push(items)
        found: list[Payload] = []
        after = 0
        while True:
            status, answer = talk.feed(after, 5, nonce="ab" * 16)
            assert status == 200 and answer["type"] == "feed" and answer["nonce"] == "ab" * 16
            if not answer["items"]:
                assert answer["next"] == after
                break
            found += answer["items"]
            after = answer["next"]
            assert after == found[-1]["position"]
        assert [item["position"] for item in found] == list(range(1, len(items) + 1))
        assert [item["action"] for item in found] == [item["action"] for item in items]
        for item in found[1:]:
            signed, sealed = read_item(item)
            private = open_private(sealed, talk.session.device.exchange_secret, signed.hash) if sealed else {}
            verify_private(signed.action, private)

    def test_what_protocol_1_asks_is_answered_as_protocol_1_and_nothing_more(
        self, talk: Talk, kit: OfficeKit
    ) -> None:
        kit.filed_case(talk.session)
        status, answer = talk.push(talk.items(), protocol=1)
        assert (status, answer["protocol"]) == (200, 1) and not {"log", "revoked"} & set(answer)
        names = {"action", "hash", "verdict", "position", "code", "params", "at"}
        assert all(set(receipt) == names for receipt in answer["receipts"])
        status, answer = talk.feed(0, protocol=1)
        assert (status, answer["protocol"]) == (200, 1) and not {"log", "revoked"} & set(answer)
        names = {"position", "action", "algorithm", "signature", "sealed"}
        assert answer["items"] and all(set(item) == names for item in answer["items"])

    def test_protocol_2_proves_what_it_records_and_what_it_feeds(self, talk: Talk, kit: OfficeKit) -> None:
        kit.filed_case(talk.session)
        origin = origin_of(certificate_or_refuse(talk.session).issuer, talk.session.office)
        key = bytes.fromhex(certificate_or_refuse(talk.session).hub_key)
        answer = talk.push(talk.items())[1]
        head = verify_note(answer["log"]["checkpoint"], key, origin)
        assert (answer["protocol"], answer["revoked"], head.size) == (2, [], len(answer["receipts"]))
        left = CompactRange(answer["log"]["first"] - 1, map(bytes.fromhex, answer["log"]["left"]))
        fresh = answer["receipts"][answer["log"]["first"] - 1 :]
        assert left.extended(entry_leaf(r["at"], r["hash"]) for r in fresh).root() == head.root
        fed = talk.feed(0)[1]
        assert fed["revoked"] == [] and fed["log"]["checkpoint"] == answer["log"]["checkpoint"]
        leaves = [entry_leaf(i["recorded_at"], read_item(i)[0].hash) for i in fed["items"]]
        assert CompactRange().extended(leaves).root() == head.root

    def test_a_batch_has_a_limit_by_protocol(self, talk: Talk) -> None:
        item = talk.items()[0]
        for protocol, limit in BATCH_LIMITS.items():
            status, answer = talk.push([item] * (limit + 1), protocol=protocol)
            assert (status, answer["error"], answer["params"]) == (400, "batch_too_large", {"limit": limit})
            assert talk.push([item] * limit, protocol=protocol)[0] == 200

    @pytest.mark.parametrize("protocol", [0, 3, -1, True, "2", None, 2**50])
    def test_a_protocol_that_nobody_speaks_is_refused_with_those_that_are(
        self, talk: Talk, protocol: Any
    ) -> None:
        status, answer = talk.feed(0, protocol=protocol)
        assert (status, answer["error"]) == (400, "protocol_unknown")
        assert answer["params"]["supported"] == [1, 2]

    def test_the_same_words_from_another_key_are_refused(self, talk: Talk) -> None:
        body = wrap(talk.head("feed") | {"after": 0, "limit": 5, "nonce": "00"}, SoftwareSigner(b"y" * 32))
        status, answer = talk.place.post("/api/v1/feed", body)
        assert status == 401 and json.loads(answer)["error"] == "signature_wrong"

    def test_an_unknown_desk_is_refused(self, talk: Talk) -> None:
        status, answer = talk.feed(0, device="somebody-else")
        assert (status, answer["error"]) == (401, "device_unknown")

    @pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"\xff\xfe", b'{"payload":1}', b"[" * 5000])
    def test_what_is_no_envelope_is_refused_and_not_a_crash(self, talk: Talk, body: bytes) -> None:
        status, answer = talk.place.post("/api/v1/feed", body)
        assert status == 400 and json.loads(answer)["error"] == "envelope_malformed"

    def test_one_kind_of_request_cannot_be_played_as_another(self, talk: Talk) -> None:
        status, answer = talk.send("/api/v1/actions", talk.head("feed") | {"after": 0, "nonce": ""})
        assert status == 400, answer

    @pytest.mark.parametrize("minutes", [-16, 16])
    def test_a_stale_question_is_refused_but_a_stale_batch_is_taken(
        self, talk: Talk, kit: OfficeKit, minutes: int
    ) -> None:
        moment = to_stamp(kit.clock() + timedelta(minutes=minutes))
        status, answer = talk.feed(0, sent_at=moment)
        assert status == 401 and answer["error"] == "request_stale"
        assert talk.push(talk.items(), sent_at=moment)[0] == 200

    @pytest.mark.parametrize("kind", ["case_approved", "case_approved_single"])
    def test_self_approval_written_past_every_rule_of_the_desk_is_rejected(
        self, talk: Talk, kit: OfficeKit, kind: str
    ) -> None:
        case_id = kit.submitted_case(talk.session)
        case = get_case(talk.session, case_id).case
        scan = case.signed_scan()
        assert scan is not None
        facts = {"content": case.content, "scan": scan.id}
        subject = ("case", case_id, case.version)
        _, signed, private = talk.next(talk.session.signer, talk.session.person, subject, kind, facts)
        with talk.session.begin() as uow:
            uow.ledger.append(signed, private)
        *before, last = talk.verdicts(talk.items())
        assert last == ("rejected", "self_approval")
        assert {verdict for verdict, _ in before} == {"recorded"}

    def test_a_signature_by_somebody_else_is_rejected(self, talk: Talk, kit: OfficeKit) -> None:
        case_id = kit.filed_case(talk.session)
        subject = ("case", case_id, 1)
        talk.push(talk.items())
        _, signed, private = talk.next(
            talk.session.signer, kit.person("clerk"), subject, "case_withdrawn", {}
        )
        assert talk.verdicts([talk.item(signed, private)]) == [("rejected", "signature_wrong")]

    def test_personal_values_other_than_those_signed_for_are_rejected(
        self, talk: Talk, kit: OfficeKit
    ) -> None:
        case_id = kit.filed_case(talk.session)
        talk.push(talk.items())
        _, signed, _ = talk.next(
            talk.session.signer,
            talk.session.person,
            ("case", case_id, 1),
            "case_withdrawn",
            {},
            {"remark": "甲"},
        )
        other = salted({"remark": "乙"}, talk.random)
        assert talk.verdicts([talk.item(signed, other)]) == [("rejected", "commitment_wrong")]

    def test_two_actions_on_one_version_have_one_winner(self, talk: Talk, kit: OfficeKit) -> None:
        case_id = kit.filed_case(talk.session)
        _, signed, private = talk.next(
            talk.session.signer, talk.session.person, ("case", case_id, 0), "case_withdrawn", {}
        )
        assert talk.verdicts([*talk.items(), talk.item(signed, private)])[-1][0] == "rejected"

    def test_a_rejected_action_is_part_of_its_chain_and_no_part_of_the_feed(
        self, talk: Talk, kit: OfficeKit
    ) -> None:
        case_id = kit.filed_case(talk.session)
        items = talk.items()
        talk.push(items)
        me, signer = talk.session.person, talk.session.signer
        bad, signed_bad, _ = talk.next(signer, me, ("case", case_id, 7), "case_withdrawn", {})
        _, signed_good, _ = talk.next(
            signer,
            me,
            ("case", case_id, 1),
            "case_withdrawn",
            {},
            seq=bad.seq + 1,
            prev=signed_bad.hash,
        )
        pair = [talk.item(signed_bad, {}), talk.item(signed_good, {})]
        assert [verdict for verdict, _ in talk.verdicts(pair)] == ["rejected", "recorded"]
        assert [verdict for verdict, _ in talk.verdicts(pair)] == ["rejected", "recorded"]
        feed = talk.feed(len(items))[1]["items"]
        assert [item["action"]["id"] for item in feed] == [signed_good.action.id]
        assert feed[0]["position"] == len(items) + 1

    @pytest.mark.parametrize("break_it", [lambda a: replace(a, seq=a.seq + 1), lambda a: replace(a, seq=2)])
    def test_a_forked_or_broken_chain_is_no_receipt_at_all(
        self, talk: Talk, kit: OfficeKit, break_it: Callable[[Action], Action]
    ) -> None:
        case_id = kit.filed_case(talk.session)
        talk.push(talk.items())
        action, _, _ = talk.next(
            talk.session.signer, talk.session.person, ("case", case_id, 1), "case_withdrawn", {}
        )
        signed = sign_action(break_it(action), talk.session.signer)
        status, answer = talk.push([talk.item(signed, {})])
        assert status == 409 and answer["error"].startswith("chain_")
        # What stood before the break keeps its receipts, and the desk is told where it stopped.
        status, answer = talk.push([*talk.items(), talk.item(signed, {})])
        assert status == 200 and answer["stopped"]["error"].startswith("chain_")
        assert len(answer["receipts"]) == len(talk.items())

    def test_an_older_generation_of_a_restored_desk_is_told_so(self, talk: Talk) -> None:
        assert talk.push([], device_epoch=5)[0] == 200
        status, answer = talk.push([], device_epoch=4)
        assert (status, answer["error"]) == (409, "epoch_old")

    def test_a_desks_own_cycle_and_a_restored_desks_too_come_through(
        self, place: Place, kit: OfficeKit, tmp_path: Path
    ) -> None:
        hub = PostedHub(place.post)
        with kit.sit("admin") as admin:
            assert enrol(admin, hub) is None
            place.accept(enrolment_request(admin))
            assert enrol(admin, hub) is not None
            kit.approved_case()
            file = backup.back_up(admin, tmp_path / "b.certdesk")
        with kit.sit("clerk") as clerk:
            lost = kit.filed_case(clerk)
            report = sync.sync(clerk, hub)
            assert (report.rejected, report.pulled, report.pending) == ((), 0, 0)
            assert sync.sync(clerk, hub).pushed == 0
        backup.restore(file, kit.folder, "admin", password("admin"), kit.ports).close()
        with kit.sit("clerk") as clerk:
            offline = kit.filed_case(clerk)
            report = sync.sync(clerk, hub)
            assert (report.rejected, report.pulled, report.pending) == ((), 2, 0)
            assert sync.sync(clerk, hub).pulled == 0
            assert {get_case(clerk, case).case.unit for case in (lost, offline)}
            assert audit.verify_record(clerk) == 16
            audit.check_rebuild(clerk)
            with clerk.read() as uow:
                assert {line.delivery for line in uow.lists.cases()} == {"recorded"}

    def test_the_judge_named_here_is_the_one_the_desk_asks(self) -> None:
        """A control: if the hub judged by other rules than the desk, the two above would prove nothing."""
        import core.services.recording as recording

        assert recording.judge is judge
