"""The manual's files as plain blocks: headings, paragraphs, points. No Qt, and no markup survives.

A line ``<!-- topics: a b -->`` below a heading says which field ids and page names F1 opens there.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_TOPICS = re.compile(r"<!--\s*topics:\s*([a-z0-9_ ]*)-->")
_POINT = re.compile(r"(?:-|\d+\.)\s+(.*)")


@dataclass(frozen=True)
class Block:
    """``kind`` is title, heading, text, point or step; ``topics`` only on titles and headings."""

    kind: str
    text: str
    topics: tuple[str, ...] = ()


@dataclass(frozen=True)
class ManualPage:
    """One file of docs/manual."""

    key: str
    title: str
    blocks: tuple[Block, ...]

    def matches(self, words: str) -> bool:
        """Tell whether all of the words stand on the page."""
        text = "\n".join(block.text for block in self.blocks).lower()
        return all(word in text for word in words.lower().split())


def parse(key: str, source: str) -> ManualPage:
    """Read one file."""
    blocks: list[Block] = []
    open_text = False
    for raw in source.splitlines():
        line = raw.strip()
        topics = _TOPICS.fullmatch(line)
        if topics and blocks:
            last = blocks[-1]
            blocks[-1] = Block(last.kind, last.text, tuple(topics.group(1).split()))
        elif line.startswith("# "):
            blocks.append(Block("title", line[2:].strip()))
        elif line.startswith("## "):
            blocks.append(Block("heading", line[3:].strip()))
        elif point := _POINT.fullmatch(line):
            blocks.append(Block("point" if line.startswith("-") else "step", point.group(1)))
        elif line and open_text:
            blocks[-1] = Block("text", blocks[-1].text + line)
        elif line:
            blocks.append(Block("text", line))
        open_text = bool(line) and bool(blocks) and blocks[-1].kind == "text"
    title = next((block.text for block in blocks if block.kind == "title"), key)
    return ManualPage(key, title, tuple(blocks))


def manual_folder() -> Path:
    """Return where the manual lies: in the bundle, or in the checkout."""
    bundle = getattr(sys, "_MEIPASS", None)
    root = Path(bundle) if bundle else Path(__file__).resolve().parents[3]
    return root / "docs" / "manual"


@lru_cache(maxsize=1)
def pages() -> tuple[ManualPage, ...]:
    """Return the manual in the order of its file names; empty when it is not shipped."""
    found = sorted(manual_folder().glob("[0-9]*.md"))
    return tuple(parse(path.stem, path.read_text("utf-8")) for path in found)


def find_topic(manual: tuple[ManualPage, ...], topic: str) -> tuple[int, int]:
    """Return (page, block) for a topic, a page's key or name; (0, 0) when nothing matches."""
    for at, page in enumerate(manual):
        if topic in (page.key, page.title):
            return at, 0
        for number, block in enumerate(page.blocks):
            if topic in block.topics:
                return at, number
    return 0, 0
