"""A department's request from signature to answer: budget, number, shape, scope, judgement, one line.

All of it is one transaction, refused or not: a refused request has counted and left its line, and nothing
else. Only who is not known leaves nothing; strangers share one small allowance in memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from typing import Any, Final

from sqlalchemy import Connection

from core.clock import CHINA, china_date, to_stamp
from core.credentials.jose import Malformed, parse_compact, read_json, sign_compact
from core.credentials.verifier import RESOLVED_SECONDS, SHOWN_SECONDS
from core.errors import Refusal, UserError
from core.forms.check_digits import id_check_character, uscc_check_character
from core.forms.matters import ALL_MATTERS
from core.records.uses import BUNDLE, GIVEN, REFUSED
from hub import budgets
from hub.bundle import bundle_for
from hub.party_profile import Budget, Purpose
from hub.party_requests import Asked, authenticate, take_number
from hub.reach import PARTY
from hub.refusals import RequestRefused
from hub.scenarios import scenarios
from hub.setup import Hub
from hub.shapes import check
from hub.showing import take
from hub.uses import Use, mismatches_since, note_use
from hub.verification import Finding, Place, Verification, place_of_reference, unit_reference
from hub.verification_shapes import LONGEST_PROFILE, REQUESTS
from hub.verification_words import reason_sentence

ANSWER_TYP: Final = "certdesk-answer+jwt"
WRONG_TRIES: Final = 10
"""Comparisons with no match that a department has for one unit in a day: numbers cannot be guessed."""
PROFILE_BUDGET: Final = Budget(minute=10, day=500)
UNREGISTERED_BUDGET: Final = Budget(minute=10, day=500)
"""Requests for a function that a department has no budget for: counted, refused, each with its line."""
_GUESSABLE: Final = frozenset({"compare", "matter"})


@dataclass(frozen=True)
class Told:
    """What goes back: the answer's JSON body, or a refusal."""

    body: dict[str, Any] = field(default_factory=dict)
    refusal: UserError | None = None


def answer(hub: Hub, function: str, header: str, body: bytes, *, json_type: bool = True) -> Told:
    """Serve one request of a department.

    ``header`` is its ``Authorization``, ``json_type`` whether it said that the body is JSON. Raises
    ``RequestRefused`` request_unsigned, request_forged, party_unknown: who asks is not known.
    """
    audience = f"{hub.issuer}/api/v1/verify/{function}"
    with hub.database.read() as connection:
        asked = authenticate(hub, connection, header, audience, body)
    told = serve(hub, function, asked, body, json_type=json_type)
    if function != BUNDLE or told.refusal is not None:
        return told
    # Signing all lists takes its time: not while others wait for this transaction.
    given = bundle_for(hub, PARTY, asked.party.profile.id)
    return Told({**told.body, "as_of": given.as_of, "expires_at": given.expires_at, "bundle": given.text})


def serve(hub: Hub, function: str, asked: Asked, body: bytes, *, json_type: bool = True) -> Told:
    """Serve a request whose sender is known, in one transaction: budget, number, shape, answer, line."""
    with hub.database.write() as connection:
        return _Serving(hub, connection, function, asked).serve(body, json_type=json_type)


def own_profile(hub: Hub, function: str, header: str, body: bytes, *, json_type: bool = True) -> Told:
    """Show a department what it is registered for, as the hub signed it; counted, and no line is left.

    Raises as :func:`answer` does.
    """
    with hub.database.read() as connection:
        asked = authenticate(hub, connection, header, f"{hub.issuer}/api/v1/verify/{function}", body)
    with hub.database.write() as connection:
        party = asked.party
        spent = budgets.take(hub, connection, party.profile.id, function, PROFILE_BUDGET)
        if spent is not None:
            return Told(refusal=RequestRefused("budget_spent", window=spent))
        try:
            _read_request(hub, connection, asked, function, body, json_type)
        except UserError as fault:
            return Told(refusal=fault)
    profile = parse_compact(party.signed, LONGEST_PROFILE).payload["profile"]
    return Told({"version": party.version, "profile": profile, "signed": party.signed})


def _read_request(
    hub: Hub, connection: Connection, asked: Asked, function: str, body: bytes, json_type: bool
) -> dict[str, Any]:
    """Return a request's fields, once: its number is used up. Raises ``UserError``."""
    if asked.fault is not None:
        raise RequestRefused(asked.fault)
    if not take_number(hub, connection, asked):
        raise RequestRefused("request_replayed")
    if not json_type:
        raise RequestRefused("body_type")
    try:
        request = read_json(body)
    except Malformed as fault:
        raise RequestRefused("body_malformed") from fault
    check(request, REQUESTS[function])
    return dict(request)


class _Serving:
    """One request inside its transaction."""

    def __init__(self, hub: Hub, connection: Connection, function: str, asked: Asked) -> None:
        self._hub = hub
        self._connection = connection
        self._function = function
        self._asked = asked
        self._profile = asked.party.profile
        self._verification = Verification(hub, connection)
        self._use = Use(self._profile.id, asked.party.version, function, REFUSED)

    def serve(self, body: bytes, *, json_type: bool) -> Told:
        # What a department is not registered for is refused further down, and has an allowance of its own.
        budget = self._profile.budgets.get(self._function, UNREGISTERED_BUDGET)
        spent = budgets.take(self._hub, self._connection, self._profile.id, self._function, budget)
        if spent is not None:
            return Told(refusal=RequestRefused("budget_spent", window=spent))
        try:
            request = self._read(body, json_type)
            purpose = self._purpose(request)
            if self._function == BUNDLE:
                given = replace(self._use, answer=GIVEN)
                return Told({"use": note_use(self._hub, self._connection, given)})
            place = self._place(request)
            self._check_tries(place)
            finding = self._judge(request, purpose, place)
        except UserError as fault:
            note_use(self._hub, self._connection, replace(self._use, reasons=(fault.code,)))
            return Told(refusal=fault)
        return Told(self._told(finding))

    def _read(self, body: bytes, json_type: bool) -> dict[str, Any]:
        request = _read_request(self._hub, self._connection, self._asked, self._function, body, json_type)
        self._use = replace(
            self._use,
            purpose=request["purpose"],
            serial=request["serial"],
            reason=request["reason"],
            operator_name=request["operator"]["name"],
            operator_number=request["operator"]["number"],
        )
        return request

    def _purpose(self, request: Mapping[str, Any]) -> Purpose:
        purpose = self._profile.purpose(request["purpose"])
        if purpose is None:
            self._use = replace(self._use, purpose="")
            raise RequestRefused("purpose_unknown")
        if self._function not in purpose.functions:
            raise RequestRefused("function_not_registered")
        matter = request.get("matter")
        if matter is not None:
            if not {matter, ALL_MATTERS} & purpose.matters:
                raise RequestRefused("matter_not_registered")
            if matter not in scenarios(self._connection):
                raise RequestRefused("matter_unknown")
        for name in ("holder", "person"):
            number = request.get(name, {}).get("id_number")
            if number is not None and id_check_character(number[:17]) != number[17]:
                raise RequestRefused("id_number_wrong")
        return purpose

    def _place(self, request: Mapping[str, Any]) -> Place | None:
        if "unit" not in request:
            return None
        uscc = request["unit"].get("uscc")
        if uscc is None:
            place = place_of_reference(self._connection, self._profile.id, request["unit"]["unit_ref"])
            if place is None:
                raise RequestRefused("unit_ref_unknown")
        else:
            if uscc_check_character(uscc[:17]) != uscc[17]:
                raise RequestRefused("uscc_wrong")
            place = self._verification.place_of(uscc)
        self._about(place)
        return place

    def _about(self, place: Place | None) -> None:
        if place is not None:
            reference = unit_reference(self._hub, self._profile.id, place)
            self._use = replace(self._use, office=place.office, unit=place.unit, reference=reference)

    def _check_tries(self, place: Place | None) -> None:
        if place is None or self._function not in _GUESSABLE:
            return
        day = datetime.combine(china_date(self._hub.clock()), time(), CHINA)
        wrong = (place.office, place.unit)
        if mismatches_since(self._connection, self._profile.id, wrong, to_stamp(day)) >= WRONG_TRIES:
            raise RequestRefused("tries_spent", tries=WRONG_TRIES)

    def _judge(self, request: Mapping[str, Any], purpose: Purpose, place: Place | None) -> Finding:
        judge = self._verification
        if self._function == "authenticity":
            document = request["document"]
            if "code" in document:
                found = judge.code(document["code"], purpose.fields)
            else:
                age = RESOLVED_SECONDS if "shown" in document else SHOWN_SECONDS
                found = judge.authenticity(self._presentation(document), age)
            self._about(found.place)
            return found
        if self._function == "basic":
            return judge.basic(place, purpose.fields)
        if self._function == "compare":
            return judge.compare(place, request["holder"])
        return judge.matter(place, request["person"], request["matter"])

    def _presentation(self, document: Mapping[str, str]) -> str:
        """Return what is to be judged: the text itself, or what a phone shows at this moment (亮证)."""
        if "presentation" in document:
            return document["presentation"]
        try:
            return take(self._hub, self._connection, document["shown"].rpartition("/")[2])
        except Refusal as fault:
            raise RequestRefused("shown_expired") from fault

    def _told(self, finding: Finding) -> dict[str, Any]:
        judgement = finding.judgement
        done = replace(self._use, answer=judgement.answer, reasons=judgement.reasons)
        body: dict[str, Any] = {
            "use": note_use(self._hub, self._connection, done),
            **judgement.as_json(),
            "explained": [reason_sentence(code) for code in judgement.reasons],
        }
        if done.reference is not None:
            body["unit_ref"] = done.reference
        if finding.data is not None:
            body["data"] = dict(finding.data)
        if finding.match is not None:
            body["match"] = finding.match
        head = {"typ": ANSWER_TYP, "x5c": self._hub.x5c}
        about = {
            "iss": self._hub.issuer,
            "aud": self._profile.id,
            "iat": self._hub.now(),
            "request": self._asked.jti,
        }
        return {**body, "signed": sign_compact(head, {**about, **body}, self._hub.sign)}
