"""A page of the register: up to a thousand units under one person's signature.

The action ``register_page`` names form, count and digest; the records travel beside it as one canonical text,
a list with one flat list of texts a unit: its id, the commitments of its personal values, its public values,
both in the form's order, empty texts where there is none. Personal values and salts lie in a second text of
the same shape, line by line ``[salt, value, …]``, sealed apart, so that they can be destroyed by the unit.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

import msgspec

from core.canonical import digest
from core.errors import Refusal
from core.forms.spec import FormSpec, Grade
from core.ids import RandomBytes
from core.records.model import SALT_BYTES, Action, Entry

PAGE_KIND: Final = "register_page"
PAGE_UNITS = 1000
PAGE_BYTES = 4 * 1024 * 1024
"""Most bytes of a page's text, unpacked; a page of long records holds fewer of them."""

REGISTER: Final = "register"
"""Subject kind of an office's register; its id is :func:`register_subject`."""

_LEVEL = 3
_WINDOW = 8 * 1024 * 1024
_WRITER = msgspec.json.Encoder()
_LINES = msgspec.json.Decoder(list[list[str]])
_UUIDS = re.compile(r"(?:[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\n)+", re.ASCII)
_HEX32 = re.compile(r"(?:(?:[0-9a-f]{64})?\n)+", re.ASCII)
_NOTHING = ("", "")

Rows = list[list[str]]
"""Lines of a page (or of its personal part) as lists of texts."""


@dataclass(frozen=True)
class PageShape:
    """Where a form's fields stand on a line: the unit's id, personal commitments, public values."""

    personal: tuple[str, ...]
    public: tuple[str, ...]

    @property
    def width(self) -> int:
        """How many texts a line has."""
        return 1 + len(self.personal) + len(self.public)


@lru_cache(maxsize=16)
def page_shape(spec: FormSpec) -> PageShape:
    """Return the shape of a form's pages."""
    fields = spec.fields()
    return PageShape(
        tuple(field.id for field in fields if field.grade is Grade.PERSONAL),
        tuple(field.id for field in fields if field.grade is not Grade.PERSONAL),
    )


def register_subject(office: str) -> str:
    """Return the id of an office's register: not the office's own, under which its people are kept."""
    return f"{REGISTER}:{office}"


# --- texts ---------------------------------------------------------------------------------------


def page_text(rows: Sequence[Sequence[str]]) -> bytes:
    """Return the canonical bytes of lines of texts (``core.canonical``, without a look at every text).

    Raises ``ValueError`` for lone surrogates.
    """
    return _WRITER.encode(rows)


def page_digest(text: bytes) -> str:
    """Return the hex digest by which the signed action names its records."""
    return digest("register-page/1", text).hex()


def pack(text: bytes) -> bytes:
    """Return a text as it travels and is stored: one zstd frame."""
    import zstandard  # not while the program starts

    return zstandard.ZstdCompressor(level=_LEVEL).compress(text)


def unpack(blob: bytes) -> bytes:
    """Return what :func:`pack` packed, never more than :data:`PAGE_BYTES`. Raises ``page_malformed``."""
    import zstandard

    try:
        if not 0 <= zstandard.frame_content_size(blob) <= PAGE_BYTES:
            raise Refusal("page_malformed", why="size")
        reader = zstandard.ZstdDecompressor(max_window_size=_WINDOW)
        return reader.decompress(blob, read_across_frames=False, allow_extra_data=False)
    except (zstandard.ZstdError, ValueError) as fault:
        raise Refusal("page_malformed", why="packing") from fault


def open_text(blob: bytes, wanted: str) -> bytes:
    """Return the text of a packed page that was signed for by the digest ``wanted``.

    Raises ``Refusal`` page_malformed, page_digest_wrong.
    """
    text = unpack(blob)
    if page_digest(text) != wanted:
        raise Refusal("page_digest_wrong")
    return text


def read_text(text: bytes, width: int) -> Rows:
    """Read lines of exactly ``width`` texts, in canonical spelling only. Raises ``page_malformed``."""
    try:
        rows = _LINES.decode(text)
        whole = 0 < len(rows) <= PAGE_UNITS and page_text(rows) == text
    except (msgspec.DecodeError, ValueError) as fault:
        raise Refusal("page_malformed", why="text") from fault
    if not whole or set(map(len, rows)) != {width}:
        raise Refusal("page_malformed", why="shape")
    return rows


def read_page(text: bytes, shape: PageShape) -> Rows:
    """Read a page's lines; ids are UUIDs and commitments are hashes. Raises ``Refusal('page_malformed')``."""
    rows = read_text(text, shape.width)
    columns = list(zip(*rows, strict=True))
    if not _UUIDS.fullmatch("\n".join(columns[0]) + "\n") or len(set(columns[0])) != len(rows):
        raise Refusal("page_malformed", why="unit")
    for column in columns[1 : 1 + len(shape.personal)]:
        if not _HEX32.fullmatch("\n".join(column) + "\n"):
            raise Refusal("page_malformed", why="commitment")
    return rows


def find_line(text: bytes, unit: str) -> list[str] | None:
    """Return one unit's line without reading the others, None if it is not on the page.

    ``["`` followed by a unit's id can only open a line: inside a text a quotation mark is escaped.
    """
    start = text.find(b'["' + unit.encode("ascii", "replace") + b'",')
    if start < 0:
        return None
    end = text.find(b'"]', start)
    while True:  # the first "] that is no part of a text ends the line
        try:
            row: list[str] = json.loads(text[start : end + 2])
            return row
        except ValueError:
            end = text.find(b'"]', end + 1)
            if end < 0:
                raise Refusal("page_malformed", why="text") from None


# --- lines ---------------------------------------------------------------------------------------


def line_values(row: Sequence[str], private: Sequence[str] | None, shape: PageShape) -> dict[str, str]:
    """Return a unit's values as a fold reads them: filled ones only, destroyed ones absent."""
    values = {
        name: value for name, value in zip(shape.public, row[1 + len(shape.personal) :], strict=True) if value
    }
    if private is not None:
        values |= {name: value for name, value in zip(shape.personal, private[1::2], strict=True) if value}
    return values


def make_lines(
    units: Iterable[tuple[str, Mapping[str, str]]], shape: PageShape, random: RandomBytes
) -> tuple[Rows, Rows]:
    """Return the lines of units (id, normal values) and of their personal values under fresh salts."""
    rows: Rows = []
    private: Rows = []
    for unit, values in units:
        salted = [
            (random(SALT_BYTES).hex(), values[name]) if values.get(name) else _NOTHING
            for name in shape.personal
        ]
        committed = [commitment(salt, value) if value else "" for salt, value in salted]
        rows.append([unit, *committed, *(values.get(name, "") for name in shape.public)])
        private.append([part for pair in salted for part in pair])
    return rows, private


def commitment(salt: str, value: str) -> str:
    """Return SHA-256(salt || value) as hex, as :class:`core.records.model.Salted` says it."""
    return hashlib.sha256(bytes.fromhex(salt) + value.encode("utf-8")).hexdigest()


def verify_lines(rows: Rows, private: Rows, shape: PageShape, *, whole: bool) -> None:
    """Check that personal values are those committed to. Raises ``Refusal('commitment_wrong')``.

    ``whole``: every one has to be disclosed; else a destroyed one, ``["", ""]``, is let pass.
    """
    if len(rows) != len(private):
        raise Refusal("commitment_wrong", why="fields")
    for place in range(len(shape.personal)):
        for row, values in zip(rows, private, strict=True):
            committed, salt, value = row[1 + place], values[2 * place], values[2 * place + 1]
            if not value and not salt and not (committed and whole):
                continue
            if not committed or not value or len(salt) != 2 * SALT_BYTES:
                raise Refusal("commitment_wrong", why="value")
            try:
                made = commitment(salt, value)
            except ValueError as fault:
                raise Refusal("commitment_wrong", why="value") from fault
            if made != committed:
                raise Refusal("commitment_wrong", why="value")


def without_line(private: Rows, line: int) -> Rows:
    """Return personal lines with one destroyed."""
    return [[""] * len(values) if at == line else values for at, values in enumerate(private)]


def unit_entry(page: Action, page_hash: str, row: Sequence[str], private: Sequence[str] | None) -> Entry:
    """Return what a unit's fold reads first: the registration that the page did for this unit.

    It is named by the page's hash, because the page is what was signed, refused or recorded.
    ``private`` is None, or holds empty texts, once destroyed.
    """
    from core.forms.registry import by_digest

    spec = by_digest(page.public["form"]["digest"])
    if spec is None:
        raise Refusal("form_unknown")
    shape = page_shape(spec)
    committed = {name: text for name, text in zip(shape.personal, row[1:], strict=False) if text}
    known = None if private is None else dict(zip(shape.personal, private[1::2], strict=True))
    disclosed = None if known is None else {name: value for name, value in known.items() if value}
    values = line_values(row, None, shape)
    action = replace(
        page,
        subject_kind="unit",
        subject=row[0],
        base_version=0,
        kind="unit_registered",
        public={"form": page.public["form"], "values": values, "representative_no": 1},
        commitments=committed,
    )
    gone = disclosed is None or set(disclosed) != set(committed)
    return Entry(action, page_hash, None if gone else disclosed)


@dataclass(frozen=True)
class RegisterState:
    """The register's pages of an office: ``version`` pages with ``units`` units together."""

    id: str
    office: str
    version: int
    units: int


def fold_register(entries: Iterable[Entry], state: RegisterState | None = None) -> RegisterState | None:
    """Fold the pages of an office's register."""
    for entry in entries:
        count = int(entry.action.public["count"])
        if state is None:
            state = RegisterState(entry.action.subject, entry.action.office, 1, count)
        else:
            state = replace(state, version=state.version + 1, units=state.units + count)
    return state


def page_public(spec: FormSpec, text: bytes, count: int) -> dict[str, Any]:
    """Return the public part of the action that signs for a page."""
    form = {"id": spec.id, "version": spec.version, "digest": spec.digest()}
    return {"form": form, "count": count, "digest": page_digest(text)}
