"""The closing sheet and the exported checkpoint, from a real desk that synced with a real hub."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest

from core.clock import china_date
from core.errors import UserError
from core.services import closing
from core.services.sync import sync
from core.store.checkpoints import Checkpoints
from core.tlog import checkpoint as notes
from core.verbs.checkpoints import export
from tests.core.services.office_kit import OfficeKit, open_kit
from tests.core.services.real_hub import RealHub, open_real_hub
from tests.qr_reader import read_qr


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[OfficeKit]:
    kit = open_kit(tmp_path)
    yield kit
    kit.close()


@pytest.fixture
def hub(kit: OfficeKit, tmp_path: Path) -> Iterator[RealHub]:
    hub = open_real_hub(tmp_path, kit)
    hub.enrol(kit)
    yield hub
    hub.close()


def words(pdf: bytes) -> str:
    page = pypdfium2.PdfDocument(pdf)[0].get_textpage()
    return str(page.get_text_bounded()).replace("\r\n", "\n")


def test_the_sheet_says_what_the_day_brought_and_which_head_was_checked(kit: OfficeKit, hub: RealHub) -> None:
    with kit.sit("clerk") as clerk:
        kit.submitted_case(clerk)
        sync(clerk, hub.port)
        today = china_date(clerk.now())
        pdf = closing.closing_sheet(clerk, today)
        other = closing.closing_sheet(clerk, today + timedelta(days=1))
        with clerk.read() as uow:
            newest = Checkpoints(uow.connection).newest()
    assert newest is not None
    text = words(pdf)
    for part in ("日结单", "受理", "被退", "演练", "127.0.0.1:18443/log/", f"{newest.size}"):
        assert part in text
    assert newest.root in "".join(text.split())
    figures = [line for line in text.splitlines() if line.strip().isdigit()]
    assert figures[:6] == ["1", "0", "0", "0", "0", "0"]
    assert [line for line in words(other).splitlines() if line.strip().isdigit()][:6] == ["0"] * 6
    picture = pypdfium2.PdfDocument(pdf)[0].render(scale=4).to_pil()
    symbols = read_qr(picture)
    assert [symbol.text for symbol in symbols] == [newest.note]


def test_before_the_first_sync_the_sheet_says_so(kit: OfficeKit) -> None:
    with kit.sit("clerk") as clerk:
        assert "还没有与平台核对过" in words(closing.closing_sheet(clerk, china_date(clerk.now())))
        with pytest.raises(UserError, match="not_enrolled"):
            closing.newest_checkpoint(clerk)


def test_the_exported_checkpoint_bears_both_signatures(kit: OfficeKit, hub: RealHub, tmp_path: Path) -> None:
    with kit.sit("clerk") as clerk:
        with pytest.raises(UserError, match="checkpoint_none"):
            closing.newest_checkpoint(clerk)
        sync(clerk, hub.port)
        note = closing.newest_checkpoint(clerk)
        device, key = clerk.device.id, clerk.device.signer.public_bytes()
        out = tmp_path / "kept.txt"
        answer = export(clerk, Namespace(out=out))
        assert (answer["file"], answer["log"]) == (str(out), notes.claimed_origin(note))
        with pytest.raises(UserError, match="file_exists"):
            export(clerk, Namespace(out=out))
    head = notes.verify_note(note, hub.hub.signer.public_bytes())
    assert notes.verify_note(out.read_text("utf-8"), hub.hub.signer.public_bytes()).size == answer["entries"]
    witnessed = notes.verify_cosignature(note, notes.witness_name(head.origin, device), key)
    assert witnessed.checkpoint == head
