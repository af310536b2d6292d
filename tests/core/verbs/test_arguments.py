"""The table of verbs: complete, light to read, and strict about what is typed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from core.verbs.arguments import find, overview
from core.verbs.outcome import UsageFault
from core.verbs.table import VERBS
from hub.verbs import VERBS as HUB_VERBS

ROOT = Path(__file__).resolve().parents[3]
ALL = (*VERBS, *HUB_VERBS)


@pytest.mark.parametrize("verb", ALL, ids=lambda verb: verb.words)
def test_every_verb_has_its_code_and_its_line_in_the_help(verb: object) -> None:
    from core.verbs.arguments import Verb

    assert isinstance(verb, Verb)
    assert callable(verb.load())
    assert f"  {verb.synopsis()}\n      {verb.summary}\n" in overview(ALL)


def test_docs_name_every_verb() -> None:
    text = (ROOT / "docs" / "cli.md").read_text("utf-8")
    assert [verb.words for verb in ALL if f"`{verb.words}" not in text] == []


def test_the_longer_words_win() -> None:
    assert find(ALL, ["hub", "init", "--db", "x"])[0].words == "hub init"
    verb, rest = find(ALL, ["hub", "--db", "x"])
    assert (verb.words, rest) == ("hub", ["--db", "x"])


@pytest.mark.parametrize("typed", [["case"], ["fly"], ["case", "fly"], ["--data", "x", "sync"]])
def test_what_is_no_verb_is_a_usage_fault(typed: list[str]) -> None:
    with pytest.raises(UsageFault):
        find(ALL, typed)


@pytest.mark.parametrize(
    "rest",
    [
        ["ID"],
        ["ID", "--out", "a", "--data", "d", "--as", "n"],
        ["ID", "--out", "a", "--data", "d", "--as", "n", "--password", "secret"],
        ["ID", "--out", "a", "--dat", "d", "--as", "n", "--password-file", "f"],
    ],
)
def test_what_is_missing_shortened_or_unknown_is_a_usage_fault(rest: list[str]) -> None:
    verb, _ = find(ALL, ["claim", "mint"])
    with pytest.raises(UsageFault):
        verb.parser().parse_args(rest)


def test_the_hidden_verb_is_the_one_the_intake_starts() -> None:
    import app
    from core.intake.child import VERB

    assert app.INTAKE_CHILD == VERB


def test_help_needs_neither_window_nor_database() -> None:
    program = (
        "import sys; sys.argv = ['app.py']; import app; app.main(['--help']);"
        "heavy = {'PySide6', 'sqlalchemy', 'cryptography', 'reportlab', 'uvicorn'} & set(sys.modules);"
        "raise SystemExit(sorted(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "claim mint" in done.stdout.decode("utf-8")
