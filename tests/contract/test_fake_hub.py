"""The fake hub keeps the contract, so that what the desk's tests learn from it is true."""

from __future__ import annotations

import pytest

from tests.contract.fake_hub import FakeHub
from tests.contract.hub_contract import HubContract
from tests.core.services.office_kit import OfficeKit, SeededRandom


class TestFakeHub(HubContract):
    """All lines of the contract."""

    @pytest.fixture
    def place(self, kit: OfficeKit) -> FakeHub:
        """A hub in memory."""
        return FakeHub(kit.clock, SeededRandom("hub"), accepts=False)
