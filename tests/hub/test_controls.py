"""Known-bad hubs: with one check taken out, the property that check guards must be seen to fail.

Without these the suites beside this file could be blind. Each control breaks one seam of the running
hub and repeats an attack of the suites; there the answer is a refusal, here it must not be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from core.claims.code import decode
from core.ids import new_id
from hub import claim_checks, claims, delivery, ledger
from hub.claims import token as honest_token
from tests.hub.conftest import Station
from tests.hub.sample_office import SampleOffice
from tests.hub.test_claim_refusals import flip_signature, wrong
from tests.hub.test_ledger import last_code, submitted


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Replace one function of the hub, which runs in this process, for one test."""

    def replace(module: Any, name: str, by: Any) -> None:
        monkeypatch.setattr(module, name, by)

    yield replace


def test_without_the_judge_one_clerk_approves_alone(
    office: SampleOffice, broken: Callable[..., None]
) -> None:
    broken(ledger, "judge", lambda *_: None)
    office.approve(submitted(office), by=office.clerk)
    assert last_code(office) == ""


def test_without_commitments_other_values_pass(office: SampleOffice, broken: Callable[..., None]) -> None:
    broken(ledger, "verify_private", lambda *_: None)
    office.register(office.invented(0))
    office.outbox[-1] = {**office.outbox[-1], "sealed": ""}
    assert last_code(office) != "commitment_wrong"


def test_without_the_chain_a_gap_passes(office: SampleOffice, broken: Callable[..., None]) -> None:
    broken(ledger.chain, "check", lambda *_: None)
    office.act("claim_voided", "claim", new_id(), {"reason": "x"})
    office.outbox.clear()
    office.register(office.invented(0))
    assert last_code(office) == ""


def test_without_signatures_a_forged_code_is_honoured(
    station: Station, office: SampleOffice, broken: Callable[..., None]
) -> None:
    minted = office.mint(office.approved_case())
    office.push_all_recorded()
    broken(claim_checks, "verify_signature", lambda *_: True)
    assert station.wallet().ask_token(flip_signature(minted.text), minted.pin).status == 200


def test_without_the_window_an_old_code_is_honoured(
    station: Station, office: SampleOffice, broken: Callable[..., None]
) -> None:
    minted = office.mint(office.approved_case())
    office.push_all_recorded()
    station.hands.forward(hours=2)
    broken(claim_checks, "check_window", lambda *_: None)
    assert station.wallet().ask_token(minted.text, minted.pin).status == 200


def test_without_the_lock_the_sixth_pin_is_still_heard(
    station: Station, office: SampleOffice, broken: Callable[..., None]
) -> None:
    minted, wallet = office.mint(office.approved_case()), station.wallet()
    office.push_all_recorded()
    broken(claims, "TRIES", 1000)
    for _ in range(6):
        wallet.ask_token(minted.text, wrong(minted.pin))
    assert wallet.ask_token(minted.text, minted.pin).status == 200


def test_without_the_unique_number_two_phones_win(
    station: Station, office: SampleOffice, broken: Callable[..., None]
) -> None:
    minted = office.mint(office.approved_case())
    office.push_all_recorded()
    broken(claim_checks, "_is_spent", lambda *_: False)
    broken(claims, "insert_new", lambda *_: True)
    granted = [honest_token(station.hub, minted.text, minted.pin) for _ in range(2)]
    assert len({each.token for each in granted}) == 2


def test_without_single_use_a_nonce_serves_twice(
    station: Station, office: SampleOffice, broken: Callable[..., None]
) -> None:
    first, second = (office.mint(office.approved_case(index)) for index in (0, 1))
    office.push_all_recorded()
    broken(delivery, "take_nonce", lambda *_: True)
    one, two = station.wallet(), station.wallet()
    nonce = one.nonce()
    one.ask_token(first.text, first.pin)
    two.ask_token(second.text, second.pin)
    assert [each.ask_credential(each.proof(nonce)).status for each in (one, two)] == [200, 200]


def test_the_unit_tag_is_what_ties_a_code_to_its_unit(
    station: Station, office: SampleOffice, broken: Callable[..., None]
) -> None:
    minted = office.mint(office.approved_case(), record=False, unit_tag=b"\x00" * 16)
    office.push_all_recorded()
    wallet = station.wallet()
    assert wallet.ask_token(minted.text, minted.pin).json["error_description"] == "forged unit"
    broken(claim_checks, "unit_tag", lambda *_: decode(minted.text).code.unit_tag)
    assert wallet.ask_token(minted.text, minted.pin).status == 200
