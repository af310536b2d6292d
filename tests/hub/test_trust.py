"""Who vouches for whom: root, office certificate, device certificate; and keys that are withdrawn."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from sqlalchemy import delete, select, update

from core.canonical import canonical
from core.clock import from_stamp
from core.credentials.certificate_claims import VCT
from core.credentials.sdjwt import verify
from core.errors import Refusal, UserError
from core.ids import system_random
from core.keys.signer import SoftwareSigner
from core.sync.device_certificate import read_device_certificate
from core.sync.enrolment import first_issue, may_follow, read_certificate, sign_certificate
from hub import tables
from hub.enrolments import accept
from hub.revocation import alarms, devices, revoke_key
from hub.setup import init, open_hub
from tests.hub.conftest import Station
from tests.hub.sample_office import SampleOffice
from tests.hub.test_claim_path import status_of


def certificates(office: SampleOffice) -> dict[str, Any]:
    return office.ask("/api/v1/device-certificate", office.envelope("device-certificate"))


def stored(station: Station, office: str) -> dict[str, Any]:
    with station.hub.database.read() as connection:
        text = connection.execute(
            select(tables.office.c.certificate).where(tables.office.c.office == office)
        ).scalar_one()
    return dict(json.loads(text))


# --- the office's ---------------------------------------------------------------------------------


def test_the_root_signs_the_office_and_names_itself(station: Station, office: SampleOffice) -> None:
    data = stored(station, office.office)
    certificate = read_certificate(data)
    with station.hub.database.read() as connection:
        root = station.hub.trust.root_public(connection)
    assert root is not None and certificate.root_key == root.hex() and certificate.issue == 2
    assert certificate.hub_key == station.hub.signer.public_bytes().hex()
    forged = {**data, "body": {**data["body"], "single_clerk": True}}
    with pytest.raises(Refusal, match="certificate_forged"):
        read_certificate(forged)
    # The hub's own key is not enough for issue 2.
    by_hub = {**data, "signature": data["hub_signature"]}
    with pytest.raises(Refusal, match="certificate_forged"):
        read_certificate(by_hub)


def test_an_office_of_the_first_release_gets_issue_2_when_it_asks(station: Station) -> None:
    office = station.new_office()
    old = sign_certificate(first_issue(read_certificate(stored(station, office.office))), station.hub.signer)
    with station.hub.database.write() as connection:
        connection.execute(
            update(tables.office)
            .where(tables.office.c.office == office.office)
            .values(certificate=canonical(old).decode())
        )
    office.enrolled(old)
    office.outbox.clear()
    station.hands.forward(minutes=1)
    data = certificates(office)["office_certificate"]
    known, fresh = read_certificate(old), read_certificate(data)
    assert (known.issue, fresh.issue) == (1, 2)
    assert may_follow(known, fresh, data)
    assert fresh.not_after == known.not_after and fresh.single_clerk == known.single_clerk
    assert stored(station, office.office) == data


def test_only_what_is_trusted_already_brings_something_new(station: Station, office: SampleOffice) -> None:
    data = stored(station, office.office)
    fresh = read_certificate(data)
    known = first_issue(fresh)
    assert may_follow(known, fresh, data) and may_follow(fresh, fresh, data)
    thief = SoftwareSigner.generate()
    stranger = replace(fresh, root_key=thief.public_bytes().hex())
    for hub in (None, thief):  # another root, and nobody or only himself to vouch for it
        made = sign_certificate(stranger, thief, hub)
        assert not may_follow(known, read_certificate(made), made)
        assert not may_follow(fresh, read_certificate(made), made)
    assert not may_follow(fresh, known, data)  # never back to issue 1
    assert not may_follow(fresh, replace(fresh, not_before="2020-01-01T00:00:00.000Z"), data)
    assert not may_follow(fresh, replace(fresh, issuer="https://elsewhere.example"), data)
    # Under the same root the hub may have changed its key.
    assert may_follow(fresh, replace(fresh, hub_key=thief.public_bytes().hex()), data)


def test_a_certificate_about_to_end_is_made_anew(station: Station, office: SampleOffice) -> None:
    first = certificates(office)["office_certificate"]
    station.hands.forward(days=3 * 366 - 100)
    again = certificates(office)["office_certificate"]
    spans = [from_stamp(c["body"]["not_after"]) - from_stamp(c["body"]["not_before"]) for c in (first, again)]
    assert spans[0] == spans[1] and again["body"]["not_before"] > first["body"]["not_before"]


def test_without_its_root_a_hub_enrols_nobody(tmp_path: Path) -> None:
    url, key = f"sqlite:///{tmp_path / 'hub.db'}", system_random(32)
    hub = init(url, "http://127.0.0.1:18443", tmp_path / "root.pem", key, False, offline_root=True)
    office = SampleOffice(lambda path, data: (500, b""), hub.clock)
    with pytest.raises(UserError, match="root_offline"):
        accept(hub, office.enrolment(), False)
    with hub.database.read() as connection:
        assert hub.trust.root_public(connection) is None and hub.trust.authority(connection) is None
        assert connection.execute(select(tables.office)).one_or_none() is None
    hub.database.close()


def test_a_hub_of_the_first_release_gets_its_root_when_it_is_opened(tmp_path: Path) -> None:
    url, key = f"sqlite:///{tmp_path / 'hub.db'}", system_random(32)
    hub = init(url, "http://127.0.0.1:18443", tmp_path / "root.pem", key, False)
    with hub.database.write() as connection:
        for name in ("province", "desk-authority"):
            connection.execute(delete(tables.hub_key).where(tables.hub_key.c.name == name))
        for name in ("province_root", "province_root_mode"):
            connection.execute(delete(tables.hub_setting).where(tables.hub_setting.c.name == name))
    hub.database.close()
    roots = set()
    for _ in range(2):
        again = open_hub(url, key)
        with again.database.read() as connection:
            roots.add(again.trust.root_public(connection))
            assert again.trust.root(connection).public_bytes() in roots
            assert again.trust.authority(connection) is not None
        again.database.close()
    assert len(roots) == 1 and None not in roots


# --- the desk's -----------------------------------------------------------------------------------


def test_a_desk_is_vouched_for_ninety_days_twice_over(station: Station, office: SampleOffice) -> None:
    answer = certificates(office)
    certificate = read_device_certificate(
        answer["device_certificate"], read_certificate(answer["office_certificate"])
    )
    assert certificate.key == office.signer.public_bytes().hex()
    life = from_stamp(certificate.not_after) - from_stamp(certificate.not_before)
    assert life == timedelta(days=90)
    desk, authority, root = x509.load_pem_x509_certificates(answer["x509"].encode())
    desk.verify_directly_issued_by(authority)
    authority.verify_directly_issued_by(root)
    with station.hub.database.read() as connection:
        key = station.hub.trust.root_public(connection)
    assert root.public_key().public_bytes_raw() == key  # type: ignore[union-attr]
    assert desk.public_key().public_bytes_raw() == office.signer.public_bytes()  # type: ignore[union-attr]
    assert desk.not_valid_after_utc == from_stamp(certificate.not_after).replace(microsecond=0)


def test_it_is_renewed_only_when_it_nears_its_end(station: Station, office: SampleOffice) -> None:
    first = certificates(office)
    assert certificates(office)["device_certificate"] == first["device_certificate"]
    station.hands.forward(days=65)
    later = certificates(office)["device_certificate"]["body"]
    assert later["not_after"] > first["device_certificate"]["body"]["not_after"]
    line = next(item for item in devices(station.hub) if item["device"] == office.device)
    assert (line["certificates"], line["revoked"]) == (2, False)
    assert line["not_after"] == int(from_stamp(later["not_after"]).timestamp())


def test_a_forged_or_foreign_device_certificate_is_refused(station: Station, office: SampleOffice) -> None:
    answer = certificates(office)
    own = read_certificate(answer["office_certificate"])
    data = answer["device_certificate"]
    changed = {**data, "body": {**data["body"], "not_after": "2099-01-01T00:00:00.000Z"}}
    with pytest.raises(Refusal, match="certificate_forged"):
        read_device_certificate(changed, own)
    with pytest.raises(Refusal, match="certificate_foreign"):
        read_device_certificate(data, replace(own, office="another"))
    for odd in (None, {}, {"body": []}, {**data, "signature": "zz"}):
        with pytest.raises(Refusal, match="certificate_malformed"):
            read_device_certificate(odd, own)


def word(station: Station, code: str) -> str:
    """How the offer refuses a code; empty if it does not."""
    reply = station.wallet().offer(code)
    return "" if reply.status == 200 else str(reply.json["error_description"].split()[0])


def test_a_code_minted_after_the_certificate_ended_is_refused(station: Station, office: SampleOffice) -> None:
    station.hands.forward(days=91)
    made = office.approved_case()
    office.push_all_recorded()
    assert word(station, office.mint(made).text) == "revoked"
    certificates(office)
    assert word(station, office.mint(made).text) == ""


# --- withdrawn ------------------------------------------------------------------------------------


def test_the_drill_of_a_stolen_key(station: Station, capsys: pytest.CaptureFixture[str]) -> None:
    office = station.new_office()
    cases = [office.approved_case(index) for index in range(5)]
    office.push_all_recorded()
    given = [(office.mint(case), station.wallet()) for case in cases[:4]]
    texts = [phone.claim(code.text, code.pin) for code, phone in given]
    codes = [office.mint(cases[4], record=False) for _ in range(100)]
    waiting = office.mint(office.approved_case(5), record=False)  # the office never pushes these facts
    phone = station.wallet()
    assert phone.ask_token(waiting.text, waiting.pin).status == 200
    ticket = {"transaction_id": phone.ask_credential().json["transaction_id"]}
    stolen = office.batch(office.outbox)

    revoked = revoke_key(station.hub, office.signer.kid, "柜台电脑被盗", office.office)

    assert (revoked.device, revoked.claims_ended) == (office.device, 1)
    seen = [
        verify(text, [station.root], station.hands(), VCT, lambda r: status_of(station, r)).state
        for text in texts
    ]
    assert seen == ["valid"] * len(texts)
    refused = [word(station, code.text) for code in codes]
    assert refused == ["revoked"] * len(codes)
    late = phone.post("/deferred", ticket)
    assert late.status == 400 and late.json["error_description"].startswith("revoked")
    mails = {
        "actions": stolen,
        "feed": office.envelope("feed", after=0),
        "device-certificate": office.envelope("device-certificate"),
    }
    for path, mail in mails.items():
        status, body = station.post(f"/api/v1/{path}", mail)
        assert (status, json.loads(body)["error"]) == (403, "device_revoked")
    with capsys.disabled():
        print(
            f"\nT16 key-compromise: earlier certificates valid {seen.count('valid')} of {len(texts)}, later "
            f"codes refused {refused.count('revoked')} of {len(codes)}, waiting claims delivered 0 of 1"
        )


def test_a_key_is_withdrawn_once_and_by_its_name(station: Station, office: SampleOffice) -> None:
    with pytest.raises(UserError, match="key_unknown"):
        revoke_key(station.hub, "00000000")
    revoke_key(station.hub, office.signer.kid.upper(), "", office.office)
    with pytest.raises(UserError, match="key_revoked_before"):
        revoke_key(station.hub, office.signer.kid, "", office.office)
    line = next(item for item in devices(station.hub) if item["device"] == office.device)
    assert line["revoked"] and line["revoked_at"]


def test_one_key_id_in_two_offices_has_to_be_told_apart(station: Station) -> None:
    signer = SoftwareSigner.generate()
    offices = []
    for _ in range(2):
        office = SampleOffice(station.post, station.hands, signer=signer)
        accept(station.hub, office.enrolment(), False)
        offices.append(office)
    with pytest.raises(UserError, match="key_ambiguous"):
        revoke_key(station.hub, signer.kid)
    assert revoke_key(station.hub, signer.kid, "", offices[1].office).device == offices[1].device
    told = {item["office"]: item["revoked"] for item in devices(station.hub) if item["kid"] == signer.kid}
    assert told == {offices[0].office: False, offices[1].office: True}


def test_alarms_are_listed_newest_first(station: Station) -> None:
    office = station.new_office()
    made, other = office.approved_case(0), office.approved_case(1)
    office.push_all_recorded()
    codes = [office.mint(case, record=False) for case in (made, other)]
    assert [word(station, code.text) for code in codes] == ["", "forged"]
    station.hands.forward(minutes=1)
    never = replace(made, approval="ab" * 32)
    assert word(station, office.mint(never, record=False, seq=1).text) == "forged"
    told = [item for item in alarms(station.hub) if item["office"] == office.office]
    assert [item["kind"] for item in told] == ["facts_unknown", "number_used_twice"]
    assert told[1]["params"]["jti"] == codes[1].jti.hex() and told[1]["device"] == office.device


def _told(station: Station, office: SampleOffice) -> list[tuple[str, str]]:
    told = [item for item in alarms(station.hub) if item["office"] == office.office]
    return [(item["kind"], item["params"]["jti"]) for item in told]


def test_a_copys_code_honoured_before_the_true_one_is_synced_raises_the_alarm(station: Station) -> None:
    office = station.new_office()
    made, other = office.approved_case(0), office.approved_case(1)
    office.push_all_recorded()
    copied = office.mint(other, record=False, seq=office.seq + 1)
    assert station.wallet().claim(copied.text, copied.pin)
    assert _told(station, office) == []
    office.mint(made)
    office.push_all_recorded()
    assert _told(station, office) == [("number_used_twice", copied.jti.hex())]


def test_the_true_codes_minting_is_no_alarm_whenever_it_comes(station: Station) -> None:
    office = station.new_office()
    first, second = office.approved_case(0), office.approved_case(1)
    office.push_all_recorded()
    for made in (office.mint(first), office.mint(second)):
        assert word(station, made.text) == ""
    office.push_all_recorded()
    assert _told(station, office) == []


@pytest.mark.parametrize("used", [False, True])
def test_a_copys_code_after_its_window_raises_the_alarm_once(station: Station, used: bool) -> None:
    office = station.new_office()
    made, other = office.approved_case(0), office.approved_case(1)
    office.push_all_recorded()
    true = office.mint(made)
    copied = office.mint(other, record=False)
    if used:
        station.wallet().claim(true.text, true.pin)
    else:
        assert word(station, true.text) == ""
    station.hands.forward(hours=1)
    for _ in range(3):
        assert word(station, copied.text) == "forged"
    assert _told(station, office) == [("number_used_twice", copied.jti.hex())]
