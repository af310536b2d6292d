"""What the public page answers about a person and a matter, on both databases; and no oracle."""

from __future__ import annotations

import base64
import json
import logging
from typing import Any

import pytest
from cryptography.x509 import load_pem_x509_certificate
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import MetaData, func, select

from core.credentials.jose import parse_compact
from core.credentials.printed import kid_of
from core.errors import UserError
from hub.facts import suspend_certificates, void_certificates
from hub.scenarios import add_scenarios, remove_scenarios
from hub.shown_answers import COMPARISONS
from hub.verification_words import REFUSALS, refusal_sentence
from tests.core.credentials.shown import coded, lay_out
from tests.hub.conftest import Station
from tests.hub.page_visitor import FIELDS, STRANGER, Visitor, authorised, holder, shown, text, visitor
from tests.hub.test_delegation import CertificateHolder, in_office, manager
from tests.hub.test_delegation import take as claim_delegation

__all__ = ["manager", "visitor"]


def test_the_holder_matches_and_may_act_and_nobody_else(visitor: Visitor, manager: CertificateHolder) -> None:
    thing = shown(manager)
    plain = visitor.ask(thing)
    assert plain["answer"] == "valid" and "asked" not in plain
    assert dict(plain["matters"])["SOCIAL"] == "社会保险登记和缴费"
    told = visitor.ask(thing, holder(manager), "BANK")["asked"]
    assert (told["answer"], told["match"], told["matter"], told["reasons"]) == ("valid", True, "BANK", [])
    told = visitor.ask(thing, STRANGER)
    assert (told["answer"], told["asked"]["answer"], told["asked"]["match"]) == ("valid", "not valid", False)
    assert visitor.ask(thing, matter="BANK")["asked"] | {"as_of": 0} == {
        "answer": "unknown",
        "as_of": 0,
        "reasons": ["person_not_asked"],
        "matter": "BANK",
        "match": None,
    }


def test_an_authorised_person_may_do_what_was_authorised_only(
    station: Station, visitor: Visitor, manager: CertificateHolder
) -> None:
    phone = claim_delegation(station, manager.named(1, matters=["TAX"]))
    thing = {"ref": phone.show(*FIELDS, "unit", "valid_from").json["ref"]}
    told = visitor.ask(thing, authorised(manager), "TAX")["asked"]
    assert (told["answer"], told["match"]) == ("valid", True)
    told = visitor.ask(thing, authorised(manager), "BANK")["asked"]
    assert (told["answer"], told["match"], told["reasons"]) == ("not valid", True, ["matter_not_covered"])
    told = visitor.ask(thing, STRANGER, "BANK")["asked"]
    assert (told["answer"], told["match"]) == ("not valid", False)
    assert visitor.ask({"ref": phone.show("person").json["ref"]}, matter="TAX")["asked"]["reasons"] == [
        "matter_not_shown",
        "person_not_asked",
    ]


def test_it_is_not_said_which_of_name_and_number_differs(
    visitor: Visitor, manager: CertificateHolder
) -> None:
    real = holder(manager)
    thing = shown(manager)
    told = [
        visitor.ask(thing, {**real, **wrong})
        for wrong in ({"name": STRANGER["name"]}, {"id_number": STRANGER["id_number"]}, STRANGER)
    ]
    assert told[0] == told[1] == told[2] and told[0]["asked"]["match"] is False
    assert not any(value in json.dumps(told) for value in (STRANGER["name"], STRANGER["id_number"]))
    assert real["id_number"] not in json.dumps(told)


def test_what_was_not_disclosed_is_compared_with_nothing(
    visitor: Visitor, manager: CertificateHolder
) -> None:
    thing = shown(manager, "uscc")
    for person in (holder(manager), STRANGER):
        told = visitor.ask(thing, person, "BANK")["asked"]
        assert (told["answer"], told["match"], told["reasons"]) == ("unknown", None, ["person_not_shown"])


def test_five_comparisons_with_one_showing_however_it_is_spelled(
    station: Station, visitor: Visitor, manager: CertificateHolder
) -> None:
    bound = text(manager)
    shown = manager.phone.show
    leaf = load_pem_x509_certificate(station.hub.leaf_pem)
    inside = parse_compact(bound["text"].split("~")[0]).header["x5c"][0]
    code = {"text": coded(lay_out(bound["text"].encode(), kid_of(leaf), inside))}
    spelled = {"text": f"  {bound['text']}\n"}
    other_signature = {"text": _malleated(bound["text"])}
    assert COMPARISONS == 5
    for thing in (bound, code, spelled, other_signature, bound):
        assert visitor.match(thing, STRANGER) is False
    for thing in (bound, code, spelled, other_signature):
        assert visitor.refused(thing, person=holder(manager)) == "compare_spent"
        assert visitor.refused(thing, person=holder(manager), matter="BANK") == "compare_spent"
        assert visitor.ask(thing)["answer"] == "valid", "looking costs nothing"
        assert visitor.ask(thing, matter="BANK")["asked"]["answer"] == "unknown"
    link = shown(*FIELDS).json
    assert visitor.match({"ref": link["ref"]}, holder(manager)) is True, "shown anew"
    for _ in range(COMPARISONS - 1):
        visitor.match({"text": link["link"]}, STRANGER)
    assert visitor.refused({"ref": link["ref"]}, person=STRANGER) == "compare_spent"


def _malleated(presentation: str) -> str:
    """The same signed statement of the phone under the other signature that ECDSA allows."""
    head, _, signature = presentation.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4))
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    s = order - int.from_bytes(raw[32:], "big")
    other = base64.urlsafe_b64encode(raw[:32] + s.to_bytes(32, "big")).decode().rstrip("=")
    return f"{head}.{other}"


def test_a_text_that_no_phone_signed_counts_as_one_in_a_day(
    station: Station, visitor: Visitor, manager: CertificateHolder
) -> None:
    whole = manager.phone.sd_jwt
    jws, *disclosures, _ = whole.split("~")
    spelled = [{"text": "~".join([jws, *disclosures[:count], ""])} for count in range(len(disclosures) + 1)]
    assert visitor.ask({"text": whole}, holder(manager))["asked"]["reasons"] == ["holder_not_proven"]
    for thing in spelled[: COMPARISONS - 1]:
        visitor.ask(thing, STRANGER)
    for thing in spelled:
        assert visitor.refused(thing, person=STRANGER) == "compare_spent"
    assert visitor.match(shown(manager), holder(manager)) is True, "the phone itself is not shut out"
    station.hands.forward(hours=5)
    assert visitor.match({"text": whole}, holder(manager)) is True
    assert visitor.refused({"text": whole}, person=holder(manager)) == "compare_spent"


def test_many_showings_of_another_phone_do_not_give_a_text_its_comparisons_back(
    visitor: Visitor, manager: CertificateHolder
) -> None:
    visitor.answers._comparisons._bound._keep = visitor.answers._comparisons._unbound._keep = 3
    for _ in range(COMPARISONS):
        visitor.ask({"text": manager.phone.sd_jwt}, STRANGER)
    for _ in range(5):
        visitor.ask(text(manager), STRANGER)
    assert visitor.refused({"text": manager.phone.sd_jwt}, person=STRANGER) == "compare_spent"


@pytest.mark.parametrize("what", ["void", "suspended", "old", "altered", "another's"])
def test_what_does_not_stand_is_compared_with_nobody(
    station: Station, visitor: Visitor, manager: CertificateHolder, what: str
) -> None:
    thing = text(manager)
    if what == "void":
        in_office(manager, void_certificates, manager.approved.unit, "why")
    elif what == "suspended":
        in_office(manager, suspend_certificates, manager.approved.unit, "representative", 99)
    elif what == "old":
        station.hands.forward(seconds=200)
    elif what == "altered":
        thing = {"text": thing["text"].replace("~", "A~", 1)}
    else:
        thing = {"text": f"{manager.phone.sd_jwt.split('~')[0]}~{thing['text'].partition('~')[2]}x"}
    for person in (holder(manager), STRANGER):
        told = visitor.ask(thing, person, "BANK")
        assert told["answer"] == "not valid" and "asked" not in told and "matters" not in told
        assert "person_differs" not in told["reasons"]


def test_a_reference_that_is_over_or_foreign(
    station: Station, visitor: Visitor, manager: CertificateHolder
) -> None:
    link = manager.phone.show(*FIELDS).json
    assert visitor.match({"text": f" {link['link']} "}, holder(manager)) is True
    station.hands.forward(seconds=121)
    for thing in ({"ref": link["ref"]}, {"text": link["link"]}):
        assert visitor.refused(thing, person=holder(manager)) == "shown_expired"
    assert visitor.refused({"text": f"https://elsewhere.test/v/{link['ref']}"}) == "shown_foreign"
    assert visitor.refused({"ref": f"x/v/{link['ref']}"}) == "shown_expired"


def test_matters_are_the_hubs_list_as_it_stands(
    station: Station, visitor: Visitor, manager: CertificateHolder
) -> None:
    housing = {"code": "HOUSING", "name": "住房公积金缴存", "department": "住房公积金管理机构"}
    add_scenarios(station.hub, json.dumps({"scenarios": [housing]}).encode())
    thing = shown(manager)
    assert dict(visitor.ask(thing)["matters"])["HOUSING"] == "住房公积金缴存"
    assert visitor.ask(thing, holder(manager), "HOUSING")["asked"]["answer"] == "valid"
    remove_scenarios(station.hub, b'{"codes": ["HOUSING"]}')
    assert "HOUSING" not in dict(visitor.ask(thing)["matters"])
    for matter in ("HOUSING", "NOPE", "BANK2"):
        assert visitor.refused(thing, person=holder(manager), matter=matter) == "matter_unknown"


WRONG = {
    "no name": {"person": {"id_number": STRANGER["id_number"]}},
    "no number": {"person": {"name": "某乙"}},
    "blank": {"person": {**STRANGER, "name": " "}},
    "a list": {"person": ["某乙", STRANGER["id_number"]]},
    "a text": {"person": "某乙"},
    "nothing": {"person": None},
    "a number": {"person": {**STRANGER, "id_number": int(STRANGER["id_number"][:17] + "1")}},
    "long": {"person": {**STRANGER, "name": "某" * 61}},
    "NUL": {"person": {**STRANGER, "name": "某\x00乙"}},
    "half a character": {"person": {**STRANGER, "name": "某\ud800"}},
    "hidden": {"person": {**STRANGER, "name": "某\u202e乙"}},
    "small x": {"person": {**STRANGER, "id_number": STRANGER["id_number"][:17] + "x"}},
    "short": {"person": {**STRANGER, "id_number": "1"}},
    "mistyped": {"person": {**STRANGER, "id_number": STRANGER["id_number"][:17] + "?"}},
    "a role": {"person": {**STRANGER, "role": "manager"}},
    "matter of a number": {"matter": 7},
    "matter of all": {"matter": "*"},
    "matter with NUL": {"matter": "BANK\x00"},
    "more": {"limit": 7},
    "another word": {"matters": ["BANK"]},
}


@pytest.mark.parametrize("more", WRONG.values(), ids=WRONG.keys())
def test_a_question_of_another_shape_is_refused_and_costs_nothing(
    visitor: Visitor, manager: CertificateHolder, more: dict[str, Any]
) -> None:
    thing = shown(manager)
    for _ in range(COMPARISONS + 1):
        code = visitor.refused(thing, **more)
        assert code.startswith("field_") and code in REFUSALS
    digit = "1" if STRANGER["id_number"][17] != "1" else "2"
    wrong = {**STRANGER, "id_number": STRANGER["id_number"][:17] + digit}
    assert visitor.refused(thing, person=wrong) == "id_number_wrong"
    assert visitor.match(thing, holder(manager)) is True


_ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "id_number", "x"]), inner)
    ),
    max_leaves=6,
)
_BODIES = st.dictionaries(st.sampled_from(["ref", "text", "matter", "person", "pdf", ""]), _ANYTHING)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    database=None,
)
@given(body=_BODIES)
def test_whatever_is_sent_gets_an_answer_or_a_sentence(visitor: Visitor, body: dict[str, Any]) -> None:
    try:
        told = visitor.answers.of_question(body)
        assert told["answer"] in ("valid", "not valid", "unknown") and "asked" not in told
    except UserError as fault:
        assert refusal_sentence(fault.code, fault.params).endswith("。")


def test_nothing_of_a_question_is_kept_or_logged(
    station: Station, visitor: Visitor, manager: CertificateHolder, caplog: pytest.LogCaptureFixture
) -> None:
    thing = shown(manager)
    tables = MetaData()
    with station.hub.database.read() as connection:
        tables.reflect(connection)
        before = _rows(connection, tables)
    with caplog.at_level(logging.DEBUG):
        visitor.ask(thing, holder(manager), "BANK")
        visitor.ask({"text": manager.phone.sd_jwt}, STRANGER)
        visitor.refused(thing, person={**STRANGER, "id_number": "1"})
    with station.hub.database.read() as connection:
        assert _rows(connection, tables) == before
    kept = repr([each._known.keys() for each in vars(visitor.answers._comparisons).values()])
    for person in (holder(manager), STRANGER):
        for value in person.values():
            assert value not in caplog.text and value not in kept


def _rows(connection: Any, tables: MetaData) -> dict[str, int]:
    count = {name: select(func.count()).select_from(table) for name, table in tables.tables.items()}
    return {name: connection.execute(query).scalar_one() for name, query in count.items()}
