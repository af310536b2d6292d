"""The one style sheet template, laid over Fusion.

Two traps shape it: a rule for ``QFrame`` would frame every label (a QLabel *is* a QFrame), so frames
are chosen by their ``face`` property; and styling ``::drop-down`` or ``::indicator`` loses Qt's own
arrow and tick, so ``ui.widgets.choices`` paints those itself.
"""

from __future__ import annotations

from string import Template

TEMPLATE = Template("""
* { font-family: $families; }
QWidget { font-size: ${body}px; color: $text; }
QToolTip { background: $card; color: $text; border: 1px solid $field_line; padding: 6px 8px; }
QLabel, QLabel:disabled { background: transparent; border: none; }

QLabel[role="title"] { font-size: ${title}px; font-weight: 700; }
QLabel[role="display"] { font-size: ${display}px; font-weight: 700; }
QLabel[role="section"] { font-size: ${head}px; font-weight: 700; }
QLabel[role="strong"] { font-weight: 700; }
QLabel[role="subtitle"], QLabel[role="label"] { font-size: ${label}px; color: $muted; }
QLabel[role="hint"] { font-size: ${hint}px; color: $faint; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="number"] { font-size: ${label}px; font-weight: 700; color: $accent_text;
  background: $accent_soft;
  border-radius: 11px; min-width: 22px; max-width: 22px; min-height: 22px; max-height: 22px; }
QLabel[role="required"] { font-size: ${label}px; color: $bad; }
QLabel[role="verdict"] { font-size: ${hint}px; color: $faint; }
QLabel[role="verdict"][tone="good"], QLabel[tone="good"] { color: $good; }
QLabel[role="verdict"][tone="warn"], QLabel[tone="warn"] { color: $warn; }
QLabel[role="verdict"][tone="bad"], QLabel[tone="bad"] { color: $bad; }
QLabel[role="chip"] { font-size: ${label}px; padding: 2px 11px; border-radius: ${chip_radius}px;
  background: $hover; color: $muted; }
QLabel[role="chip"][tone="good"] { background: $good_soft; color: $good; }
QLabel[role="chip"][tone="warn"] { background: $warn_soft; color: $warn; }
QLabel[role="chip"][tone="bad"] { background: $bad_soft; color: $bad; }
QLabel[role="chip"][tone="accent"] { background: $accent_soft; color: $accent_text; }
QLabel[role="count"] { font-size: ${hint}px; font-weight: 700; background: $bad_soft; color: $bad;
  border-radius: ${count_radius}px; padding: 1px 7px; min-width: ${count_width}px; }
QLabel[role="column"] { font-size: ${label}px; font-weight: 700; color: $muted; }
QLabel[role="band"] { font-size: ${label}px; font-weight: 700; background: $band; color: $band_text;
  padding: 3px 12px; }

QFrame[face="card"] { background: $card; border: 1px solid $line; border-radius: 12px; }
QFrame[face="rail"] { background: $rail; border: none; border-right: 1px solid $line; }
QFrame[face="header"] { background: $card; border: none; border-bottom: 1px solid $line; }
QFrame[face="footer"] { background: $card; border: none; border-top: 1px solid $line; }
QFrame[face="ground"] { background: $ground; border: none; }
QFrame[face="paper_ground"] { background: $paper_ground; border: none; border-radius: 8px; }
QFrame[face="side"] { background: $ground; border: 1px solid $line; border-radius: 10px; }
QFrame[face="differs"] { background: $warn_soft; border: none; border-radius: 6px; }
QFrame[face="line"] { background: $line; border: none; max-height: 1px; min-height: 1px; }
QFrame[face="notice"] { background: $accent_soft; border: none; border-radius: 8px; }
QFrame[face="notice"][tone="good"] { background: $good_soft; }
QFrame[face="notice"][tone="warn"] { background: $warn_soft; }
QFrame[face="notice"][tone="bad"] { background: $bad_soft; }
QFrame[face="toast"] { background: $card; border: 1px solid $field_line; border-radius: 10px; }
QFrame[face="toast"][tone="good"] { border: 1px solid $good; }
QFrame[face="toast"][tone="warn"] { border: 1px solid $warn; }
QFrame[face="toast"][tone="bad"] { border: 1px solid $bad; }
QFrame[face="bubble"] { background: $card; border: 1px solid $field_line; border-radius: 8px; }
QFrame[face="bubble"][tone="bad"] { background: $bad_soft; border: 1px solid $bad; }
QFrame[face="bubble"][tone="warn"] { background: $warn_soft; border: 1px solid $warn; }

QLineEdit, QPlainTextEdit, QComboBox { background: $field; border: 1px solid $field_line; border-radius: 8px;
  padding: 0 11px; selection-background-color: $selection; selection-color: $selection_text; }
QLineEdit, QComboBox { min-height: ${field_inner}px; max-height: ${field_inner}px; }
QPlainTextEdit { padding: 5px 7px; }
QLineEdit:hover, QPlainTextEdit:hover, QComboBox:hover { border-color: $faint; }
QLineEdit[tone="bad"], QPlainTextEdit[tone="bad"], QComboBox[tone="bad"] { border-color: $bad; }
QLineEdit[tone="warn"], QPlainTextEdit[tone="warn"], QComboBox[tone="warn"] { border-color: $warn; }
QLineEdit:focus, QComboBox:focus { border: 2px solid $accent_text; padding: 0 10px;
  min-height: ${field_inner_focus}px; max-height: ${field_inner_focus}px; }
QPlainTextEdit:focus { border: 2px solid $accent_text; padding: 4px 6px; }
QLineEdit[tone="bad"]:focus, QPlainTextEdit[tone="bad"]:focus { border-color: $bad; }
QLineEdit[readOnly="true"], QLineEdit:disabled, QPlainTextEdit[readOnly="true"], QComboBox:disabled {
  background: $field_off; color: $muted; border-color: $line; }
QLineEdit[face="search"] { border-radius: ${search_radius}px; padding: 0 14px; background: $ground;
  border-color: $line; }
QLineEdit[face="search"]:focus { border: 2px solid $accent_text; background: $field; padding: 0 13px; }
QComboBox { padding-right: ${arrow_room}px; }
QComboBox::drop-down { border: none; width: ${arrow_room}px; }
QComboBox::down-arrow { image: none; width: 0; height: 0; }
QComboBox QAbstractItemView { background: $card; border: 1px solid $field_line; outline: none; padding: 4px;
  selection-background-color: $accent_soft; selection-color: $accent_text; }

QPushButton { background: $card; border: 1px solid $field_line; border-radius: 8px; padding: 0 14px;
  min-height: ${button_inner}px; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $accent_soft; }
QPushButton:focus { border: 2px solid $accent_text; padding: 0 13px; min-height: ${button_inner_focus}px; }
QPushButton:disabled { color: $faint; background: $field_off; border-color: $line; }
QPushButton[face="primary"] { background: $accent; color: $on_accent; border: 1px solid $accent;
  font-weight: 700; }
QPushButton[face="primary"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton[face="primary"]:pressed { background: $accent_down; }
QPushButton[face="primary"]:focus { border: 2px solid $text; }
QPushButton[face="primary"]:disabled { background: $accent_off; border-color: $accent_off;
  color: $accent_off_text; }
QPushButton[face="danger"] { color: $bad; border-color: $bad; }
QPushButton[face="danger"]:hover { background: $bad_soft; }
QPushButton[face="quiet"] { background: transparent; border: 1px solid transparent; color: $accent_text;
  padding: 0 8px; }
QPushButton[face="quiet"]:hover { background: $accent_soft; }
QPushButton[face="quiet"]:focus { border: 2px solid $accent_text; padding: 0 7px; }
QPushButton[face="quiet"]:disabled { color: $faint; }
QPushButton[low="true"] { min-height: ${low_inner}px; }
QPushButton[low="true"]:focus { min-height: ${low_inner_focus}px; }
QPushButton[face="rail"] { text-align: left; background: transparent; border: 2px solid transparent;
  border-radius: 8px; color: $muted; padding: 0 13px; min-height: ${rail_inner}px; }
QPushButton[face="rail"]:hover { background: $hover; }
QPushButton[face="rail"]:focus { border: 2px solid $accent_text; }
QPushButton[face="rail"]:checked { background: $accent_soft; color: $accent_text; font-weight: 700; }
QPushButton[face="segment"] { border-radius: 7px; border: 1px solid $field_line; background: $field;
  color: $muted;
  padding: 0 10px; min-height: ${field_inner}px; }
QPushButton[face="segment"]:hover { background: $hover; }
QPushButton[face="segment"]:checked { background: $accent_soft; color: $accent_text;
  border-color: $accent_text;
  font-weight: 700; }
QPushButton[face="segment"]:focus { border: 2px solid $accent_text; padding: 0 9px;
  min-height: ${field_inner_focus}px; }
QPushButton[face="segment"]:disabled { color: $faint; }
QPushButton[face="segment"]:checked:disabled { color: $muted; border-color: $field_line;
  background: $field_off; }

QProgressBar { background: $line; border: none; border-radius: 3px; min-height: 6px; max-height: 6px; }
QProgressBar::chunk { background: $accent_text; border-radius: 3px; }
QProgressBar[tone="good"]::chunk { background: $good; }

QScrollArea, QStackedWidget, QScrollArea > QWidget > QWidget { background: transparent; border: none; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 2px; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 2px; }
QScrollBar::handle { background: $scroll; border-radius: 3px; min-height: 32px; min-width: 32px; }
QScrollBar::handle:hover { background: $faint; }
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {
  background: none; border: none; width: 0; height: 0; }

QTableView, QListView { background: $card; border: 1px solid $line; border-radius: 12px; outline: none;
  gridline-color: $line; selection-background-color: $accent_soft; selection-color: $text;
  alternate-background-color: $card; }
QTableView::item, QListView::item { padding: 0 10px; border-bottom: 1px solid $line; }
QTableView::item:selected, QListView::item:selected { background: $accent_soft; color: $text; }
QTableView:focus, QListView:focus { border: 2px solid $accent_text; }
QHeaderView { background: transparent; border: none; }
QHeaderView::section { background: $card; color: $muted; font-size: ${label}px; font-weight: 700;
  border: none;
  border-bottom: 1px solid $line; padding: 0 10px; min-height: ${row_height}px; }
QTableCornerButton::section { background: $card; border: none; }

QMenu { background: $card; border: 1px solid $field_line; border-radius: 8px; padding: 4px; }
QMenu::item { padding: 6px 20px; border-radius: 6px; }
QMenu::item:selected { background: $accent_soft; color: $accent_text; }
QMenu::item:disabled { color: $faint; }
QDialog { background: $card; }
QCalendarWidget QWidget { alternate-background-color: $hover; }
QCalendarWidget QAbstractItemView { background: $card; color: $text; border: none; border-radius: 0;
  selection-background-color: $accent; selection-color: $on_accent; }
QCalendarWidget QAbstractItemView:disabled { color: $faint; }
QCalendarWidget QToolButton { background: transparent; color: $text; border: none; border-radius: 6px;
  padding: 4px 8px; }
QCalendarWidget QToolButton:hover { background: $accent_soft; }
QCalendarWidget QToolButton::menu-indicator { image: none; }
QCalendarWidget QSpinBox { background: $field; border: 1px solid $field_line; }
#qt_calendar_navigationbar { background: $card; border: none; }
""")


def style_sheet(colours: dict[str, str], lengths: dict[str, int], families: tuple[str, ...]) -> str:
    """Fill the template: ``colours`` of one theme, ``lengths`` in px, font ``families`` in order."""
    values: dict[str, str] = dict(colours)
    values.update({name: str(px) for name, px in lengths.items()})
    values["families"] = ", ".join(f'"{family}"' for family in families) or "sans-serif"
    values["field_inner"] = str(lengths["field_height"] - 2)
    values["field_inner_focus"] = str(lengths["field_height"] - 4)
    values["button_inner"] = str(lengths["button_height"] - 2)
    values["button_inner_focus"] = str(lengths["button_height"] - 4)
    values["low_inner"] = str(lengths["button_height"] - 10)
    values["low_inner_focus"] = str(lengths["button_height"] - 12)
    values["chip_radius"] = str(round(lengths["label"] * 0.85))
    values["count_radius"] = str(round(lengths["hint"] * 0.65))
    values["count_width"] = str(round(lengths["hint"] * 0.6))
    values["rail_inner"] = str(lengths["rail_item"] - 4)
    values["search_radius"] = str(lengths["field_height"] // 2)
    return TEMPLATE.substitute(values)
