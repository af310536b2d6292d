"""Work off the window's thread: order, failure, cancelling, owners that go away, shutdown."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject, QThread
from pytestqt.qtbot import QtBot

from core.errors import UserError
from ui.task import CancelToken, Lanes, Newest, Progress, ReportProgress, Task


def test_result_arrives_on_the_windows_thread(qtbot: QtBot, lanes: Lanes) -> None:
    owner, got = QObject(), []
    here = QThread.currentThread()

    def op(progress: ReportProgress, cancel: CancelToken) -> str:
        return threading.current_thread().name

    Task(owner, op).on_success(lambda name: got.append((name, QThread.currentThread() is here))).start(
        "store", lanes
    )
    qtbot.waitUntil(lambda: bool(got))
    assert got[0][0].startswith("store")
    assert got[0][1]


def test_the_store_lane_is_one_thread_in_order(qtbot: QtBot, lanes: Lanes) -> None:
    owner, names, done = QObject(), set(), []
    for number in range(20):

        def op(progress: ReportProgress, cancel: CancelToken, number: int = number) -> int:
            names.add(threading.current_thread().name)
            return number

        Task(owner, op).on_success(done.append).start("store", lanes)
    qtbot.waitUntil(lambda: len(done) == 20)
    assert done == list(range(20))
    assert len(names) == 1


def test_first_and_last_progress_are_never_lost(qtbot: QtBot, lanes: Lanes) -> None:
    owner, seen, done = QObject(), [], []

    def op(progress: ReportProgress, cancel: CancelToken) -> None:
        for number in range(1, 5001):
            progress(number, 5000, "检查")

    Task(owner, op).with_progress(seen.append).on_success(lambda _: done.append(list(seen))).start(
        "store", lanes
    )
    qtbot.waitUntil(lambda: bool(done))
    assert seen[0].total == 5000
    assert seen[-1] == Progress(5000, 5000, "检查")
    assert done[0] == seen, "progress came after the result"
    assert len(seen) < 500, "progress is not throttled"


def test_failure_reaches_its_handler_with_the_error_itself(qtbot: QtBot, lanes: Lanes) -> None:
    owner, got = QObject(), []
    error = UserError("wrong_password")

    def op(progress: ReportProgress, cancel: CancelToken) -> None:
        raise error

    Task(owner, op).on_success(lambda _: got.append("fake success")).on_failure(got.append).start(
        "hub", lanes
    )
    qtbot.waitUntil(lambda: bool(got))
    assert got == [error]


def test_failure_without_handler_reaches_the_lanes(qtbot: QtBot, lanes: Lanes) -> None:
    owner, got = QObject(), []
    lanes.on_unhandled = got.append

    def op(progress: ReportProgress, cancel: CancelToken) -> None:
        raise UserError("wrong_password")

    Task(owner, op).start("hub", lanes)
    qtbot.waitUntil(lambda: bool(got))
    assert isinstance(got[0], UserError)


def test_cancelled_task_says_so_and_brings_nothing(qtbot: QtBot, lanes: Lanes) -> None:
    owner, got, started = QObject(), [], threading.Event()

    def op(progress: ReportProgress, cancel: CancelToken) -> str:
        started.set()
        cancel.wait(10)
        return "late result"

    task = (
        Task(owner, op)
        .on_success(got.append)
        .on_cancelled(lambda: got.append("cancelled"))
        .start("hub", lanes)
    )
    assert started.wait(10)
    task.cancel()
    qtbot.waitUntil(lambda: bool(got))
    assert got == ["cancelled"]


def test_owner_deleted_mid_run_cancels_and_drops(qtbot: QtBot, lanes: Lanes) -> None:
    owner, got = QObject(), []
    started, ended = threading.Event(), threading.Event()

    def op(progress: ReportProgress, cancel: CancelToken) -> str:
        started.set()
        assert cancel.wait(10), "the owner's end did not reach the operation"
        progress(1, 1)
        ended.set()
        return "result for nobody"

    task = Task(owner, op).on_success(got.append).on_failure(got.append).on_cancelled(lambda: got.append("?"))
    task.with_progress(got.append).start("render", lanes)
    assert started.wait(10)
    owner.deleteLater()
    del owner
    qtbot.waitUntil(ended.is_set)
    marker: list[str] = []
    Task(QObject(), lambda progress, cancel: None).start("render", lanes)
    lanes.post(lambda: marker.append("later"))
    qtbot.waitUntil(lambda: bool(marker))
    assert got == []


def test_shutdown_names_what_did_not_stop(qtbot: QtBot) -> None:
    lanes, owner = Lanes(), QObject()
    started, release = threading.Event(), threading.Event()

    def deaf(progress: ReportProgress, cancel: CancelToken) -> None:
        started.set()
        release.wait(10)

    Task(owner, deaf, "打印").start("hub", lanes)
    Task(owner, lambda progress, cancel: cancel.wait(10), "同步").start("render", lanes)
    assert started.wait(10)
    assert lanes.shutdown(0.2) == ("打印",)
    release.set()


def test_nothing_starts_after_shutdown(qtbot: QtBot) -> None:
    lanes, ran = Lanes(), []
    lanes.shutdown()
    Task(QObject(), lambda progress, cancel: ran.append(1)).start("store", lanes)
    lanes.post(lambda: ran.append(2))
    qtbot.wait(20)
    assert ran == []


def test_of_one_purpose_only_the_newest_is_heard(qtbot: QtBot, lanes: Lanes) -> None:
    owner, heard, newest, gate = QObject(), [], Newest(), threading.Event()

    def asked(number: int, wait: bool = False) -> Task[int]:
        def op(progress: ReportProgress, cancel: CancelToken) -> int:
            if wait:
                gate.wait(10)
            return number

        return Task(owner, op).on_success(heard.append)

    newest.start("list", asked(1, wait=True), lanes)
    newest.start("one", asked(2), lanes)
    newest.start("list", asked(3), lanes)
    newest.start("dropped", asked(4), lanes)
    newest.drop("dropped")
    newest.drop("never asked")
    gate.set()
    Task(owner, lambda _p, _c: 5).on_success(heard.append).start("store", lanes)
    qtbot.waitUntil(lambda: 5 in heard)
    assert heard == [2, 3, 5]
