"""One application for all screen tests, made as the product makes it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication

from ui.application import make_application
from ui.task import Lanes
from ui.theme import theme


@pytest.fixture(scope="session")
def qapp() -> QApplication:
    """The product's application, with pytest's own excepthook left in place."""
    return make_application(catch_faults=False)


@pytest.fixture
def lanes(qapp: QApplication) -> Iterator[Lanes]:
    """Lanes of one test, stopped at its end."""
    made = Lanes()
    yield made
    assert made.shutdown() == ()


@pytest.fixture
def restored_theme(qapp: QApplication) -> Iterator[None]:
    """Let a test change the theme; put light and 14 px back."""
    yield
    theme().apply("light", 14)
