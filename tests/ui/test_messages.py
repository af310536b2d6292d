"""Every code has a sentence; nothing raw reaches a person."""

from __future__ import annotations

import ast
import logging
from pathlib import Path

import pytest

from core.errors import EnvironmentFault, Refusal, UserError
from core.forms.spec import Finding
from core.store.engine import _FAULTS
from ui.messages import _FORMAT, _Shown, known_codes, sentence
from ui.sentences import gather

ROOT = Path(__file__).resolve().parents[2]
MAKERS = {"UserError": 0, "Refusal": 0, "EnvironmentFault": 0, "Finding": 1}


def raised_codes() -> dict[str, str]:
    """Return every code that core, hub and ui write down literally, and where."""
    found: dict[str, str] = {}
    for path in (path for room in ("core", "hub", "ui") for path in (ROOT / room).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Assign) and [getattr(to, "id", "") for to in node.targets] == ["code"]:
                for text in _texts(node.value):
                    found.setdefault(text, f"{path.relative_to(ROOT)}:{node.lineno}")
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            place = MAKERS.get(name)
            if place is None or len(node.args) <= place:
                continue
            for text in _texts(node.args[place]):
                found.setdefault(text, f"{path.relative_to(ROOT)}:{node.lineno}")
    return found | {code: "core/store/engine.py" for _, code in _FAULTS}


def _texts(code: ast.expr) -> list[str]:
    """Return the codes an expression may be: a literal, or the arms of a conditional."""
    if isinstance(code, ast.IfExp):
        return _texts(code.body) + _texts(code.orelse)
    if isinstance(code, ast.Constant) and isinstance(code.value, str):
        return [code.value] if code.value else []
    return []


def test_every_code_has_a_sentence() -> None:
    codes = raised_codes()
    assert len(codes) > 50
    assert {code: where for code, where in codes.items() if code not in known_codes()} == {}


@pytest.mark.parametrize("code", sorted(gather()))
def test_a_sentence_is_chinese_and_survives_missing_parameters(code: str) -> None:
    message = sentence(UserError(code))
    assert any("一" <= letter <= "鿿" for letter in message.text)
    assert "{" not in message.whole()
    assert code not in message.whole() or len(code) < 4


def test_parameters_and_remedy_are_set_in() -> None:
    message = sentence(Finding("manager_mobile", "too_short", params={"missing": 3, "length": 11}))
    assert message.title == "手机"
    assert message.text == "还差 3 位"
    assert "11 位" in message.remedy
    assert message.whole().endswith("。")


def test_a_bug_shows_a_reference_and_never_its_text(caplog: pytest.LogCaptureFixture) -> None:
    error = ValueError("王小明 110105194912310025")
    with caplog.at_level(logging.ERROR):
        message = sentence(error)
        again = sentence(error)
    assert message == again, "one fault, one reference"
    assert "王小明" not in message.whole() + caplog.text
    assert "110105194912310025" not in message.whole() + caplog.text
    assert len(caplog.records) == 1
    reference = caplog.records[0].getMessage().split("reference=")[1].split()[0]
    assert reference in message.whole()


def test_an_unknown_code_is_not_shown_raw() -> None:
    message = sentence(EnvironmentFault("never_heard_of"))
    assert "never_heard_of" not in message.whole()


def test_remote_text_is_shortened_and_cleaned() -> None:
    name = f"a{chr(0x202E)}b{chr(27)}[31m" + "x" * 500
    shown = sentence(Refusal("resource_missing", name=name)).whole()
    assert chr(0x202E) not in shown and chr(27) not in shown
    assert len(shown) < 200


def test_a_format_string_cannot_reach_into_parameters() -> None:
    assert _FORMAT.vformat("{error.__class__}", (), _Shown({"error": "x"})) == "…"


def test_two_rooms_cannot_claim_one_code() -> None:
    with pytest.raises(ValueError, match="two sentences"):
        gather(("forms", "forms"))
