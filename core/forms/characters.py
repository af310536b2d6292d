"""Characters: what is folded silently, and what is refused by name.

A certificate fails at log-in when two spellings of one name differ by a byte, so spellings are folded
where they are typed. Folding only ever joins spellings that mean the same; a character that might be
someone's name is kept, also above U+FFFF, and what cannot be told is refused and pointed at.

All tables are written out instead of asked from ``unicodedata``: desk and hub may run on different
Unicode versions, and newer Han (extensions H, I, …) must not look "unassigned" to an older one.
"""

from __future__ import annotations

import re
import unicodedata

from core.forms.spec import Finding

MIDDLE_DOT = "·"
"""The one dot of names such as 阿依古丽·买买提: U+00B7."""

HAN = "〇㐀-䶿一-鿿豈-\ufaff\U00020000-\U0003ffff"
"""Inside of a regular-expression class: Han, including planes 2 and 3 as a whole."""

# Two-byte positions of GB 18030-2000 that later editions moved out of the private area; old systems and
# Python's own gb18030 codec still yield the private code points. (GB 18030-2005/2022; equals glibc's iconv.)
_GB18030_PRIVATE = {
    **dict(zip(range(0xE78D, 0xE797), "︐︒︑︓︔︕︖︗︘︙", strict=True)),
    **{0xE816: "\U00020087", 0xE817: "\U00020089", 0xE818: "\U000200cc", 0xE831: "\U000215d7"},
    **{0xE83B: "\U0002298f", 0xE855: "\U000241fe"},
    **{0xE81E: "\u9fb4", 0xE826: "\u9fb5", 0xE82B: "\u9fb6", 0xE82C: "\u9fb7"},
    **{0xE832: "\u9fb8", 0xE843: "\u9fb9", 0xE854: "\u9fba", 0xE864: "\u9fbb"},
}
_WIDE_ALPHANUMERICS = {
    wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F) if chr(wide - 0xFEE0).isalnum()
}
# Text copied out of a PDF often holds radicals (⼈ U+2F08) in place of the character (人 U+4EBA).
_RADICALS = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2F00, 0x2FD6)}
_FOLD = _GB18030_PRIVATE | _WIDE_ALPHANUMERICS | _RADICALS
_FOLDED = re.compile(f"[{re.escape(''.join(map(chr, _FOLD)))}]")
_DOTS = dict.fromkeys(map(ord, "\u0387\u2022\u2027\u2219\u22c5\u2e33\u30fb\uff65\u1427\ua78f"), MIDDLE_DOT)

_REFUSED: tuple[tuple[str, str], ...] = (
    ("char_private", "\ue000-\uf8ff\U000f0000-\U0010ffff"),
    ("char_broken", "\ufffd\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"),
    ("char_direction", "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"),
    # What draws nothing: joiners, fillers, variation selectors, language tags, soft hyphen, byte order mark.
    (
        "char_invisible",
        "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f\u2800\u3164"
        "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff",
    ),
    ("char_control", "\x00-\x08\x0b-\x1f\x7f-\x9f"),
)
_REFUSED_PATTERNS = tuple((code, re.compile(f"[{inside}]")) for code, inside in _REFUSED)
_REFUSED_AT_ALL = re.compile(f"[{''.join(inside for _, inside in _REFUSED)}]")
_UNSEEN = dict(_REFUSED_PATTERNS)["char_invisible"], dict(_REFUSED_PATTERNS)["char_direction"]


def fold(text: str) -> str:
    """Fold what is the same in any text: private positions, full-width letters and digits, radicals, NFC."""
    # Most text needs nothing; to look for what does is many times quicker than to go through it all.
    if text.isascii():
        return text
    if _FOLDED.search(text):
        text = text.translate(_FOLD)
    return unicodedata.normalize("NFC", text)


def fold_dots(text: str) -> str:
    """Turn every variant of the middle dot into U+00B7."""
    return text.translate(_DOTS)


def one_line(text: str) -> str:
    """Turn every run of white space (line breaks and tabs too) into one space, and trim."""
    return " ".join(text.split())


def fold_code(text: str) -> str:
    """Reduce a typed or pasted code to bare half-width capitals and digits where that is what was meant.

    Drops spaces, dashes and characters that cannot be seen (phones' address books put direction marks
    around numbers); leaves everything else in place, to be refused by name.
    """
    if text.isascii() and text.isalnum():
        return text.upper()
    for pattern in _UNSEEN:
        text = pattern.sub("", text)
    return re.sub(r"[\s\-_‐-―−]", "", "".join(map(_narrow, text)))


def _narrow(character: str) -> str:
    # One character at a time, so that folding twice is folding once.
    plain = unicodedata.normalize("NFKC", character)
    return plain.upper() if plain.isascii() else character


def refused(text: str) -> list[Finding]:
    """Return one finding for the first character that no field may hold, with its place (from 1)."""
    if not _REFUSED_AT_ALL.search(text):
        return []
    hits = [(hit.start(), code) for code, pattern in _REFUSED_PATTERNS if (hit := pattern.search(text))]
    place, code = min(hits)
    return [Finding("", code, params={"position": place + 1, "codepoint": f"U+{ord(text[place]):04X}"})]
