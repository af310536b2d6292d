"""docs/notice.md names the test that proves each duty; a name that leads nowhere is a false promise."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_NAMED = re.compile(r"`(tests/[\w/.]+(?:::\w+)?)`")


def dead_ends(text: str, root: Path) -> list[str]:
    """Return the named tests that do not exist below ``root``."""
    missing = []
    for name in _NAMED.findall(text):
        path, _, function = name.partition("::")
        file = root / path
        if not file.exists() or (function and f"def {function}(" not in file.read_text("utf-8")):
            missing.append(name)
    return missing


def test_every_duty_has_its_line_and_every_named_test_exists() -> None:
    text = (ROOT / "docs" / "notice.md").read_text("utf-8")
    assert [int(number) for number in re.findall(r"^\| (\d+) \|", text, re.MULTILINE)] == list(range(1, 54))
    assert dead_ends(text, ROOT) == []


def test_what_stands_names_its_very_test() -> None:
    for line in (ROOT / "docs" / "notice.md").read_text("utf-8").splitlines():
        if line.startswith("| ") and re.search(r"\| stands[^|]*\|", line):
            assert "::test_" in line, line


def test_known_bad_control() -> None:
    assert dead_ends("`tests/architecture/test_notice.py::test_that_is_not`", ROOT)
    assert dead_ends("`tests/nowhere`", ROOT)
