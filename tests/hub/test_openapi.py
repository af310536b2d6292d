"""The OpenAPI document and the program say the same: schemathesis against the running hub."""

from __future__ import annotations

import json
import re
from collections import Counter
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from core.credentials import judgement
from hub.openapi import document
from hub.party_profile import BASIC_FIELDS
from hub.verification_api import STATUS
from hub.verification_shapes import PROFILE, REQUESTS, TITLES
from hub.verification_words import REASONS, REFUSALS
from resources import resource_path
from tests.hub.conftest import Station
from tests.hub.department import Department
from tests.hub.wallet import http

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 40


def test_it_is_served_as_it_is_made(station: Station) -> None:
    reply = http(f"{station.hub.issuer}/api/v1/openapi.json")
    assert reply.status == 200 and reply.json == json.loads(json.dumps(document(station.hub.issuer)))
    assert reply.json["openapi"] == "3.1.0"
    assert set(reply.json["paths"]) == {f"/verify/{name}" for name in TITLES}
    data = reply.json["components"]["schemas"]["basic_answer"]["properties"]["data"]["properties"]
    assert set(data) == set(BASIC_FIELDS)
    assert not any("list" in place or "search" in place for place in reply.json["paths"])


def test_every_refusal_has_its_words_and_every_status_is_declared() -> None:
    assert STATUS.keys() <= REFUSALS.keys()
    declared = document("https://hub.example")["paths"]["/verify/basic"]["post"]["responses"]
    assert {str(status) for status in STATUS.values()} <= declared.keys()
    assert all(words.endswith("。") for words in [*REFUSALS.values(), *REASONS.values()])


def test_the_public_page_has_words_for_every_reason_of_a_judgement() -> None:
    script = (resource_path("verify") / "verify.js").read_text("utf-8")
    said = script.partition("const REASONS = {")[2].partition("};")[0]
    assert set(judgement.REASONS) <= set(re.findall(r'^  (\w+): ".+。",$', said, re.M))


def test_what_is_said_of_match_is_what_is_answered() -> None:
    """A *not valid* for a holder that differs has ``match: false``; see test_what_is_not_so_is_not_valid."""
    schemas = document("https://hub.example")["components"]["schemas"]
    said = json.dumps(schemas["compare_answer"]["properties"]["match"], ensure_ascii=False)
    assert "holder_differs" in said and "不是 valid 时没有" not in said


def send(department: Department, case: Any) -> requests.Response:
    """Send a generated case as it stands, with a signature over exactly what is sent."""
    function = case.operation.path.rpartition("/")[2]
    made = case.as_transport_kwargs(base_url=f"{department.hub.issuer}/api/v1")
    made.pop("cookies", None)
    positive = case.meta is not None and case.meta.generation.mode is GenerationMode.POSITIVE
    if positive and function != PROFILE:
        made["json"] = {**made["json"], "purpose": "social"}  # else scope is all that is ever met
    prepared = requests.Request(
        **{name: value for name, value in made.items() if value is not None}
    ).prepare()
    body = prepared.body or b""
    data = body.encode() if isinstance(body, str) else bytes(body)
    prepared.headers["Authorization"] = department.header(function, data)
    with requests.Session() as session:
        session.trust_env = False
        return session.send(prepared, timeout=60)


@pytest.mark.slow
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("function", sorted(REQUESTS))
def test_no_request_breaks_it(station: Station, function: str, mode: GenerationMode) -> None:
    department = Department(station.hub)
    department.register()
    schema = schemathesis.openapi.from_dict(document(station.hub.issuer))
    operation = schema[f"/verify/{function}"]["POST"]
    seen: Counter[str] = Counter()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def run(case: Any) -> None:
        reply = send(department, case)
        case.validate_response(reply, checks=CHECKS)
        told = reply.json()
        seen[str(told.get("error", told.get("answer")))] += 1
        if mode is GenerationMode.POSITIVE:
            # Well-formed questions are refused for what they say only: scope, numbers, budgets.
            assert reply.status_code in (200, 403, 422, 429), told

    run()
    print(f"\n{function} {mode.value}: {dict(seen)}")
    assert sum(seen.values()) >= EXAMPLES // 2
    if mode is GenerationMode.NEGATIVE:
        assert any(code.startswith(("field_", "body_")) for code in seen)


def test_a_server_error_would_be_seen(station: Station, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: with the shapes unchecked something breaks, and the suite above would say so."""
    from hub import party_answers

    department = Department(station.hub)
    department.register()
    monkeypatch.setattr(party_answers, "check", lambda *_: None)
    monkeypatch.setattr("hub.web._log", lambda fault: None)
    reply = department.post("basic", {"purpose": 5})
    assert reply.status >= 500 and reply.json["error"] == "hub_failed"
