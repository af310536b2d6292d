"""Authorisations at the hub, from a phone's proof to another phone's credential, on both databases."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

import pytest

from core.claims.offer import DELEGATION
from core.clock import china_date
from core.credentials.certificate_claims import VCT as CERTIFICATE
from core.credentials.delegation_claims import VCT, Authority
from core.credentials.jose import b64u
from core.credentials.person_digest import matches
from core.credentials.sdjwt import VerifiedCertificate, verify
from core.credentials.status import INVALID, SUSPENDED, VALID, StatusReference, read_token
from core.records.delegations import LAPSE, RENEW
from core.records.model import action_from_body
from core.rehearsal.people import Person, make_people
from hub.delegation_settings import read_limits, set_limits, set_on_manager_change
from hub.engine import lock_office
from hub.facts import resume_certificates, suspend_certificates, void_certificates
from hub.ledger import Ledger
from hub.scenarios import add_scenarios, remove_scenarios
from hub.shown_answers import ShownAnswers
from tests.hub.conftest import Station
from tests.hub.holder import Holder, code_of, take
from tests.hub.sample_office import Approved, SampleOffice
from tests.hub.wallet import Reply, http


@dataclass
class CertificateHolder:
    """A unit's first manager with the certificate on the phone."""

    phone: Holder
    approved: Approved
    office: SampleOffice
    people: list[Person]

    def named(self, number: int, **more: object) -> Reply:
        """Grant to an invented person."""
        person = self.people[number]
        return self.phone.grant(name=person.name, id_number=person.id_number, **more)


@pytest.fixture
def manager(station: Station, office: SampleOffice) -> CertificateHolder:
    approved = office.approved_case()
    minted = office.mint(approved)
    office.push_all_recorded()
    wallet = station.wallet()
    phone = Holder(station, wallet, wallet.claim(minted.text, minted.pin))
    office.protocol = 2
    return CertificateHolder(
        phone, approved, office, make_people(Random(11), 40, china_date(station.hands()))
    )


def read(station: Station, phone: Holder) -> VerifiedCertificate:
    return verify(phone.sd_jwt, [station.root], station.hands(), VCT)


def status(station: Station, reference: StatusReference) -> int:
    reply = http(reference.uri)
    values = read_token(reply.body.decode(), reference.uri, [station.root], station.hands())
    found = values.answer(reference, int(station.hands().timestamp()))
    assert found is not None
    return found


def in_office(manager: CertificateHolder, act: Callable[..., int], *facts: object) -> None:
    """What the office's actions make the hub do, in one transaction."""
    hub, office = manager.phone.station.hub, manager.office.office
    with hub.database.write() as connection:
        lock_office(connection, office)
        act(hub, connection, Ledger(hub, connection, office), *facts)


def kinds(office: SampleOffice) -> list[str]:
    return [item["action"]["kind"] for item in office.feed()["items"]]


# --- granting and claiming --------------------------------------------------------------------


def test_from_grant_to_credential(station: Station, manager: CertificateHolder) -> None:
    offered = manager.named(1, matters=["TAX", "BANK"])
    assert offered.status == 200, offered.body
    person = manager.people[1]
    assert person.name not in offered.body.decode() and person.id_number not in offered.body.decode()
    phone = take(station, offered)
    seen = read(station, phone)
    assert seen.claims["person"]["name"] == person.name
    assert matches(seen.claims["person"]["id_digest"], person.id_number)
    assert seen.claims["matters"] == ["TAX", "BANK"] and seen.claims["role"] == "user"
    assert seen.claims["unit"]["uscc"] == manager.approved.invented.values["uscc"]
    authority = Authority.parse(seen.claims["authority"])
    above = verify(manager.phone.sd_jwt, [station.root], station.hands(), CERTIFICATE)
    assert authority.status == above.status and authority.representative_no == 1
    assert seen.status != above.status
    assert status(station, seen.status) == VALID == status(station, authority.status)
    assert kinds(manager.office)[-2:] == ["delegation_granted", "delegation_claimed"]


def test_the_office_learns_names_only_sealed(manager: CertificateHolder) -> None:
    manager.named(1)
    [granted] = [i for i in manager.office.feed()["items"] if i["action"]["kind"] == "delegation_granted"]
    person = manager.people[1]
    assert person.id_number not in str(granted) and person.name not in str(granted)
    private = manager.office.open(granted, action_from_body(granted["action"]).hash())
    assert (private["name"].value, private["id_number"].value) == (person.name, person.id_number)


def test_an_older_desk_is_told_to_update(station: Station, manager: CertificateHolder) -> None:
    manager.named(1)
    manager.office.protocol = 1
    before = manager.office.feed()
    assert all(item["action"]["subject_kind"] != "delegation" for item in before["items"])
    answer, body = manager.office.post(
        "/api/v1/feed", manager.office.envelope("feed", after=before["next"], limit=500)
    )
    assert answer == 409 and b"desk_outdated" in body


def test_the_list_kept_at_the_hub_says_what_may_be_granted(
    station: Station, manager: CertificateHolder
) -> None:
    housing = {"code": "HOUSING", "name": "住房公积金缴存", "department": "住房公积金管理机构"}
    assert manager.named(1, matters=["HOUSING"]).json["error"] == "delegation_matter_unlisted"
    add_scenarios(station.hub, json.dumps({"scenarios": [housing]}).encode())
    phone = take(station, manager.named(1, matters=["HOUSING", "SEAL"]))
    assert housing in manager.phone.ask("delegations").json["matters"]
    remove_scenarios(station.hub, b'{"codes": ["HOUSING", "SEAL"]}')
    told = manager.phone.ask("delegations").json
    assert {"HOUSING", "SEAL"}.isdisjoint(each["code"] for each in told["matters"])
    assert told["people"][0]["matters"] == ["HOUSING", "SEAL"]
    assert manager.named(2, matters=["SEAL"]).json["error"] == "delegation_matter_unlisted"
    # What was granted stays readable: on every phone, and on the page that verifies.
    names = http(f"{station.hub.issuer}/holder/matters.js")
    assert names.headers["content-type"].startswith("text/javascript")
    listed = json.loads(names.body.decode().removeprefix("export const MATTERS = ").rstrip(";\n"))
    assert listed["HOUSING"] == "住房公积金缴存" and len(listed) == 16
    text = phone.presentation(f"{station.hub.issuer}/v", fields=("matters",))
    told = ShownAnswers(station.hub).of_question({"text": text})
    assert dict(told["facts"])["授权事项"] == "住房公积金缴存、公章刻制备案"


def test_a_manager_authorises_users_and_no_managers(station: Station, manager: CertificateHolder) -> None:
    second = take(station, manager.named(1, role="manager", matters=["TAX", "BANK"]))
    person = manager.people[2]
    facts = {"name": person.name, "id_number": person.id_number}
    assert second.grant(**facts, role="manager", matters=["TAX"]).json["error"] == (
        "delegation_manager_not_allowed"
    )
    assert second.grant(**facts, matters=["*"]).json["error"] == "delegation_matters_beyond"
    user = take(station, second.grant(**facts, matters=["TAX"]))
    authority = Authority.parse(read(station, user).claims["authority"])
    assert authority.status == read(station, second).status
    assert user.grant(**facts).json["error"] == "delegation_not_allowed"
    # The first manager sees the whole tree, the second what is below, the user nothing.
    assert [each["depth"] for each in manager.phone.ask("delegations").json["people"]] == [0, 1]
    assert [each["role"] for each in second.ask("delegations").json["people"]] == ["user"]
    assert user.ask("delegations").json["people"] == []
    shown = manager.phone.ask("delegations").body.decode()
    assert person.id_number not in shown


def test_limits_are_settings_of_the_hub(station: Station, manager: CertificateHolder) -> None:
    with station.hub.database.write() as connection:
        before = read_limits(connection)
        set_limits(connection, replace(before, users=2, days=10))
    try:
        today = china_date(station.hands())
        long = (today + timedelta(days=10)).isoformat()
        assert manager.named(1, valid_to=long).json["error"] == "delegation_period_long"
        assert [manager.named(n).status for n in (1, 2)] == [200, 200]
        refused = manager.named(3).json
        assert (refused["error"], refused["params"]) == ("delegation_users_full", {"limit": 2})
        assert manager.named(3, role="manager").status == 200
    finally:
        with station.hub.database.write() as connection:
            set_limits(connection, before)


def test_a_number_never_changes(station: Station, manager: CertificateHolder) -> None:
    """No request corrects a person; revoke and authorise anew, with a new place in the lists."""
    phone = take(station, manager.named(1))
    wrong = manager.named(1)
    assert wrong.json["error"] == "delegation_person_twice"
    [first] = manager.phone.ask("delegations").json["people"]
    other = manager.people[2]
    sneaked = manager.phone.ask("offer", {"delegation": first["id"], "id_number": other.id_number})
    assert sneaked.json["error"] == "delegation_claimed"
    assert manager.phone.ask("revoke", {"delegation": first["id"]}).json == {"ended": 1}
    again = take(station, manager.named(1))
    assert read(station, again).status != read(station, phone).status
    assert status(station, read(station, phone).status) == INVALID
    assert status(station, read(station, again).status) == VALID


# --- proofs -----------------------------------------------------------------------------------


def test_a_proof_serves_one_request(station: Station, manager: CertificateHolder) -> None:
    issuer = station.hub.issuer
    person = manager.people[1]
    text = '{"role":"user"}'
    replayed = manager.phone.presentation(f"{issuer}/api/v1/holder/delegations#none")
    assert manager.phone.ask("delegations", presentation=replayed).json["error"] == "certificate_refused"
    # Another text under a true proof.
    assert manager.phone.ask("delegations", {"a": 1}, request=text).json["error"] == "certificate_refused"
    nonce = manager.phone.wallet.nonce()
    audience = f"{issuer}/api/v1/holder/delegations#{b64u(hashlib.sha256(b'{}').digest())}"
    once = manager.phone.presentation(audience, nonce)
    assert manager.phone.ask("delegations", presentation=once).status == 200
    assert manager.phone.ask("delegations", presentation=once).json["error"] == "nonce_invalid"
    invented = manager.phone.presentation(audience, "A" * 54)
    assert manager.phone.ask("delegations", presentation=invented).json["error"] == "nonce_invalid"
    old = manager.phone.presentation(audience)
    station.hands.forward(seconds=121)
    assert manager.phone.ask("delegations", presentation=old).json["error"] == "certificate_refused"
    assert person.name not in manager.phone.ask("delegations").body.decode()


def test_another_phone_with_the_same_text_proves_nothing(
    station: Station, manager: CertificateHolder
) -> None:
    thief = Holder(station, station.wallet(), manager.phone.sd_jwt)
    assert thief.ask("delegations").json["error"] == "certificate_refused"
    assert thief.show().json["error"] == "certificate_refused"


def test_two_phones_claim_one_grant_and_one_wins(station: Station, manager: CertificateHolder) -> None:
    offered = manager.named(1)
    code, won = code_of(offered), []
    gate = threading.Barrier(6)

    def claim() -> None:
        wallet = station.wallet()
        gate.wait()
        if wallet.ask_token(code, offered.json["digits"]).status == 200:
            won.append(wallet)

    phones = [threading.Thread(target=claim) for _ in range(6)]
    for phone in phones:
        phone.start()
    for phone in phones:
        phone.join()
    assert len(won) == 1
    body = {"credential_configuration_id": DELEGATION, "proofs": {"jwt": [won[0].proof()]}}
    assert won[0].post("/credential", body).status == 200
    body["proofs"]["jwt"] = [won[0].proof()]
    assert won[0].post("/credential", body).status == 401


def test_the_digits_lock_after_five_and_a_new_offer_opens(
    station: Station, manager: CertificateHolder
) -> None:
    offered = manager.named(1)
    code, right = code_of(offered), offered.json["digits"]
    wrong = "000000" if right != "000000" else "111111"
    words = [station.wallet().ask_token(code, wrong).json["error_description"] for _ in range(5)]
    assert words == [*(f"pin_wrong {left} left" for left in (4, 3, 2, 1)), "locked five wrong codes"]
    assert station.wallet().ask_token(code, right).json["error_description"].startswith("locked")
    again = manager.phone.ask("offer", {"delegation": offered.json["delegation"]})
    assert station.wallet().offer(code).json["error_description"].startswith("voided")
    assert read(station, take(station, again)).claims["role"] == "user"
    assert station.wallet().offer(code_of(again)).json["error_description"].startswith("used")


def test_an_offer_ends(station: Station, manager: CertificateHolder) -> None:
    offered = manager.named(1)
    station.hands.forward(minutes=31)
    assert station.wallet().offer(code_of(offered)).json["error_description"] == "expired"


# --- ending -----------------------------------------------------------------------------------


def test_revoking_ends_all_below_and_nothing_beside(station: Station, manager: CertificateHolder) -> None:
    second = take(station, manager.named(1, role="manager"))
    third = take(station, manager.named(2, role="manager"))
    person = manager.people[3]
    user = take(station, second.grant(name=person.name, id_number=person.id_number))
    waiting = second.grant(name=manager.people[4].name, id_number=manager.people[4].id_number)
    tree = {each["name"]: each["id"] for each in manager.phone.ask("delegations").json["people"]}
    target = {"delegation": tree[manager.people[1].name]}
    assert third.ask("revoke", target).json["error"] == "delegation_not_yours"
    assert second.ask("revoke", target).json["error"] == "delegation_not_yours"
    assert manager.phone.ask("revoke", target).json == {"ended": 3}
    for phone in (second, user):
        assert status(station, read(station, phone).status) == INVALID
        assert phone.ask("delegations").json["error"] == "credential_void"
        assert phone.show().json["error"] == "credential_void"
    assert station.wallet().offer(code_of(waiting)).json["error_description"].startswith("voided")
    assert status(station, read(station, third).status) == VALID
    assert third.ask("delegations").status == 200
    assert manager.phone.ask("revoke", target).json["error"] == "delegation_ended"


def test_a_foreign_delegation_is_unknown(station: Station, manager: CertificateHolder) -> None:
    other = station.new_office()
    approved = other.approved_case(3)
    minted = other.mint(approved)
    other.push_all_recorded()
    wallet = station.wallet()
    stranger = Holder(station, wallet, wallet.claim(minted.text, minted.pin))
    target = {"delegation": manager.named(1).json["delegation"]}
    assert stranger.ask("revoke", target).json["error"] == "delegation_unknown"
    assert stranger.ask("offer", target).json["error"] == "delegation_unknown"


def test_the_certificate_takes_everything_along(station: Station, manager: CertificateHolder) -> None:
    second = take(station, manager.named(1, role="manager"))
    person = manager.people[3]
    user = take(station, second.grant(name=person.name, id_number=person.id_number))
    waiting = manager.named(5)
    unit, phones = manager.approved.unit, (second, user)
    in_office(manager, suspend_certificates, unit, "why", 2)
    assert [status(station, read(station, phone).status) for phone in phones] == [SUSPENDED] * 2
    assert second.ask("delegations").json["error"] == "credential_suspended"
    assert station.wallet().offer(code_of(waiting)).json["error_description"].startswith("voided")
    in_office(manager, resume_certificates, unit, "why")
    assert [status(station, read(station, phone).status) for phone in phones] == [VALID] * 2
    assert second.ask("delegations").status == 200
    in_office(manager, void_certificates, unit, "why")
    assert [status(station, read(station, phone).status) for phone in phones] == [INVALID] * 2
    for phone in (manager.phone, *phones):
        assert phone.ask("delegations").json["error"] == "credential_void"
        assert phone.show().json["error"] == "credential_void"
    assert station.wallet().offer(code_of(waiting)).json["error_description"].startswith("voided")
    assert kinds(manager.office).count("delegation_voided") == 3


def test_a_token_given_before_the_end_leads_to_nothing_after(
    station: Station, manager: CertificateHolder
) -> None:
    offered = manager.named(1)
    wallet = station.wallet()
    assert wallet.ask_token(code_of(offered), offered.json["digits"]).status == 200
    unit = manager.approved.unit
    in_office(manager, void_certificates, unit, "why")
    body = {"credential_configuration_id": DELEGATION, "proofs": {"jwt": [wallet.proof()]}}
    refused = wallet.post("/credential", body)
    assert refused.status == 400 and refused.json["error"] == "credential_request_denied"


def test_where_so_set_a_new_certificate_authorises_the_same_people_afresh(
    station: Station, manager: CertificateHolder
) -> None:
    """The old credentials are dead all the same; everybody claims anew."""
    second = take(station, manager.named(1, role="manager"))
    person = manager.people[3]
    take(station, second.grant(name=person.name, id_number=person.id_number, matters=["TAX"]))
    gone = manager.named(4).json["delegation"]
    manager.phone.ask("revoke", {"delegation": gone})
    with station.hub.database.write() as connection:
        set_on_manager_change(connection, RENEW)
    try:
        fresh = _replaced(station, manager)
    finally:
        with station.hub.database.write() as connection:
            set_on_manager_change(connection, LAPSE)
    assert status(station, read(station, second).status) == INVALID
    people = fresh.ask("delegations").json["people"]
    assert [(each["name"], each["depth"], each["stage"]) for each in people] == [
        (manager.people[1].name, 0, "offered"),
        (person.name, 1, "offered"),
    ]
    again = take(station, fresh.ask("offer", {"delegation": people[0]["id"]}))
    user = take(station, again.ask("offer", {"delegation": people[1]["id"]}))
    assert read(station, user).claims["matters"] == ["TAX"]


def _replaced(station: Station, manager: CertificateHolder) -> Holder:
    """The first manager's lost phone is replaced."""
    minted = manager.office.mint(manager.approved, purpose=2)
    manager.office.protocol = 1
    manager.office.push_all_recorded()
    wallet = station.wallet()
    return Holder(station, wallet, wallet.claim(minted.text, minted.pin))


def test_a_replacement_ends_what_hung_on_the_lost_phone(station: Station, manager: CertificateHolder) -> None:
    user = take(station, manager.named(1))
    fresh = _replaced(station, manager)
    assert status(station, read(station, user).status) == INVALID
    assert fresh.ask("delegations").json["people"] == []
