"""Settings: typed, kept through versions, never half written, never personal."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import settings as module
from core.errors import EnvironmentFault, UserError
from core.settings import Settings, declared, load_settings, save_settings


def noon() -> datetime:
    return datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "settings.json"


def test_no_file_means_defaults(file: Path) -> None:
    found = load_settings(file)
    assert found == Settings()
    assert (found.idle_lock_minutes, found.phone_program_name) == (5, "事业单位登记APP")
    assert (found.phone_program_url, found.supported_phones) == ("", "安卓手机")
    assert not file.exists()


def test_what_is_saved_is_loaded(file: Path) -> None:
    wanted = Settings().changed(
        theme="dark",
        font_size=18,
        idle_lock_minutes=2,
        phone_program_name="演练程序",
        phone_program_url="https://example.test/app?x=1",
        copies=3,
        pin_on_same_screen=False,
        watched_folder="/扫描/今天",
        office_phone="0898-00000000",
        holder_page_note="第一行\n第二行",
    )
    wanted = wanted.with_offset("HP 演练", (1.5, -2)).with_offset("另一台", (0, 0.5))
    save_settings(file, wanted)
    found = load_settings(file)
    assert found == wanted
    assert found.offset_of("HP 演练") == (1.5, -2.0)
    assert found.offset_of("没有") == (0.0, 0.0)


def test_every_setting_is_declared_with_a_label_and_its_default_fits() -> None:
    names = [name for name in Settings.__dataclass_fields__ if name != "unknown"]
    assert [key for key, _ in declared()] == names
    assert all(label for _, label in declared())
    for name in names:
        assert Settings().changed(**{name: getattr(Settings(), name)}) == Settings()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("idle_lock_minutes", 6),
        ("idle_lock_minutes", 0),
        ("idle_lock_minutes", True),
        ("idle_lock_minutes", 4.5),
        ("font_size", 15),
        ("font_size", True),
        ("theme", "rainbow"),
        ("theme", ["light"]),
        ("copies", 0),
        ("keep_backups", -1),
        ("phone_program_url", "javascript:alert(1)"),
        ("phone_program_url", "https://example.test/a b"),
        ("phone_program_name", "x" * 501),
        ("phone_program_name", "a\x00b\n"),
        ("holder_page_note", "联系 469023199001010008"),
        ("printer_offsets", {"a": (99.0, 0.0)}),
        ("printer_offsets", {"a": (1.0,)}),
        ("printer_offsets", {"a": (float("nan"), 0.0)}),
        ("printer_offsets", {"": (1.0, 1.0)}),
        ("printer_offsets", []),
        ("pin_on_same_screen", "yes"),
        ("no_such_setting", 1),
        ("unknown", {}),
    ],
)
def test_what_does_not_fit_is_refused_and_a_file_that_says_it_is_overruled(
    key: str, value: object, file: Path
) -> None:
    with pytest.raises(UserError) as refused:
        Settings().changed(**{key: value})
    assert (refused.value.code, refused.value.params) == ("setting_invalid", {"key": key})
    if key in dict(declared()):
        file.write_text(json.dumps({key: value, "copies" if key != "copies" else "font_size": 16}))
        found = load_settings(file)
        assert getattr(found, key) == getattr(Settings(), key)
        assert 16 in (found.copies, found.font_size)


def test_keys_of_a_newer_version_survive(file: Path) -> None:
    file.write_text(json.dumps({"theme": "dark", "from_2031": {"a": [1]}}))
    found = load_settings(file)
    save_settings(file, found.changed(theme="light"))
    written = json.loads(file.read_text())
    assert (written["from_2031"], written["theme"]) == ({"a": [1]}, "light")


def test_a_renamed_key_is_read_under_its_old_name_and_written_under_the_new(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    declaration = Settings.__dataclass_fields__["copies"]
    monkeypatch.setattr(declaration, "metadata", {**declaration.metadata, "renamed_from": ("print_copies",)})
    assert module._DECLARED["copies"] is declaration
    file.write_text(json.dumps({"print_copies": 4}))
    found = load_settings(file)
    assert found.copies == 4
    save_settings(file, found)
    assert "print_copies" not in json.loads(file.read_text())
    file.write_text(json.dumps({"print_copies": 4, "copies": 2}))
    assert load_settings(file).copies == 2


@pytest.mark.parametrize(
    "damage",
    [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe{}", b"[" * 100_000, b'{"theme": "da'],
    ids=range(8),
)
def test_a_damaged_file_is_said_once_and_kept_aside(damage: bytes, file: Path) -> None:
    file.write_bytes(damage)
    with pytest.raises(EnvironmentFault) as fault:
        load_settings(file, noon)
    assert fault.value.code == "settings_damaged"
    aside = file.with_name(fault.value.params["copy"])
    assert aside.read_bytes() == damage
    assert load_settings(file, noon) == Settings()


def test_a_settings_file_that_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault) as fault:
        load_settings(tmp_path)  # a folder
    assert fault.value.code == "settings_unreadable"


def test_a_failed_save_keeps_the_old_settings(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_settings(file, Settings().changed(copies=2))
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(EnvironmentFault):
        save_settings(file, Settings().changed(copies=9))
    assert load_settings(file).copies == 2


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(
    st.dictionaries(st.sampled_from([key for key, _ in declared()]) | st.text(max_size=5), JSON, max_size=6)
)
def test_no_object_can_break_loading_and_what_loads_fits(found: dict[str, object]) -> None:
    settings = module._from_json(found)
    for key, _ in declared():
        settings.changed(**{key: getattr(settings, key)})
