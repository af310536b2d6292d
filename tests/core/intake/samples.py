"""Generated files, honest and hostile. Everything is made here; nothing was taken from anywhere.

Hostile ones come with the codes that may refuse them; ``KEPT`` stands for "may be kept": a file that still
shows as a picture is evidence, whatever else it carries.
"""

from __future__ import annotations

import io
import random
import struct
import zlib
from collections.abc import Iterator

from PIL import Image
from PIL.PngImagePlugin import PngInfo

CANARY = b"CANARY-469023199001010008"
KEPT = "kept"
DAMAGED = frozenset({"scan_damaged"})
UNKNOWN = frozenset({"scan_type_unknown"})
PIXELS = frozenset({"scan_too_many_pixels"})
ENCRYPTED = frozenset({"scan_encrypted"})
ANY_WAY = frozenset({KEPT, "scan_damaged"})
STOPPED = frozenset({"scan_damaged", "scan_timeout"})

Sample = tuple[str, bytes, frozenset[str]]


def picture(
    kind: str = "PNG", mode: str = "RGB", size: tuple[int, int] = (120, 90), **options: object
) -> bytes:
    """Return a small picture with something in it to compress."""
    grey = Image.linear_gradient("L").resize(size)
    if mode == "I;16":  # the gradient in the high bytes, nothing in the low ones
        wide = b"".join(bytes((0, value)) for value in grey.tobytes())
        image = Image.frombytes(mode, size, wide)
    else:
        image = grey.convert(mode)
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    """Return one PNG chunk with the right checksum."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, body: bytes, extra: bytes = b"") -> bytes:
    """Return a PNG that claims a size and carries ``body`` as its pixel stream (8-bit grey)."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    signature = b"\x89PNG\r\n\x1a\n"
    return signature + chunk(b"IHDR", header) + extra + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def deflated_zeros(count: int) -> bytes:
    """Return ``count`` zero bytes deflated, about a thousandth of the size, without holding them all."""
    packer = zlib.compressobj(1)
    out = [packer.compress(bytes(1 << 20)) for _ in range(count >> 20)]
    return b"".join([*out, packer.compress(bytes(count & 0xFFFFF)), packer.flush()])


def pdf(objects: list[bytes], *, trailer: bytes = b"") -> bytes:
    """Return a PDF of numbered objects (1 is the catalogue) with a right cross-reference table."""
    out = bytearray(b"%PDF-1.7\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer <</Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        trailer,
        start,
    )
    return bytes(out)


def stream(body: bytes, head: bytes = b"") -> bytes:
    """Return a PDF stream object's body."""
    return b"<<%s /Length %d>>\nstream\n%s\nendstream" % (head, len(body), body)


def pages(
    count: int = 1, *, catalogue: bytes = b"", page: bytes = b"", content: bytes = b"0 0 9 9 re f"
) -> bytes:
    """Return a PDF of ``count`` A4 pages with ``content``; extra entries for catalogue and pages."""
    kids = b" ".join(b"%d 0 R" % (4 + at) for at in range(count))
    leaf = b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R %s>>" % page
    tree = b"<</Type /Pages /Kids [%s] /Count %d>>" % (kids, count)
    root = b"<</Type /Catalog /Pages 2 0 R %s>>" % catalogue
    return pdf([root, tree, stream(content), *[leaf] * count])


def pdf_image_bomb(width: int, height: int) -> bytes:
    """Return a small PDF whose one picture unpacks to ``width * height`` bytes."""
    head = (
        b"/Type /XObject /Subtype /Image /Width %d /Height %d /ColorSpace /DeviceGray "
        b"/BitsPerComponent 8 /Filter /FlateDecode" % (width, height)
    )
    leaf = (
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R "
        b"/Resources <</XObject <</I 5 0 R>>>>>>"
    )
    return pdf(
        [
            b"<</Type /Catalog /Pages 2 0 R>>",
            b"<</Type /Pages /Kids [4 0 R] /Count 1>>",
            stream(b"595 0 0 842 0 0 cm /I Do"),
            leaf,
            stream(deflated_zeros(width * height), head),
        ]
    )


def pdf_content_bomb(size: int) -> bytes:
    """Return a small PDF whose page description unpacks to ``size`` blanks."""
    root, tree = b"<</Type /Catalog /Pages 2 0 R>>", b"<</Type /Pages /Kids [4 0 R] /Count 1>>"
    leaf = b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R>>"
    return pdf([root, tree, stream(deflated_zeros(size), b"/Filter /FlateDecode"), leaf])


def pdf_slow(steps: int = 20_000) -> bytes:
    """Return a PDF whose shading runs a program of ``steps`` sines for every pixel: all time, no memory."""
    root, tree = b"<</Type /Catalog /Pages 2 0 R>>", b"<</Type /Pages /Kids [4 0 R] /Count 1>>"
    leaf = (
        b"<</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 3 0 R "
        b"/Resources <</Shading <</S 5 0 R>>>>>>"
    )
    area = b"/Domain [0 595 0 842]"
    shading = b"<</ShadingType 1 /ColorSpace /DeviceGray " + area + b" /Function 6 0 R>>"
    program = stream(b"{ add " + b"sin " * steps + b"}", b"/FunctionType 4 /Range [0 1] " + area)
    return pdf([root, tree, stream(b"/S sh"), leaf, shading, program])


def _bad_pictures() -> Iterator[Sample]:
    whole, jpeg = picture(), picture("JPEG")
    for cut in (8, 9, 20, 33, 41, 60, len(whole) // 2, len(whole) - 13):
        yield f"png cut at {cut}", whole[:cut], ANY_WAY
    for cut in (3, 4, 20, 100, 400, len(jpeg) // 2, len(jpeg) - 40):
        yield f"jpeg cut at {cut}", jpeg[:cut], ANY_WAY
    yield "png of 4 giga-pixels", png(65_500, 65_500, zlib.compress(b"")), PIXELS
    yield "png of the largest size", png(0x7FFFFFFF, 0x7FFFFFFF, b""), PIXELS
    yield "png a hair too large", png(7746, 7747, b""), PIXELS
    yield "png wide and flat", png(60_000_001, 1, b""), PIXELS
    yield "png of no width", png(0, 10, b""), DAMAGED
    yield "png unpacking 256 MiB for 100 pixels", png(10, 10, deflated_zeros(256 << 20)), ANY_WAY
    yield "png text bomb", png(9, 9, zlib.compress(bytes(90)), _text_bomb()), ANY_WAY
    yield "png profile bomb", png(9, 9, zlib.compress(bytes(90)), _profile_bomb()), ANY_WAY
    yield "png without pixels", png(9, 9, b""), DAMAGED
    yield "png of wrong stream", png(9, 9, b"\x00" * 50), DAMAGED
    yield "jpeg of 65500 squared", jpeg_of_size(65_500, 65_500), PIXELS
    yield "jpeg of no size", jpeg_of_size(0, 0), frozenset({"scan_damaged", "scan_too_many_pixels"})
    yield "jpeg header only", b"\xff\xd8\xff", DAMAGED
    yield "png header only", b"\x89PNG\r\n\x1a\n", DAMAGED


def _text_bomb() -> bytes:
    return b"".join(chunk(b"zTXt", b"k\x00\x00" + deflated_zeros(8 << 20)) for _ in range(20))


def _profile_bomb() -> bytes:
    return chunk(b"iCCP", b"p\x00\x00" + deflated_zeros(128 << 20))


def jpeg_of_size(width: int, height: int) -> bytes:
    """Return a JPEG whose header claims another size than its pixels have."""
    data = bytearray(picture("JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def _bad_pdfs() -> Iterator[Sample]:
    whole = pages()
    for cut in (5, 12, 60, 200, len(whole) // 2, len(whole) - 30):
        yield f"pdf cut at {cut}", whole[:cut], ANY_WAY
    script = b"/OpenAction <</S /JavaScript /JS (app.alert\\(1\\); this.exportDataObject\\(1\\))>>"
    yield "pdf with script", pages(catalogue=script), frozenset({KEPT})
    launch = b"/OpenAction <</S /Launch /F (/bin/sh) /Win <</F (cmd.exe)>>>>"
    yield "pdf that launches", pages(catalogue=launch), frozenset({KEPT})
    link = b"/OpenAction <</S /URI /URI (http://127.0.0.1:9/)>>"
    yield "pdf that calls home", pages(catalogue=link), frozenset({KEPT})
    remote = b"/OpenAction <</S /GoToR /F <</FS /URL /F (http://127.0.0.1:9/x)>>>>"
    yield "pdf that fetches", pages(catalogue=remote), frozenset({KEPT})
    names = b"/Names <</EmbeddedFiles <</Names [(a.exe) <</Type /Filespec /F (a.exe)>>]>>>>"
    yield "pdf with a file inside", pages(catalogue=names), frozenset({KEPT})
    form = b"/AcroForm <</XFA (<xdp/>) /Fields [] /NeedAppearances true>>"
    yield "pdf with a form program", pages(catalogue=form), frozenset({KEPT})
    yield "pdf of 21 pages", pages(21), frozenset({"scan_too_many_pages"})
    yield "pdf of 5000 pages", pages(5000), frozenset({"scan_too_many_pages"})
    yield "pdf without pages", pages(0), DAMAGED
    lying = pages(1).replace(b"/Count 1", b"/Count 9")
    yield "pdf that lies about pages", lying, ANY_WAY | {"scan_too_many_pages"}
    yield "pdf of no size", pages().replace(b"[0 0 595 842]", b"[0 0 000 000]"), ANY_WAY
    yield "pdf of endless size", pages().replace(b"[0 0 595 842]", b"[0 0 9e9 9e9]"), ANY_WAY
    yield "pdf of a hair's width", pages().replace(b"[0 0 595 842]", b"[0 0 842 .01]"), ANY_WAY
    yield "pdf with a loop of pages", pages().replace(b"[4 0 R]", b"[2 0 R]"), ANY_WAY
    yield "pdf picture of 600 MB", pdf_image_bomb(30_000, 20_000), ANY_WAY
    yield "pdf page description of 700 MB", pdf_content_bomb(700 << 20), ANY_WAY
    nested = b"[" * 20_000 + b"]" * 20_000
    yield "pdf of nested lists", pages(page=b"/X " + nested), ANY_WAY
    yield "pdf of nested brackets", pages(content=b"q " * 200_000), ANY_WAY
    yield "pdf of wrong filter", pages().replace(b"/Length", b"/Filter /FlateDecode /Length"), ANY_WAY
    yield "pdf header only", b"%PDF-1.7\n", DAMAGED


def encrypted_pdf(password: bytes | None = None) -> bytes:
    """Return a PDF under standard security (40-bit); with no password any reader opens it."""
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.pdfgen.canvas import Canvas

    out = io.BytesIO()
    user = (password or b"").decode("ascii")
    canvas = Canvas(out, encrypt=StandardEncryption(user, ownerPassword="owner", strength=40))
    canvas.drawString(99, 700, "locked")
    canvas.save()
    return out.getvalue()


def _not_scans() -> Iterator[Sample]:
    yield "empty", b"", UNKNOWN
    yield "one byte", b"\x00", UNKNOWN
    yield "html named jpg", b"<!DOCTYPE html><script>alert(1)</script>", UNKNOWN
    yield "svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", UNKNOWN
    yield "zip", b"PK\x03\x04" + bytes(200), UNKNOWN
    yield "gif", b"GIF89a\x01\x00\x01\x00\x00\x00\x00;", UNKNOWN
    yield "tiff", b"II*\x00" + bytes(100), UNKNOWN
    yield "bmp", picture("BMP"), UNKNOWN
    yield "program", b"MZ" + bytes(500), UNKNOWN
    yield "elf", b"\x7fELF" + bytes(500), UNKNOWN
    yield "postscript", b"%!PS-Adobe-3.0\nshowpage", UNKNOWN
    yield "pdf behind a blank line", b"\n" + pages(), UNKNOWN
    yield "html, then pdf", b"<html>" + pages(), UNKNOWN
    yield "zip, then png", b"PK\x03\x04" + picture(), UNKNOWN
    yield "jpeg, then pdf", picture("JPEG") + pages(), frozenset({KEPT})
    yield "png, then zip", picture() + b"PK\x05\x06" + bytes(18), frozenset({KEPT})
    yield "pdf, then html", pages() + b"<script>alert(1)</script>", frozenset({KEPT})
    yield "png with a script in its text", _talking_png(), frozenset({KEPT})
    yield "pdf under a password", encrypted_pdf(b"secret"), ENCRYPTED
    yield "pdf under an empty password", encrypted_pdf(), ENCRYPTED


def _talking_png() -> bytes:
    info = PngInfo()
    info.add_text("Comment", "<?php system($_GET[1]); ?>" + CANARY.decode("ascii"))
    return picture(pnginfo=info)


def _noise(seed: int, count: int) -> Iterator[Sample]:
    """Flip, cut and splice honest files at places drawn from the seed."""
    dice = random.Random(seed)
    honest = [picture(), picture("JPEG"), picture("PNG", "P"), pages(2), pdf_image_bomb(50, 50)]
    for at in range(count):
        data = bytearray(dice.choice(honest))
        for _ in range(dice.randrange(1, 20)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        if dice.random() < 0.3:
            data += dice.choice(honest)
        yield (
            f"noise {seed}/{at}",
            bytes(data),
            ANY_WAY | UNKNOWN | PIXELS | {"scan_too_many_pages"} | STOPPED,
        )


def hostile(noise: int) -> list[Sample]:
    """Return the corpus: about ninety made to a purpose, and ``noise`` at random."""
    return [*_bad_pictures(), *_bad_pdfs(), *_not_scans(), *_noise(34, noise)]
