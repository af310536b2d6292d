"""``verify`` from files: three exits, one JSON line, bad files refused with a sentence."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from app import main
from core.credentials import verifier
from core.documents.certificate import CertificateFace, render_certificate
from core.documents.qr import matrix, png
from hub.paper_signing import sign_pdf
from hub.setup import Hub
from tests.core.credentials import shown as s
from tests.core.credentials.samples import CLAIMS, LEAF, NOW, PLAY_ROOT, ROOT, SIGN


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("core.verbs.verifying.system_clock", lambda: NOW)
    (tmp_path / "root.pem").write_bytes(ROOT)
    (tmp_path / "play.pem").write_bytes(PLAY_ROOT)
    (tmp_path / "good.bundle").write_text(s.bundle())
    (tmp_path / "void.bundle").write_text(s.bundle({4711: 1}))
    (tmp_path / "person.json").write_text(
        json.dumps({"name": s.USER.name, "id_number": s.USER.id_number}), "utf-8"
    )

    def verify(data: str | bytes, *more: str, trust: str = "root.pem") -> tuple[int, dict[str, Any]]:
        file = tmp_path / "shown"
        file.write_bytes(data.encode() if isinstance(data, str) else data)
        words = [str(tmp_path / word) if "." in word else word for word in more]
        code = main(["verify", str(file), "--trust", str(tmp_path / trust), *words])
        out = capsys.readouterr().out
        assert out.count("\n") == 1
        return code, json.loads(out)

    return verify


GOOD = ("--bundle", "good.bundle")


def test_three_answers_and_their_exits(run: Any) -> None:
    text = s.certificate()
    stamp = int(NOW.timestamp())
    assert run(text + "\n", *GOOD) == (
        0,
        {"answer": "valid", "as_of": stamp, "reasons": ["holder_not_proven"]},
    )
    shown = s.present(text)
    assert run(shown, *GOOD) == (0, {"answer": "valid", "as_of": stamp, "reasons": []})
    void = run(text, "--bundle", "void.bundle")
    assert void == (1, {"answer": "not valid", "as_of": stamp, "reasons": ["certificate_void"]})
    assert run(text) == (4, {"answer": "unknown", "as_of": None, "reasons": ["status_missing"]})
    assert run(text, "--bundle", "root.pem")[1]["reasons"] == ["status_refused"]
    assert run(text, *GOOD, trust="play.pem")[0] == 1


def test_may_this_person_act(run: Any) -> None:
    asked = (*GOOD, "--matter", "BANK", "--person", "person.json")
    assert run(s.delegation(), *asked)[0] == 0
    code, answer = run(s.delegation(), *GOOD, "--matter", "TAX", "--person", "person.json")
    assert (code, answer["reasons"]) == (1, ["matter_not_covered"])
    assert run(s.delegation(), "--matter", "bank")[0] == 2
    for text in (s.certificate(), s.symbol()):
        code, answer = run(text, *GOOD, "--matter", "BANK")
        assert (code, answer["answer"], answer["reasons"]) == (4, "unknown", ["person_not_asked"])
        assert run(text, *GOOD, "--matter", "NOSUCH")[0] == 4


def test_a_picture_of_a_symbol_is_read(run: Any) -> None:
    code, answer = run(png(matrix(s.symbol()), 4), *GOOD)
    assert code == 0 and answer["face"]["name"] == CLAIMS["unit"]["name"], "to be held against the sheet"
    assert "face" not in run(s.certificate(), *GOOD)[1]
    both = _side_by_side(png(matrix(s.symbol()), 4), png(matrix("CDP1:OTHER"), 4))
    for picture, code in (
        (both, "symbols_many"),
        (_blank(), "symbol_missing"),
        (b"\x00\xff", "shown_unreadable"),
    ):
        status, answer = run(picture, *GOOD)
        assert (status, answer["answer"], answer["reasons"]) == (1, "not valid", [code])
        assert answer["error"] == code and answer["message"]


def test_a_pdf_counts_as_it_was_signed(run: Any) -> None:
    unit, name = CLAIMS["unit"], CLAIMS["representative"]["name"]
    face = CertificateFace(unit, name, unit["office_name"], "2026-11-01", "2026-11-01", s.symbol())
    plain = render_certificate(face, rehearsal=False).pdf
    signed = sign_pdf(cast(Hub, SimpleNamespace(leaf_pem=LEAF, root_pem=ROOT, sign=SIGN)), plain, "打印")
    altered = signed.replace(b"/Title <", b"/Titlf <", 1)
    for pdf, exit_code, reasons in (
        (signed, 0, []),
        (altered, 1, ["paper_altered"]),
        (plain, 4, ["paper_signature_missing"]),
    ):
        code, answer = run(pdf, *GOOD)
        assert (code, answer["reasons"], answer["face"]["name"]) == (exit_code, reasons, unit["name"])
    assert run(signed, "--bundle", "void.bundle")[1]["reasons"] == ["certificate_void"]


def _side_by_side(one: bytes, two: bytes) -> bytes:
    from PIL import Image

    pictures = [Image.open(io.BytesIO(each)).convert("L") for each in (one, two)]
    whole = Image.new("L", (sum(each.width for each in pictures), max(each.height for each in pictures)), 255)
    whole.paste(pictures[0], (0, 0))
    whole.paste(pictures[1], (pictures[0].width, 0))
    return _saved(whole)


def _blank() -> bytes:
    from PIL import Image

    return _saved(Image.new("L", (200, 200), 255))


def _saved(picture: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("person", "code"),
    [
        ('{"name": "某"}', "input_malformed"),
        ("[]", "input_malformed"),
        ('{"name": "", "id_number": "1"}', "input_malformed"),
    ],
)
def test_a_persons_file_is_read_strictly(run: Any, tmp_path: Path, person: str, code: str) -> None:
    (tmp_path / "odd.json").write_text(person, "utf-8")
    status, answer = run(s.delegation(), *GOOD, "--person", "odd.json")
    assert (status, answer["error"]) == (1, code)
    assert "某" not in json.dumps(answer, ensure_ascii=False).replace("某些", "")


def test_files_that_are_not_there(run: Any) -> None:
    assert run(s.certificate(), "--bundle", "none.bundle")[0] == 3
    assert run(s.certificate(), trust="none.pem")[0] == 3
    assert run(s.certificate(), trust="good.bundle")[1]["error"] == "trust_unreadable"


def test_an_oversized_file_is_no_certificate(run: Any) -> None:
    assert run("~" * (verifier.LIMIT + 1))[1]["reasons"] == ["shown_unreadable"]
