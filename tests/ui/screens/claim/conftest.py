"""One room for each test of the claim page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.screens.claim.room import Room, open_room


@pytest.fixture
def room(qtbot: QtBot, tmp_path: Path) -> Iterator[Room]:
    """A desk, a real hub on the loopback, a phone."""
    with open_room(tmp_path) as made:
        yield made
