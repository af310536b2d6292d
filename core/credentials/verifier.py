"""Judging what somebody shows: a certificate, a delegation, a presentation, a printed symbol.

One function for desk, verb and tests; it asks no network. What is known of the status comes from a signed
bundle; without a current one nothing is ever *valid* (security.md T17).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final

from cryptography import x509

from core.clock import CHINA
from core.credentials import questions, status
from core.credentials.bundle import Bundle, read_bundle
from core.credentials.certificate_claims import VCT
from core.credentials.delegation_claims import VCT as DELEGATION_VCT
from core.credentials.delegation_claims import Authority
from core.credentials.direct import PREFIX as DIRECT
from core.credentials.direct import UnknownLeaf, unpack
from core.credentials.jose import Malformed, parse_compact
from core.credentials.judgement import NOT_VALID, UNKNOWN, VALID, Judgement, combine
from core.credentials.key_binding import KeyBinding, nonce_of
from core.credentials.printed import PREFIX as PRINTED
from core.credentials.printed import Printed, check_signature, read_printed
from core.credentials.questions import Person
from core.credentials.sdjwt import SKEW, VerifiedCertificate, verify
from core.credentials.status import StatusReference
from core.credentials.x509 import is_rehearsal
from core.errors import UserError
from core.forms.matters import seed_matters

__all__ = ["Asked", "Person", "Trust", "Verdict", "judge", "kind_of", "open_trust", "with_paper"]

LIMIT: Final = 64 * 1024
SHOWN_SECONDS: Final = 120
"""How old a presentation may be."""
RESOLVED_SECONDS: Final = 2 * SHOWN_SECONDS
"""The same for one behind a reference: that old at most when the hub took it, and kept as long."""
AUDIENCE: Final = "/v"


@dataclass(frozen=True)
class Trust:
    """What a verifier believes: roots (PEM) of one world, and a bundle or the reason why there is none.

    ``as_of`` is the moment the bundle speaks of, also when it is too old to say anything now.
    """

    roots: tuple[bytes, ...]
    rehearsal: bool
    bundle: Bundle | None = None
    without: str = "status_missing"
    as_of: int | None = None


@dataclass(frozen=True)
class Asked:
    """The question beyond authenticity: for which service matter, and who stands there.

    ``max_age``: seconds since the phone signed a presentation; more where the hub kept it in between.
    ``known``: codes of the matters that there are, as far as whoever asks knows.
    """

    matter: str | None = None
    person: Person | None = None
    max_age: int = SHOWN_SECONDS
    known: Collection[str] = field(default_factory=seed_matters)


@dataclass(frozen=True, repr=False)
class Presented:
    """Which showing this was, however it is spelled, for whoever counts questions about it.

    ``bound``: ``name`` is a digest of what the phone signed for this moment; otherwise it is the credential's
    place in its status list, for of a text without the phone's signature any number of spellings can be made.
    """

    name: str
    bound: bool


@dataclass(frozen=True, repr=False)
class Verdict:
    """The judgement, what kind of thing it was, and its disclosed fields: to be looked at, never kept.

    ``presented`` None: it was not understood, or not ours.
    """

    judgement: Judgement
    kind: str
    shown: Mapping[str, Any] = field(default_factory=dict)
    presented: Presented | None = None


def open_trust(roots: Sequence[bytes], bundle: str | None, now: datetime, *, newest_seen: int = 0) -> Trust:
    """Return what to judge by at ``now``. Roots of rehearsals count only when there are no others.

    A bundle that is damaged, foreign, old or older than ``newest_seen`` gives a trust without status, which
    never says *valid*. Raises ``UserError("trust_unreadable")`` for no root, or one that is no certificate.
    """
    try:
        marked = [(pem, is_rehearsal(x509.load_pem_x509_certificate(pem))) for pem in roots]
    except ValueError as error:
        raise UserError("trust_unreadable") from error
    if not marked:
        raise UserError("trust_unreadable")
    rehearsal = all(mark for _, mark in marked)
    chosen = tuple(pem for pem, mark in marked if mark is rehearsal)
    if bundle is None:
        return Trust(chosen, rehearsal)
    try:
        read = read_bundle(bundle, chosen, now, newest_seen=newest_seen, rehearsal=rehearsal)
    except UserError as error:
        reason = "status_stale" if "as_of" in error.params else "status_refused"
        return Trust(chosen, rehearsal, None, reason, error.params.get("as_of"))
    return Trust(chosen, rehearsal, read, as_of=read.as_of)


def kind_of(text: str) -> str:
    """Return what a text looks like: ``printed``, ``direct``, ``credential``, ``link`` or ``other``."""
    if text.startswith((PRINTED, DIRECT)):
        return "printed" if text.startswith(PRINTED) else "direct"
    if text.startswith(("https://", "http://")):
        return "link" if "/v/" in text else "other"
    return "credential" if "~" in text else "other"


def judge(text: str, trust: Trust, now: datetime, asked: Asked | None = None) -> Verdict:
    """Judge ``text`` at ``now`` (timezone-aware). Never raises for what the text holds.

    *not valid*: refused, void, suspended, out of its period, or the wrong person or matter; *unknown*: no
    current status, or what was asked is not disclosed; *valid*: everything asked holds, by a current status.
    A certificate without the phone's signature is *valid* with the reason ``holder_not_proven``
    (docs/decisions/032-what-valid-says.md).
    """
    asked = asked or Asked()
    text = text.strip()
    kind = kind_of(text)
    readers: dict[str, Callable[[str, Trust, datetime, Asked], Verdict]] = {
        "printed": _judge_printed,
        "direct": _judge_direct,
        "credential": _judge_credential,
    }
    try:
        if len(text) > LIMIT:
            raise Malformed("size")
        if kind == "link":
            return Verdict(Judgement(UNKNOWN, None, ("shown_needs_network",)), kind)
        if kind == "other":
            raise Malformed("not_a_certificate")
        return readers[kind](text, trust, now, asked)
    except Malformed as error:
        return Verdict(Judgement(NOT_VALID, None, (str(error),)), kind)
    except UserError as error:
        return Verdict(Judgement(NOT_VALID, None, (str(error.params.get("why", error.code)),)), kind)


def with_paper(verdict: Verdict, fault: str) -> Verdict:
    """Return the verdict on a symbol together with what is wrong with its sheet ("" for nothing)."""
    if not fault:
        return verdict
    found = Judgement(NOT_VALID if fault == "paper_altered" else UNKNOWN, None, (fault,))
    return replace(verdict, judgement=combine([verdict.judgement, found]))


def _judge_direct(text: str, trust: Trust, now: datetime, asked: Asked) -> Verdict:
    try:
        plain = unpack(text, trust.bundle.leaves if trust.bundle else {})
    except UnknownLeaf:
        return _leaf_unknown(trust, "direct")
    if plain.endswith("~"):
        raise Malformed("key_binding_missing")
    return _judge_credential(plain, trust, now, asked)


def _judge_credential(text: str, trust: Trust, now: datetime, asked: Asked) -> Verdict:
    if "~" not in text:
        raise Malformed("shape")
    payload = parse_compact(text.partition("~")[0]).payload
    vct = payload.get("vct")
    if vct not in (VCT, DELEGATION_VCT):
        raise Malformed("vct")
    binding = None
    if not text.endswith("~"):
        binding = KeyBinding(f"{payload.get('iss')}{AUDIENCE}", nonce_of(text), asked.max_age)
    found = verify(text, trust.roots, now, vct, rehearsal=trust.rehearsal, key_binding=binding)
    # Whoever has seen a certificate can copy it; only the phone it was issued to can sign for the moment.
    unproven = [] if binding else [Judgement(VALID, None, ("holder_not_proven",))]
    presented = _presented(text if binding else "", found.status)
    if vct == VCT:
        standing = [_standing("certificate", found.status, trust, found.leaf.issuer, now)]
        parts = [*standing, *unproven, *_certificate_answers(found, now, asked)]
        return Verdict(_answer(parts, trust), "certificate", _shown(found), presented)
    above = Authority.parse(found.claims.get("authority")).status
    standing = [
        _standing("delegation", found.status, trust, found.leaf.issuer, now),
        _standing("parent", above, trust, found.leaf.issuer, now),
    ]
    parts = [
        *standing,
        *unproven,
        *questions.delegation_answers(found.claims, _today(now), asked.matter, asked.person, asked.known),
    ]
    return Verdict(_answer(parts, trust), "delegation", _shown(found), presented)


def _certificate_answers(found: VerifiedCertificate, now: datetime, asked: Asked) -> list[Judgement]:
    """Ask certificate's period and person; whoever manages it may act in every matter."""
    unit = found.claims.get("unit", {})
    return [
        *questions.period(unit, _today(now), "unit_not_yet", "unit_expired"),
        *questions.every_matter(asked.matter, asked.person, asked.known),
        *questions.certificate_person(found.claims, asked.person),
    ]


def _judge_printed(text: str, trust: Trust, now: datetime, asked: Asked) -> Verdict:
    read = read_printed(text)
    bundle = trust.bundle
    leaf = bundle.leaves.get(read.kid) if bundle else None
    if bundle is None or leaf is None:
        return _leaf_unknown(trust, "printed")
    check_signature(read, leaf)
    printed, seconds = read.printed, int(now.timestamp())
    if printed.expires_at <= seconds:
        raise Malformed("expired")
    if printed.issued_at > seconds + SKEW:
        raise Malformed("not_yet")
    face = {name: value for name, value in _face(printed).items() if value}
    parts = [
        _standing("certificate", printed.status, trust, bundle.issuer, now),
        *questions.period(face, _today(now), "unit_not_yet", "unit_expired"),
        *questions.every_matter(asked.matter, asked.person, asked.known),
        *questions.printed_person(printed.face.representative, asked.person),
    ]
    return Verdict(_answer(parts, trust), "printed", face, _presented("", printed.status))


def _presented(bound: str, status: StatusReference) -> Presented:
    """Name a showing. A signature itself is left out: it can be spelled in two ways."""
    if not bound:
        return Presented(f"{status.uri}#{status.idx}", False)
    signed = bound.rpartition("~")[2].rpartition(".")[0]
    return Presented(hashlib.sha256(signed.encode()).hexdigest(), True)


def _leaf_unknown(trust: Trust, kind: str) -> Verdict:
    """Symbols name their leaf only: without the bundle that holds it nothing can be said of them."""
    reason = trust.without if trust.bundle is None else "issuer_key_unknown"
    return Verdict(Judgement(UNKNOWN, trust.as_of, (reason,)), kind)


def _face(printed: Printed) -> dict[str, str]:
    names = ("uscc", "name", "address", "representative", "office_name", "valid_from", "valid_to")
    return dict(zip(names, printed.face.texts(), strict=True))


def _standing(what: str, reference: StatusReference, trust: Trust, issuer: str, now: datetime) -> Judgement:
    """Ask the status; a list of another issuer than the certificate's own says nothing."""
    if trust.bundle is None:
        return Judgement(UNKNOWN, trust.as_of, (trust.without,))
    if trust.bundle.issuer != issuer or not reference.uri.startswith(f"{issuer}/"):
        return Judgement(UNKNOWN, trust.as_of, ("status_missing",))
    value = trust.bundle.answer(reference, int(now.timestamp()))
    if value == status.VALID:
        return Judgement(VALID, trust.as_of)
    if value is None:
        return Judgement(UNKNOWN, trust.as_of, ("status_missing",))
    reasons = {status.INVALID: f"{what}_void", status.SUSPENDED: f"{what}_suspended"}
    if value in reasons:
        return Judgement(NOT_VALID, trust.as_of, (reasons[value],))
    return Judgement(UNKNOWN, trust.as_of, ("status_not_understood",))


def _answer(parts: Sequence[Judgement], trust: Trust) -> Judgement:
    made = combine(parts)
    if made.answer == VALID and trust.rehearsal:
        return Judgement(VALID, made.as_of, ("rehearsal", *made.reasons))
    return made


def _today(now: datetime) -> date:
    return now.astimezone(CHINA).date()


_HIDDEN: Final = ("iss", "iat", "nbf", "exp", "vct", "cnf", "status", "authority", "rehearsal")


def _shown(found: VerifiedCertificate) -> dict[str, Any]:
    """Return the disclosed claims by dotted name, without digests and what is for machines."""
    plain: dict[str, Any] = {}
    for name, value in found.claims.items():
        if name in _HIDDEN:
            continue
        if isinstance(value, Mapping):
            plain |= {f"{name}.{inner}": each for inner, each in value.items() if inner != "id_digest"}
        else:
            plain[name] = value
    return plain
