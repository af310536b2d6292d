"""Every code that must not be honoured, with the first word it is refused by; and the one winner of a race.

Each attack has its control: the untouched code of the same office is honoured.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from core.claims.code import decode, mint
from core.ids import new_id, system_random
from core.keys.signer import SoftwareSigner
from hub import tables
from hub.desks import revoke_desk
from tests.hub.conftest import Station
from tests.hub.sample_office import Approved, Minted, SampleOffice
from tests.hub.wallet import Reply, Wallet


@pytest.fixture
def approved(office: SampleOffice) -> Approved:
    made = office.approved_case()
    office.push_all_recorded()
    return made


def refused(reply: Reply) -> str:
    """The first word of a refusal; its form is checked on the way."""
    assert reply.status == 400, (reply.status, reply.body)
    assert reply.json["error"] == "invalid_grant"
    description: str = reply.json["error_description"]
    assert description.isascii()
    assert reply.headers["cache-control"] == "no-store"
    return description.split()[0]


def both(wallet: Wallet, minted: Minted) -> set[str]:
    """The words by which offer and token refuse a code: claim.md wants one and the same."""
    offered = wallet.offer(minted.text)
    assert offered.status == 404
    return {offered.json["error_description"].split()[0], refused(wallet.ask_token(minted.text, minted.pin))}


def wrong(pin: str) -> str:
    return f"{(int(pin) + 1) % 1_000_000:06d}"


# --- PIN ------------------------------------------------------------------------------------------


def test_five_wrong_pins_lock_for_good(station: Station, office: SampleOffice, approved: Approved) -> None:
    minted, wallet = office.mint(approved), station.wallet()
    told = [wallet.ask_token(minted.text, wrong(minted.pin)).json["error_description"] for _ in range(5)]
    assert told[:4] == [f"pin_wrong {left} left" for left in (4, 3, 2, 1)]
    assert told[4].startswith("locked")
    assert refused(wallet.ask_token(minted.text, minted.pin)) == "locked"
    assert both(wallet, minted) == {"locked"}
    assert office.progress(minted.jti)[0] | {"at": ""} == {
        "jti": minted.jti.hex(),
        "state": "locked",
        "tries_left": 0,
        "code": "locked",
        "at": "",
    }


def test_four_wrong_pins_do_not(station: Station, office: SampleOffice, approved: Approved) -> None:
    minted, wallet = office.mint(approved), station.wallet()
    for _ in range(4):
        wallet.ask_token(minted.text, wrong(minted.pin))
    assert wallet.ask_token(minted.text, minted.pin).status == 200


def test_a_missing_pin_is_another_error_and_costs_no_try(
    station: Station, office: SampleOffice, approved: Approved
) -> None:
    minted, wallet = office.mint(approved), station.wallet()
    for _ in range(6):
        reply = wallet.ask_token(minted.text, None)
        assert (reply.status, reply.json["error"]) == (400, "invalid_request")
    assert wallet.ask_token(minted.text, minted.pin).status == 200


def test_only_validly_signed_codes_count_tries(
    station: Station, office: SampleOffice, approved: Approved
) -> None:
    minted, wallet = office.mint(approved), station.wallet()
    forged = flip_signature(minted.text)
    for _ in range(6):
        assert refused(wallet.ask_token(forged, wrong(minted.pin))) == "forged"
    assert wallet.ask_token(minted.text, minted.pin).status == 200


# --- one winner -------------------------------------------------------------------------------------


def test_of_eight_phones_one_wins(station: Station, office: SampleOffice, approved: Approved) -> None:
    minted = office.mint(approved)
    gate, replies = threading.Barrier(8), []

    def phone() -> None:
        wallet = station.wallet()
        gate.wait()
        replies.append(wallet.ask_token(minted.text, minted.pin))

    threads = [threading.Thread(target=phone) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(reply.status for reply in replies) == [200, *[400] * 7]
    assert {refused(reply) for reply in replies if reply.status == 400} == {"used"}


def test_one_token_makes_one_certificate(station: Station, office: SampleOffice, approved: Approved) -> None:
    minted, wallet = office.mint(approved), station.wallet()
    wallet.ask_token(minted.text, minted.pin)
    proofs = [wallet.proof() for _ in range(8)]
    gate, statuses = threading.Barrier(8), []

    def ask(proof: str) -> None:
        gate.wait()
        statuses.append(wallet.ask_credential(proof).status)

    threads = [threading.Thread(target=ask, args=(proof,)) for proof in proofs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, *[401] * 7]


def test_a_replayed_code_is_used(station: Station, office: SampleOffice, approved: Approved) -> None:
    minted, wallet = office.mint(approved), station.wallet()
    wallet.claim(minted.text, minted.pin)
    assert both(station.wallet(), minted) == {"used"}


# --- time -------------------------------------------------------------------------------------------


def test_codes_live_ten_minutes_and_a_little(
    station: Station, office: SampleOffice, approved: Approved
) -> None:
    minted = office.mint(approved)
    station.hands.forward(minutes=11, seconds=30)
    assert station.wallet().offer(minted.text).status == 200
    station.hands.forward(minutes=1)
    assert both(station.wallet(), minted) == {"expired"}


def test_an_office_clock_that_is_behind_is_named(
    station: Station, office: SampleOffice, approved: Approved
) -> None:
    fast = station.hands.ahead
    station.hands.forward(minutes=-20)
    slow_code = office.mint(approved)
    late = office.batch(office.outbox)
    station.hands.ahead = fast
    office.post("/api/v1/actions", late)
    said = station.wallet().ask_token(slow_code.text, slow_code.pin).json["error_description"]
    assert said.startswith("expired") and "office clock behind by 20 min" in said


def test_a_code_from_the_future_names_the_clock(
    station: Station, office: SampleOffice, approved: Approved
) -> None:
    station.hands.forward(minutes=4)
    near = office.mint(approved)
    station.hands.forward(minutes=5)
    far = office.mint(approved)
    station.hands.forward(minutes=-9)
    said = station.wallet().ask_token(far.text, far.pin).json["error_description"]
    assert said == "future office clock ahead by 9 min"
    # Control: four minutes are within the tolerance. (Not its offer first: the far code is newer.)
    assert station.wallet().offer(near.text).json.get("error_description", "").startswith("superseded")


def test_a_lifetime_that_no_desk_gives_is_refused(
    station: Station, office: SampleOffice, approved: Approved
) -> None:
    with pytest.raises(ValueError, match="lifetime"):
        office.mint(approved, expires_at=int(station.hands().timestamp()) + 3600)


# --- forgery ----------------------------------------------------------------------------------------


def flip_signature(text: str) -> str:
    raw = bytearray(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    raw[-1] ^= 1
    return base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")


def other_key(office: SampleOffice, minted: Minted) -> str:
    stranger = SoftwareSigner.generate()
    assert office.certificate
    return mint(decode(minted.text).code, stranger, office.certificate.issuer)


def own_kid_other_key(office: SampleOffice, minted: Minted) -> str:
    class Impostor:
        kid, algorithm = office.signer.kid, "Ed25519"
        sign = staticmethod(SoftwareSigner.generate().sign)

    assert office.certificate
    return mint(decode(minted.text).code, Impostor(), office.certificate.issuer)


def other_hub(office: SampleOffice, minted: Minted) -> str:
    return mint(decode(minted.text).code, office.signer, "https://hub.example")


def foreign_office(office: SampleOffice, minted: Minted) -> str:
    assert office.certificate
    code = replace(decode(minted.text).code, office="460105")
    return mint(code, office.signer, office.certificate.issuer)


FORGERIES: dict[str, tuple[Callable[[SampleOffice, Minted], str], str]] = {
    "bit": (lambda _, minted: flip_signature(minted.text), "forged"),
    "stranger's key": (other_key, "unknown_key"),
    "stolen key id": (own_kid_other_key, "forged"),
    "made for another hub": (other_hub, "forged"),
    "another office's code": (foreign_office, "unknown_key"),
    "cut": (lambda _, minted: minted.text[:-4], "malformed"),
    "padded": (lambda _, minted: minted.text + "=", "malformed"),
    "foreign characters": (lambda _, minted: minted.text[:50] + "领" + minted.text[51:], "malformed"),
    "nothing like a code": (lambda *_: "hello", "malformed"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_forged_codes_are_refused(
    station: Station, office: SampleOffice, approved: Approved, name: str
) -> None:
    minted, (forge, word) = office.mint(approved), FORGERIES[name]
    wallet = station.wallet()
    assert refused(wallet.ask_token(forge(office, minted), minted.pin)) == word
    # Control: the true code of the same office still works, nothing was burnt.
    assert wallet.ask_token(minted.text, minted.pin).status == 200


def test_facts_that_never_were_raise_an_alarm(
    station: Station, office: SampleOffice, approved: Approved
) -> None:
    minted = office.mint(approved, record=False, facts=system_random(16))
    assert refused(station.wallet().ask_token(minted.text, minted.pin)) == "forged"
    with station.hub.database.read() as connection:
        kinds = connection.execute(
            select(tables.alarm.c.kind).where(tables.alarm.c.office == office.office)
        ).scalars()
        assert "facts_unknown" in set(kinds)


def test_a_stolen_key_without_facts_gets_nothing(
    station: Station, office: SampleOffice, approved: Approved
) -> None:
    minted = office.mint(approved, record=False, facts=system_random(16), seq=office.seq + 1000)
    wallet = station.wallet()
    assert wallet.ask_token(minted.text, minted.pin).status == 200
    assert wallet.ask_credential().status == 202


def test_a_code_for_another_unit_is_forged(
    station: Station, office: SampleOffice, approved: Approved
) -> None:
    other = office.approved_case(1)
    office.push_all_recorded()
    crossed = office.mint(replace(approved, approval=other.approval), record=False)
    assert refused(station.wallet().ask_token(crossed.text, crossed.pin)) == "forged"


def test_one_number_used_for_two_facts_shows_a_copied_key(
    station: Station, office: SampleOffice, approved: Approved
) -> None:
    other = office.approved_case(1)
    office.push_all_recorded()
    first = office.mint(approved, record=False)
    second = office.mint(other, record=False)
    wallet = station.wallet()
    assert wallet.offer(first.text).status == 200
    assert both(wallet, second) == {"forged"}


# --- standing -----------------------------------------------------------------------------------------


def test_a_revoked_desk_makes_no_codes(station: Station, office: SampleOffice, approved: Approved) -> None:
    minted = office.mint(approved)
    assert station.wallet().offer(minted.text).status == 200
    with station.hub.database.write() as connection:
        assert revoke_desk(connection, office.office, office.device, station.hub.now())
    assert both(station.wallet(), minted) == {"revoked"}


def test_revoked_between_token_and_certificate(
    station: Station, office: SampleOffice, approved: Approved
) -> None:
    minted, wallet = office.mint(approved), station.wallet()
    wallet.ask_token(minted.text, minted.pin)
    with station.hub.database.write() as connection:
        revoke_desk(connection, office.office, office.device, station.hub.now())
    assert wallet.ask_credential().json["error_description"].startswith("revoked")


def test_a_newer_code_supersedes_the_older(
    station: Station, office: SampleOffice, approved: Approved
) -> None:
    older = office.mint(approved)
    station.hands.forward(seconds=30)
    newer = office.mint(approved)
    wallet = station.wallet()
    assert wallet.offer(older.text).status == 200
    assert wallet.offer(newer.text).status == 200
    assert both(wallet, older) == {"superseded"}
    assert wallet.ask_token(newer.text, newer.pin).status == 200


def test_a_synced_newer_code_supersedes_unseen(
    station: Station, office: SampleOffice, approved: Approved
) -> None:
    older = office.mint(approved)
    station.hands.forward(seconds=30)
    office.mint(approved)
    office.push_all_recorded()
    assert both(station.wallet(), older) == {"superseded"}


def test_a_voided_code_is_voided(station: Station, office: SampleOffice, approved: Approved) -> None:
    minted, wallet = office.mint(approved), station.wallet()
    assert wallet.offer(minted.text).status == 200
    office.act("claim_voided", "claim", minted.claim, {"reason": "cancelled"})
    office.push_all_recorded()
    assert both(wallet, minted) == {"voided"}


def test_voiding_also_stops_a_token_on_its_way(
    station: Station, office: SampleOffice, approved: Approved
) -> None:
    minted, wallet = office.mint(approved), station.wallet()
    wallet.ask_token(minted.text, minted.pin)
    office.act("claim_voided", "claim", minted.claim, {"reason": "cancelled"})
    office.push_all_recorded()
    assert wallet.ask_credential().status == 401


def test_an_undone_approval_is_voided(station: Station, office: SampleOffice, approved: Approved) -> None:
    minted = office.mint(approved)
    office.act("approval_undone", "case", approved.case, {"approval": approved.approval}, by=office.reviewer)
    office.push_all_recorded()
    assert both(station.wallet(), minted) == {"voided"}


@pytest.mark.parametrize(
    ("changed", "word"),
    [({"purpose": 3}, "forged"), ({"representative_no": 2}, "forged"), ({"device_epoch": 0}, "superseded")],
)
def test_fields_that_do_not_fit(
    station: Station, office: SampleOffice, approved: Approved, changed: dict[str, int], word: str
) -> None:
    minted = office.mint(approved, record=False, **changed)
    assert both(station.wallet(), minted) == {word}


def test_a_first_code_cannot_follow_a_certificate(
    station: Station, office: SampleOffice, approved: Approved
) -> None:
    first = office.mint(approved)
    station.wallet().claim(first.text, first.pin)
    station.hands.forward(seconds=5)
    again = office.mint(approved, record=False, seq=office.seq + 5)
    assert both(station.wallet(), again) == {"used"}


def test_a_unit_whose_certificate_has_ended_gets_none(
    station: Station, office: SampleOffice, approved: Approved
) -> None:
    station.hands.forward(days=366 * 6)
    assert office.certificate
    late = office.mint(approved, record=False)
    # The office certificate has ended as well by then; that is the cheaper check.
    assert both(station.wallet(), late) <= {"revoked", "unit_expired"}


# --- token and proof -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "authorization_code"}, "unsupported_grant_type"),
        ({"pre-authorized_code": ""}, "invalid_request"),
    ],
)
def test_token_requests_that_are_none(station: Station, form: dict[str, str], error: str) -> None:
    reply = station.wallet().ask_token("x", "123456", **form)
    assert (reply.status, reply.json["error"]) == (400, error)


def test_unknown_parameters_are_ignored(station: Station, office: SampleOffice, approved: Approved) -> None:
    minted = office.mint(approved)
    more = {"resource": station.hub.issuer, "user_pin": "999999", "client_id": "x"}
    assert station.wallet().ask_token(minted.text, minted.pin, **more).status == 200


def test_a_wrong_proof_burns_nothing(station: Station, office: SampleOffice, approved: Approved) -> None:
    minted, wallet = office.mint(approved), station.wallet()
    wallet.ask_token(minted.text, minted.pin)
    nonce = wallet.nonce()
    foreign = wallet.proof(nonce, audience="https://elsewhere.example")
    assert wallet.ask_credential(foreign).json["error"] == "invalid_proof"
    assert wallet.ask_credential(wallet.proof("A" * 54)).json["error"] == "invalid_nonce"
    assert wallet.post("/credential", {"credential_configuration_id": "x"}).json["error"] == (
        "unknown_credential_configuration"
    )
    assert wallet.ask_credential(wallet.proof(nonce)).status == 200


def test_a_nonce_serves_once(station: Station, office: SampleOffice) -> None:
    one, two = office.approved_case(0), office.approved_case(1)
    office.push_all_recorded()
    first, second = office.mint(one), office.mint(two)
    wallet, other = station.wallet(), station.wallet()
    nonce = wallet.nonce()
    wallet.ask_token(first.text, first.pin)
    assert wallet.ask_credential(wallet.proof(nonce)).status == 200
    other.ask_token(second.text, second.pin)
    assert other.ask_credential(other.proof(nonce)).json["error"] == "invalid_nonce"
    assert other.ask_credential().status == 200


def test_tokens_end_after_five_minutes(station: Station, office: SampleOffice, approved: Approved) -> None:
    minted, wallet = office.mint(approved), station.wallet()
    wallet.ask_token(minted.text, minted.pin)
    station.hands.forward(minutes=5)
    reply = wallet.ask_credential()
    assert (reply.status, reply.json["error"]) == (401, "invalid_token")
    assert "invalid_token" in reply.headers["www-authenticate"]


def test_a_made_up_token_opens_nothing(station: Station) -> None:
    for token in ("", "x", "a.b.c", new_id(), "ä" * 10, "." * 200):
        wallet = replace(station.wallet(), token=token.encode("latin-1", "replace").decode("latin-1"))
        assert wallet.ask_credential("a.b.c").status == 401
