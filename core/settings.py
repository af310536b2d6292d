"""Settings of one desk, each declared once: key, type, default, label, limits, former names.

Settings hold no personal data: they are read before anybody has unlocked anything. Texts that look
like an ID number are refused. A file from a newer version keeps its unknown keys; a damaged file is
moved aside and said so, and the desk goes on with defaults.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from core.clock import Clock, system_clock
from core.errors import EnvironmentFault, UserError
from core.paths import write_atomic

Offset = tuple[float, float]
"""Right and down in millimetres, added to everything printed on one printer."""

_MOST_TEXT = 500
_LARGEST_OFFSET = 30.0
_ID_NUMBER = re.compile(r"(?<!\d)\d(?:[\s\-]?\d){16}[\s\-]?[\dXx](?!\d)")
_URL = re.compile(r"https?://[^\s\"'<>]{1,400}")


def _text(value: object) -> bool:
    if not isinstance(value, str) or len(value) > _MOST_TEXT:
        return False
    return not _ID_NUMBER.search(value) and (value.replace("\n", "").isprintable())


def _url_or_empty(value: object) -> bool:
    return value == "" or (isinstance(value, str) and _URL.fullmatch(value) is not None)


def _flag(value: object) -> bool:
    return isinstance(value, bool)


def _one_of(*allowed: object) -> Callable[[object], bool]:
    return lambda value: not isinstance(value, bool) and value in allowed


def _whole(low: int, high: int) -> Callable[[object], bool]:
    return lambda value: isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _offsets(value: object) -> bool:
    if not isinstance(value, Mapping):
        return False
    return all(_text(name) and name and _offset(pair) for name, pair in value.items())


def _offset(pair: object) -> bool:
    if not isinstance(pair, (tuple, list)) or len(pair) != 2:
        return False
    return all(
        isinstance(each, (int, float)) and not isinstance(each, bool) and abs(each) <= _LARGEST_OFFSET
        for each in pair
    )


def _setting(default: Any, label: str, fits: Callable[[object], bool], *renamed_from: str) -> Any:
    """Declare one setting. ``label`` is what the clerk reads beside it."""
    metadata = {"label": label, "fits": fits, "renamed_from": renamed_from}
    if isinstance(default, Mapping):  # read-only, but dataclasses cannot tell
        return field(default_factory=lambda: default, metadata=metadata)
    return field(default=default, metadata=metadata)


_NO_OFFSETS: Mapping[str, Offset] = MappingProxyType({})
_NO_EXTRA: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Settings:
    """All settings, typed; ``unknown`` carries keys of other versions through load and save."""

    theme: str = _setting("light", "界面主题", _one_of("light", "dark", "system"))
    font_size: int = _setting(14, "界面字号", _one_of(14, 16, 18, 20))
    idle_lock_minutes: int = _setting(5, "无操作自动锁定（分钟，最长 5 分钟）", _whole(1, 5))
    phone_program_name: str = _setting("事业单位登记APP", "手机程序显示名称", _text)
    phone_program_url: str = _setting("", "手机程序下载地址（印成下载二维码）", _url_or_empty)
    supported_phones: str = _setting("安卓手机", "支持的手机", _text)
    holder_page_note: str = _setting("", "领取页面上的说明", _text)
    printer: str = _setting("", "打印机", _text)
    printer_offsets: Mapping[str, Offset] = _setting(_NO_OFFSETS, "打印位置微调（毫米）", _offsets)
    copies: int = _setting(1, "打印份数", _whole(1, 20))
    watched_folder: str = _setting("", "扫描件监视文件夹", _text)
    second_screen: str = _setting("", "客户屏", _text)
    pin_on_same_screen: bool = _setting(True, "没有客户屏时允许在本屏显示领取验证码（按住显示）", _flag)
    office_phone: str = _setting("", "办公电话（印在回执和告知书上）", _text)
    backup_folder: str = _setting("", "备份文件夹（留空则在数据文件夹内）", _text)
    keep_backups: int = _setting(14, "保留备份份数", _whole(1, 365))
    unknown: Mapping[str, Any] = field(default_factory=lambda: _NO_EXTRA, compare=False, repr=False)

    def offset_of(self, printer: str) -> Offset:
        """Return the offset of a printer in millimetres, ``(0, 0)`` where none is set."""
        return self.printer_offsets.get(printer, (0.0, 0.0))

    def with_offset(self, printer: str, offset: Offset) -> Settings:
        """Return settings with this printer's offset. Raises ``UserError('setting_invalid')``."""
        return self.changed(printer_offsets={**self.printer_offsets, printer: offset})

    def changed(self, **values: Any) -> Settings:
        """Return settings with other values. Raises ``UserError('setting_invalid', key=…)``."""
        for key, value in values.items():
            if key not in _DECLARED or not _DECLARED[key].metadata["fits"](value):
                raise UserError("setting_invalid", key=key)
        return replace(self, **{key: _frozen(value) for key, value in values.items()})


_DECLARED: dict[str, Field[Any]] = {each.name: each for each in fields(Settings) if "fits" in each.metadata}


def declared() -> tuple[tuple[str, str], ...]:
    """Return ``(key, label)`` of every setting in the order of the settings page."""
    return tuple((key, each.metadata["label"]) for key, each in _DECLARED.items())


def load_settings(path: Path, clock: Clock = system_clock) -> Settings:
    """Read the settings file; defaults where there is none, and for single values that do not fit.

    A file that is no JSON object is moved aside as ``settings.damaged-<time>.json`` (the next call finds
    none and gives defaults) and ``EnvironmentFault('settings_damaged', copy=…)`` is raised; one that
    cannot be opened raises ``EnvironmentFault('settings_unreadable')``.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise EnvironmentFault("settings_unreadable", why=error.errno or 0) from error
    try:
        found = json.loads(data.decode("utf-8"))
        if not isinstance(found, dict):
            raise ValueError("not an object")
    except (ValueError, RecursionError) as error:
        raise EnvironmentFault("settings_damaged", copy=_move_aside(path, clock)) from error
    return _from_json(found)


def save_settings(path: Path, settings: Settings) -> None:
    """Write all settings and the unknown keys they came with. Raises as ``write_atomic``."""
    out: dict[str, Any] = dict(settings.unknown)
    for key in _DECLARED:
        value = getattr(settings, key)
        out[key] = {name: list(pair) for name, pair in value.items()} if isinstance(value, Mapping) else value
    text = json.dumps(out, ensure_ascii=False, indent=1, sort_keys=True)
    write_atomic(path, text.encode("utf-8") + b"\n")


def _from_json(found: dict[str, Any]) -> Settings:
    values: dict[str, Any] = {}
    for key, declaration in _DECLARED.items():
        names = (key, *declaration.metadata["renamed_from"])
        name = next((name for name in names if name in found), None)
        if name is not None and declaration.metadata["fits"](found[name]):
            values[key] = _frozen(found[name])
    former = {name for each in _DECLARED.values() for name in each.metadata["renamed_from"]}
    unknown = {key: value for key, value in found.items() if key not in _DECLARED and key not in former}
    return Settings(**values, unknown=MappingProxyType(unknown))


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return MappingProxyType({name: (float(pair[0]), float(pair[1])) for name, pair in value.items()})
    return value


def _move_aside(path: Path, clock: Clock) -> str:
    target = path.with_name(f"{path.stem}.damaged-{clock():%Y%m%dT%H%M%S%fZ}{path.suffix}")
    try:
        path.replace(target)
    except OSError as error:
        raise EnvironmentFault("settings_unreadable", why=error.errno or 0) from error
    return target.name
