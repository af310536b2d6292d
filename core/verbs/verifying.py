"""``verify``: judge a file that somebody shows, with nothing but roots and a bundle; no network, no desk."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.clock import system_clock
from core.credentials.bundle import LIMIT
from core.credentials.judgement import NOT_VALID, VALID
from core.credentials.verifier import Asked, Person, judge, open_trust, with_paper
from core.errors import UserError
from core.forms.matters import is_matter_code
from core.intake.symbols import paper_fault, read_shown
from core.verbs.files import parse_object, read_bytes, read_text
from core.verbs.outcome import DONE, REFUSED, Outcome, UsageFault
from core.verbs.running import Surroundings

UNKNOWN = 4
"""Exit code: nothing is known that would allow an answer."""


def verify(options: argparse.Namespace, around: Surroundings) -> Outcome:
    """``verify FILE``: ``{"answer", "as_of", "reasons"}``; exit 0 valid, 1 not valid, 4 unknown.

    Of a printed certificate ``face`` beside it: what its symbol says, by the names of the face.
    """
    asked = Asked(_matter(options.matter), _person(options.person))
    roots = [read_bytes(path, "trust") for path in options.trust]
    bundle = None if options.bundle is None else _bundle(options.bundle)
    now = system_clock()
    trust = open_trust(roots, bundle, now)
    try:
        shown = read_shown(read_bytes(options.file, "shown"))
    except UserError as fault:
        return Outcome(REFUSED, {"answer": NOT_VALID, "as_of": None, "reasons": [fault.code], "fault": fault})
    verdict = with_paper(judge(shown.text, trust, now, asked), paper_fault(shown, trust, now))
    exits = {VALID: DONE, NOT_VALID: REFUSED}
    # What the symbol says is held against the sheet by whoever has it in hand.
    face = {"face": dict(verdict.shown)} if verdict.kind == "printed" and verdict.shown else {}
    return Outcome(exits.get(verdict.judgement.answer, UNKNOWN), {**verdict.judgement.as_json(), **face})


def _bundle(path: Path) -> str:
    data = read_bytes(path, "bundle")
    # Whatever is no bundle says nothing; the answer is then unknown, which is all that may be said.
    return data.decode("ascii", "replace") if len(data) <= LIMIT else ""


def _matter(code: str | None) -> str | None:
    if code is not None and not is_matter_code(code):
        raise UsageFault("matter_malformed")
    return code


def _person(path: Path | None) -> Person | None:
    if path is None:
        return None
    data = parse_object(read_text(path, "person"), "person")
    name, number = data.get("name"), data.get("id_number")
    if set(data) != {"name", "id_number"} or not isinstance(name, str) or not isinstance(number, str):
        raise UserError("input_malformed", file="person", why="fields")
    if not 0 < len(name.strip()) <= 64 or not 0 < len(number.strip()) <= 32:
        raise UserError("input_malformed", file="person", why="fields")
    return Person(name.strip(), number.strip())
