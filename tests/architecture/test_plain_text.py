"""Nothing on screen is ever read as mark-up: a pasted name with tags in it is shown as it stands.

Qt guesses rich text by itself in labels and message boxes. So labels are made at one door, which switches
that off, and the widgets that cannot be switched off are not used.
"""

from __future__ import annotations

import ast

import pytest

from tests.architecture.sources import ROOT, Source, python

DOOR = "ui/widgets/labels.py"
# Each shows text through a QLabel or a document of its own and guesses the format.
GUESSING = {"QLabel", "QMessageBox", "QErrorMessage", "QTextBrowser", "QTextEdit", "QInputDialog"}
GUESSING |= {"QProgressDialog", "QSplashScreen", "QWhatsThis", "QGraphicsTextItem", "QWizard", "QWizardPage"}
RICH = {"RichText", "AutoText", "MarkdownText", "setHtml", "setMarkdown", "insertHtml", "appendHtml"}


def markup(source: Source) -> list[str]:
    """Return every place that makes a guessing widget, derives from one, or asks for rich text."""
    door = source.path == DOOR
    found = []
    for node in ast.walk(source.tree):
        names: list[ast.expr] = []
        if isinstance(node, ast.Call):
            names = [node.func]
            # QMessageBox.warning(...) and the like
            if isinstance(node.func, ast.Attribute):
                names.append(node.func.value)
        elif isinstance(node, ast.ClassDef):
            names = list(node.bases)
        used = {_last(name) for name in names} & (GUESSING - ({"QLabel"} if door else set()))
        if isinstance(node, ast.Attribute) and node.attr in RICH:
            used.add(node.attr)
        line = getattr(node, "lineno", 0)
        found += [f"{source.path}:{line} {name}" for name in sorted(used)]
    return found


def _last(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def test_no_screen_reads_markup() -> None:
    sources = python("ui", "app.py")
    assert len(sources) > 5
    assert "\n".join(complaint for source in sources for complaint in markup(source)) == ""


def test_the_one_door_makes_plain_labels() -> None:
    text = (ROOT / DOOR).read_text("utf-8")
    calls = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call)]
    switched = [ast.unparse(call) for call in calls if _last(call.func) == "setTextFormat"]
    assert switched
    assert all(call.endswith("setTextFormat(Qt.TextFormat.PlainText)") for call in switched)


@pytest.mark.parametrize(
    "text",
    [
        "label = QLabel('x')",
        "label = QtWidgets.QLabel('x')",
        "class Title(QLabel): ...",
        "QMessageBox.warning(None, 't', 'x')",
        "box = QMessageBox()",
        "edit = QTextEdit()",
        "label.setTextFormat(Qt.TextFormat.RichText)",
        "label.setTextFormat(Qt.AutoText)",
        "document.setHtml(text)",
    ],
)
def test_markup_trips_the_rule(text: str) -> None:
    assert markup(Source("ui/screens/review.py", text)) != []


def test_the_door_and_plain_widgets_do_not() -> None:
    assert markup(Source(DOOR, "class PlainLabel(QLabel): ...")) == []
    assert markup(Source("ui/a.py", "QPlainTextEdit('x'); isinstance(w, QLabel); f(QLabel)")) == []
