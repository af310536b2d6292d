"""The ledger: what is recorded, what is rejected and by which code, and that nothing is lost or doubled.

All of it through the front door, with envelopes that a patched client could send. The first test is the
control: the same office, unpatched, gets everything recorded.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from core.clock import to_stamp
from core.ids import new_id, system_random
from core.keys.sealing import new_exchange_key
from core.keys.signer import SoftwareSigner
from core.records.model import Salted, action_from_body, salted, sign_action, verify_private
from core.rehearsal.units import case_values
from core.sync.envelope import action_item, seal_private, wrap
from hub import tables
from hub.desks import revoke_desk
from hub.sealed import erase
from tests.hub.conftest import Station
from tests.hub.sample_office import SampleOffice, member, split


def last_code(office: SampleOffice) -> str:
    """Push, and return the code of the last receipt; what came before it was recorded."""
    receipts = office.push()
    assert all(r["verdict"] == "recorded" for r in receipts[:-1]), receipts
    assert (receipts[-1]["verdict"] == "recorded") == (receipts[-1]["position"] is not None)
    return str(receipts[-1]["code"])


def count(station: Station, office: SampleOffice) -> int:
    with station.hub.database.read() as connection:
        table = tables.action
        query = select(func.count()).select_from(table).where(table.c.office == office.office)
        return int(connection.execute(query).scalar_one())


def submitted(office: SampleOffice, index: int = 0) -> str:
    unit = office.invented(index)
    case = office.file(office.register(unit), unit)
    office.submit(case)
    return case


# --- the honest office ------------------------------------------------------------------------------


def test_an_honest_office_is_recorded_in_order(office: SampleOffice) -> None:
    office.approved_case()
    receipts = office.push()
    assert {r["verdict"] for r in receipts} == {"recorded"}
    positions = [r["position"] for r in receipts]
    assert positions == list(range(positions[0], positions[0] + len(positions)))


def test_a_batch_sent_again_gets_the_same_answer(station: Station, office: SampleOffice) -> None:
    case = submitted(office)
    office.approve(case, by=office.clerk)  # one of them is refused
    items = list(office.outbox)
    first = office.push()
    known = count(station, office)
    for _ in range(3):
        assert office.ask("/api/v1/actions", office.batch(items))["receipts"] == first
    assert count(station, office) == known


def test_one_rejection_never_loses_the_others(office: SampleOffice) -> None:
    office.act("claim_voided", "claim", new_id(), {"reason": "x"})
    office.register(office.invented(3))
    verdicts = [r["verdict"] for r in office.push()]
    assert verdicts == ["rejected", "recorded"]


def test_the_feed_has_no_gap_and_opens_for_the_desk(office: SampleOffice) -> None:
    approved = office.approved_case()
    office.push_all_recorded()
    seen: list[dict[str, Any]] = []
    while page := office.feed(len(seen), 4)["items"]:
        seen += page
    assert [item["position"] for item in seen] == list(range(1, len(seen) + 1))
    filed = next(item for item in seen if item["action"]["kind"] == "case_filed")
    action = action_from_body(filed["action"])
    private = office.open(filed, action.hash())
    verify_private(action, private)
    assert private["representative_name"].value == approved.invented.representative.name
    founding = action_from_body(seen[0]["action"])
    assert office.open(seen[0], founding.hash())["name"].value == office.admin.name


def test_another_office_sees_none_of_it(station: Station, office: SampleOffice) -> None:
    office.approved_case()
    office.push_all_recorded()
    other = station.new_office()
    assert {item["action"]["office"] for item in other.feed()["items"]} == {other.office}


# --- two people -------------------------------------------------------------------------------------


def test_who_filed_cannot_approve(office: SampleOffice) -> None:
    unit = office.invented(0)
    case = office.file(office.register(unit), unit, by=office.reviewer)
    office.submit(case, by=office.reviewer)
    office.approve(case, by=office.reviewer)
    assert last_code(office) == "self_approval"


def test_a_hand_in_the_middle_is_a_hand_too(office: SampleOffice) -> None:
    unit = office.invented(0)
    case = office.file(office.register(unit), unit)
    office.submit(case, by=office.reviewer)
    office.approve(case, by=office.reviewer)
    assert last_code(office) == "self_approval"


def test_a_second_account_with_the_same_key_is_no_second_person(office: SampleOffice) -> None:
    twin = replace(member("第二账号演练", "reviewer"), signer=office.clerk.signer)
    office.add_person(twin)
    assert last_code(office) == "key_in_use"
    office.reject_last(office.office)
    office.approve(submitted(office), by=twin)
    assert last_code(office) == "person_unknown"


def test_somebody_elses_name_needs_their_key(office: SampleOffice) -> None:
    case = submitted(office)
    thief = replace(office.reviewer, signer=office.clerk.signer)
    office.approve(case, by=thief)
    assert last_code(office) == "signature_wrong"


def test_a_role_is_not_taken_but_given(office: SampleOffice) -> None:
    office.approve(submitted(office), by=office.admin)
    assert last_code(office) == "role_missing"


def test_roles_are_given_by_administrators_only(office: SampleOffice) -> None:
    public = {"person": office.clerk.id, "roles": ["clerk", "reviewer", "admin"]}
    office.act("person_roles_set", "office", office.office, public, by=office.clerk)
    assert last_code(office) == "role_missing"


def test_no_local_switch_makes_one_clerk_enough(office: SampleOffice) -> None:
    office.approve(submitted(office), kind="case_approved_single")
    assert last_code(office) == "self_approval"


def test_a_single_clerk_office_was_enrolled_as_one(station: Station) -> None:
    office = station.new_office(single_clerk=True)
    unit = office.invented(0)
    case = office.file(office.register(unit), unit, by=office.reviewer)
    office.submit(case, by=office.reviewer)
    office.approve(case, by=office.reviewer, kind="case_approved_single")
    assert last_code(office) == ""


def test_a_disabled_person_acts_no_more(office: SampleOffice) -> None:
    office.act("person_disabled", "office", office.office, {"person": office.clerk.id}, by=office.admin)
    office.register(office.invented(0))
    assert last_code(office) == "person_unknown"


def test_a_new_key_replaces_the_old(office: SampleOffice) -> None:
    old = office.clerk
    fresh = replace(old, signer=SoftwareSigner.generate(system_random, 16))
    public = {"person": old.id, "key": fresh.signer.public_bytes().hex(), "algorithm": "Ed25519"}
    office.act("person_rekeyed", "office", office.office, public, by=office.admin)
    office.clerk = fresh
    office.register(office.invented(0))
    assert last_code(office) == ""
    office.clerk = old
    office.register(office.invented(1))
    assert last_code(office) == "signed_with_former_key"
    office.clerk = replace(old, signer=SoftwareSigner.generate(system_random, 16))
    office.register(office.invented(2))
    assert last_code(office) == "signature_wrong"


# --- patched clients --------------------------------------------------------------------------------


def test_an_approval_without_papers_or_paper(office: SampleOffice) -> None:
    unit = office.invented(0)
    unit_id, case = office.register(unit), new_id()
    public, personal = split("attachment-1", case_values(unit, "attachment-1", office.clock().date()))
    filed = office.act("case_filed", "case", case, {"unit": unit_id, "case_no": "1", **public}, personal)
    office.act("case_submitted", "case", case, {"content": filed.hash})
    assert last_code(office) == "signed_scan_missing"


def test_a_form_with_an_error_is_refused_again(office: SampleOffice) -> None:
    values = {**office.invented(0).values, "uscc": "12469023MB0000000A"}
    public, personal = split("unit-record", values)
    office.act("unit_registered", "unit", new_id(), {**public, "representative_no": 1}, personal)
    assert last_code(office) == "form_incomplete"


def test_personal_values_may_not_stand_in_clear(office: SampleOffice) -> None:
    public, personal = split("unit-record", office.invented(0).values)
    public["values"] = {**public["values"], **personal}
    office.act("unit_registered", "unit", new_id(), {**public, "representative_no": 1}, {})
    assert last_code(office) == "action_malformed"


def test_values_must_be_those_committed_to(office: SampleOffice) -> None:
    unit_id = new_id()
    public, personal = split("unit-record", office.invented(0).values)
    private = salted(personal, system_random)
    action = office.action(
        "unit_registered", "unit", unit_id, {**public, "representative_no": 1}, private, office.clerk.id
    )
    other = {name: Salted(item.salt, item.value + "改") for name, item in private.items()}
    office.keep(sign_action(action, office.clerk.signer), other)
    assert last_code(office) == "commitment_wrong"


def test_values_must_be_there(office: SampleOffice) -> None:
    office.register(office.invented(0))
    office.outbox[-1] = {**office.outbox[-1], "sealed": ""}
    assert last_code(office) == "commitment_wrong"


def test_values_sealed_to_somebody_else_are_unreadable(office: SampleOffice) -> None:
    office.register(office.invented(0))
    item = office.outbox[-1]
    stranger = new_exchange_key()[1]
    private = {"representative_name": Salted("0" * 32, "x")}
    sealed = seal_private(private, stranger, action_from_body(item["action"]).hash(), system_random)
    office.outbox[-1] = {**item, "sealed": sealed}
    assert last_code(office) == "private_unreadable"


def test_two_edits_of_one_version_conflict(office: SampleOffice) -> None:
    unit = office.invented(0)
    unit_id = office.register(unit)
    public, personal = split("unit-record", unit.values)
    corrected = {**public, "representative_no": 1}
    office.act("unit_corrected", "unit", unit_id, corrected, personal)
    office.act("unit_corrected", "unit", unit_id, corrected, personal, base_version=1)
    receipts = office.push()
    assert [r["code"] for r in receipts] == ["", "", "version_conflict"]
    assert receipts[-1]["params"] == {"base": 1, "have": 2}


def test_what_depends_on_a_rejected_action_falls_with_it(office: SampleOffice) -> None:
    case = submitted(office)
    office.approve(case, by=office.clerk)
    office.act("approval_undone", "case", case, {"approval": office.prev}, by=office.reviewer)
    assert [r["code"] for r in office.push()][-2:] == ["role_missing", "version_conflict"]


def test_an_action_from_the_future_is_refused(station: Station, office: SampleOffice) -> None:
    station.hands.forward(minutes=14)
    office.register(office.invented(0))
    station.hands.forward(minutes=2)
    office.register(office.invented(1))
    station.hands.forward(minutes=-16)
    assert last_code(office) == "action_from_future"


@pytest.mark.parametrize(
    "kind", ["certificate_issued", "certificate_voided", "office_founded", "no_such_kind"]
)
def test_kinds_that_are_not_a_desks(office: SampleOffice, kind: str) -> None:
    office.act(kind, "certificate", new_id(), {})
    assert last_code(office) in {"action_hub_only", "office_exists", "action_unknown"}


def test_the_same_id_with_another_content_is_refused(office: SampleOffice) -> None:
    unit = office.invented(0)
    unit_id = office.register(unit)
    known = office.outbox[-1]["action"]["id"]
    public, personal = split("unit-record", unit.values)
    office.act("unit_corrected", "unit", unit_id, {**public, "representative_no": 1}, personal, id=known)
    assert last_code(office) == "action_changed"


def test_an_action_for_another_office_is_foreign(station: Station, office: SampleOffice) -> None:
    other = station.new_office()
    office.act("papers_checked", "case", new_id(), {"items": {}}, office=other.office)
    assert last_code(office) == "office_foreign"


def test_an_action_of_another_device_is_foreign(station: Station, office: SampleOffice) -> None:
    office.act("papers_checked", "case", new_id(), {"items": {}}, device="hub")
    assert last_code(office) == "device_foreign"


def test_rehearsal_and_earnest_do_not_mix(office: SampleOffice) -> None:
    public, personal = split("unit-record", office.invented(0).values)
    office.act(
        "unit_registered", "unit", new_id(), {**public, "representative_no": 1}, personal, rehearsal=True
    )
    assert last_code(office) == "office_foreign"


# --- chains -----------------------------------------------------------------------------------------


def answer_of(office: SampleOffice, data: bytes) -> tuple[int, str]:
    status, body = office.post("/api/v1/actions", data)
    return status, json.loads(body).get("error", "")


def test_a_gap_stops_the_batch_there(office: SampleOffice) -> None:
    office.register(office.invented(0))
    office.register(office.invented(1))
    office.register(office.invented(2))
    first, _, third = office.outbox
    assert answer_of(office, office.batch([third])) == (409, "chain_gap")
    answer = office.ask("/api/v1/actions", office.batch([first, third]))
    assert [r["verdict"] for r in answer["receipts"]] == ["recorded"]
    assert answer["stopped"]["error"] == "chain_gap"
    assert answer["stopped"]["params"]["seq"] == third["action"]["seq"] - 1
    office.push_all_recorded()  # nothing was lost by it


def test_a_broken_or_forked_chain_is_noticed(office: SampleOffice) -> None:
    office.register(office.invented(0))
    keep = office.outbox.pop()
    office.outbox.clear()
    fork = replace(action_from_body(keep["action"]), id=new_id())
    forked = action_item(sign_action(fork, office.clerk.signer), keep["sealed"])
    office.ask("/api/v1/actions", office.batch([keep]))
    assert answer_of(office, office.batch([forked])) == (409, "chain_forked")
    broken = replace(fork, id=new_id(), seq=fork.seq + 1, prev="ab" * 32)
    item = action_item(sign_action(broken, office.clerk.signer), keep["sealed"])
    assert answer_of(office, office.batch([item])) == (409, "chain_broken")


def test_the_chain_goes_on_after_a_rejection(office: SampleOffice) -> None:
    office.act("claim_voided", "claim", new_id(), {"reason": "x"})
    office.register(office.invented(0))
    assert [r["verdict"] for r in office.push()] == ["rejected", "recorded"]
    office.register(office.invented(1))
    office.push_all_recorded()


def test_a_restored_desk_starts_a_new_generation_and_the_old_is_refused(office: SampleOffice) -> None:
    office.register(office.invented(0))
    office.push_all_recorded()
    old = office.batch([])
    office.epoch, office.seq, office.prev = 2, 0, "0" * 64
    office.register(office.invented(1))
    office.push_all_recorded()
    assert answer_of(office, old) == (409, "epoch_old")


# --- desks ------------------------------------------------------------------------------------------


def test_envelopes_of_others_are_refused(station: Station, office: SampleOffice) -> None:
    data = office.envelope("feed", after=0, limit=1)
    payload = json.loads(data)["payload"]
    stranger = SoftwareSigner.generate()
    cases: dict[str, bytes] = {
        "signature_wrong": wrap(payload, stranger),
        "device_unknown": wrap({**payload, "device": new_id()}, office.signer),
        "envelope_malformed": data.replace(b'"limit":1', b'"limit": 1'),
        "protocol_unknown": wrap({**payload, "protocol": 3}, office.signer),
    }
    for code, envelope in cases.items():
        status, body = station.post("/api/v1/feed", envelope)
        assert (json.loads(body)["error"], 400 <= status < 500) == (code, True)
    assert station.post("/api/v1/feed", data)[0] == 200


def test_an_envelope_serves_one_endpoint_only(station: Station, office: SampleOffice) -> None:
    data = office.envelope("feed", after=0, limit=1)
    assert station.post("/api/v1/claims/progress", data)[0] == 400
    assert station.post("/api/v1/actions", data)[0] == 400


def test_stale_requests_are_refused_with_the_hubs_time(station: Station, office: SampleOffice) -> None:
    data = office.envelope("feed", after=0, limit=1)
    station.hands.forward(minutes=16)
    status, body = station.post("/api/v1/feed", data)
    answer = json.loads(body)
    assert (status, answer["error"]) == (401, "request_stale")
    assert answer["params"]["hub_time"] == to_stamp(station.hands())
    assert answer["params"]["seconds"] == -960


def test_a_batch_made_days_ago_is_taken(station: Station, office: SampleOffice) -> None:
    office.register(office.invented(0))
    data = office.batch(office.outbox)
    station.hands.forward(days=90)
    assert office.ask("/api/v1/actions", data)["receipts"][0]["verdict"] == "recorded"


def test_a_revoked_desk_is_not_heard(station: Station, office: SampleOffice) -> None:
    with station.hub.database.write() as connection:
        revoke_desk(connection, office.office, office.device, station.hub.now())
    assert answer_of(office, office.batch([])) == (403, "device_revoked")


def test_a_second_desk_joins_by_the_administrators_hand(station: Station, office: SampleOffice) -> None:
    second = replace(
        office,
        device=new_id(),
        signer=SoftwareSigner.generate(),
        exchange=new_exchange_key(),
        outbox=[],
        seq=0,
        prev="0" * 64,
        versions={},
    )
    assert answer_of(second, second.batch([]))[1] == "device_unknown"
    office.act("device_added", "office", office.office, second.device_data(), by=office.admin)
    office.push_all_recorded()
    approved = second.approved_case(4)
    second.push_all_recorded()
    minted = second.mint(approved)
    assert station.wallet().claim(minted.text, minted.pin)
    assert len({item["action"]["device"] for item in office.feed()["items"]}) == 3  # two desks and the hub


# --- erasure ----------------------------------------------------------------------------------------


def test_an_erased_subject_leaves_chain_and_feed_whole(station: Station, office: SampleOffice) -> None:
    approved = office.approved_case()
    office.push_all_recorded()
    before = office.feed()["items"]
    with station.hub.database.write() as connection:
        erase(connection, office.office, approved.case, station.hub.stamp())
    after = office.feed()["items"]
    assert [item["action"] for item in after] == [item["action"] for item in before]
    kept = {item["action"]["kind"]: item["sealed"] for item in after}
    assert kept["case_filed"] == "" and kept["unit_registered"] != ""
    minted = office.mint(approved)
    said = station.wallet().ask_token(minted.text, minted.pin).json["error_description"]
    assert said.startswith("voided")
    with station.hub.database.read() as connection:
        table = tables.subject_key
        rows = connection.execute(select(table).where(table.c.subject == approved.case)).all()
    assert rows == []
