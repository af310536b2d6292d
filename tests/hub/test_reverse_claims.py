"""A phone shows a short code, the desk sends its claim code there; and every way in which it must not go."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import func, select

from core.claims import short_code
from core.credentials.certificate_claims import VCT
from core.credentials.sdjwt import verify
from core.ids import new_id
from hub.reverse_tables import waiting_phone
from tests.hub.conftest import Station
from tests.hub.sample_office import Approved, Minted, SampleOffice
from tests.hub.wallet import Reply, http


@dataclass
class Waiting:
    """A phone's page: what it shows, and the ticket it asks by."""

    station: Station
    short: str
    ticket: str

    def poll(self) -> Reply:
        return post(self.station, "reverse/poll", ticket=self.ticket)


def post(station: Station, place: str, **body: str) -> Reply:
    url = f"{station.hub.issuer}/api/v1/holder/{place}"
    return http(url, json.dumps(body).encode(), Content_Type="application/json")


def waiting(station: Station) -> Waiting:
    opened = post(station, "reverse")
    assert opened.status == 200, opened.body
    assert opened.json["expires_in"] == 300
    assert opened.headers["cache-control"] == "no-store"
    assert short_code.parse(opened.json["short"]) == opened.json["short"]
    return Waiting(station, opened.json["short"], opened.json["ticket"])


def send(station: Station, office: SampleOffice, minted: Minted, short: str) -> tuple[int, dict[str, Any]]:
    """What the desk is told: status, and of a refusal its body."""
    data = office.envelope("claim-reverse", code=minted.text, short=short)
    status, body = station.post("/api/v1/claims/reverse", data)
    return status, {} if status == 200 else json.loads(body)


@pytest.fixture
def approved(office: SampleOffice) -> Approved:
    made = office.approved_case()
    office.push_all_recorded()
    return made


@pytest.fixture
def phone(station: Station) -> Waiting:
    return waiting(station)


def test_what_the_desk_sends_leads_to_the_certificate(
    station: Station, office: SampleOffice, approved: Approved, phone: Waiting
) -> None:
    minted = office.mint(approved)
    assert phone.poll().json == {"waiting": True}
    assert send(station, office, minted, short_code.shown(phone.short).lower()) == (200, {})
    assert office.progress(minted.jti)[0]["state"] == "waiting"  # sent is not yet seen
    told = phone.poll().json
    assert told == {"credential_offer_uri": f"{station.hub.issuer}/o/{minted.text}"}
    assert phone.poll().json == told  # a lost answer is asked for again
    assert http(told["credential_offer_uri"]).status == 200
    assert office.progress(minted.jti)[0]["state"] == "scanned"
    wallet = station.wallet()
    wrong = "000000" if minted.pin != "000000" else "111111"
    assert wallet.ask_token(minted.text, wrong).status == 400  # the six digits are asked as ever
    assert verify(wallet.claim(minted.text, minted.pin), [station.root], station.hands(), VCT)


def test_only_the_hash_of_a_ticket_is_kept(station: Station, phone: Waiting) -> None:
    with station.hub.database.read() as connection:
        row = connection.execute(select(waiting_phone).where(waiting_phone.c.short == phone.short)).one()
    assert phone.ticket not in "".join(str(value) for value in row)
    assert post(station, "reverse/poll", ticket=row.ticket).status == 404
    assert post(station, "reverse/poll", ticket=phone.short).status == 404


def test_a_typing_error_is_found_and_costs_nothing(
    station: Station, office: SampleOffice, approved: Approved, phone: Waiting
) -> None:
    minted = office.mint(approved)
    wrong = phone.short[:-1] + ("3" if phone.short[-1] != "3" else "4")
    for _ in range(15):
        status, said = send(station, office, minted, wrong)
        assert (status, said["error"]) == (400, "reverse_wrong")
    assert send(station, office, minted, phone.short)[0] == 200


def test_a_code_that_no_phone_shows_is_unknown_and_tries_are_few(
    station: Station, office: SampleOffice, approved: Approved, phone: Waiting
) -> None:
    minted = office.mint(approved)
    said = [send(station, office, minted, short_code.make()) for _ in range(11)]
    assert [(status, body["error"]) for status, body in said[:10]] == [(404, "reverse_unknown")] * 10
    assert (said[10][0], said[10][1]["error"]) == (429, "too_many")
    assert send(station, office, minted, phone.short)[0] == 429
    assert phone.poll().json == {"waiting": True}
    other = station.new_office()  # another desk has tries of its own
    foreign = other.approved_case()
    other.push_all_recorded()
    assert send(station, other, other.mint(foreign), phone.short)[0] == 200
    station.hands.forward(minutes=1)
    assert send(station, office, office.mint(approved), short_code.make())[0] == 404


def test_after_its_time_a_phones_code_is_gone_and_its_row_too(
    station: Station, office: SampleOffice, approved: Approved, phone: Waiting
) -> None:
    station.hands.forward(seconds=301)
    minted = office.mint(approved)
    assert send(station, office, minted, phone.short)[1]["error"] == "reverse_unknown"
    gone = phone.poll()
    assert (gone.status, gone.json["error_description"]) == (404, "reverse_gone")
    waiting(station)
    with station.hub.database.read() as connection:
        old = select(func.count()).where(waiting_phone.c.expires_at < station.hub.now())
        assert connection.execute(old).scalar_one() == 0


def test_sent_in_the_last_second_it_still_arrives(
    station: Station, office: SampleOffice, approved: Approved, phone: Waiting
) -> None:
    station.hands.forward(seconds=299)
    assert send(station, office, office.mint(approved), phone.short)[0] == 200
    station.hands.forward(seconds=60)
    assert "credential_offer_uri" in phone.poll().json
    station.hands.forward(seconds=61)
    assert phone.poll().status == 404


def test_a_phone_takes_one_code_only(
    station: Station, office: SampleOffice, approved: Approved, phone: Waiting
) -> None:
    first = office.mint(approved)
    assert send(station, office, first, phone.short)[0] == 200
    assert send(station, office, first, phone.short)[0] == 200  # the desk's answer was lost
    station.hands.forward(seconds=5)
    status, said = send(station, office, office.mint(approved), phone.short)
    assert (status, said["error"]) == (409, "reverse_used")
    assert phone.poll().json["credential_offer_uri"].endswith(first.text)


def test_a_desk_sends_its_own_codes_only(
    station: Station, office: SampleOffice, approved: Approved, phone: Waiting
) -> None:
    minted = office.mint(approved)
    status, said = send(station, station.new_office(), minted, phone.short)
    assert (status, said["error"]) == (403, "device_foreign")
    assert phone.poll().json == {"waiting": True}


def _voided(station: Station, office: SampleOffice, minted: Minted) -> None:
    office.act("claim_voided", "claim", minted.claim, {"reason": "cancelled"})
    office.push_all_recorded()


def _spent(station: Station, office: SampleOffice, minted: Minted) -> None:
    station.wallet().claim(minted.text, minted.pin)


def _expired(station: Station, office: SampleOffice, minted: Minted) -> None:
    station.hands.forward(minutes=13)


def _locked(station: Station, office: SampleOffice, minted: Minted) -> None:
    for _ in range(5):
        station.wallet().ask_token(minted.text, "000000" if minted.pin != "000000" else "111111")


@pytest.mark.parametrize(
    ("spoil", "word"), [(_voided, "voided"), (_spent, "used"), (_expired, "expired"), (_locked, "locked")]
)
def test_a_code_that_the_offer_refuses_is_not_sent(
    station: Station,
    office: SampleOffice,
    approved: Approved,
    spoil: Callable[[Station, SampleOffice, Minted], None],
    word: str,
) -> None:
    minted = office.mint(approved)
    office.push_all_recorded()
    spoil(station, office, minted)
    phone = waiting(station)
    status, said = send(station, office, minted, phone.short)
    assert (status, said["error"], said["params"]["word"]) == (400, "claim_refused", word)
    assert phone.poll().json == {"waiting": True}


@pytest.mark.parametrize(
    "fields", [{}, {"code": "x"}, {"code": "x", "short": 7}, {"code": "x", "short": "A" * 65}]
)
def test_what_is_no_wish_is_refused(station: Station, office: SampleOffice, fields: dict[str, Any]) -> None:
    status, body = station.post("/api/v1/claims/reverse", office.envelope("claim-reverse", **fields))
    assert (status, json.loads(body)["error"]) == (400, "envelope_malformed")


def test_phones_cannot_fill_the_table_nor_ask_without_end(make_station: Callable[..., Station]) -> None:
    station = make_station()
    first = waiting(station)
    statuses = [post(station, "reverse").status for _ in range(130)]
    assert statuses[:119] == [200] * 119 and set(statuses[119:]) == {429}
    assert [first.poll().status for _ in range(21)] == [200] * 20 + [429]
    station.hands.forward(seconds=5)
    assert first.poll().status == 200
    assert post(station, "reverse/poll", ticket="x" * 257).status == 400
    assert post(station, "reverse/poll", ticket=new_id()).status == 404
