"""Around the application: input method, language, and faults that never show a traceback."""

from __future__ import annotations

import sys

from PySide6.QtCore import QCoreApplication, QLocale, QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui.application import _install_excepthook
from ui.first_paint import arrange_input_method
from ui.widgets.confirm import TellDialog


def test_fcitx_goes_through_the_ibus_portal() -> None:
    environment = {"QT_IM_MODULE": "fcitx5"}
    arrange_input_method(environment, "linux")
    assert environment == {"QT_IM_MODULE": "ibus", "IBUS_USE_PORTAL": "1"}


def test_other_desktops_are_left_alone() -> None:
    for environment, platform in (
        ({"QT_IM_MODULE": "ibus"}, "linux"),
        ({}, "linux"),
        ({"QT_IM_MODULE": "fcitx"}, "win32"),
    ):
        before = dict(environment)
        arrange_input_method(environment, platform)
        assert environment == before


def test_qts_own_words_are_chinese(qapp: QApplication) -> None:
    assert QLocale().language() == QLocale.Language.Chinese
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "取消"


def test_an_unexpected_exception_becomes_a_calm_dialog(qtbot: QtBot, qapp: QApplication) -> None:
    kept = sys.excepthook
    seen: list[str] = []

    def look() -> None:
        dialogs = [
            each for each in qapp.topLevelWidgets() if isinstance(each, TellDialog) and each.isVisible()
        ]
        seen.append(dialogs[0].accessibleDescription())
        dialogs[0].accept()

    try:
        _install_excepthook(qapp)
        error = RuntimeError("王小明")
        sys.excepthook(RuntimeError, error, None)
        QTimer.singleShot(50, look)
        qtbot.waitUntil(lambda: bool(seen))
    finally:
        sys.excepthook = kept
    assert "编号" in seen[0] and "王小明" not in seen[0] and "Traceback" not in seen[0]
