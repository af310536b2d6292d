"""ICU's data without what Qt cannot ask for here: 32 MB become 4.

Only Qt's core is linked to ICU, for sorting, case, time zones and encodings (``nm -D libQt6Core.so.6``). What
stays serves Chinese and English; in any other language ICU falls back to its root, as it does for a language
that it does not know. Its data are one table of names and items, the one symbol of a library of their own.
"""

from __future__ import annotations

import re
import struct
import subprocess
from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

_FOLDERS = {"", "coll", "zone"}
_CONVERTERS = {
    f"{name}.cnv" for name in ("gb18030", "windows-936-2000", "ibm-1386_P100-2001", "ibm-1383_P110-1999")
}
_OTHER_LANGUAGE = re.compile(r"(?!(zh|en|res)[_.])[a-z]{2,3}(_\w+)?\.res")
_ALIGNED = 16


def slim_icu(bundle: Path) -> None:
    """Replace ICU's data in the bundle. Needs binutils; raises ``CalledProcessError`` when they fail."""
    for library in (bundle / "_internal").rglob("libicudata.so.*"):
        symbol, data = _read(library)
        raw, assembly = library.with_suffix(".dat"), library.with_suffix(".s")
        raw.write_bytes(slimmed(data))
        assembly.write_text(
            f'.section .note.GNU-stack,"",%progbits\n.section .rodata\n.globl {symbol}\n'
            f".type {symbol}, %object\n.balign {_ALIGNED}\n{symbol}:\n"
            f'.incbin "{raw}"\n.size {symbol}, .-{symbol}\n',
            "utf-8",
        )
        made = library.with_suffix(".o")
        subprocess.run(["as", "-o", str(made), str(assembly)], check=True)
        link = ["ld", "-shared", "-s", "-soname", library.name, "-o", str(library), str(made)]
        subprocess.run(link, check=True)
        for path in (raw, assembly, made):
            path.unlink()


def kept(name: str) -> bool:
    """Return whether the item (its name without the package's) can be asked for."""
    folder, _, base = name.rpartition("/")
    if folder not in _FOLDERS or _OTHER_LANGUAGE.fullmatch(base):
        return False
    return base in _CONVERTERS or base.endswith((".res", ".icu"))


def slimmed(data: bytes) -> bytes:
    """Return the table with the items that are :func:`kept`.

    A head (its length first), the number of items, for each the places of its name and of its content
    counted from that number on, the names in order, the contents. An item ends where the next one begins.
    """
    (head,) = struct.unpack_from("<H", data)
    (count,) = struct.unpack_from("<I", data, head)
    places = list(struct.iter_unpack("<II", data[head + 4 : head + 4 + 8 * count]))
    ends = [place for _, place in places[1:]] + [len(data) - head]
    items = []
    for (name_at, start), end in zip(places, ends, strict=True):
        name = data[head + name_at : data.index(b"\0", head + name_at)]
        if kept(name.decode("ascii").partition("/")[2]):
            items.append((name + b"\0", data[head + start : head + end]))
    names_at = 4 + 8 * len(items)
    content_at = _up(names_at + sum(len(name) for name, _ in items))
    table, names, content = struct.pack("<I", len(items)), b"", b""
    for name, item in items:
        table += struct.pack("<II", names_at + len(names), content_at + len(content))
        names += name
        content += item.ljust(_up(len(item)), b"\0")
    return data[:head] + (table + names).ljust(content_at, b"\0") + content


def _up(length: int) -> int:
    return -(-length // _ALIGNED) * _ALIGNED


def _read(library: Path) -> tuple[str, bytes]:
    with library.open("rb") as file:
        elf = ELFFile(file)
        table = elf.get_section_by_name(".dynsym")
        for symbol in table.iter_symbols() if isinstance(table, SymbolTableSection) else ():
            if re.fullmatch(r"icudt\d+_dat", symbol.name):
                home = elf.get_section(symbol["st_shndx"])
                start = symbol["st_value"] - home["sh_addr"]
                return symbol.name, home.data()[start : start + symbol["st_size"]]
    raise ValueError(f"{library.name}: no data of ICU")
