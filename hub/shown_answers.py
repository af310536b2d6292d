"""What the public page answers about something in hand: authenticity first, then a person and a matter.

Anybody may ask, so a comparison is no oracle: it needs something that stands at this moment, there are
:data:`COMPARISONS` of them for one showing, and the answer never says which of name and number differs.
Nothing of it is kept but those counts, in memory and by names that tell nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from core.credentials.certificate_claims import BY_PATH
from core.credentials.delegation_claims import CLAIMS
from core.credentials.judgement import VALID
from core.credentials.verifier import (
    RESOLVED_SECONDS,
    Asked,
    Person,
    Presented,
    Trust,
    Verdict,
    judge,
    kind_of,
    open_trust,
    with_paper,
)
from core.errors import UserError
from core.forms.check_digits import id_check_character
from core.forms.matters import Matter, matters_text, offered
from core.intake.symbols import Shown, paper_fault, read_shown
from hub.bundle import bundle
from hub.limits import Buckets
from hub.scenarios import known_matters
from hub.setup import Hub
from hub.shapes import check
from hub.showing import take
from hub.verification_shapes import QUESTION

COMPARISONS: Final = 5
"""With one showing; in a day with a certificate's text or a printed code, which nothing binds to a moment."""
_DAY_MINUTES: Final = 24 * 60
_TERMS: Final = {spec.path: spec.term for spec in CLAIMS} | {
    path: spec.term for path, spec in BY_PATH.items()
}
_PRINTED: Final = {
    "uscc": "统一社会信用代码",
    "name": "名称",
    "address": "住所",
    "representative": "法定代表人",
    "office_name": "登记管理机关",
    "valid_from": "有效期起",
    "valid_to": "有效期止",
}
_ROLES: Final = {
    "manager": "其他管理人",
    "user": "使用人",
    "representative": "法定代表人本人",
    "appointed": "经授权",
}


class Comparisons:
    """Counts comparisons by showing; names of phones' showings cannot crowd out the others'."""

    def __init__(self, hub: Hub) -> None:
        # What a phone signed lives four minutes at most, so its count never fills up again.
        self._bound = Buckets(COMPARISONS, 0, hub.now)
        self._unbound = Buckets(COMPARISONS, COMPARISONS / _DAY_MINUTES, hub.now)

    def take(self, presented: Presented) -> bool:
        """Take one; False when there is none left."""
        return (self._bound if presented.bound else self._unbound).take(presented.name)


class ShownAnswers:
    """Answers of one hub; every ``UserError`` has its sentence in ``hub.verification_words``."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._comparisons = Comparisons(hub)

    def of_question(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Answer ``{"ref"}`` or ``{"text"}``, with ``matter`` and ``person`` where they are asked about.

        Raises ``UserError`` body_malformed, shown_expired, shown_foreign, id_number_wrong, matter_unknown,
        compare_spent, and what :func:`hub.shapes.check` does.
        """
        things = {name: body[name] for name in ("ref", "text") if name in body}
        thing = next(iter(things.values()), None)
        if len(things) != 1 or not isinstance(thing, str) or not thing.strip():
            raise UserError("body_malformed")
        question = {name: value for name, value in body.items() if name not in things}
        check(question, QUESTION)
        asked = Asked(question.get("matter"), _person(question.get("person")))
        if "ref" in things:
            return self._answer(Shown(self._taken(thing)), replace(asked, max_age=RESOLVED_SECONDS))
        return self._answer(*self._resolved(Shown(thing), asked))

    def of_file(self, data: bytes) -> dict[str, Any]:
        """Answer the PDF of a printed certificate, or a picture of a code; ``text`` is what its code says.

        Parsed in the limited child, as at a desk. Raises as :func:`core.intake.symbols.read_shown` does, and
        ``UserError`` shown_expired, shown_foreign.
        """
        shown = read_shown(data)
        return {**self._answer(*self._resolved(shown, Asked())), "text": shown.text}

    def _resolved(self, shown: Shown, asked: Asked) -> tuple[Shown, Asked]:
        """Follow a link of a phone to the presentation that lies behind it."""
        text = shown.text.strip()
        if kind_of(text) != "link":
            return shown, asked
        head, _, ref = text.rpartition("/v/")
        if head != self._hub.issuer:
            raise UserError("shown_foreign")
        return Shown(self._taken(ref)), replace(asked, max_age=RESOLVED_SECONDS)

    def _taken(self, ref: str) -> str:
        with self._hub.database.read() as connection:
            return take(self._hub, connection, ref)

    def _answer(self, shown: Shown, asked: Asked) -> dict[str, Any]:
        hub, now = self._hub, self._hub.clock()
        with hub.database.read() as connection:
            matters = known_matters(connection)
        asked = replace(asked, known=offered(matters))
        if asked.matter is not None and asked.matter not in asked.known:
            raise UserError("matter_unknown")
        trust = open_trust([hub.root_pem], bundle(hub), now)
        plain = judge(shown.text, trust, now, Asked(max_age=asked.max_age))
        verdict = with_paper(plain, paper_fault(shown, trust, now))
        told = {
            **verdict.judgement.as_json(),
            "kind": verdict.kind or kind_of(shown.text),
            "facts": facts(verdict, matters),
        }
        # What does not stand, or not by what is known, is compared with nobody.
        if verdict.judgement.answer != VALID or verdict.presented is None:
            return told
        told["matters"] = [(code, matter.name) for code, matter in offered(matters).items()]
        if asked.person is not None and not self._comparisons.take(verdict.presented):
            raise UserError("compare_spent", tries=COMPARISONS)
        if asked.person is not None or asked.matter is not None:
            told["asked"] = _compared(shown.text, trust, now, asked)
        return told


def _compared(text: str, trust: Trust, now: datetime, asked: Asked) -> dict[str, Any]:
    """Answer about person and matter together; ``match`` None: nobody, or nothing, to compare with."""
    told = judge(text, trust, now, asked).judgement
    match: bool | None = None
    if asked.person is not None:
        alone = told
        if asked.matter is not None and told.answer != VALID:
            alone = judge(text, trust, now, replace(asked, matter=None)).judgement
        match = True if alone.answer == VALID else False if "person_differs" in alone.reasons else None
    return {**told.as_json(), "matter": asked.matter, "match": match}


def _person(value: Mapping[str, str] | None) -> Person | None:
    """Read who stands there; a number that cannot be one costs no comparison."""
    if value is None:
        return None
    number = value["id_number"]
    if id_check_character(number[:17]) != number[17]:
        raise UserError("id_number_wrong")
    return Person(value["name"], number)


def facts(verdict: Verdict, matters: Mapping[str, Matter]) -> list[tuple[str, str]]:
    """Return label and text of everything the holder disclosed."""
    terms = _PRINTED if verdict.kind == "printed" else _TERMS
    shown = verdict.shown
    return [(term, _text(name, shown[name], matters)) for name, term in terms.items() if name in shown]


def _text(name: str, value: Any, matters: Mapping[str, Matter]) -> str:
    if name == "matters" and isinstance(value, list):
        return matters_text([str(each) for each in value], matters)
    return _ROLES.get(str(value), str(value)) if name in ("role", "manager.role") else str(value)
