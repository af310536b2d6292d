"""What the wizard finds wrong with its answers."""

from __future__ import annotations

import pytest

from ui.screens.first_run.state import (
    HubWish,
    PersonDraft,
    is_plain,
    people_advice,
    people_problem,
    person_problem,
)

GOOD = PersonDraft("窗口一", "演示甲", frozenset({"clerk"}), "password", "password")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"login": " "}, "填写账号"),
        ({"login": "一" * 21}, "最多 20"),
        ({"login": "主任"}, "已经有人使用"),
        ({"name": ""}, "填写姓名"),
        ({"login": "演示甲"}, "不要用真实姓名"),
        ({"roles": frozenset()}, "至少选择一个角色"),
        ({"password": "1234567", "again": "1234567"}, "至少 8"),
        ({"again": "Password"}, "不一致"),
    ],
)
def test_each_fault_of_a_person_is_named(change: dict[str, object], words: str) -> None:
    draft = PersonDraft(**{**GOOD.__dict__, **change})  # type: ignore[arg-type]
    assert words in person_problem(draft, ["主任"])


def test_a_good_person_passes_and_full_width_counts_as_typed() -> None:
    assert person_problem(GOOD, ["主任"]) == ""
    wide = PersonDraft("窗口二", "演示甲", frozenset({"clerk"}), "ｐａｓｓｗｏｒｄ", "ｐａｓｓｗｏｒｄ")
    assert person_problem(wide) == ""
    assert GOOD.line() == "窗口一（受理）"


def test_an_office_needs_an_administrator_and_wants_two_people() -> None:
    admin = PersonDraft("主任", "演示乙", frozenset({"admin"}))
    both = PersonDraft("窗口一", "演示甲", frozenset({"clerk", "reviewer"}))
    reviewer = PersonDraft("审核一", "演示丙", frozenset({"reviewer"}))
    assert people_problem((GOOD,)) and not people_problem((GOOD, admin))
    assert "受理或审核" in people_advice((admin, GOOD))
    assert "同一人" in people_advice((admin, both))
    assert people_advice((admin, GOOD, reviewer)) == ""


@pytest.mark.parametrize("url", ["", "hub.invalid", "http://hub.invalid", "ftp://hub.invalid", "https://"])
def test_a_province_hub_needs_a_safe_address(url: str) -> None:
    assert HubWish("province", url).problem()
    assert not HubWish("embedded", url).problem()
    assert not HubWish("province", "https://hub.invalid").problem()


def test_plain_http_is_ticked_by_a_person() -> None:
    url = "http://127.0.0.1:8800"
    assert "勾选" in HubWish("province", url).problem()
    assert not HubWish("province", url, plain_http=True).problem()
    assert is_plain(" HTTP://127.0.0.1") and not is_plain("https://127.0.0.1")
