"""What stands in the files themselves: no character that hides, no address that leads off this machine."""

from __future__ import annotations

import re
import unicodedata

import pytest

from tests.architecture.sources import Source, texts

HIDDEN_CATEGORIES = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
# Letters and marks that draw nothing although their category is an ordinary one.
BLANK = {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, 0x00A0, 0x202F, 0x205F}
BLANK |= {*range(0x2000, 0x200B), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)}
# Formal names that look like addresses, and names and numbers that lead nowhere (RFC 2606, 5737, 6761).
NAMESPACES = {"www.w3.org", "json-schema.org"}
RESERVED = ("localhost", ".localhost", ".invalid", ".example", ".test", "example.com", "example.org")
NUMBERS_AT_HOME = re.compile(r"::1|127(\.\d+){3}|(192\.0\.2|198\.51\.100|203\.0\.113)\.\d+")
INDEXES = re.compile(
    r"pypi\.|pythonhosted|registry\.npm|/simple/|--(extra-)?index-url|--find-links|_INDEX_URL"
)


def hidden_characters(source: Source) -> list[str]:
    """Return every character that a reader cannot see: bidi controls, zero width, tags, private use."""
    found = []
    for number, line in enumerate(source.text.split("\n"), 1):
        for character in line:
            invisible = unicodedata.category(character) in HIDDEN_CATEGORIES and character != "\t"
            if invisible or ord(character) in BLANK:
                found.append(f"{source.path}:{number} U+{ord(character):04X}")
    return found


def is_home(host: str) -> bool:
    """Return whether ``host`` is this machine, a reserved name, a namespace or a placeholder."""
    if host.startswith(("{", "<", "%", "$")) or not host:
        return True
    name = host.rpartition("@")[2].partition("{")[0].lower()
    name = name[1:].partition("]")[0] if name.startswith("[") else name.partition(":")[0]
    if name in NAMESPACES or NUMBERS_AT_HOME.fullmatch(name):
        return True
    return any(name == end.lstrip(".") or name.endswith("." + end.lstrip(".")) for end in RESERVED)


def addresses(source: Source) -> list[str]:
    """Return every network address that leads off this machine."""
    found = []
    for number, line in enumerate(source.text.split("\n"), 1):
        hosts = re.findall(r"\b(?:https?|wss?|ftp|git|ssh)(?:\+\w+)?://([^/\s\\\"'`?#)>，。；、]*)", line)
        found += [f"{source.path}:{number} {host}" for host in hosts if not is_home(host)]
    return found


def index_addresses(source: Source) -> list[str]:
    """Return every mention of a package index or of a setting that names one."""
    return [
        f"{source.path}:{number} {match.group()}"
        for number, line in enumerate(source.text.split("\n"), 1)
        if (match := INDEXES.search(line))
    ]


def ours() -> list[Source]:
    """Every text file except the licences of others, which are kept letter by letter."""
    return [source for source in texts() if "/licences/" not in source.path]


def test_no_character_hides() -> None:
    assert "\n".join(complaint for source in ours() for complaint in hidden_characters(source)) == ""


def test_no_address_leads_off_this_machine() -> None:
    # Prose may cite; what runs, is installed or is shipped may not.
    shipped = [source for source in ours() if not source.path.endswith(".md")]
    assert "\n".join(complaint for source in shipped for complaint in addresses(source)) == ""


def test_no_file_names_a_package_index() -> None:
    elsewhere = [source for source in ours() if source.path != "tests/architecture/test_text.py"]
    assert "\n".join(complaint for source in elsewhere for complaint in index_addresses(source)) == ""


@pytest.mark.parametrize(
    "code", [0x202E, 0x2066, 0x200B, 0x200D, 0xFEFF, 0xAD, 0xA0, 0x3164, 0xE0041, 0xE000, 0x1B]
)
def test_a_hidden_character_trips_the_rule(code: int) -> None:
    assert hidden_characters(Source("a.md", f"x{chr(code)}y")) == [f"a.md:1 U+{code:04X}"]


def test_visible_chinese_does_not() -> None:
    assert hidden_characters(Source("a.md", "证窗\u3000（演练）\t“是”—𠮷\n")) == []


@pytest.mark.parametrize(
    "host", ["index.cn", "10.0.0.5:8443", "user@mirror.cn", "localhost.evil.cn", "notexample.com"]
)
def test_an_address_trips_the_rule(host: str) -> None:
    assert addresses(Source("a.py", f'URL = "https:{"//"}{host}/simple"')) == [f"a.py:1 {host}"]


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1:8443",
        "127.0.0.1:{port}",
        "localhost",
        "hub.example.invalid",
        "[::1]:80",
        "192.0.2.7",
        "hub.test\\n",
        "www.w3.org",
        "{host}:{port}",
    ],
)
def test_this_machine_and_reserved_names_do_not(host: str) -> None:
    assert addresses(Source("a.py", f'URL = "http:{"//"}{host}/c"')) == []


@pytest.mark.parametrize("text", ["--index-url x", "--find-links=/a", "pypi.tuna", "PIP_INDEX_URL=1"])
def test_a_package_index_trips_the_rule(text: str) -> None:
    assert index_addresses(Source("requirements.txt", text)) != []
    assert index_addresses(Source("pyproject.toml", "uv pip compile --no-emit-index-url")) == []
