"""What an approval ends, in words, and what becomes of those who were authorised."""

from __future__ import annotations

import pytest

from core.records.states import DelegationState
from core.services.dying import Dying
from ui.dying_words import AFTERWARDS, dying_view

STATE = DelegationState(
    "d",
    "o",
    1,
    "u",
    "c",
    "",
    "manager",
    (),
    "2026-11-01",
    "2026-12-31",
    1,
    "2026-11-01T00:00:00Z",
    "某丙",
    None,
)


@pytest.mark.parametrize("effect", sorted(AFTERWARDS))
def test_the_effect_of_the_setting_is_told_beside_what_ends(effect: str) -> None:
    view = dying_view(Dying(voids=True, delegations=(STATE,), afterwards=effect))
    assert view.lines == (("users", "授权　其他管理人 某**　2026-11-01 至 2026-12-31"),)
    assert view.after == AFTERWARDS[effect] and view.details[-1] == view.after
    assert ("不随新证书恢复" in view.after) == (effect == "lapse")


def test_where_nobody_is_authorised_nothing_is_said_of_it() -> None:
    assert dying_view(Dying(voids=True)).details == ()
