"""An office for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.services.office_kit import OfficeKit, open_kit


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[OfficeKit]:
    """An office of one's own."""
    kit = open_kit(tmp_path)
    yield kit
    kit.close()
