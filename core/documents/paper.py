"""One PDF file in the making: pages, shared parts, fonts, and a title that names nobody.

reportlab numbers the objects and writes the file; content and fonts come as finished bytes. The result
depends on nothing but what was drawn: same input, same bytes.
"""

from __future__ import annotations

from reportlab import rl_config
from reportlab.pdfbase.pdfdoc import PDFDocument, PDFObject, PDFObjectReference

from core.documents.embedding import DocumentFonts, Raw, Seed, stream
from core.documents.fonts import FontBook
from core.documents.layout import MM, PAGE_HEIGHT, PAGE_WIDTH

rl_config.pdfComments = 0
PRODUCER = "CertDesk"
MEDIA = f"/MediaBox [0 0 {PAGE_WIDTH * MM:.4f} {PAGE_HEIGHT * MM:.4f}]".encode("ascii")


class _Info(PDFObject):  # type: ignore[misc]  # reportlab ships no types
    """The information dictionary: a title and a producer, no author, no dates, no names."""

    def __init__(self, title: str) -> None:
        self._title = title

    def digest(self, signature: object) -> None:
        """Add nothing to the file's id; the content already has."""

    def format(self, document: PDFDocument) -> bytes:
        title = ("\ufeff" + self._title).encode("utf-16-be").hex()
        return f"<< /Title <{title}> /Producer ({PRODUCER}) >>".encode("ascii")


class Paper:
    """A document of A4 pages; ``seed`` holds the letters of wording whose bytes were made beforehand."""

    def __init__(self, book: FontBook, title: str, seed: Seed | None = None) -> None:
        self.fonts = DocumentFonts(book, seed or {})
        self._document = PDFDocument(compression=1, invariant=1, lang="zh-CN", pdfVersion=(1, 4))
        self._document.info = _Info(title)
        self._document.setCompression(1)
        self._shared: list[str] = []
        self._pages = 0

    def share(self, name: str, operators: str) -> None:
        """Add a part that pages draw with ``/name Do`` (a form XObject), once for the whole file."""
        content = operators.encode("ascii")
        head = b"/Type /XObject /Subtype /Form " + MEDIA.replace(b"/MediaBox", b"/BBox")
        packed = stream(content, head + b" /Resources 0 0 R")
        before, after = packed.split(b"/Resources 0 0 R", 1)
        resources = PDFObjectReference("resources")
        self._document.Reference(Raw(before, b"/Resources ", resources, after), f"shared {name}")
        self._document.updateSignature(content)
        self._shared.append(name)

    def add_page(self, operators: str, level: int = 6) -> None:
        """Add a page that shows ``operators``, compressed with zlib's ``level``."""
        content = operators.encode("ascii")
        document = self._document
        document.updateSignature(content)
        data = document.Reference(Raw(stream(content, level=level)), f"content {self._pages}")
        page = Raw(
            b"<< /Type /Page /Parent ",
            document.Reference(document.Pages),
            b" " + MEDIA + b" /Resources ",
            PDFObjectReference("resources"),
            b" /Contents ",
            data,
            b" >>",
        )
        self._pages += 1
        document.addPage(page)

    def finish(self) -> bytes:
        """Write the file. The document must not be used afterwards."""
        document = self._document
        parts: list[bytes | PDFObject] = [b"<< /ProcSet [/PDF /Text] ", self.fonts.finish(document)]
        parts.append(b" /XObject <<")
        for name in self._shared:
            parts += [f" /{name} ".encode("ascii"), PDFObjectReference(f"shared {name}")]
        parts.append(b" >> >>")
        document.Reference(Raw(*parts), "resources")
        data: bytes = document.GetPDFData(None)
        return data


def shifted(operators: str, offset_mm: tuple[float, float]) -> str:
    """Return page content moved right and down by the printer's offset in millimetres."""
    x, y = offset_mm[0] * MM, -offset_mm[1] * MM
    return operators if not x and not y else f"1 0 0 1 {x:.3f} {y:.3f} cm\n{operators}"
