"""Claim codes at the counter: minted without network, days later, renewed, voided; clocks that move."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.claims.code import decode, verify_signature
from core.claims.pair import pair_key, pin, unit_tag
from core.clock import UTC
from core.errors import EnvironmentFault, Refusal, UserError
from core.records.states import Lifecycle
from core.services import applications, audit, claims, review, sync
from tests.contract.fake_hub import ISSUER, FakeHub, PostedHub
from tests.core.services.office_kit import OfficeKit, SeededRandom


@pytest.fixture
def fake(kit: OfficeKit) -> FakeHub:
    """A hub that has accepted the office."""
    fake = FakeHub(kit.clock, SeededRandom("hub"))
    kit.enrol(PostedHub(fake.post))
    return fake


def _no_network(_path: str, _body: bytes) -> tuple[int, bytes]:
    raise AssertionError("the network was used")


def test_a_code_says_what_the_case_says_and_the_hub_can_check_it_all(kit: OfficeKit, fake: FakeHub) -> None:
    case_id = kit.approved_case()
    fake.post = _no_network  # type: ignore[method-assign]
    kit.clock.move(days=9)
    with kit.sit("clerk") as clerk:
        minted = claims.mint_claim(clerk, case_id)
        view = applications.get_case(clerk, case_id)
        device = clerk.device
    decoded = decode(minted.code)
    assert verify_signature(decoded, "Ed25519", device.signer.public_bytes(), ISSUER)
    assert not verify_signature(decoded, "Ed25519", device.signer.public_bytes(), "http://127.0.0.1:1")
    code = decoded.code
    assert decoded.kid.hex() == device.signer.kid if isinstance(decoded.kid, bytes) else decoded.kid
    assert (code.expires_at - code.issued_at, code.purpose, code.representative_no) == (600, 1, 1)
    assert code.facts == bytes.fromhex(view.case.approval or "")[:16]
    assert datetime.fromtimestamp(code.issued_at, UTC) - kit.clock.moment < timedelta(seconds=2)
    shared = pair_key(fake.exchange_secret, device.exchange_public)  # the hub's half
    assert minted.pin == pin(shared, code.jti) and len(minted.pin) == 6
    assert code.unit_tag == unit_tag(shared, code.jti, view.unit.values["uscc"])
    for text in (minted.link, minted.scheme_link, minted.by_value):
        assert minted.pin not in text and len(text.encode()) < 1000
        for value in (*view.case.values.values(), view.unit.values["uscc"], view.unit.values["name"]):
            assert len(value) < 4 or value not in text
    assert len(minted.link.encode()) <= 320 and not minted.clock_warning


def test_without_enrolment_or_approval_there_is_no_code(kit: OfficeKit) -> None:
    case_id = kit.approved_case()
    with kit.sit("clerk") as clerk:
        with pytest.raises(UserError, match="not_enrolled"):
            claims.mint_claim(clerk, case_id)
        assert claims.claims_of(clerk, case_id) == []
    kit.enrol(PostedHub(FakeHub(kit.clock, SeededRandom("hub")).post))
    with kit.sit("clerk") as clerk:
        waiting = kit.submitted_case(clerk)
        with pytest.raises(Refusal, match="case_wrong_state"):
            claims.mint_claim(clerk, waiting)
        assert claims.claims_of(clerk, waiting) == []
    with kit.sit("auditor") as auditor, pytest.raises(Refusal, match="role_missing"):
        claims.mint_claim(auditor, case_id)
    change = kit.approved_case("attachment-3")
    with kit.sit("clerk") as clerk:
        claims.mint_claim(clerk, change)
        assert [each.purpose for each in claims.claims_of(clerk, change)] == [3]


def test_renewing_voids_the_former_code_and_undoing_voids_all(kit: OfficeKit, fake: FakeHub) -> None:
    case_id = kit.approved_case()
    with kit.sit("clerk") as clerk:
        with pytest.raises(UserError, match="no_live_claim"):
            claims.void_claims(clerk, case_id)
        codes = [claims.mint_claim(clerk, case_id) for _ in range(3)]
        assert len({code.jti for code in codes}) == len({code.pin for code in codes} | {"x"}) - 1 == 3
        assert [(c.jti, c.voided) for c in claims.claims_of(clerk, case_id)] == [
            (codes[2].jti, False),
            (codes[1].jti, True),
            (codes[0].jti, True),
        ]
        assert claims.void_claims(clerk, case_id) == 1
        live = claims.mint_claim(clerk, case_id)
    with kit.sit("reviewer") as reviewer:
        review.undo_approval(reviewer, case_id)
        assert all(claim.voided for claim in claims.claims_of(reviewer, case_id))
        with pytest.raises(Refusal, match="case_wrong_state"):
            claims.mint_claim(reviewer, case_id)
        approval = review.approve(reviewer, case_id)
        again = claims.mint_claim(reviewer, case_id)
        assert decode(again.code).code.facts == bytes.fromhex(approval)[:16]
        assert decode(live.code).code.facts != decode(again.code).code.facts
        sync.sync(reviewer, PostedHub(fake.post))
        assert audit.verify_record(reviewer)


def test_once_claimed_a_code_is_a_replacement_and_nothing_is_undone(kit: OfficeKit, fake: FakeHub) -> None:
    case_id = kit.approved_case()
    hub = PostedHub(fake.post)
    with kit.sit("clerk") as clerk:
        first = claims.mint_claim(clerk, case_id)
        sync.sync(clerk, hub)
        fake.issue(clerk.office, case_id, first.jti)
        sync.sync(clerk, hub)
        assert applications.get_case(clerk, case_id).case.lifecycle is Lifecycle.CLAIMED
        with clerk.read() as uow:
            assert [line.lifecycle for line in uow.lists.cases()] == ["claimed"]
        second = claims.mint_claim(clerk, case_id)
        assert decode(second.code).code.purpose == 2
        spent = {claim.jti: claim.voided for claim in claims.claims_of(clerk, case_id)}
        assert spent == {first.jti: False, second.jti: False}  # the used one is not voided after the fact
    with kit.sit("reviewer") as reviewer, pytest.raises(Refusal, match="already_claimed"):
        review.undo_approval(reviewer, case_id)


def test_a_clock_that_goes_back_stops_minting_and_a_small_step_does_not(
    kit: OfficeKit, fake: FakeHub
) -> None:
    case_id = kit.approved_case()
    with kit.sit("clerk") as clerk:
        first = claims.mint_claim(clerk, case_id)
        kit.clock.move(seconds=-90)
        second = claims.mint_claim(clerk, case_id)
        assert second.issued_at >= first.issued_at  # never an older code than the one before
        kit.clock.move(hours=-3)
        with pytest.raises(EnvironmentFault, match="clock_went_back"):
            claims.mint_claim(clerk, case_id)
        live = [claim.jti for claim in claims.claims_of(clerk, case_id) if not claim.voided]
        assert live == [second.jti]  # the refused renewal voided nothing
        kit.clock.move(hours=3)
        claims.mint_claim(clerk, case_id)


def test_one_code_minted_in_a_wrong_year_does_not_block_the_office_for_ever(
    kit: OfficeKit, fake: FakeHub
) -> None:
    case_id = kit.approved_case()
    with kit.sit("clerk") as clerk:
        kit.clock.move(days=60)
        claims.mint_claim(clerk, case_id)
        kit.clock.move(days=-60)
        with pytest.raises(EnvironmentFault, match="clock_went_back"):
            claims.mint_claim(clerk, case_id)
        sync.sync(clerk, PostedHub(fake.post))  # the hub's word on the time is the remedy
        assert claims.mint_claim(clerk, case_id).issued_at <= kit.clock.moment.timestamp()


@pytest.mark.parametrize("minutes", [-50, 50])
def test_a_desk_whose_clock_is_wrong_mints_by_the_hubs_clock(kit: OfficeKit, minutes: int) -> None:
    ahead = timedelta(minutes=minutes)
    fake = FakeHub(lambda: kit.clock() + ahead, SeededRandom("hub"))
    hub = PostedHub(fake.post)
    kit.enrol(hub)
    case_id = kit.approved_case()
    with kit.sit("clerk") as clerk:
        before = claims.mint_claim(clerk, case_id)
        assert abs(before.issued_at - kit.clock.moment.timestamp()) < 2
        report = sync.sync(clerk, hub)  # also the feed is asked in the hub's time, or it would be stale
        assert abs(report.hub_offset_seconds - minutes * 60) <= 1
        if minutes > 0:
            minted = claims.mint_claim(clerk, case_id)
            assert abs(minted.issued_at - (kit.clock.moment + ahead).timestamp()) < 3
            assert minted.clock_warning
        kit.clock.move(minutes=minutes)  # somebody sets the clock right
        fake.clock = kit.clock
        sync.sync(clerk, hub)
        minted = claims.mint_claim(clerk, case_id)
        assert abs(minted.issued_at - kit.clock.moment.timestamp()) < 3 and not minted.clock_warning


def test_the_customer_sees_a_surname_only(kit: OfficeKit) -> None:
    case_id = kit.approved_case()
    with kit.sit("clerk") as clerk:
        case = applications.get_case(clerk, case_id).case
        name = case.values["representative_name"]
        assert claims.masked_holder(case) == f"{name[0]}**"
