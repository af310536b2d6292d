"""The shell: pages on demand, keys, bars that follow the screen, lock, place remembered."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.main_window import MainWindow
from ui.navigation import Page
from ui.screen import Chip, Footer, Header, Screen, ScreenAction
from ui.theme import theme


class Plain(Screen):
    """A screen that remembers what was asked of it."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name, self.shown, self.ran, self.ready, self.leaves = name, 0, [], True, True  # type: ignore[var-annotated]
        self.field = QLineEdit()
        QVBoxLayout(self).addWidget(self.field)

    def header(self) -> Header:
        return Header(self.name, "副题", (Chip("草稿", "good"),))

    def footer(self) -> Footer:
        return Footer(3, 8, ("Enter 下一项",))

    def actions_offered(self) -> tuple[ScreenAction, ...]:
        return (
            ScreenAction("submit", "提交审核", lambda: self.ran.append("submit"), "F8", enabled=self.ready),
        )

    def on_shown(self) -> None:
        self.shown += 1
        self.field.setFocus()

    def may_leave(self) -> bool:
        return self.leaves

    def help_topic(self) -> str:
        return f"{self.name}-topic"


def opened(qtbot: QtBot, **more: object) -> tuple[MainWindow, dict[str, Plain]]:
    window = MainWindow("证窗", "海口市 · 2 号窗口", **more)  # type: ignore[arg-type]
    qtbot.addWidget(window)
    made: dict[str, Plain] = {}
    for name in ("申领", "台账", "审核"):

        def make(name: str = name) -> Screen:
            made[name] = Plain(name)
            return made[name]

        window.add_page(Page(name, name, "inbox", make))
    window.open("申领")
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    return window, made


def words(widget: QWidget) -> list[str]:
    return [each.text() for each in widget.findChildren(QLabel) if each.isVisibleTo(widget)]


def test_screens_are_made_on_their_first_visit(qtbot: QtBot) -> None:
    window, made = opened(qtbot)
    assert set(made) == {"申领"}
    QTest.keyClick(window, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert set(made) == {"申领", "台账"} and window.current_page == "台账"
    QTest.keyClick(window, Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
    assert made["申领"].shown == 2
    assert QApplication.focusWidget() is made["申领"].field, "the focus stayed in the rail"


def test_the_bars_follow_the_screen(qtbot: QtBot) -> None:
    window, made = opened(qtbot)
    window.set_chips((Chip("离线可用 · 3 条待同步", "warn"),))
    QApplication.processEvents()
    shown = words(window)
    assert "必填 3 / 8" in shown and "草稿" in shown and "离线可用 · 3 条待同步" in shown
    QTest.keyClick(window, Qt.Key.Key_F8)
    assert made["申领"].ran == ["submit"]
    made["申领"].ready = False
    made["申领"].shell_changed.emit()
    assert not window.action_bar.button("submit").isEnabled()
    QTest.keyClick(window, Qt.Key.Key_F8)
    assert made["申领"].ran == ["submit"]


def test_keys_of_another_page_do_not_run_here(qtbot: QtBot) -> None:
    window, made = opened(qtbot)
    window.open("台账")
    QTest.keyClick(window, Qt.Key.Key_F8)
    assert made["申领"].ran == [] and made["台账"].ran == ["submit"]


def test_a_screen_may_keep_the_clerk(qtbot: QtBot) -> None:
    window, made = opened(qtbot)
    made["申领"].leaves = False
    assert window.open("台账") is made["申领"]
    assert window.current_page == "申领"
    assert "台账" not in made


def test_search_and_help_keys(qtbot: QtBot) -> None:
    window, _ = opened(qtbot)
    QTest.keyClick(window, Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    box = QApplication.focusWidget()
    assert isinstance(box, QLineEdit) and "搜索" in box.accessibleName()
    with qtbot.waitSignal(window.search_edited) as searched:
        QTest.keyClicks(box, "a")
    assert searched.args == ["a"]
    with qtbot.waitSignal(window.help_requested) as helped:
        QTest.keyClick(window, Qt.Key.Key_F1)
    assert helped.args == ["申领-topic"]


def test_lock_hides_everything_and_loses_nothing(qtbot: QtBot) -> None:
    window, made = opened(qtbot)
    made["申领"].field.setText("写到一半")
    window.toast.say("海口市示范幼儿园")
    cover = QLineEdit()
    window.lock(cover)
    assert window.locked and cover.isVisible()
    assert not made["申领"].isVisible() and not window.toast.isVisible()
    QTest.keyClick(cover, Qt.Key.Key_F8)
    QTest.keyClick(cover, Qt.Key.Key_2, Qt.KeyboardModifier.AltModifier)
    assert made["申领"].ran == [] and window.current_page == "申领", "a key worked through the lock"
    window.unlock()
    assert not window.locked
    assert made["申领"].field.text() == "写到一半"
    assert QApplication.focusWidget() is made["申领"].field


def test_the_rehearsal_band_stays_over_screens_and_lock(qtbot: QtBot) -> None:
    window, _ = opened(qtbot, rehearsal=True)
    assert any("演练" in each for each in words(window))
    window.open("台账")
    assert any("演练" in each for each in words(window))
    window.lock(QWidget())
    assert any("演练" in each for each in words(window))
    plain, _ = opened(qtbot)
    assert not any("演练" in each for each in words(plain))


class Memory:
    """A settings drawer."""

    def __init__(self) -> None:
        self.kept = ""

    def load(self) -> str:
        return self.kept

    def save(self, geometry: str) -> None:
        self.kept = geometry


def test_the_place_is_remembered(qtbot: QtBot) -> None:
    memory = Memory()
    window, _ = opened(qtbot, memory=memory)
    # Smaller than the first size: the offscreen monitor is 800 px wide.
    window.resize(1100, 650)
    window.close()
    again, _ = opened(qtbot, memory=memory)
    assert memory.kept
    assert again.size().height() == 650
    memory.kept = "kein hex"
    opened(qtbot, memory=memory)


def test_closing_can_be_refused(qtbot: QtBot) -> None:
    window, _ = opened(qtbot)
    window.before_close = lambda: False
    window.close()
    assert window.isVisible()
    window.before_close = None


@pytest.mark.parametrize("base", [14, 20])
def test_nothing_is_cut_at_the_smallest_size(qtbot: QtBot, restored_theme: None, base: int) -> None:
    theme().apply(base=base)
    window, _ = opened(qtbot)
    window.set_chips((Chip("离线可用 · 3 条待同步", "warn"),))
    window.resize(1366, 768)
    QApplication.processEvents()
    assert window.width() == 1366
    bar = window.action_bar
    for each in (bar.button("submit"), window.findChild(QLineEdit)):
        assert each is not None
        assert each.mapTo(window, each.rect().topRight()).x() <= 1366


def test_a_toast_alerts_and_bad_news_stays(qtbot: QtBot) -> None:
    window, _ = opened(qtbot)
    window.toast.say("<b>失败</b>", "bad")
    assert window.toast.isVisible() and window.toast.text == "<b>失败</b>"
    assert not window.toast._timer.isActive()
    window.toast.say("已保存")
    assert window.toast._timer.isActive()


def test_the_window_imports_nothing_heavy() -> None:
    code = (
        "import sys, ui.main_window, ui.application\n"
        "print([m for m in ('sqlalchemy', 'sqlcipher3', 'reportlab', 'qrcode', 'PIL', 'pypinyin',"
        " 'pypdfium2', 'cryptography', 'PySide6.QtNetwork', 'core.store', 'hub') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout.strip() == "[]"
