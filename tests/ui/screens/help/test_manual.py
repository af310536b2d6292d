"""The manual: every page reads, every page of the rail and every field has its place, nothing is markup."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from core.forms import registry
from ui.navigator import PAGES
from ui.screens.help.manual import Block, find_topic, pages, parse
from ui.screens.help.screen import HelpScreen
from ui.screens.settings.screen import SECTIONS


def test_every_file_is_a_page_with_a_title() -> None:
    files = sorted(path.stem for path in Path("docs/manual").glob("*.md"))
    assert [page.key for page in pages()] == files and len(files) >= 10
    assert all(page.blocks[0].kind == "title" and page.title for page in pages())


@pytest.mark.parametrize(
    "topic",
    [
        *(page.key for page in PAGES),
        *(f"settings_{key}" for key, _, _ in SECTIONS),
        *(
            field.id
            for form in ("attachment-1", "attachment-3", "unit-record")
            for field in registry.latest(form).fields()
        ),
    ],
)
def test_every_topic_of_f1_has_a_place(topic: str) -> None:
    assert any(topic in block.topics for page in pages() for block in page.blocks)


def test_topics_are_given_once() -> None:
    topics = [topic for page in pages() for block in page.blocks for topic in block.topics]
    assert len(topics) == len(set(topics))


def test_parse() -> None:
    page = parse("k", "# 标题\n<!-- topics: a b -->\n\n一行\n又一行\n\n1. 步\n- 点\n## 小标题\n<b>字</b>\n")
    assert page.blocks == (
        Block("title", "标题", ("a", "b")),
        Block("text", "一行又一行"),
        Block("step", "步"),
        Block("point", "点"),
        Block("heading", "小标题"),
        Block("text", "<b>字</b>"),
    )
    assert find_topic((page,), "b") == (0, 0) and find_topic((page,), "none") == (0, 0)
    assert page.matches("小标题 又") and not page.matches("没有")


@given(st.text(max_size=300))
def test_any_text_is_read(source: str) -> None:
    assert all(block.text is not None for block in parse("k", source).blocks)


def test_help_opens_at_a_topic_and_filters(qtbot: QtBot) -> None:
    screen = HelpScreen()
    qtbot.addWidget(screen)
    screen.resize(900, 500)
    screen.show()
    screen.open("manager_mobile")
    assert screen.page_title() == "申领登记"
    screen.filter.setText("指纹")
    assert [screen.list.item(at).text() for at in range(screen.list.count())] == ["平台和同步"]
    screen.filter.setText("没有这样的词")
    assert screen.list.count() == 0 and screen.page_title() == ""
    assert any("换个词" in made.text() for made in screen.area.findChildren(QLabel))


def test_a_missing_manual_is_no_fault(qtbot: QtBot) -> None:
    screen = HelpScreen(())
    qtbot.addWidget(screen)
    screen.open("apply")
    assert screen.page_title() == ""
