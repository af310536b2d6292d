"""What a department takes with it: the data for verifying offline, its own registration, codes on paper."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from cryptography import x509
from sqlalchemy import select

from core.credentials import printed, verifier
from core.credentials.chain import check_chain
from core.credentials.jose import parse_compact, verify_compact
from core.records.uses import BUNDLE, FUNCTIONS, GIVEN, REFUSED
from hub.parties import disable_party
from hub.party_answers import PROFILE_BUDGET
from hub.party_tables import holding
from hub.printed import read_face
from hub.reach import PARTY, reach_of
from tests.core.credentials.shown import coded, lay_out
from tests.hub.conftest import Station
from tests.hub.department import PLENTY, Department
from tests.hub.holder import Holder
from tests.hub.sample_office import SampleOffice
from tests.hub.test_verification_api import Held, change, hold, lines, next_index
from tests.hub.wallet import http


@pytest.fixture
def held(station: Station, office: SampleOffice) -> Held:
    return hold(station, office, next_index())


def holdings(station: Station, department: Department) -> list[Any]:
    with station.hub.database.read() as connection:
        return list(connection.execute(select(holding).where(holding.c.holder == department.id)))


def judged(station: Station, text: str, bundle: str) -> str:
    trust = verifier.open_trust([station.root], bundle, station.hands())
    return verifier.judge(text, trust, station.hands()).judgement.answer


def test_a_department_verifies_offline_and_its_copy_counts_in_the_reach(
    station: Station, held: Held, department: Department
) -> None:
    told = department.post("bundle", department.request())
    assert told.status == 200 and set(told.json) == {"use", "bundle", "as_of", "expires_at"}
    assert judged(station, held.text, told.json["bundle"]) == "valid"
    (mine,) = holdings(station, department)
    assert (mine.holder_kind, mine.as_of, mine.expires_at) == (
        PARTY,
        told.json["as_of"],
        told.json["expires_at"],
    )
    assert told.json["expires_at"] - told.json["as_of"] == 24 * 3600
    (line,) = lines(station, department)
    assert (line.function, line.answer, line.unit, line.use) == (BUNDLE, GIVEN, None, told.json["use"])
    change(station, held, "void")
    with station.hub.database.read() as connection:
        reach = reach_of(connection, station.hub.now(), station.hub.now())
    assert (PARTY, department.id) in {(each.kind, each.holder) for each in reach.holders}
    station.hands.forward(seconds=1)
    newer = department.post("bundle", department.request()).json
    assert judged(station, held.text, newer["bundle"]) == "not valid"
    with station.hub.database.read() as connection:
        reach = reach_of(connection, newer["as_of"] - 1, station.hub.now())
    assert (PARTY, department.id) not in {(each.kind, each.holder) for each in reach.holders}


def test_only_who_is_registered_for_it_gets_it_and_no_copy_is_counted(station: Station) -> None:
    department = Department(station.hub)
    purposes = department.profile()["purposes"]
    department.register(purposes=[{**purposes[0], "functions": [f for f in FUNCTIONS if f != BUNDLE]}])
    told = department.post("bundle", department.request())
    assert (told.status, told.json["error"]) == (403, "function_not_registered")
    assert [line.answer for line in lines(station, department)] == [REFUSED]
    stranger = Department(station.hub)
    told = stranger.post("bundle", stranger.request())
    assert (told.status, told.json["error"]) == (401, "party_unknown")
    told = department.post("bundle", department.request(), sign=lambda _: bytes(64))
    assert (told.status, told.json["error"]) == (401, "request_forged")
    told = department.post("bundle", {**department.request(), "reason": " "})
    assert (told.status, told.json["error"]) == (400, "field_blank")
    assert holdings(station, department) == holdings(station, stranger) == []


def test_it_has_a_budget_of_its_own(station: Station) -> None:
    department = Department(station.hub)
    department.register(budgets={**dict.fromkeys(FUNCTIONS, PLENTY), BUNDLE: {"minute": 2, "day": 2}})
    told = [department.post("bundle", department.request()) for _ in range(3)]
    assert [reply.status for reply in told] == [200, 200, 429]
    assert told[-1].json["error"] == "budget_spent"
    assert len(lines(station, department)) == 2


def test_a_department_is_shown_its_own_registration_as_signed(
    station: Station, department: Department
) -> None:
    told = department.post("profile", {})
    assert told.status == 200
    jws = parse_compact(told.json["signed"])
    leaf = check_chain(jws.header["x5c"], [station.root], station.hands())
    verify_compact(jws, leaf.jwk)
    assert jws.payload["iss"] == leaf.issuer == station.hub.issuer
    assert jws.payload["profile"] == told.json["profile"] == department.profile()
    assert jws.payload["version"] == told.json["version"] == 1
    (purpose,) = told.json["profile"]["purposes"]
    assert purpose["fields"] == ["unit.uscc", "unit.name", "representative.name"]
    assert lines(station, department) == [], "it is no use of any certificate"
    department.register(retention="当日销毁。")
    newer = department.post("profile", {}).json
    assert (newer["version"], newer["profile"]["retention"]) == (2, "当日销毁。")


def refusals(department: Department, station: Station) -> Iterator[tuple[Any, int, str]]:
    """Requests for a registration that are refused: the reply, its status and its code."""
    yield department.post("profile", {"id": "other"}), 400, "field_strange"
    yield department.post("profile", b"[]"), 400, "field_type"
    yield (
        department.post("profile", {}, audience=f"{station.hub.issuer}/api/v1/verify/basic"),
        401,
        ("request_elsewhere"),
    )
    stranger = Department(station.hub)
    yield stranger.post("profile", {}), 401, "party_unknown"
    yield department.post("profile", {}, kid=stranger.id), 401, "party_unknown"
    yield department.post("profile", {}, sign=lambda _: bytes(64)), 401, "request_forged"
    assert department.post("profile", {}, jti="a" * 16).status == 200
    yield department.post("profile", {}, jti="a" * 16), 409, "request_replayed"


def test_nobody_else_is_shown_it(station: Station, department: Department) -> None:
    for reply, status, code in refusals(department, station):
        assert (reply.status, reply.json["error"]) == (status, code)
    spent = [department.post("profile", {}) for _ in range(PROFILE_BUDGET.minute)]
    assert spent[-1].status == 429 and spent[-1].json["error"] == "budget_spent"
    station.hands.forward(minutes=1)
    disable_party(station.hub, department.id)
    told = department.post("profile", {})
    assert (told.status, told.json["error"]) == (403, "party_disabled")


def symbol_of(station: Station, held: Held) -> str:
    with station.hub.database.read() as connection:
        return read_face(station.hub, connection, held.office.office, held.approved.case).symbol


def on_the_page(station: Station, text: str) -> dict[str, Any]:
    """Ask the public page."""
    body = json.dumps({"text": text}).encode()
    told: dict[str, Any] = http(f"{station.hub.issuer}/api/v1/verify/shown", body).json
    return told


def test_a_printed_certificate_is_judged_by_its_symbol(
    station: Station, held: Held, department: Department
) -> None:
    symbol = symbol_of(station, held)
    told = department.post("authenticity", department.request(document={"code": symbol}))
    assert (told.status, told.json["answer"], told.json["reasons"]) == (200, "valid", [])
    values = held.approved.invented.values
    assert told.json["data"] == {
        "unit.uscc": held.uscc,
        "unit.name": values["name"],
        "representative.name": values["representative_name"],
    }
    shown = on_the_page(station, symbol)
    assert (shown["answer"], shown["reasons"], shown["kind"]) == ("valid", [], "printed")
    assert ["名称", values["name"]] in shown["facts"]
    assert ["法定代表人", values["representative_name"]] in shown["facts"]
    again = department.post("basic", department.request(unit={"unit_ref": told.json["unit_ref"]}))
    assert again.json["data"] == told.json["data"]
    change(station, held, "void")
    told = department.post("authenticity", department.request(document={"code": symbol}))
    assert (told.json["answer"], told.json["reasons"]) == ("not valid", ["certificate_void"])
    assert "data" not in told.json
    assert on_the_page(station, symbol)["reasons"] == ["certificate_void"]


def test_of_its_face_only_registered_fields_are_told(station: Station, held: Held) -> None:
    department = Department(station.hub)
    purpose = {"id": "look", "name": "只看真伪", "functions": ["authenticity"]}
    other = {
        "id": "name",
        "name": "核对名称",
        "functions": ["authenticity", "basic"],
        "fields": ["unit.name", "unit.sponsor"],
    }
    department.register(purposes=[purpose, other])
    document = {"code": symbol_of(station, held)}
    told = department.ask("authenticity", document=document, purpose="look").body
    assert told["answer"] == "valid" and "data" not in told
    told = department.ask("authenticity", document=document, purpose="name").body
    assert told["data"] == {"unit.name": held.approved.invented.values["name"]}


def test_forged_and_foreign_symbols(station: Station, held: Held, department: Department) -> None:
    symbol = symbol_of(station, held)
    read = printed.read_printed(symbol)
    forged = printed.sign_printed(read.printed, _leaf(station), lambda _: bytes(range(64)))
    foreign = printed.sign_printed(
        read.printed, x509.load_pem_x509_certificate(station.root), station.hub.sign
    )
    for code, answer, reason in (
        (forged, "not valid", "signature"),
        (foreign, "unknown", "issuer_key_unknown"),
        ("CDP1:A", "not valid", "base45"),
    ):
        told = department.ask("authenticity", document={"code": code}).body
        assert (told["answer"], told["reasons"]) == (answer, [reason])
        assert told["explained"][0].endswith("请勿采用。") and "unit_ref" not in told
        shown = on_the_page(station, code)
        assert (shown["answer"], shown["reasons"], shown["facts"]) == (answer, [reason], [])
    told = department.post("authenticity", department.request(document={"code": "CDX9:AB"}))
    assert (told.status, told.json["error"]) == (400, "field_wrong")


def test_the_offline_code_of_a_phone(station: Station, office: SampleOffice, department: Department) -> None:
    approved = office.approved_case(next_index())
    minted = office.mint(approved)
    office.push_all_recorded()
    wallet = station.wallet()
    phone = Holder(station, wallet, wallet.claim(minted.text, minted.pin))
    audience = f"{station.hub.issuer}/v"
    leaf = printed.kid_of(_leaf(station))

    def code(text: str) -> str:
        return coded(lay_out(text.encode(), leaf, parse_compact(text.split("~")[0]).header["x5c"][0]))

    bound = phone.presentation(audience, "a nonce of the phone", fields=("name",))
    told = department.ask("authenticity", document={"code": code(bound)}).body
    assert told["answer"] == "valid" and "data" not in told
    page = on_the_page(station, code(bound))
    assert (page["answer"], page["reasons"]) == ("valid", [])
    assert ["名称", approved.invented.values["name"]] in page["facts"]
    assert on_the_page(station, code(phone.sd_jwt))["reasons"] == ["key_binding_missing"]
    told = department.ask("authenticity", document={"code": code(phone.sd_jwt)}).body
    assert (told["answer"], told["reasons"]) == ("not valid", ["key_binding_missing"])
    station.hands.forward(seconds=121)
    told = department.ask("authenticity", document={"code": code(bound)}).body
    assert (told["answer"], told["reasons"]) == ("not valid", ["key_binding"])


def _leaf(station: Station) -> Any:
    return x509.load_pem_x509_certificate(station.hub.leaf_pem)
