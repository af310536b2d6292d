"""The stick: the very same envelopes as files, each sealed to its receiver, each whole or not there.

    certdesk/<office>/<device>/to-hub/000012.cds          what a desk sends, numbered on
    certdesk/<office>/<device>/to-desk/000012-0001.cds    what the hub answers to number 12, page 1

A file is ``MAGIC``, a box for the receiver's exchange key (zstd of the envelope inside), and the SHA-256 of
both. So whoever finds the stick reads ids and sizes; a damaged file is told from one for somebody else;
and a file under another name, office or desk does not open.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.errors import EnvironmentFault, Refusal
from core.ids import RandomBytes
from core.keys.sealing import open_sealed, seal_to
from core.paths import FULL, PART, replacing
from core.sync.compress import compress, decompress
from core.sync.envelope import MAX_ENVELOPE_BYTES

ROOT = "certdesk"
TO_HUB, TO_DESK = "to-hub", "to-desk"
MAGIC = b"CDSTICK1"
REQUEST, ANSWER = "enrolment.json", "certificate.json"
"""Beside the two ways: what an office asks before it has any key of the hub's, and what it is told. Both are
signed and hold nothing personal, so they lie in clear."""

REFUSED = "stick-refused"
"""Type of the hub's answer to a file that it could not take in."""

_DIGEST = 32
_MOST = MAX_ENVELOPE_BYTES + (1 << 16)
_NAME = re.compile(r"([0-9]{6,12})(?:-([0-9]{4,8}))?\.cds", re.ASCII)
_FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}", re.ASCII)
_FORBIDDEN = (errno.EROFS, errno.EACCES, errno.EPERM)


@dataclass(frozen=True)
class StickFault:
    """A file (named below ``certdesk/``) that is damaged, missing, for somebody else, or was refused."""

    file: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class StickReport:
    """What an export or import did.

    ``files`` written or taken in; ``actions`` and ``scans`` sent or confirmed; ``pulled`` actions new to this
    desk; ``rejected`` (action id, code); ``foreign`` files of others that were left alone; ``replies``
    written by the hub, ``enrolments`` (fingerprint, state) that it was asked for; ``pending`` actions that
    still wait.
    """

    files: int = 0
    actions: int = 0
    scans: int = 0
    pulled: int = 0
    rejected: tuple[tuple[str, str], ...] = ()
    foreign: int = 0
    replies: int = 0
    enrolments: tuple[tuple[str, str], ...] = ()
    pending: int = 0
    faults: tuple[StickFault, ...] = ()


@dataclass(frozen=True, order=True)
class Place:
    """One file's name: ``number`` of what a desk sent, ``page`` of the answer (0: it is no answer)."""

    number: int
    page: int = 0

    @property
    def name(self) -> str:
        """Return the file's name."""
        return f"{self.number:06d}-{self.page:04d}.cds" if self.page else f"{self.number:06d}.cds"


@dataclass(frozen=True)
class Lane:
    """The folder of one desk and one direction, on the stick mounted at ``stick``."""

    stick: Path
    office: str
    device: str
    way: str

    def clear_file(self, name: str) -> Path:
        """Return where :data:`REQUEST` or :data:`ANSWER` of this desk lies."""
        return self.stick / ROOT / self.office / self.device / name

    @property
    def folder(self) -> Path:
        """Return where its files lie."""
        return self.stick / ROOT / self.office / self.device / self.way

    def told(self, place: Place) -> str:
        """Return how a file is named to people: below ``certdesk/``."""
        return f"{self.office}/{self.device}/{self.way}/{place.name}"

    def places(self) -> list[Place]:
        """Return the files that lie there, in order; anything else is not looked at."""
        return sorted(place for place in map(_place, _regular(self.folder)) if place is not None)

    def write(self, place: Place, envelope: bytes, receiver: bytes, random: RandomBytes) -> int:
        """Write an envelope, sealed to ``receiver`` (X25519), durably; return its size.

        Raises ``EnvironmentFault`` disk_full, disk_readonly, stick_gone; the name then stands for what it
        stood for before.
        """
        body = MAGIC + seal_to(receiver, compress(envelope), self._aad(place), random)
        return write_durably(self.folder / place.name, body + hashlib.sha256(body).digest())

    def read(self, place: Place, secret: bytes) -> bytes:
        """Return the envelope in a file.

        Raises ``Refusal`` stick_damaged, or stick_foreign when it is whole and for another receiver or
        another name; ``EnvironmentFault('stick_gone')``.
        """
        data = read_carefully(self.folder / place.name, _MOST)
        body, told = data[:-_DIGEST], data[-_DIGEST:]
        if not body.startswith(MAGIC) or hashlib.sha256(body).digest() != told:
            raise Refusal("stick_damaged")
        try:
            packed = open_sealed(secret, body[len(MAGIC) :], self._aad(place))
        except EnvironmentFault as fault:
            raise Refusal("stick_foreign") from fault
        try:
            return decompress(packed, MAX_ENVELOPE_BYTES)
        except Refusal as fault:
            raise Refusal("stick_damaged") from fault

    def remove(self, places: Iterable[Place]) -> None:
        """Take files away; what cannot be taken away stays and does no harm."""
        for place in places:
            with suppress(OSError):
                (self.folder / place.name).unlink(missing_ok=True)

    def sweep(self) -> None:
        """Take away what a killed writer left behind."""
        for name in _regular(self.folder):
            if name.startswith(".") and name.endswith(PART):
                with suppress(OSError):
                    (self.folder / name).unlink(missing_ok=True)

    def _aad(self, place: Place) -> bytes:
        return f"stick/1 {self.office} {self.device} {self.way} {place.name}".encode()


def lanes(stick: Path, way: str) -> list[Lane]:
    """Return every desk's folder of one direction. Raises ``EnvironmentFault`` stick_gone, stick_empty."""
    if not stick.is_dir():
        raise EnvironmentFault("stick_gone")
    found = [
        Lane(stick, office, device, way)
        for office in _folders(stick / ROOT)
        for device in _folders(stick / ROOT / office)
    ]
    if not found:
        raise EnvironmentFault("stick_empty")
    return found


def gaps(places: Iterable[int], first: int, last: int | None) -> Iterator[int]:
    """Yield the numbers from ``first`` that are missing; without a ``last`` the one after the newest is."""
    have = {number for number in places if number >= first}
    end = last if last is not None else max(have, default=first - 1) + 1
    yield from (number for number in range(first, end + 1) if number not in have)


def write_durably(path: Path, data: bytes) -> int:
    """Replace a file on the stick (:func:`core.paths.replacing`); return the size.

    Raises as :meth:`Lane.write`.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replacing(path) as file:
            file.write(data)
    except OSError as fault:
        raise _named(fault) from fault
    return len(data)


def _named(fault: OSError) -> EnvironmentFault:
    if fault.errno in FULL:
        return EnvironmentFault("disk_full")
    return EnvironmentFault("disk_readonly" if fault.errno in _FORBIDDEN else "stick_gone")


def read_carefully(path: Path, most: int) -> bytes:
    """Read a file of at most ``most`` bytes that a stranger made. Raises as :meth:`Lane.read`."""
    try:
        # Not blocking and no link followed: a stick is made by strangers.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
        handle = os.open(path, flags | getattr(os, "O_BINARY", 0))
        with os.fdopen(handle, "rb") as file:
            facts = os.fstat(file.fileno())
            if not stat.S_ISREG(facts.st_mode) or facts.st_size > most:
                raise Refusal("stick_damaged")
            return file.read(most)
    except OSError as fault:
        if fault.errno == errno.EIO:  # a bad block: this file is gone, the rest may be well
            raise Refusal("stick_damaged") from fault
        raise EnvironmentFault("stick_gone") from fault


def _regular(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if entry.is_file(follow_symlinks=False)]
    except FileNotFoundError:
        return []
    except OSError as fault:
        raise _named(fault) from fault


def _folders(folder: Path) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            names = [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except FileNotFoundError:
        return []
    except OSError as fault:
        raise _named(fault) from fault
    return sorted(name for name in names if _FOLDER.fullmatch(name))


def _place(name: str) -> Place | None:
    found = _NAME.fullmatch(name)
    place = None if found is None else Place(int(found[1]), int(found[2] or 0))
    return place if place is not None and place.name == name else None
