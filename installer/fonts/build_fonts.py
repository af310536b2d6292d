"""Rebuilds resources/fonts from named packages, so that no font in the tree is of unknown origin.

Run by a developer, never at run time:  python installer/fonts/build_fonts.py [--cache DIR] [--out DIR]
Needs npm, apt-get and dpkg-deb (Debian), and fontTools. Nothing is installed: packages are only
fetched and unpacked. Each source file is pinned by its SHA-256; the result is byte-reproducible
for one version of fontTools.
"""

from __future__ import annotations

import argparse
import bz2
import gzip
import hashlib
import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable

NPM = "npm"
DEBIAN = "debian"
# Largest distance, in 1/1000 em, between FandolFang's cubic outline and ours: 0.01 mm at 14 pt.
CURVE_ERROR = 2.0
LIMIT_BYTES = 60_000_000
SERIF_LICENCE = "OFL-1.1-noto-serif.txt"
SANS_LICENCE = "OFL-1.1-noto-sans.txt"


@dataclass(frozen=True)
class Package:
    """A package as its registry names it; ``version`` is the one the pinned hashes were read from."""

    registry: str
    name: str
    version: str


SERIF = Package(NPM, "@expo-google-fonts/noto-serif-sc", "0.4.3")
SANS = Package(NPM, "@expo-google-fonts/noto-sans-sc", "0.4.3")
HANAZONO = Package(DEBIAN, "fonts-hanazono", "20170904-2.1")
TEXLIVE = Package(DEBIAN, "texlive-lang-chinese", "2022.20230122-1")
UNICODE = Package(DEBIAN, "unicode-data", "15.0.0-1")
FANDOL_DIR = "usr/share/texlive/texmf-dist/fonts/opentype/public/fandol"


@dataclass(frozen=True)
class Recipe:
    """One shipped font: where it comes from and which characters it keeps."""

    id: str
    file: str
    role: str
    package: Package
    source: str
    source_sha256: str
    licence: str
    characters: str  # a key of ``_selections``


RECIPES = (
    Recipe(
        "song",
        "NotoSerifSC-Regular.ttf",
        "song: text of papers, level 2 of GB 18030-2022",
        SERIF,
        "package/400Regular/NotoSerifSC_400Regular.ttf",
        "c358a69de3df5f423a8946a7b03e3126fb6ba116f1130a463455b4e39e1f0742",
        SERIF_LICENCE,
        "chinese",
    ),
    Recipe(
        "rare",
        "HanaMinB-Rare.ttf",
        "rare: CJK Extension B to F that Song lacks",
        HANAZONO,
        "usr/share/fonts/truetype/hanazono/HanaMinB.ttf",
        "829543436cdf7b4c6730e2af5806fa406f8ddf0d4b656e0cd49c58d4db1c8d3c",
        "Hanazono.txt",
        "lacking_in_song",
    ),
    Recipe(
        "fangsong",
        "FandolFang-Regular.ttf",
        "fangsong: body of papers",
        TEXLIVE,
        f"{FANDOL_DIR}/FandolFang-Regular.otf",
        "d838ad32ce2244d8144f408c37fe71065aba6fbbc80759a4d2aa2033948d5bc9",
        "FandolFang.txt",
        "chinese",
    ),
    Recipe(
        "title",
        "NotoSerifSC-Bold.ttf",
        "title: headings of papers",
        SERIF,
        "package/700Bold/NotoSerifSC_700Bold.ttf",
        "9c6a2ba736e4b499c84f65ce366bd3625c0401885fd3e585ace50fb738b96ff6",
        SERIF_LICENCE,
        "standard",
    ),
    Recipe(
        "ui",
        "NotoSansSC-Regular.ttf",
        "ui: window text",
        SANS,
        "package/400Regular/NotoSansSC_400Regular.ttf",
        "d45f67f0a7c0ca3f256950777ce6a61cc7ce5f9696d02900cbbaac25f8aa7d16",
        SANS_LICENCE,
        "standard",
    ),
    Recipe(
        "ui-bold",
        "NotoSansSC-Bold.ttf",
        "ui-bold: window headings",
        SANS,
        "package/700Bold/NotoSansSC_700Bold.ttf",
        "9a38ae0ab28cd5a256f9ea8e00dedc688aac17f7915fcb000572990afa956b96",
        SANS_LICENCE,
        "gb2312",
    ),
)


def sha256(data: bytes) -> str:
    """Hex SHA-256."""
    return hashlib.sha256(data).hexdigest()


def fetch(package: Package, cache: Path) -> Path:
    """Fetch and unpack a package below ``cache``; returns the folder. Kept for the next run."""
    target = cache / f"{package.name.strip('@').replace('/', '-')}-{package.version}"
    if target.is_dir():
        return target
    with tempfile.TemporaryDirectory(dir=cache) as work:
        unpacked = Path(work) / "unpacked"
        unpacked.mkdir()
        if package.registry == NPM:
            subprocess.run(
                ["npm", "pack", "--silent", f"{package.name}@{package.version}"], cwd=work, check=True
            )
            archive = next(Path(work).glob("*.tgz"))
            subprocess.run(["tar", "-xzf", archive, "-C", unpacked], check=True)
        else:
            # The newest of the distribution is taken: mirrors drop old versions, and the hash of the
            # font inside is what we pin.
            subprocess.run(["apt-get", "download", package.name], cwd=work, check=True)
            subprocess.run(["dpkg-deb", "-x", next(Path(work).glob("*.deb")), unpacked], check=True)
        unpacked.rename(target)
    return target


def standard_table(unicode_data: Path) -> set[int]:
    """The 8,105 characters of 通用规范汉字表, from Unihan's kTGH."""
    found: set[int] = set()
    for part in sorted((unicode_data / "usr/share/unicode").glob("Unihan*.bz2")):
        with bz2.open(part, "rt", encoding="utf-8") as lines:
            found |= {int(line.split("\t")[0][2:], 16) for line in lines if "\tkTGH\t" in line}
    if len(found) != 8105:
        raise SystemExit(f"kTGH: expected 8105 characters, found {len(found)}")
    return found


def gbk_characters() -> set[int]:
    """GB 2312's Han and every symbol of GBK: what a Chinese keyboard writes without trouble."""
    found = set(range(0x20, 0x7F)) | {0xA0}
    for high in range(0x81, 0xFF):
        for low in (*range(0x40, 0x7F), *range(0x80, 0xFF)):
            try:
                character = bytes((high, low)).decode("gbk")
            except UnicodeDecodeError:
                continue
            han = 0x4E00 <= ord(character) <= 0x9FFF
            in_gb2312 = 0xB0 <= high <= 0xF7 and low >= 0xA1
            if in_gb2312 or not han:
                found.add(ord(character))
    return found | set(map(ord, "☐☑☒✓✗✔✘→←↑↓–—…·•€¥©®×÷≤≥≈①②③④⑤⑥⑦⑧⑨⑩㊣"))


def is_han(codepoint: int) -> bool:
    """Unified and compatible ideographs, and the zero 〇."""
    return codepoint == 0x3007 or any(
        low <= codepoint <= high for low, high in ((0x3400, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x3FFFF))
    )


def is_foreign_sign(codepoint: int) -> bool:
    """Kana, Cyrillic, Bopomofo and box drawing: part of GBK, needless in headings and in the window."""
    ranges = ((0x0400, 0x04FF), (0x2500, 0x257F), (0x3040, 0x312F))
    return any(low <= codepoint <= high for low, high in ranges)


def _selections(standard: set[int], song: set[int]) -> dict[str, Callable[[set[int]], set[int]]]:
    gbk = gbk_characters()
    plain = {c for c in gbk if not is_foreign_sign(c)}
    return {
        "chinese": lambda has: {c for c in has if is_han(c) or c in gbk},
        "standard": lambda has: has & (standard | plain),
        "gb2312": lambda has: has & plain,
        "lacking_in_song": lambda has: {c for c in has - song if is_han(c)},
    }


def to_truetype(font: TTFont) -> None:
    """Replace CFF outlines by quadratic ones in place (reportlab reads TrueType only)."""
    order = font.getGlyphOrder()
    glyphs, drawn = font.getGlyphSet(), {}
    for name in order:
        pen = TTGlyphPen(None)
        glyphs[name].draw(Cu2QuPen(pen, CURVE_ERROR, reverse_direction=True))
        drawn[name] = pen.glyph()
    font["loca"] = newTable("loca")
    font["glyf"] = glyf = newTable("glyf")
    glyf.glyphOrder, glyf.glyphs = order, drawn
    for name, glyph in drawn.items():
        glyph.recalcBounds(glyf)
        font["hmtx"][name] = (font["hmtx"][name][0], getattr(glyph, "xMin", 0))
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    for field in (
        "maxTwilightPoints",
        "maxStorage",
        "maxFunctionDefs",
        "maxInstructionDefs",
        "maxStackElements",
        "maxSizeOfInstructions",
        "maxComponentElements",
    ):
        setattr(maxp, field, 0)
    maxp.maxZones = 1
    font["post"].formatType = 3.0
    for tag in ("CFF ", "VORG"):
        if tag in font:
            del font[tag]
    font.sfntVersion = "\x00\x01\x00\x00"


def build(source: Path, keep: Callable[[set[int]], set[int]], target: Path) -> dict[str, object]:
    """Subset ``source`` into ``target``; returns family, style and character count."""
    font = TTFont(source, recalcTimestamp=False)
    if "CFF " in font:
        to_truetype(font)
    options = Options()
    options.layout_features = []  # horizontal Chinese text needs none, and reportlab uses none
    options.hinting = False
    options.glyph_names = False
    options.name_IDs = ["*"]
    options.notdef_outline = True
    options.recalc_timestamp = False
    options.drop_tables += ["vhea", "vmtx", "VORG", "BASE", "STAT", "DSIG", "FFTM", "GPOS", "GSUB", "GDEF"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=keep(set(font.getBestCmap())))
    subsetter.subset(font)
    font.save(target)
    names = font["name"]
    return {
        "family": str(names.getDebugName(16) or names.getDebugName(1)),
        "style": str(names.getDebugName(17) or names.getDebugName(2)),
        "postscript": str(names.getDebugName(6)),
        "characters": len(font.getBestCmap()),
    }


def write_licences(folders: dict[Package, Path], out: Path) -> None:
    """Full licence texts, as the packages carry them."""
    out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folders[SERIF] / "package/LICENSE_FONT", out / SERIF_LICENCE)
    shutil.copyfile(folders[SANS] / "package/LICENSE_FONT", out / SANS_LICENCE)
    shutil.copyfile(folders[HANAZONO] / "usr/share/doc/fonts-hanazono/copyright", out / "Hanazono.txt")
    fandol = folders[TEXLIVE] / "usr/share/doc/texlive-doc/fonts/fandol"
    text = (fandol / "README").read_text(encoding="utf-8") + "\n\n" + "=" * 70 + "\n\n"
    text += gzip.decompress((fandol / "COPYING.gz").read_bytes()).decode("utf-8")
    (out / "FandolFang.txt").write_text(text, encoding="utf-8")
    unicode_doc = folders[UNICODE] / "usr/share/doc/unicode-data/copyright"
    shutil.copyfile(unicode_doc, out / "Unicode.txt")


def write_standard_table(characters: Iterable[int], target: Path) -> None:
    """The standard table as plain text, 50 characters a line."""
    text = "".join(map(chr, sorted(characters)))
    rows = [text[i : i + 50] for i in range(0, len(text), 50)]
    target.write_text("\n".join(rows) + "\n", encoding="utf-8")


def build_all(cache: Path, out: Path) -> None:
    """Fetch, check, subset, describe. Raises SystemExit when a source or the total is not as expected."""
    folders = {p: fetch(p, cache) for p in (SERIF, SANS, HANAZONO, TEXLIVE, UNICODE)}
    out.mkdir(parents=True, exist_ok=True)
    standard = standard_table(folders[UNICODE])
    write_standard_table(standard, out / "standard-8105.txt")
    write_licences(folders, out / "licences")
    song = set(TTFont(folders[SERIF] / RECIPES[0].source).getBestCmap())
    selections = _selections(standard, song)
    entries = []
    for recipe in RECIPES:
        source = folders[recipe.package] / recipe.source
        found = sha256(source.read_bytes())
        if found != recipe.source_sha256:
            raise SystemExit(f"{recipe.id}: source is {found}, expected {recipe.source_sha256}")
        facts = build(source, selections[recipe.characters], out / recipe.file)
        data = (out / recipe.file).read_bytes()
        entries.append(
            {
                "id": recipe.id,
                "file": recipe.file,
                **facts,
                "role": recipe.role,
                "sha256": sha256(data),
                "bytes": len(data),
                "licence": f"licences/{recipe.licence}",
                "package": f"{recipe.package.registry}:{recipe.package.name}",
                "version": recipe.package.version,
                "source": recipe.source,
                "source_sha256": recipe.source_sha256,
            }
        )
        print(f"{recipe.id:9} {len(data):>10,} bytes {facts['characters']:>6} characters")
    total = sum(int(str(entry["bytes"])) for entry in entries)
    print(f"total     {total:>10,} bytes")
    if total > LIMIT_BYTES:
        raise SystemExit("fonts exceed 60 MB")
    (out / "fonts.json").write_text(
        json.dumps({"fonts": entries}, ensure_ascii=False, indent=1) + "\n", "utf-8"
    )


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    root = Path(__file__).resolve().parents[2]
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "certdesk-font-sources")
    parser.add_argument("--out", type=Path, default=root / "resources" / "fonts")
    arguments = parser.parse_args()
    arguments.cache.mkdir(parents=True, exist_ok=True)
    build_all(arguments.cache, arguments.out)


if __name__ == "__main__":
    main()
