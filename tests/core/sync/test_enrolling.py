"""Enrolment from the desk's side: asked once and the same, pinned at first sight, foreign papers refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.canonical import canonical
from core.errors import CertDeskError, EnvironmentFault, Refusal, UserError
from core.keys.signer import SoftwareSigner
from core.services import sync
from core.services.offices import certificate_or_refuse, enrol, enrolment_request, is_enrolled
from core.sync.enrolment import OfficeCertificate, fingerprint, read_certificate, sign_certificate
from core.sync.envelope import unwrap
from tests.contract.fake_hub import FakeHub, PostedHub
from tests.core.services.office_kit import OfficeKit, SeededRandom


def test_an_office_waits_for_its_operator_then_is_enrolled(kit: OfficeKit) -> None:
    fake = FakeHub(kit.clock, SeededRandom("hub"), accepts=False)
    hub = PostedHub(fake.post)
    with kit.sit("admin") as admin:
        assert enrol(admin, hub) is None and not is_enrolled(admin)
        with pytest.raises(UserError, match="not_enrolled"):
            sync.sync(admin, hub)
        request = enrolment_request(admin)
        kit.clock.move(days=1)
        assert enrolment_request(admin) == request  # asked once: the fingerprint read out stays right
        assert len(fingerprint(request)) == 39
        fake.accept(request)
        certificate = enrol(admin, hub)
        assert certificate is not None and certificate_or_refuse(admin) == certificate
        assert not certificate.single_clerk
        assert enrol(admin, hub) == certificate


def test_no_personal_name_leaves_with_the_request(kit: OfficeKit) -> None:
    with kit.sit("admin") as admin:
        request = enrolment_request(admin).decode()
    assert "演admin" not in request and unwrap(request.encode()).payload["founding"]["sealed"] == ""


def test_the_single_clerk_wish_is_granted_by_the_certificate_alone(kit: OfficeKit) -> None:
    from core.services import review

    with kit.sit("both") as both:
        first, second = kit.submitted_case(both), kit.submitted_case(both)
        with both.begin() as uow:  # somebody edits the database
            for key in ("single_clerk", "certificate_single_clerk"):
                uow.set_meta(key, "yes")
        with pytest.raises(Refusal, match="self_approval"):
            review.approve(both, first)
    fake = FakeHub(kit.clock, SeededRandom("hub"))
    kit.enrol(PostedHub(fake.post), single_clerk=True)
    with kit.sit("both") as both:
        review.approve(both, first)
        with both.read() as uow:
            case = uow.projection.case(first)
            assert case is not None and case.single
        with both.begin() as uow:  # a certificate edited here is no certificate
            text = json.loads(uow.find_meta("certificate") or "")
            text["body"]["office"] = "elsewhere"
            uow.set_meta("certificate", json.dumps(text))
        with pytest.raises(Refusal, match="certificate_forged"):
            review.approve(both, second)


def test_a_certificate_granted_by_oneself_is_not_believed_after_the_first(kit: OfficeKit) -> None:
    fake = FakeHub(kit.clock, SeededRandom("hub"))
    kit.enrol(PostedHub(fake.post))
    with kit.sit("admin") as admin:
        other = FakeHub(kit.clock, SeededRandom("another hub"))
        with pytest.raises(Refusal, match="hub_changed"):
            enrol(admin, PostedHub(other.post))
        assert certificate_or_refuse(admin).hub_kid == fake.signer.kid


FOREIGN: dict[str, dict[str, Any]] = {
    "another office": {"office": "elsewhere"},
    "another desk": {"device": "elsewhere"},
    "another key": {"device_key": "00" * 32},
    "not a rehearsal": {"rehearsal": False},
}


@pytest.mark.parametrize("how", FOREIGN)
def test_somebody_elses_certificate_is_refused(kit: OfficeKit, how: str) -> None:
    fake = FakeHub(kit.clock, SeededRandom("hub"))

    def post(path: str, body: bytes) -> tuple[int, bytes]:
        answer = json.loads(fake.post(path, body)[1])
        changed = {**answer["certificate"]["body"], **FOREIGN[how]}
        changed.pop("type")
        certificate = OfficeCertificate(**{**changed, "purposes": tuple(changed["purposes"])})
        signed = sign_certificate(certificate, fake.signer)
        return 200, canonical({"state": "enrolled", "certificate": signed})

    with kit.sit("admin") as admin:
        with pytest.raises(Refusal, match="certificate_foreign"):
            enrol(admin, PostedHub(post))
        assert not is_enrolled(admin)


ODD: dict[str, Callable[[dict[str, Any]], Any]] = {
    "no certificate": lambda a: a.pop("certificate"),
    "null": lambda a: a.update(certificate=None),
    "a list": lambda a: a.update(certificate=[]),
    "no body": lambda a: a["certificate"].pop("body"),
    "body is text": lambda a: a["certificate"].update(body="x"),
    "no signature": lambda a: a["certificate"].pop("signature"),
    "odd signature": lambda a: a["certificate"].update(signature="zz"),
    "a stranger in it": lambda a: a["certificate"]["body"].update(stranger=1),
    "a field missing": lambda a: a["certificate"]["body"].pop("issuer"),
    "a float": lambda a: a["certificate"]["body"].update(code=0.5),
    "another type": lambda a: a["certificate"]["body"].update(type="x"),
    "odd purposes": lambda a: a["certificate"]["body"].update(purposes=7),
    "odd key": lambda a: a["certificate"]["body"].update(hub_key=7),
    "changed": lambda a: a["certificate"]["body"].update(single_clerk=True),
    "unknown algorithm": lambda a: a["certificate"]["body"].update(hub_algorithm="none"),
}


@pytest.mark.parametrize("how", ODD)
def test_an_odd_answer_is_refused_by_name(kit: OfficeKit, how: str) -> None:
    fake = FakeHub(kit.clock, SeededRandom("hub"))

    def post(path: str, body: bytes) -> tuple[int, bytes]:
        answer = json.loads(fake.post(path, body)[1])
        ODD[how](answer)
        return 200, json.dumps(answer).encode()

    with kit.sit("admin") as admin:
        with pytest.raises(CertDeskError) as told:
            enrol(admin, PostedHub(post))
        assert told.value.code in {"certificate_malformed", "certificate_forged"}
        assert not is_enrolled(admin)


@pytest.mark.parametrize("data", [b"", b"[]", b"7", b"{", b"\xff"])
def test_what_is_no_answer_is_damage(kit: OfficeKit, data: bytes) -> None:
    with kit.sit("admin") as admin, pytest.raises(EnvironmentFault, match="hub_answer_damaged"):
        enrol(admin, PostedHub(lambda _path, _body: (200, data)))


JSONS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["body", "signature", "type", "purposes", "hub_key"]), inner),
    ),
    max_leaves=8,
)


@given(JSONS)
def test_no_certificate_raises_anything_but_a_refusal(data: Any) -> None:
    with pytest.raises(Refusal):
        read_certificate(data)


@given(st.binary(max_size=60) | JSONS.map(lambda value: json.dumps(value).encode()))
def test_no_bytes_make_an_envelope_by_chance(data: bytes) -> None:
    with pytest.raises(Refusal):
        unwrap(data)


def test_an_envelope_comes_back_and_every_flip_is_seen() -> None:
    from core.sync.envelope import PROTOCOL, wrap

    signer = SoftwareSigner.from_seed(b"s" * 32)
    data = wrap({"protocol": PROTOCOL, "type": "x", "name": "演"}, signer)
    opened = unwrap(data)
    assert opened.verify(signer.public_bytes()) and opened.payload["name"] == "演"
    for place in range(len(data)):
        flipped = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        try:
            other = unwrap(flipped)
        except Refusal:
            continue
        assert other.kid != opened.kid or not other.verify(signer.public_bytes())
