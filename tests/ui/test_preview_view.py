"""The paper beside the form: newest wish wins, no horizontal bar, faults said in words."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from pytestqt.qtbot import QtBot

from core.errors import UserError
from ui.task import Lanes
from ui.widgets.preview_view import PageImage, PreviewView


def page(width: int, grey: int = 255) -> PageImage:
    height = round(width * 1.414)
    return (width, height, bytes([grey]) * (width * height * 3))


def opened(qtbot: QtBot, lanes: Lanes) -> PreviewView:
    view = PreviewView(lanes)
    qtbot.addWidget(view)
    view.resize(420, 300)
    with qtbot.waitExposed(view):
        view.show()
    return view


def test_shows_pages_at_the_width_asked_for(qtbot: QtBot, lanes: Lanes) -> None:
    view = opened(qtbot, lanes)
    asked: list[int] = []

    def render(width: int) -> Sequence[PageImage]:
        asked.append(width)
        return [page(width), page(width)]

    with qtbot.waitSignal(view.shown):
        view.request(render)
    assert view.page_count == 2
    assert 0 < asked[0] < 420
    bar = view._scroll.horizontalScrollBar()
    assert bar.maximum() == 0 and not bar.isVisible()


def test_rendering_is_off_the_windows_thread(qtbot: QtBot, lanes: Lanes) -> None:
    view = opened(qtbot, lanes)
    names: list[str] = []

    def render(width: int) -> Sequence[PageImage]:
        names.append(threading.current_thread().name)
        return [page(width)]

    with qtbot.waitSignal(view.shown):
        view.request(render)
    assert names[0].startswith("render")


def test_of_many_wishes_the_newest_is_drawn_last(qtbot: QtBot, lanes: Lanes) -> None:
    view = opened(qtbot, lanes)
    drawn: list[int] = []
    gate = threading.Event()

    def wish(number: int):  # type: ignore[no-untyped-def]
        def render(width: int) -> Sequence[PageImage]:
            gate.wait(5)
            drawn.append(number)
            return [page(width, number)]

        return render

    for number in range(30):
        view.request(wish(number))
    gate.set()
    qtbot.waitUntil(lambda: bool(drawn) and drawn[-1] == 29)
    assert len(drawn) <= 3, "wishes in between were drawn too"


def test_a_fault_is_said_in_words_and_the_last_page_stays(qtbot: QtBot, lanes: Lanes) -> None:
    view = opened(qtbot, lanes)
    with qtbot.waitSignal(view.shown):
        view.request(lambda width: [page(width)])

    def broken(width: int) -> Sequence[PageImage]:
        raise UserError("too_long", limit=3, length=4)

    with qtbot.waitSignal(view.failed):
        view.request(broken)
    assert view.page_count == 1
    assert "最多 3 个字符" in view._message.text()


def test_a_wish_while_hidden_is_drawn_when_shown(qtbot: QtBot, lanes: Lanes) -> None:
    view = PreviewView(lanes)
    qtbot.addWidget(view)
    view.resize(420, 300)
    view.request(lambda width: [page(width)])
    with qtbot.waitSignal(view.shown):
        view.show()
    assert view.page_count == 1


def test_closing_while_drawing_leaves_nothing_behind(qtbot: QtBot, lanes: Lanes) -> None:
    view = opened(qtbot, lanes)
    started, gate, ended = threading.Event(), threading.Event(), threading.Event()

    def render(width: int) -> Sequence[PageImage]:
        started.set()
        gate.wait(5)
        ended.set()
        return [page(width)]

    view.request(render)
    qtbot.waitUntil(started.is_set)
    view.clear()
    gate.set()
    qtbot.waitUntil(ended.is_set)
    qtbot.wait(20)
    assert view.page_count == 0
