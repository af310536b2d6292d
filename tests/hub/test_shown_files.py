"""What the public page answers about a file, on both databases: a sheet, a picture, and neither."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from core.documents.qr import matrix, png
from core.errors import UserError
from core.intake.limits import LIMITS
from core.intake.scan import REFUSALS as SCAN_REFUSALS
from core.verbs.signed_paper import sign_and_scan
from hub import verify_page
from hub.facts import void_certificates
from hub.shown_answers import COMPARISONS
from hub.verification_words import PAGE_REFUSALS, REFUSALS
from resources import resource_path
from tests.core.intake.samples import encrypted_pdf, hostile, pages
from tests.hub.conftest import Station
from tests.hub.page_visitor import FIELDS, STRANGER, Visitor, holder, visitor
from tests.hub.sample_office import SampleOffice
from tests.hub.test_delegation import CertificateHolder, in_office, manager
from tests.hub.wallet import http

__all__ = ["manager", "visitor"]


def sheet(manager: CertificateHolder) -> bytes:
    office: SampleOffice = manager.office
    envelope = office.envelope("certificate-print", case=manager.approved.case)
    return base64.b64decode(office.ask("/api/v1/certificate-print", envelope)["pdf"])


def test_the_pdf_of_a_printed_certificate(
    station: Station, visitor: Visitor, manager: CertificateHolder
) -> None:
    pdf, name = sheet(manager), manager.approved.invented.values["name"]
    told = visitor.answers.of_file(pdf)
    assert (told["answer"], told["reasons"], told["kind"]) == ("valid", [], "printed")
    assert ("名称", name) in told["facts"] and told["text"].startswith("CDP1:")
    altered = visitor.answers.of_file(pdf.replace(b"/Title <", b"/Titlf <", 1))
    assert (altered["answer"], altered["reasons"]) == ("not valid", ["paper_altered"])
    unsigned = visitor.answers.of_file(pdf[: pdf.index(b"%%EOF") + 6])
    assert (unsigned["answer"], unsigned["reasons"]) == ("unknown", ["paper_signature_missing"])
    assert "matters" not in altered | unsigned, "what does not stand is asked no further"
    assert visitor.answers.of_file(sign_and_scan(pdf, 7))["answer"] == "valid", "a photo: by its symbol"
    # A sheet names one person and holds no number: another name differs, the right one is not proven.
    paper = {"text": told["text"]}
    who = manager.approved.invented.representative
    right = {"name": who.name, "id_number": who.id_number}
    assert visitor.match(paper, STRANGER) is False and visitor.match(paper, right) is None
    for _ in range(COMPARISONS - 2):
        visitor.ask(paper, STRANGER)
    assert visitor.refused(paper, person=STRANGER) == "compare_spent"
    assert visitor.refused({"text": manager.phone.sd_jwt}, person=STRANGER) == "compare_spent", (
        "one, together"
    )
    in_office(manager, void_certificates, manager.approved.unit, "why")
    assert visitor.answers.of_file(pdf)["reasons"] == ["certificate_void"]


def test_a_picture_of_what_a_phone_shows(
    station: Station, visitor: Visitor, manager: CertificateHolder
) -> None:
    link = manager.phone.show(*FIELDS).json["link"]
    told = visitor.answers.of_file(png(matrix(link), 4))
    assert (told["answer"], told["text"]) == ("valid", link)
    assert visitor.match({"text": told["text"]}, holder(manager)) is True
    station.hands.forward(seconds=121)
    with pytest.raises(UserError, match="shown_expired"):
        visitor.answers.of_file(png(matrix(link), 4))


def test_another_hubs_sheet_is_not_ours(visitor: Visitor, make_station: Callable[..., Station]) -> None:
    elsewhere = make_station()
    office = elsewhere.new_office()
    approved = office.approved_case(0)
    minted = office.mint(approved)
    office.push_all_recorded()
    elsewhere.wallet().claim(minted.text, minted.pin)
    office.protocol = 2
    envelope = office.envelope("certificate-print", case=approved.case)
    pdf = base64.b64decode(office.ask("/api/v1/certificate-print", envelope)["pdf"])
    told = visitor.answers.of_file(pdf)
    assert told["answer"] == "unknown" and set(told["reasons"]) <= {
        "issuer_key_unknown",
        "paper_signature_missing",
    }
    assert told["facts"] == [] and "matters" not in told


FILES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "shown_unreadable"),
    "zeros": (bytes(1000), "shown_unreadable"),
    "no pdf": (b"%PDF-1.7\n" + bytes(500), "scan_damaged"),
    "no symbol": (pages(1), "symbol_missing"),
    "encrypted": (encrypted_pdf(), "scan_encrypted"),
    "html": (b"<html>\x00</html>", "shown_unreadable"),
}


@pytest.mark.parametrize(("data", "code"), FILES.values(), ids=FILES.keys())
def test_a_file_that_is_none_is_refused_with_its_sentence(visitor: Visitor, data: bytes, code: str) -> None:
    with pytest.raises(UserError) as refusal:
        visitor.answers.of_file(data)
    assert refusal.value.code == code and PAGE_REFUSALS[code].endswith("。")


def test_no_hostile_file_is_more_than_a_refusal(visitor: Visitor) -> None:
    for name, data, _ in hostile(0)[::6]:
        try:
            assert visitor.answers.of_file(data)["answer"] != "valid", name
        except UserError as fault:
            assert fault.code in PAGE_REFUSALS, name


def test_every_way_a_file_is_refused_has_its_sentence() -> None:
    assert SCAN_REFUSALS | {"symbol_missing", "symbols_many", "shown_unreadable"} <= PAGE_REFUSALS.keys()
    assert not PAGE_REFUSALS.keys() & REFUSALS.keys()
    page = (resource_path("verify") / "index.html").read_text("utf-8")
    assert f"每次出示最多比对 {COMPARISONS} 次" in page
    script = (Path(resource_path("verify")) / "verify.js").read_text("utf-8")
    assert "FILE_LIMIT = 20 * 1024 * 1024" in script and LIMITS.size == 20 * 1024 * 1024


def _announce(station: Station, length: int) -> HTTPConnection:
    """Announce a file and send none of it."""
    where = urlsplit(station.hub.issuer)
    connection = HTTPConnection(where.hostname or "", where.port, timeout=30)
    connection.putrequest("POST", f"{where.path}/api/v1/verify/file")
    connection.putheader("Content-Length", str(length))
    connection.endheaders()
    return connection


def _announced(station: Station, length: int) -> tuple[int, str]:
    connection = _announce(station, length)
    try:
        reply = connection.getresponse()
        told = json.loads(reply.read())
        assert told["message"].endswith("。")
        return reply.status, str(told["error"])
    finally:
        connection.close()


@pytest.mark.parametrize("make_station", ["sqlite"], indirect=True)
def test_the_page_takes_a_file_over_http_and_refuses_too_much(make_station: Callable[..., Station]) -> None:
    station = make_station()
    address = f"{station.hub.issuer}/api/v1/verify/file"
    assert _announced(station, LIMITS.size + 1) == (413, "file_too_large")
    reply = http(address, b"\xff\xfe")
    assert (reply.status, reply.json["error"]) == (400, "shown_unreadable")
    told = [http(address, b"x") for _ in range(12)]
    assert {reply.status for reply in told} == {200, 429}
    assert told[0].json["reasons"] == ["not_a_certificate"]
    assert all(reply.json["message"] for reply in told if reply.status == 429)
    assert http(address).status == 405, "never by address"


@pytest.mark.parametrize("make_station", ["sqlite"], indirect=True)
def test_who_sends_slowly_holds_nobody_else_off_for_long(
    make_station: Callable[..., Station], monkeypatch: pytest.MonkeyPatch
) -> None:
    station = make_station()
    monkeypatch.setattr(verify_page, "FILES_AT_ONCE", 0)
    assert _announced(station, 100) == (429, "too_many")
    monkeypatch.setattr(verify_page, "FILES_AT_ONCE", 1)
    monkeypatch.setattr(verify_page, "FILE_SECONDS", 0.1)
    assert _announced(station, 100) == (408, "file_slow")
    gone = _announce(station, 100)
    gone.close()
    assert _announced(station, 100)[1] in ("file_slow", "too_many")
    assert _announced(station, 100) == (408, "file_slow"), "who left has given his place back"
