"""Basic data asked at a desk: signed by the person, nothing kept, and no answer believed that is none."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.credentials.judgement import Judgement
from core.errors import EnvironmentFault, UserError
from core.forms.check_digits import organisation_check_character, uscc_check_character
from core.services import hub_questions
from core.services.applications import get_case
from core.services.hub_questions import basic_data
from core.services.sync import sync
from core.sync.envelope import unwrap
from tests.core.services.test_verification import Room

_BODY = "12460000MB0X0000" + organisation_check_character("MB0X0000")
UNKNOWN = _BODY + uscc_check_character(_BODY)
REASON = "办理变更登记前核对"


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    made = Room(tmp_path)
    yield made
    made.close()


def test_the_person_signs_and_nothing_of_it_stays(room: Room, caplog: pytest.LogCaptureFixture) -> None:
    case, sent = room.claimed_case(), []
    with room.kit.sit("clerk") as session:
        values = get_case(session, case).unit.values
        room.real.wire = lambda path, body, carry: (sent.append((path, body)), carry())[1]
        before = {each: each.read_bytes() for each in session.folder.root.iterdir() if each.is_file()}
        with caplog.at_level(logging.DEBUG):
            found = basic_data(
                session, room.real.port, f" {values['uscc'].lower()}", f"{REASON}\u200b \n核对"
            )
        person, key = session.person, session.signer.public_bytes()
        after = {each: each.read_bytes() for each in session.folder.root.iterdir() if each.is_file()}
    assert found.judgement.answer == "valid" and found.facts["unit.name"] == values["name"]
    assert set(after) == set(before)
    ((path, body),) = sent
    outer = unwrap(body).payload
    said = unwrap(outer["asked"].encode())
    assert path == "/api/v1/unit-basic" and said.verify(key) and said.payload["person"] == person
    assert (said.payload["uscc"], said.payload["reason"]) == (values["uscc"], f"{REASON} 核对")
    assert {
        name: outer[name] for name in ("nonce", "sent_at", "device", "office")
    }.items() <= said.payload.items()
    for word in (values["uscc"], values["name"], REASON):
        assert word not in caplog.text and not any(word.encode() in data for data in after.values())


@pytest.mark.parametrize(
    ("uscc", "reason", "code"),
    [
        ("", REASON, "too_short"),
        (UNKNOWN[:-1], REASON, "too_short"),
        (UNKNOWN[:-1] + "?", REASON, "number_character"),
        (UNKNOWN[:2] + "1" + UNKNOWN[3:], REASON, "uscc_check_outside"),
        (UNKNOWN, " \n\u200b", "reason_missing"),
        (UNKNOWN, "事" * 201, "reason_long"),
    ],
)
def test_what_is_wrong_is_said_without_asking(room: Room, uscc: str, reason: str, code: str) -> None:
    with room.kit.sit("clerk") as session:
        before = len(room.real.said)
        with pytest.raises(UserError) as refusal:
            basic_data(session, room.real.port, uscc, reason)
    assert refusal.value.code == code and len(room.real.said) == before


def test_whoever_may_not_verify_may_not_ask(room: Room) -> None:
    with room.kit.sit("admin") as session:
        sync(session, room.real.port)
        with pytest.raises(EnvironmentFault) as refusal:
            basic_data(session, room.real.port, UNKNOWN, REASON)
    assert refusal.value.params["reason"] == "role_missing"


GOOD: dict[str, Any] = {"answer": "valid", "as_of": 7, "reasons": [], "data": {"unit.name": "甲"}}


@pytest.mark.parametrize(
    "damage",
    [
        {"answer": "yes"},
        {"answer": None},
        {"answer": ["valid"]},
        {"as_of": "7"},
        {"reasons": None},
        {"reasons": [7]},
        {"data": None},
        {"data": []},
        {"data": {"unit.name": 7}},
    ],
    ids=json.dumps,
)
def test_a_damaged_answer_is_no_answer(
    room: Room, monkeypatch: pytest.MonkeyPatch, damage: dict[str, Any]
) -> None:
    with room.kit.sit("clerk") as session:
        monkeypatch.setattr(hub_questions, "_ask", lambda *_: GOOD)
        assert basic_data(session, room.real.port, UNKNOWN, REASON).judgement == Judgement("valid", 7)
        monkeypatch.setattr(hub_questions, "_ask", lambda *_: GOOD | damage)
        with pytest.raises(EnvironmentFault, match="hub_answer_damaged"):
            basic_data(session, room.real.port, UNKNOWN, REASON)
