"""Logs and crash reports never tell who came to the counter."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import stat
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import UserError
from core.ids import new_id
from core.logs import (
    PrivateRotatingFile,
    SafeFormatter,
    describe,
    get_logger,
    log_reference,
    redact,
    safe_value,
    start_logging,
    stop_logging,
    write_crash_report,
)

ID_NUMBER, ID_WITH_X, PHONE, NAME = "469023199001010008", "46900519871204000X", "13800001234", "陈𬱖例"
SECRETS = (ID_NUMBER, ID_WITH_X, PHONE, NAME)
SPELLINGS = (
    *SECRETS,
    "138-0000-1234",
    "138 0000 1234",
    "+8613800001234",
    "469023 19900101 0008",
    "１３８００００１２３４",
    "欧阳演",
    "x13800001234y",
    "4690231990010100081",
)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    before = root.level, logging.getLogger("certdesk").level
    handler = start_logging(tmp_path / "logs")
    yield tmp_path / "logs"
    stop_logging(handler)
    root.setLevel(before[0])
    logging.getLogger("certdesk").setLevel(before[1])


def lines(folder: Path) -> list[dict[str, object]]:
    return [
        json.loads(line) for file in sorted(folder.glob("*.log*")) for line in file.read_text().splitlines()
    ]


def everything(folder: Path) -> str:
    """All bytes of all files, with JSON escapes undone, so that an escaped name would be seen too."""
    raw = "".join(file.read_text() for file in folder.iterdir())
    return raw + raw.encode("ascii").decode("unicode_escape")


def test_a_line_says_when_where_and_what(folder: Path) -> None:
    case = new_id()
    get_logger("store").info("case saved", extra={"case_id": case, "ms": 12, "code": "ok"})
    (line,) = lines(folder)
    assert (line["level"], line["from"], line["message"]) == ("INFO", "certdesk.store", "case saved")
    assert (line["case_id"], line["ms"], line["code"]) == (case, 12, "ok")
    moment = datetime.fromisoformat(str(line["at"]))
    assert moment.tzinfo is not None and abs(moment.timestamp() - time.time()) < 3600


@pytest.mark.parametrize("secret", SPELLINGS)
def test_no_way_into_the_log_for_a_person(secret: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A hub served earlier in this process has taken uvicorn's loggers out of the tree.
    for name in ("uvicorn", "uvicorn.access"):
        monkeypatch.setattr(logging.getLogger(name), "propagate", True)
        monkeypatch.setattr(logging.getLogger(name), "disabled", False)
        monkeypatch.setattr(logging.getLogger(name), "level", logging.NOTSET)
    log = get_logger("desk")
    log.warning("before %s after", secret)
    log.warning(f"{secret}")
    log.warning("short", extra={"code": secret, "field": secret, "why": f"{secret}", "person_name": secret})
    log.warning("odd", extra={"unit_id": [secret], "ref": {"a": secret}, "size": secret.encode()})
    if secret.isdigit():
        log.warning("number", extra={"size": int(secret), "ms": float(secret)})
    logging.getLogger("uvicorn.access").error("GET /o/%s", secret)
    logging.getLogger(f"sqlalchemy.{secret}").error("SELECT '%s'", secret)
    try:
        local = secret
        raise ValueError(f"bad value {local}") from KeyError(secret)
    except ValueError:
        log.exception("failed with %s", secret)
    assert len(lines(folder)) >= 7
    told = everything(folder)
    assert secret not in told
    core = "".join(filter(str.isalnum, secret))
    assert core not in "".join(filter(str.isalnum, told))


def test_control_an_ordinary_formatter_would_have_told(tmp_path: Path) -> None:
    handler = logging.FileHandler(tmp_path / "plain.log", encoding="utf-8")
    logger = logging.Logger("plain")
    logger.addHandler(handler)
    try:
        raise ValueError(PHONE)
    except ValueError:
        logger.exception("failed for %s", NAME)
    handler.close()
    told = (tmp_path / "plain.log").read_text(encoding="utf-8")
    assert PHONE in told and NAME in told


@given(st.text())
def test_redaction_leaves_no_long_number_and_no_foreign_text(text: str) -> None:
    out = redact(text + PHONE + text)
    assert out.isascii() and out.isprintable()
    assert PHONE not in out
    assert max((len(run) for run in "".join(c if c.isdigit() else " " for c in out).split()), default=0) < 11


@given(st.one_of(st.text(), st.integers(), st.floats(), st.binary(), st.lists(st.text()), st.none()))
def test_a_value_is_short_and_plain_or_dropped(value: object) -> None:
    kept = safe_value(value)
    assert kept is None or isinstance(kept, (bool, int, float)) or (kept.isascii() and len(kept) <= 80)
    json.dumps(kept)


def test_identifiers_survive() -> None:
    for value in (
        new_id(),
        "attachment-1",
        "scan_damaged",
        0,
        10_000,
        1.5,
        True,
        None,
        "2026-11-23T08:00:00.000Z",
    ):
        assert safe_value(value) == value
    assert safe_value("00000000-1111-4111-8111-123456789012") == "00000000-1111-4111-8111-123456789012"


def test_other_libraries_say_only_that_something_was_wrong(folder: Path) -> None:
    logging.getLogger("sqlalchemy").error("statement", extra={"code": "x"})
    logging.getLogger("sqlalchemy").info("quiet")
    (line,) = lines(folder)
    assert set(line) == {"at", "level", "from"}


def test_an_error_is_told_by_kind_code_and_place(folder: Path) -> None:
    try:
        raise UserError("scan_damaged", why=NAME)
    except UserError:
        get_logger("intake").exception("refused", extra={"ref": "ABC234"})
    (line,) = lines(folder)
    error = line["error"]
    assert isinstance(error, dict)
    assert (error["kind"], error["code"]) == ("UserError", "scan_damaged")
    assert error["at"][-1].startswith("core/test_logs.py:")
    assert line["ref"] == "ABC234"


def test_a_wrong_log_call_does_not_break_the_work() -> None:
    record = logging.LogRecord("certdesk.desk", logging.INFO, "a.py", 1, "%d pages", (NAME,), None)
    assert json.loads(SafeFormatter().format(record))["message"] == "unformattable message"


def test_logs_turn_over_and_are_the_owners_only(tmp_path: Path) -> None:
    handler = PrivateRotatingFile(tmp_path / "a.log", maxBytes=2000, backupCount=2, delay=True)
    handler.setFormatter(SafeFormatter())
    logger = logging.Logger("certdesk.turn")
    logger.addHandler(handler)
    for number in range(100):
        logger.info("line %d", number)
    handler.close()
    files = sorted(tmp_path.iterdir())
    assert [file.name for file in files] == ["a.log", "a.log.1", "a.log.2"]
    assert all(file.stat().st_size <= 2000 for file in files)
    assert sys.platform == "win32" or all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_costs_the_line_and_not_the_work(capsys: pytest.CaptureFixture[str]) -> None:
    handler = PrivateRotatingFile("/dev/full", delay=True)
    handler.setFormatter(SafeFormatter())
    logger = logging.Logger("certdesk.full")
    logger.addHandler(handler)
    logger.error("nobody hears this")
    assert handler.stream is not None
    with contextlib.suppress(OSError):  # what is buffered can never be flushed
        handler.stream.close()
    assert capsys.readouterr().err == ""


def test_references_are_short_plain_and_different() -> None:
    found = {log_reference() for _ in range(500)}
    assert len(found) == 500
    assert all(len(each) == 6 and not set(each) & set("01IOL") and each.isalnum() for each in found)
    assert log_reference(lambda count: bytes(range(count))) == "234567"


def _crash(secret: str) -> None:
    hidden = {"person_name": secret}
    raise RuntimeError(f"cannot handle {hidden}")


def test_a_crash_report_holds_places_and_no_values(tmp_path: Path) -> None:
    try:
        _crash(NAME + ID_NUMBER)
    except RuntimeError as error:
        path = write_crash_report(
            tmp_path, error, "QX7K2M", version="0.1.0", clock=lambda: datetime(2026, 11, 23, tzinfo=UTC)
        )
    assert path == tmp_path / "crash-QX7K2M.json"
    report = json.loads(path.read_text())
    assert (report["ref"], report["version"], report["at"]) == ("QX7K2M", "0.1.0", "2026-11-23T00:00:00.000Z")
    assert report["error"]["kind"] == "RuntimeError"
    assert report["error"]["at"][-1].endswith(":_crash")
    assert not any(secret in everything(tmp_path) for secret in (NAME, ID_NUMBER, "cannot handle"))


def test_a_crash_report_never_raises_and_never_leaves_its_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert write_crash_report(tmp_path / "file", ValueError(), "ABC") is None
    inside = write_crash_report(tmp_path / "logs", ValueError(), "../../evil")
    assert inside is not None and inside.parent == tmp_path / "logs"


def test_the_folder_above_the_program_is_not_told() -> None:
    try:
        compile("x = (", "/home/chenmou/certdesk/core/a.py", "exec")
    except SyntaxError as error:
        assert "chenmou" not in json.dumps(describe(error))
