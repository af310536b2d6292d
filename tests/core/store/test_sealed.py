"""What may be destroyed, and is: personal values, drafts, scans. What stays: every chain and signature."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from core.errors import EnvironmentFault
from core.records.model import verify_private
from core.store.attachments import read_attachment, write_attachment
from core.store.drafts import Draft
from core.store.unit_of_work import Store
from tests.core.services.office_kit import SeededRandom
from tests.core.store.store_kit import KEY, SIGNER, append, case_facts, open_store, unit_facts

PAGE = 4096


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store with a unit and a case with personal values."""
    store = open_store(tmp_path)
    with store.begin() as uow:
        append(uow, ("unit", "u"), "unit_registered", unit_facts("甲"), {"representative_name": "演甲"})
        append(uow, ("case", "c"), "case_filed", case_facts("u", "1"), {"representative_name": "演乙"})
        append(uow, ("case", "d"), "case_filed", case_facts("u", "2"), {"representative_name": "演丙"})
    yield store
    store.close()


def test_values_come_back_with_their_salts(store: Store) -> None:
    with store.read() as uow:
        for signed in uow.ledger.chain():
            private = uow.ledger.private_of(signed)
            verify_private(signed.action, private)
        assert uow.ledger.entries("case", "c")[0].private == {"representative_name": "演乙"}


def test_erasure_takes_one_subject_and_leaves_every_proof(store: Store) -> None:
    with store.begin() as uow:
        before = list(uow.ledger.chain())
        uow.drafts.save(Draft("x", "attachment-1", "c", "p", {"a": "b"}, "2026"))
        uow.ledger.erase("c")
        uow.drafts.discard_of("c")
        uow.projection.refresh("case", "c")
    with store.read() as uow:
        after = list(uow.ledger.chain())
        assert after == before and all(signed.verify(SIGNER.public_bytes()) for signed in after)
        entry = uow.ledger.entries("case", "c")[0]
        assert entry.private is None and entry.values() == {}
        state = uow.projection.case("c")
        assert state is not None and state.erased
        lines = {line.case: line.holder for line in uow.lists.cases()}
        assert lines == {"c": "", "d": "演丙"}
        assert uow.drafts.all() == []
        assert uow.ledger.private_of(after[1]) == {} and uow.ledger.private_of(after[2]) != {}
        uow.projection.rebuild()
        assert {line.case: line.holder for line in uow.lists.cases()} == lines


def test_erased_bytes_are_in_no_page_of_file_or_log(store: Store) -> None:
    """Looked for with the database's own key: decrypted pages are read, not the ciphertext."""
    with store.read() as uow:
        signed = next(s for s in uow.ledger.chain() if s.action.subject == "c")
        query = "SELECT blob FROM sealed WHERE hash = ?"
        sealed = bytes(uow.connection.exec_driver_sql(query, (signed.hash,)).scalar() or b"")
        subject_key = uow.ledger.find_subject_key("c")
    assert len(sealed) > 29 and subject_key is not None
    assert subject_key in _plain(store) and sealed in _plain(store)  # the control
    with store.begin() as uow:
        uow.ledger.erase("c")
    store.settle()
    assert subject_key not in _plain(store) and sealed not in _plain(store)
    log = Path(f"{store.path}-wal")
    assert not log.exists() or log.stat().st_size == 0


def _plain(store: Store) -> bytes:
    """Return the pages of file and log in clear, freed ones too (SQLCipher 4: CBC, IV before the HMAC)."""
    data, log = store.path.read_bytes(), Path(f"{store.path}-wal")
    pages = [data[at : at + PAGE] for at in range(0, len(data), PAGE)]
    frames = log.read_bytes()[32:] if log.exists() else b""
    pages += [frames[at + 24 : at + 24 + PAGE] for at in range(0, len(frames), PAGE + 24)]
    return b"".join(_decrypted(page, data[:16]) for page in pages)


def _decrypted(page: bytes, salt: bytes) -> bytes:
    start = 16 if page.startswith(salt) else 0
    decryptor = Cipher(AES(KEY), CBC(page[PAGE - 80 : PAGE - 64])).decryptor()
    return decryptor.update(page[start : PAGE - 80])


def test_a_damaged_seal_is_named_and_shows_nothing(store: Store) -> None:
    with store.begin() as uow:
        uow.connection.exec_driver_sql("DROP TRIGGER sealed_no_update")
        uow.connection.exec_driver_sql("UPDATE sealed SET blob = zeroblob(60) WHERE subject = 'c'")
    with store.read() as uow, pytest.raises(EnvironmentFault, match="sealed_damaged"):
        uow.ledger.entries("case", "c")


def test_drafts_are_written_over_listed_newest_first_and_forgotten(store: Store) -> None:
    with store.begin() as uow:
        uow.drafts.save(Draft("a", "attachment-1", "u", "p", {"remark": "半"}, "2026-11-23T01"))
        uow.drafts.save(Draft("b", "attachment-3", "u", "p", {}, "2026-11-23T02"))
        uow.drafts.save(Draft("a", "attachment-1", "u", "p", {"remark": "𬱖\u202e\x00"}, "2026-11-23T03"))
    with store.read() as uow:
        assert [draft.id for draft in uow.drafts.all()] == ["a", "b"]
        draft = uow.drafts.find("a")
        assert draft is not None and draft.values == {"remark": "𬱖\u202e\x00"}
        assert uow.drafts.find("z") is None
    with store.begin() as uow:
        uow.drafts.discard("a")
        uow.drafts.discard("a")
    with store.read() as uow:
        assert [draft.id for draft in uow.drafts.all()] == ["b"]


# --- attachments ----------------------------------------------------------------------------------


def test_a_scan_is_sealed_named_by_its_ciphertext_and_comes_back(tmp_path: Path) -> None:
    random = SeededRandom(1)
    name = write_attachment(tmp_path, KEY, b"scan" * 1000, "scan-1", random)
    path = tmp_path / name[:2] / name
    assert b"scanscan" not in path.read_bytes() and path.stat().st_mode & 0o777 == 0o600
    assert read_attachment(tmp_path, KEY, name, "scan-1") == b"scan" * 1000
    assert write_attachment(tmp_path, KEY, b"scan" * 1000, "scan-1", random) != name
    assert [p for p in tmp_path.rglob("*.part")] == []


@pytest.mark.parametrize("place", [0, 1, 20, -1])
def test_a_damaged_scan_is_named(tmp_path: Path, place: int) -> None:
    name = write_attachment(tmp_path, KEY, b"scan", "scan-1", SeededRandom(1))
    path = tmp_path / name[:2] / name
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)
    with pytest.raises(EnvironmentFault) as told:
        read_attachment(tmp_path, KEY, name, "scan-1")
    assert told.value.code == "attachment_damaged" and told.value.params == {"scan": "scan-1"}


def test_a_missing_scan_and_a_wrong_key_or_place_are_named(tmp_path: Path) -> None:
    name = write_attachment(tmp_path, KEY, b"scan", "scan-1", SeededRandom(1))
    with pytest.raises(EnvironmentFault, match="sealed_damaged"):
        read_attachment(tmp_path, bytes(32), name, "scan-1")
    with pytest.raises(EnvironmentFault, match="sealed_damaged"):
        read_attachment(tmp_path, KEY, name, "scan-2")
    with pytest.raises(EnvironmentFault, match="attachment_missing"):
        read_attachment(tmp_path, KEY, "ab" * 32, "scan-1")
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(EnvironmentFault, match="data_folder_unusable"):
        write_attachment(tmp_path / "file", KEY, b"scan", "scan-1", SeededRandom(1))
