"""From a right password to the list on the screen, in an office of 300 units.

Run: .venv/bin/python -m benchmarks.unlock
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from benchmarks.timing import Sample
from tests.e2e.window_story import CLERK, REVIEWER, Story, until
from ui.application import make_application
from ui.screens.unlock.screen import UnlockCover
from ui.widgets.line_list import LineList

ROUNDS, UNITS = 7, 300


def filled(story: Story) -> bool:
    """Tell whether the list of units stands on the screen."""
    lists = [each for each in story.window.findChildren(LineList) if each.isVisible()]
    return any(each.model() is not None and each.model().rowCount() >= 50 for each in lists)


def main() -> None:
    """Print the comparison."""
    make_application(catch_faults=False)
    accepted, listed = [], []
    with tempfile.TemporaryDirectory() as folder:
        story = Story(Path(folder), units=UNITS)
        for round_number in range(ROUNDS + 1):
            until(lambda: story.window.findChildren(UnlockCover))
            cover = story.window.findChildren(UnlockCover)[-1]
            until(lambda cover=cover: cover.sign_in.state.ready)
            cover.sign_in.choose(CLERK)
            QTest.keyClicks(cover.sign_in.password, story.passwords[CLERK])
            pressed = time.perf_counter()
            QTest.keyClick(cover.sign_in.password, Qt.Key.Key_Return)
            until(lambda: not story.window.locked)
            opened = time.perf_counter()
            story.page("apply")
            until(lambda: filled(story))
            story.window.grab()
            if round_number:
                accepted.append(opened - pressed)
                listed.append(time.perf_counter() - opened)
            story.change_person(REVIEWER)  # the next clerk finds a fresh shell, not the kept one
            story.desktop.lock()
            until(lambda: story.window.locked)
        print(Sample("password to unlocked (Argon2id included)", tuple(accepted)).shown())
        print(Sample(f"unlocked to the list of {UNITS} units painted", tuple(listed)).shown())
        story.close()


if __name__ == "__main__":
    main()
