"""Enrolment: who asks, what is asked, and what only the operator decides."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from core.errors import UserError
from core.ids import new_id
from core.sync.enrolment import first_issue, read_certificate
from core.sync.envelope import wrap
from hub.enrolments import accept
from tests.hub.conftest import Station
from tests.hub.sample_office import SampleOffice


def test_enrolment_waits_for_the_operator_and_is_repeatable(station: Station) -> None:
    office = SampleOffice(station.post, station.hands)
    request = office.enrolment()
    first = station.post("/api/v1/enrolments", request)
    assert first[0] == 202 and station.post("/api/v1/enrolments", request) == first
    mark = json.loads(first[1])["fingerprint"]
    certificate = accept(station.hub, mark, False)
    assert accept(station.hub, mark, False) == certificate
    status, body = station.post("/api/v1/enrolments", request)
    answer = json.loads(body)
    assert (status, answer["state"], answer["office_certificate"]) == (200, "enrolled", certificate)
    first = read_certificate(answer["certificate"])
    assert (first.issue, first) == (1, first_issue(read_certificate(certificate)))
    office.enrolled(certificate)
    office.push_all_recorded()


def tampered(office: SampleOffice, change: Callable[[dict[str, Any]], None]) -> bytes:
    payload = json.loads(office.enrolment())["payload"]
    change(payload)
    return wrap(payload, office.signer)


@pytest.mark.parametrize(
    "change",
    [
        lambda p: p.update(office=new_id()),
        lambda p: p["device"].update(exchange_key="00" * 32),
        lambda p: p["device"].update(key="ab" * 32),
        lambda p: p["device"].update(id="hub"),
        lambda p: p["founding"]["action"]["public"].update(name="别的机关"),
        lambda p: p["founding"]["action"].update(kind="person_added"),
        lambda p: p["founding"].update(signature="00" * 64),
        lambda p: p.pop("founding"),
        lambda p: p.update(device=[]),
    ],
)
def test_a_tampered_enrolment_is_refused(station: Station, change: Callable[[dict[str, Any]], None]) -> None:
    office = SampleOffice(station.post, station.hands)
    status, body = station.post("/api/v1/enrolments", tampered(office, change))
    assert 400 <= status < 500, body
    assert station.post("/api/v1/enrolments", tampered(office, lambda _: None))[0] == 202


def test_a_rehearsal_office_finds_no_place_at_an_earnest_hub(station: Station) -> None:
    office = SampleOffice(station.post, station.hands, rehearsal=True)
    answer = station.post("/api/v1/enrolments", office.enrolment())[1]
    assert json.loads(answer)["error"] == "rehearsal_mismatch"


def test_an_unknown_fingerprint_is_said(station: Station) -> None:
    with pytest.raises(UserError, match="enrolment_unknown"):
        accept(station.hub, "0000-0000-0000-0000-0000-0000-0000-0000", False)
