"""A window with a plain field and a digits field, made as the program makes its own (input method test)."""

from __future__ import annotations

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from ui.first_paint import bare_application
from ui.forms.line_edits import LatinEdit


def main() -> int:
    """Show the window until it is closed."""
    application = bare_application(["typing"])
    window = QWidget()
    column = QVBoxLayout(window)
    for name, field in (("plain", QLineEdit()), ("digits", LatinEdit(str.upper))):
        field.setAccessibleName(name)
        column.addWidget(field)
    window.resize(500, 200)
    window.show()
    return application.exec()


if __name__ == "__main__":
    raise SystemExit(main())
