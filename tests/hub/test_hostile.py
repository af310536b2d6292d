"""Whatever is sent, the hub answers with a refusal and never breaks down (security.md R16)."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.canonical import canonical, digest
from core.forms.papers import default_checklist, to_data
from core.ids import new_id, system_random
from core.keys.sealing import new_exchange_key
from core.keys.signer import SoftwareSigner
from core.records.model import GENESIS, Salted, salted
from core.sync.envelope import seal_private, wrap
from hub.desk_requests import HANDLERS
from hub.web import Guard
from tests.hub.conftest import Station
from tests.hub.sample_office import SampleOffice, split
from tests.hub.test_handlers import GOOD, path_of
from tests.hub.wallet import Reply, http

FIXTURES = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
hostile = settings(suppress_health_check=FIXTURES, deadline=None)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = st.text(st.sampled_from("abcxyz_\x00-"), max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT | st.sampled_from(["", "hub", "0" * 64]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(autouse=True)
def no_rule_failed() -> None:
    """Here a rule may break down on a body, as long as the answer is a refusal."""


def refused(status: int, body: bytes) -> None:
    """The property of this file: an answer of the 400s, or a receipt; never a 500."""
    assert 200 <= status < 500, (status, body[:200])


def paths(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON value."""
    found = [here] if here else []
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in inner:
        found += paths(item, (*here, key))
    return found


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The value with one place changed."""
    copy: Any = json.loads(json.dumps(value))
    inner = copy
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = new
    return copy


def signed_item(office: SampleOffice, body: dict[str, Any], private: dict[str, Salted]) -> dict[str, Any]:
    """Sign a body that need not be an action, as a patched client would."""
    name = digest("action/1", canonical(body))
    who = office.admin if body.get("subject_kind") == "office" else office.clerk
    signature = who.signer.sign(digest("signature/1", name)).hex()
    assert office.certificate
    hub_key = bytes.fromhex(office.certificate.hub_exchange_key)
    sealed = seal_private(private, hub_key, name.hex(), system_random)
    return {"action": body, "algorithm": "Ed25519", "signature": signature, "sealed": sealed}


def bodies(office: SampleOffice) -> list[tuple[dict[str, Any], dict[str, Salted]]]:
    """Well-formed bodies of several kinds, each the first of a chain."""
    office.epoch, office.seq, office.prev = office.epoch + 1, 0, GENESIS
    public, personal = split("unit-record", office.invented(0).values)
    private = salted({name: value for name, value in personal.items() if value}, system_random)
    public["representative_no"] = 1
    made = [office.action("unit_registered", "unit", new_id(), public, private, "")]
    ticks = {"items": {"manager_id": {"original": True}}}
    made.append(office.action("papers_checked", "case", new_id(), ticks, {}, ""))
    key, exchange = SoftwareSigner.generate().public_bytes().hex(), new_exchange_key()[1].hex()
    fresh = {"key": key, "exchange_key": exchange}
    device = {**office.device_data(), **fresh, "id": new_id()}
    known = [item["action"]["subject_kind"] for item in office.feed()["items"]]
    office.versions[office.office] = known.count("office")
    made.append(office.action("device_added", "office", office.office, device, {}, ""))
    minted = {
        "case": new_id(),
        "approval": "0" * 64,
        "jti": "0" * 24,
        "purpose": 1,
        "representative_no": 1,
        "issued_at": 1,
        "expires_at": 601,
    }
    made.append(office.action("claim_minted", "claim", new_id(), minted, {}, ""))
    checklist = {"form": "attachment-1", "items": to_data(default_checklist("attachment-1"))}
    made.append(office.action("checklist_set", "office", office.office, checklist, {}, ""))
    people = {"office": office.admin.id}
    signed = [{**one.body(), "person": people.get(one.subject_kind, office.clerk.id)} for one in made]
    return [(body, private if body["commitments"] else {}) for body in signed]


@hostile
@given(data=st.data())
def test_any_body_is_answered(office: SampleOffice, data: st.DataObject) -> None:
    body, private = data.draw(st.sampled_from(bodies(office)))
    for _ in range(data.draw(st.integers(1, 2))):
        path = data.draw(st.sampled_from(paths(body)))
        body = put(body, path, data.draw(VALUES))
    item = signed_item(office, body, private)
    refused(*office.post("/api/v1/actions", office.batch([item])))


FIELDS = sorted({"sent_at", "nonce", "office", "device"}.union(*GOOD.values()))


@hostile
@given(data=st.data())
def test_any_item_and_payload_is_answered(office: SampleOffice, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(HANDLERS)))
    values = VALUES | st.lists(VALUES, max_size=3)
    fields = data.draw(st.dictionaries(st.sampled_from(FIELDS), values, max_size=5))
    payload = json.loads(office.envelope(kind))["payload"] | GOOD[kind] | {"device_epoch": 10**6} | fields
    refused(*office.post(path_of(kind), wrap(payload, office.signer)))


@hostile
@given(data=st.data())
def test_any_enrolment_is_answered(station: Station, data: st.DataObject) -> None:
    office = SampleOffice(station.post, station.hands)
    payload = json.loads(office.enrolment())["payload"]
    payload = put(payload, data.draw(st.sampled_from(paths(payload))), data.draw(VALUES))
    refused(*station.post("/api/v1/enrolments", wrap(payload, office.signer)))


PLACES = (
    "/token",
    "/nonce",
    "/credential",
    "/deferred",
    "/notification",
    *map(path_of, HANDLERS),
    "/api/v1/enrolments",
    "/api/v1/holder/short",
    "/api/v1/holder/glyphs",
)


@hostile
@given(
    place=st.sampled_from(PLACES),
    body=st.binary(max_size=64) | VALUES.map(lambda value: json.dumps(value).encode()),
    kind=st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/plain", ""]),
)
def test_any_bytes_are_answered(station: Station, place: str, body: bytes, kind: str) -> None:
    reply = http(station.hub.issuer + place, body, Content_Type=kind, Authorization="Bearer x.y")
    refused(reply.status, reply.body)


@hostile
@given(
    form=st.dictionaries(
        st.sampled_from(["grant_type", "pre-authorized_code", "tx_code", "x"]),
        TEXT | st.just("urn:ietf:params:oauth:grant-type:pre-authorized_code"),
    )
)
def test_any_form_is_answered(station: Station, form: dict[str, str]) -> None:
    data = urlencode(form).encode()
    reply = http(f"{station.hub.issuer}/token", data, Content_Type="application/x-www-form-urlencoded")
    assert reply.status == 400 and "error" in reply.json


@pytest.mark.parametrize(
    "path",
    ["/o/" + "A" * 300, "/o/%00", "/o/..%2f..%2fetc", "/status/99999999999999", "/holder/..%2fhub", "/x"],
)
def test_odd_addresses_are_not_found(station: Station, path: str) -> None:
    assert http(station.hub.issuer + path).status == 404


def test_too_much_is_refused_before_it_is_read(station: Station) -> None:
    big = b"x" * (9 * 1024 * 1024)
    host = urlsplit(station.hub.issuer)

    async def announce() -> bytes:
        reader, writer = await asyncio.open_connection(host.hostname, host.port)
        writer.write(
            b"POST /api/v1/actions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            + f"Content-Length: {len(big)}\r\n\r\n".encode()
        )
        await writer.drain()
        line = await reader.readline()
        writer.close()
        return line

    assert b" 413 " in asyncio.run(announce())


def test_the_guard_says_500_and_tells_the_log_nothing(caplog: pytest.LogCaptureFixture) -> None:
    """The known-bad control: a hub that does break down is seen by ``refused``, and leaks no text."""

    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError("张演练 13800000001")

    sent: list[Any] = []

    async def run() -> None:
        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            return {"type": "http.request"}

        await Guard(broken)({"type": "http", "method": "GET", "path": "/", "headers": []}, receive, send)

    with caplog.at_level(logging.DEBUG):
        asyncio.run(run())
    reply = Reply(sent[0]["status"], {}, sent[1]["body"])
    with pytest.raises(AssertionError):
        refused(reply.status, reply.body)
    assert "ValueError" in caplog.text
    assert "13800000001" not in caplog.text and "13800000001" not in reply.body.decode()


def test_the_bodies_that_are_changed_here_are_good_before(office: SampleOffice) -> None:
    """Control: the changed bodies above start from ones that reach the rules, or the ledger."""
    codes = []
    for place in range(5):
        body, private = bodies(office)[place]
        data = office.batch([signed_item(office, body, private)])
        codes.append(office.ask("/api/v1/actions", data)["receipts"][0]["code"])
    assert codes == ["", "action_out_of_order", "", "case_unknown", ""]
