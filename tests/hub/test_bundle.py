"""What a hub gives for verifying offline: the signed bundle, and the printed certificate with its symbol."""

from __future__ import annotations

import base64
import io
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pypdfium2
import pytest
from asn1crypto import x509 as asn1
from asn1crypto.keys import PrivateKeyInfo
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.settings import KeyUsageConstraints
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas
from sqlalchemy import select

from core.credentials import verifier
from core.credentials import x509 as x509_port
from core.credentials.printed import read_printed
from core.documents.certificate import CertificateFace, render_certificate
from core.errors import UserError
from core.intake.symbols import paper_fault, read_shown
from hub.bundle import bundle
from hub.engine import lock_office
from hub.facts import suspend_certificates, void_certificates
from hub.ledger import Ledger
from hub.paper_signing import sign_pdf
from hub.party_tables import holding
from hub.setup import Hub
from tests.core.credentials.samples import STRANGER_LEAF, STRANGER_LEAF_KEY, STRANGER_ROOT
from tests.hub.conftest import Station
from tests.hub.sample_office import Approved, SampleOffice
from tests.qr_reader import read_qr


def judged(station: Station, text: str, made: str, hours: float = 0) -> str:
    now = station.hands() + timedelta(hours=hours)
    trust = verifier.open_trust([station.root], made, now)
    return verifier.judge(text, trust, now).judgement.answer


def claimed(station: Station, office: SampleOffice, index: int = 0) -> tuple[Approved, str]:
    approved = office.approved_case(index)
    minted = office.mint(approved)
    office.push_all_recorded()
    return approved, station.wallet().claim(minted.text, minted.pin)


def void(station: Station, office: SampleOffice, unit: str) -> None:
    with station.hub.database.write() as connection:
        lock_office(connection, office.office)
        void_certificates(
            station.hub, connection, Ledger(station.hub, connection, office.office), unit, "replaced"
        )


def test_a_bundle_answers_for_its_hours_and_the_next_one_knows_of_a_voiding(
    station: Station, office: SampleOffice
) -> None:
    approved, certificate = claimed(station, office)
    made = bundle(station.hub, 24)
    assert bundle(station.hub, 24) == made, "unchanged within half a minute: the same text"
    assert [judged(station, certificate, made, hours) for hours in (0, 23.9, 24)] == [
        "valid",
        "valid",
        "unknown",
    ]
    void(station, office, approved.unit)
    after = office.ask("/api/v1/status-bundle", office.envelope("status-bundle"))
    assert after["root"].encode() == station.root
    with station.hub.database.read() as connection:
        held = connection.execute(select(holding).where(holding.c.holder == office.device)).one()
    assert held.expires_at - held.as_of == 24 * 3600 and held.holder_kind == "desk"
    assert judged(station, certificate, after["bundle"]) == "not valid"
    assert judged(station, certificate, made) == "valid", "what was given before lives on until it ends"


@pytest.mark.parametrize("hours", [0, 73, -1])
def test_a_bundle_lives_one_to_72_hours(station: Station, hours: int) -> None:
    with pytest.raises(UserError, match="bundle_hours"):
        bundle(station.hub, hours)


def sheet(office: SampleOffice, case: str) -> bytes:
    return base64.b64decode(
        office.ask("/api/v1/certificate-print", office.envelope("certificate-print", case=case))["pdf"]
    )


def symbol_of(pdf: bytes, dpi: int) -> str:
    page = pypdfium2.PdfDocument(pdf)[0]
    found = read_qr(page.render(scale=dpi / 72).to_pil())
    return found[0].text if found else ""


def test_a_sheet_is_signed_and_its_symbol_verifies_and_dies_with_the_certificate(
    station: Station, office: SampleOffice, tmp_path: Path
) -> None:
    approved, _ = claimed(station, office)
    pdf = sheet(office, approved.case)
    (tmp_path / "sheet.pdf").write_bytes(pdf)
    text = symbol_of(pdf, 150)
    assert text.startswith("CDP1:") and symbol_of(pdf, 300) == text
    face = read_printed(text).printed.face
    assert (face.name, face.uscc) == (approved.invented.values["name"], approved.invented.values["uscc"])
    assert face.representative == approved.invented.representative.name
    assert judged(station, text, bundle(station.hub)) == "valid"
    told = subprocess.run(
        ["pdfsig", str(tmp_path / "sheet.pdf")], capture_output=True, text=True, timeout=60
    ).stdout
    assert "Signature is Valid" in told and "ETSI.CAdES.detached" in told
    words = pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_bounded()
    assert approved.invented.values["name"] in words and "不具法律效力" not in words
    void(station, office, approved.unit)
    assert judged(station, text, bundle(station.hub)) == "not valid"
    answer = office.post(
        "/api/v1/certificate-print", office.envelope("certificate-print", case=approved.case)
    )
    assert answer[0] == 400 and b"certificate_not_standing" in answer[1]


def test_the_signature_hangs_below_the_root_and_a_changed_byte_breaks_it(
    station: Station, office: SampleOffice
) -> None:
    approved, _ = claimed(station, office, 1)
    pdf = sheet(office, approved.case)
    root = asn1.Certificate.load(
        x509.load_pem_x509_certificate(station.root).public_bytes(serialization.Encoding.DER)
    )

    def state(data: bytes) -> tuple[bool, bool]:
        reader = PdfFileReader(io.BytesIO(data), strict=True)
        found = validate_pdf_signature(
            reader.embedded_signatures[0],
            ValidationContext(trust_roots=[root], allow_fetching=False),
            key_usage_settings=KeyUsageConstraints(key_usage={"digital_signature"}),
        )
        return found.intact and found.valid, found.trusted

    assert state(pdf) == (True, True)
    place = pdf.index(b"/Title <") + 12
    assert state(pdf[:place] + bytes([pdf[place] ^ 1]) + pdf[place + 1 :])[0] is False
    assert not re.search(rb"/Rect \[\s*0 0 [1-9]", pdf), "nothing is drawn for the signature"


def signed_by_rsa(pdf: bytes) -> bytes:
    """Sign as another office signs its scans: another key, another algorithm."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "某机关")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 7, start, start + timedelta(days=900))
    certificate = builder.sign(key, SHA256())
    der = serialization.Encoding.DER
    plain = key.private_bytes(der, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    signer = SimpleSigner(
        asn1.Certificate.load(certificate.public_bytes(der)),
        PrivateKeyInfo.load(plain),
        SimpleCertificateStore(),
    )
    about = PdfSignatureMetadata(field_name="Other", md_algorithm="sha256")
    made: bytes = PdfSigner(about, signer).sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf))).getvalue()
    return made


def hexed_root(station: Station) -> bytes:
    der = x509.load_pem_x509_certificate(station.root).public_bytes(serialization.Encoding.DER)
    return der.hex().upper().encode()


def judged_file(station: Station, data: bytes) -> tuple[str, tuple[str, ...], str]:
    """Judge a file as ``verify`` and the desk do: answer, reasons, the name on the symbol's face."""
    now = station.hands()
    trust = verifier.open_trust([station.root], bundle(station.hub), now)
    shown = read_shown(data)
    found = verifier.with_paper(verifier.judge(shown.text, trust, now), paper_fault(shown, trust, now))
    return found.judgement.answer, found.judgement.reasons, found.shown.get("name", "")


def scanned(pdf: bytes, kind: str) -> bytes:
    """The sheet as a scanner or a camera gives it."""
    out, picture = io.BytesIO(), pypdfium2.PdfDocument(pdf)[0].render(scale=200 / 72).to_pil().convert("RGB")
    if kind == "PDF":
        page = canvas.Canvas(out, pagesize=A4)
        page.drawImage(ImageReader(picture), 0, 0, *A4)
        page.save()
    else:
        picture.save(out, kind)
    return out.getvalue()


ALTERED, UNSIGNED = ("not valid", ("paper_altered",)), ("unknown", ("paper_signature_missing",))


def test_a_sheet_counts_as_it_was_signed_and_a_scan_of_it_by_its_symbol(
    station: Station, office: SampleOffice
) -> None:
    approved, _ = claimed(station, office, 3)
    name, pdf = approved.invented.values["name"], sheet(office, approved.case)
    assert judged_file(station, pdf) == ("valid", (), name)
    for kind in ("PDF", "JPEG"):
        assert judged_file(station, scanned(pdf, kind)) == ("valid", (), name)

    start, end = pdf.index(b"/Contents <"), pdf.index(b">", pdf.index(b"/Contents <"))
    changed = {
        "title": (pdf.index(b"/Title <") + 12, ALTERED),
        "drawing": (pdf.index(b"stream\n") + 60, None),
        "signature": (start + 400, None),
        "a certificate beside it": (pdf.index(hexed_root(station)) + 700, ALTERED),
        "filling": (end - 8, ALTERED),
        "range": (pdf.index(b"/ByteRange") + 3, UNSIGNED),
        "end": (len(pdf) - 20, None),
    }
    for place, (at, expected) in changed.items():
        broken = pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :]
        try:
            found = judged_file(station, broken)
        except UserError as fault:  # the symbol itself cannot be read any more
            assert fault.code in ("scan_damaged", "symbol_missing"), place
            continue
        assert found[0] != "valid", place
        assert expected is None or found[:2] == expected, place
    capital = re.search(rb"[A-F]", pdf[start + 11 :])
    assert capital is not None
    at = start + 11 + capital.start()
    other_spelling = pdf[:at] + pdf[at : at + 1].lower() + pdf[at + 1 :]
    assert judged_file(station, other_spelling)[:2] == ALTERED
    assert judged_file(station, pdf + b"\n%%EOF\n")[0] != "valid"


def test_the_same_symbol_on_another_sheet_is_never_valid(station: Station, office: SampleOffice) -> None:
    approved, _ = claimed(station, office, 4)
    values, symbol = approved.invented.values, symbol_of(sheet(office, approved.case), 150)
    face = CertificateFace(
        {**values, "name": "冒名的单位"}, "某冒名", "某机关", "2026-11-01", "2026-11-01", symbol
    )
    forged = render_certificate(face, rehearsal=False).pdf
    assert judged_file(station, forged) == (*UNSIGNED, values["name"]), "what the symbol says is shown"
    key, leaf = STRANGER_LEAF_KEY, STRANGER_LEAF
    stranger = SimpleNamespace(leaf_pem=leaf, root_pem=STRANGER_ROOT, sign=x509_port.es256_signer(key))
    assert judged_file(station, sign_pdf(cast(Hub, stranger), forged, "冒签"))[:2] == UNSIGNED
    other = signed_by_rsa(scanned(forged, "PDF"))
    assert b"/ByteRange" in other and judged_file(station, other) == ("valid", (), values["name"]), "a scan"
    assert judged_file(station, signed_by_rsa(forged))[:2] == UNSIGNED
    signed = sign_pdf(station.hub, forged, "平台签名")
    assert judged_file(station, signed)[0] == "valid", "the control: our own signature would count"
    void(station, office, approved.unit)
    assert judged_file(station, signed)[:2] == ("not valid", ("certificate_void",))
    assert judged_file(station, forged)[:2] == ("not valid", ("certificate_void",))


def test_what_cannot_be_printed(station: Station, office: SampleOffice) -> None:
    approved = office.approved_case(0)
    office.push_all_recorded()
    codes = {"certificate_not_standing": approved.case, "case_unknown": "nothing", "envelope_malformed": ""}
    for code, case in codes.items():
        status, body = office.post(
            "/api/v1/certificate-print", office.envelope("certificate-print", case=case)
        )
        assert status == 400 and code.encode() in body
    approved, certificate = claimed(station, office, 2)
    with station.hub.database.write() as connection:
        lock_office(connection, office.office)
        ledger = Ledger(station.hub, connection, office.office)
        suspend_certificates(station.hub, connection, ledger, approved.unit, "representative", 99)
    assert judged(station, certificate, bundle(station.hub)) == "not valid"
    assert b"certificate_not_standing" in office.post(
        "/api/v1/certificate-print", office.envelope("certificate-print", case=approved.case)
    )[1]  # fmt: skip
    stranger = station.new_office()
    assert b"case_unknown" in stranger.post(
        "/api/v1/certificate-print", stranger.envelope("certificate-print", case=approved.case)
    )[1]  # fmt: skip
