"""How far a bundle reaches: the newest glibc that any shipped binary asks for, and the libraries it leaves to
the desktop. From the second come the Depends of the .deb, so that none can be forgotten.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from elftools.elf.dynamic import DynamicSection
from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection

Version = tuple[int, ...]
GLIBC = "libc6"
# Library -> the Debian packages that hold it, newer name first (the 64-bit time_t change renamed some).
SYSTEM: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("libc.so.6", "libm.so.6", "libdl.so.2", "libpthread.so.0", "librt.so.1", "libutil.so.1",
                     "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libresolv.so.2"), (GLIBC,)),
    "libgcc_s.so.1": ("libgcc-s1", "libgcc1"),
    "libstdc++.so.6": ("libstdc++6",),
    "libz.so.1": ("zlib1g",),
    "libzstd.so.1": ("libzstd1",),
    "libglib-2.0.so.0": ("libglib2.0-0t64", "libglib2.0-0"),
    "libgthread-2.0.so.0": ("libglib2.0-0t64", "libglib2.0-0"),
    "libdbus-1.so.3": ("libdbus-1-3",),
    "libfontconfig.so.1": ("libfontconfig1",),
    "libfreetype.so.6": ("libfreetype6",),
    "libEGL.so.1": ("libegl1",),
    "libGL.so.1": ("libgl1",),
    "libGLX.so.0": ("libglx0",),
    "libOpenGL.so.0": ("libopengl0",),
    "libX11.so.6": ("libx11-6",),
    "libX11-xcb.so.1": ("libx11-xcb1",),
    "libSM.so.6": ("libsm6",),
    "libICE.so.6": ("libice6",),
    "libxcb.so.1": ("libxcb1",),
    "libxcb-cursor.so.0": ("libxcb-cursor0",),
    "libxcb-glx.so.0": ("libxcb-glx0",),
    "libxcb-icccm.so.4": ("libxcb-icccm4",),
    "libxcb-image.so.0": ("libxcb-image0",),
    "libxcb-keysyms.so.1": ("libxcb-keysyms1",),
    "libxcb-randr.so.0": ("libxcb-randr0",),
    "libxcb-render.so.0": ("libxcb-render0",),
    "libxcb-render-util.so.0": ("libxcb-render-util0",),
    "libxcb-shape.so.0": ("libxcb-shape0",),
    "libxcb-shm.so.0": ("libxcb-shm0",),
    "libxcb-sync.so.1": ("libxcb-sync1",),
    "libxcb-util.so.1": ("libxcb-util1",),
    "libxcb-xfixes.so.0": ("libxcb-xfixes0",),
    "libxcb-xinput.so.0": ("libxcb-xinput0",),
    "libxcb-xkb.so.1": ("libxcb-xkb1",),
    "libxkbcommon.so.0": ("libxkbcommon0",),
    "libxkbcommon-x11.so.0": ("libxkbcommon-x11-0",),
    "libcups.so.2": ("libcups2t64", "libcups2"),
}  # fmt: skip
# Without these the program runs; printing by Qt's own list of printers needs CUPS' library.
NOT_REQUIRED = {"libcups.so.2"}
_GLIBC_VERSION = re.compile(r"GLIBC_(\d+(?:\.\d+)+)")


@dataclass
class Reach:
    """What a bundle asks of a desktop. ``asked``: glibc version -> files that ask for it."""

    asked: dict[Version, list[str]] = field(default_factory=dict)
    outside: dict[str, list[str]] = field(default_factory=dict)

    @property
    def glibc(self) -> Version:
        """The newest glibc that a file asks for."""
        return max(self.asked, default=(0,))

    def beyond(self, promised: Version) -> list[str]:
        """Return a line for every file that asks for a newer glibc than promised."""
        return [
            f"{name} asks for glibc {dotted(version)}, promised is {dotted(promised)}"
            for version in sorted(self.asked)
            if version > promised
            for name in self.asked[version]
        ]

    def unknown(self) -> list[str]:
        """Return a line for every library that is neither shipped nor in the table of packages."""
        return [
            f"{name} is not in the bundle and no package is known for it; {', '.join(users[:3])} need it"
            for name, users in sorted(self.outside.items())
            if name not in SYSTEM
        ]

    def depends(self, *, required: bool = True) -> list[str]:
        """Return the packages as alternatives: what the program needs, or what it can do without."""
        lines = set()
        for name in self.outside:
            packages = SYSTEM[name]
            if (name in NOT_REQUIRED) is required or packages == (GLIBC,):
                continue
            lines.add(" | ".join(packages))
        return ([f"{GLIBC} (>= {dotted(self.glibc)})"] if required else []) + sorted(lines)


def dotted(version: Version) -> str:
    """Return (2, 31) as "2.31"."""
    return ".".join(map(str, version))


def read_version(text: str) -> Version:
    """Return "2.31" as (2, 31). Raises ``ValueError``."""
    return tuple(int(part) for part in text.split("."))


def _elves(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == b"\x7fELF":
                    yield path


def measure(folder: Path) -> Reach:
    """Read every ELF file below ``folder``."""
    found = Reach()
    inside = {path.name for path in folder.rglob("*")}
    for path in _elves(folder):
        name = path.relative_to(folder).as_posix()
        with path.open("rb") as file:
            elf = ELFFile(file)
            inside.update(_tags(elf, "DT_SONAME"))
            for library in _tags(elf, "DT_NEEDED"):
                found.outside.setdefault(library, []).append(name)
            newest = max(_glibc_versions(elf), default=None)
        if newest is not None:
            found.asked.setdefault(newest, []).append(name)
    found.outside = {library: users for library, users in found.outside.items() if library not in inside}
    return found


def links(folder: Path) -> dict[Path, set[str]]:
    """Return the libraries that each ELF file below ``folder`` is linked to."""
    found = {}
    for path in _elves(folder):
        with path.open("rb") as file:
            found[path] = set(_tags(ELFFile(file), "DT_NEEDED"))
    return found


def _tags(elf: ELFFile, tag: str) -> Iterator[str]:
    for section in elf.iter_sections():
        if isinstance(section, DynamicSection):
            for each in section.iter_tags(tag):
                yield str(getattr(each, "needed" if tag == "DT_NEEDED" else "soname"))


def _glibc_versions(elf: ELFFile) -> Iterator[Version]:
    for section in elf.iter_sections():
        if isinstance(section, GNUVerNeedSection):
            for _, versions in section.iter_versions():
                for version in versions:
                    found = _GLIBC_VERSION.fullmatch(version.name)
                    if found:
                        yield read_version(found.group(1))
