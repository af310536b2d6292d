"""The look: contrast, no stray frames, sizes and themes switched without a restart."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QColor, QFontInfo
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from ui.icons import picture
from ui.theme import colour, theme
from ui.tokens import BASE_SIZES, DARK, LIGHT, THEMES
from ui.widgets.buttons import Button
from ui.widgets.cards import Card
from ui.widgets.labels import chip, label

PAIRS = [
    ("text", "ground"), ("text", "card"), ("muted", "ground"), ("muted", "card"), ("faint", "card"),
    ("faint", "ground"), ("on_accent", "accent"), ("on_accent", "accent_hover"), ("accent_text", "card"),
    ("accent_text", "accent_soft"), ("good", "good_soft"), ("warn", "warn_soft"), ("bad", "bad_soft"),
    ("good", "card"), ("bad", "card"), ("warn", "card"), ("band_text", "band"), ("muted", "hover"),
    ("accent_off_text", "accent_off"), ("selection_text", "selection"),
]  # fmt: skip


def _luminance(name: str) -> float:
    parts = [channel / 255 for channel in QColor(name).getRgb()[:3]]  # type: ignore[index]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", list(THEMES))
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_text_can_be_read(name: str, ink: str, ground: str) -> None:
    tokens = THEMES[name]  # type: ignore[index]
    assert contrast(tokens[ink], tokens[ground]) >= 4.5, f"{name}: {ink} on {ground}"


def test_both_themes_have_the_same_tokens() -> None:
    assert LIGHT.keys() == DARK.keys()


def test_letters_come_from_the_shipped_fonts(qtbot: QtBot) -> None:
    words = label("证窗")
    qtbot.addWidget(words)
    words.ensurePolished()
    assert QFontInfo(words.font()).family() == "Noto Sans SC"
    assert "HanaMinB" in words.font().families()


@pytest.mark.parametrize("base", BASE_SIZES)
def test_letter_size_changes_without_a_restart(qtbot: QtBot, restored_theme: None, base: int) -> None:
    field, words = QLineEdit(), label("字")
    for widget in (field, words):
        qtbot.addWidget(widget)
        widget.show()
    theme().apply(base=base)
    assert words.font().pixelSize() == base
    assert field.height() == round(34 * base / 14)


def test_an_unknown_letter_size_is_refused(restored_theme: None) -> None:
    with pytest.raises(ValueError, match="letter size"):
        theme().apply(base=15)


def test_a_card_does_not_frame_the_labels_in_it(qtbot: QtBot) -> None:
    card = Card("标题", 1)
    words = label("　")
    card.body.addWidget(words)
    qtbot.addWidget(card)
    card.resize(300, 120)
    card.show()
    QApplication.processEvents()
    shot, place = card.grab().toImage(), words.geometry()
    edge = {shot.pixelColor(x, place.top()).name() for x in range(place.left(), place.right())}
    edge |= {shot.pixelColor(place.left(), y).name() for y in range(place.top(), place.bottom())}
    assert edge == {colour("card").name()}


def test_icons_follow_the_theme(qtbot: QtBot, restored_theme: None) -> None:
    def inks() -> set[str]:
        image = picture("qrcode", "muted", 96).toImage()
        points = [(x, y) for x in range(96) for y in range(96)]
        return {
            image.pixelColor(*point).name() for point in points if image.pixelColor(*point).alpha() == 255
        }

    assert LIGHT["muted"].lower() in inks()
    theme().apply("dark")
    assert DARK["muted"].lower() in inks()
    assert LIGHT["muted"].lower() not in inks()


def test_a_buttons_icon_is_painted_anew(qtbot: QtBot, restored_theme: None) -> None:
    button = Button("打印", key="F9", icon_name="printer")
    qtbot.addWidget(button)
    before = button.icon().pixmap(18, 18).toImage()
    theme().apply("dark")
    assert button.icon().pixmap(18, 18).toImage() != before
    assert button.text().strip() == "打印  F9"
    assert button.accessibleName() == "打印"


def test_labels_never_read_markup(qtbot: QtBot) -> None:
    parent = QWidget()
    qtbot.addWidget(parent)
    for made in (label("<b>x</b>"), chip("<img src=x>")):
        made.setParent(parent)
        assert made.textFormat().name == "PlainText"
