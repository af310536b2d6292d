"""Who may import whom (docs/architecture.md, "Direction"): one table, and a rule that reads it."""

from __future__ import annotations

import pytest

from tests.architecture.sources import PRODUCT, Source, imports, python

# The tiers inside core, lowest first. A room imports its own tier and those below it.
TIERS: tuple[frozenset[str], ...] = (
    frozenset({"errors", "ids", "clock", "canonical", "paths", "settings", "logs", "words"}),
    frozenset({"claims", "credentials", "records", "forms", "tlog"}),
    frozenset({"store", "sync", "documents", "archive", "keys", "intake"}),
    frozenset({"services", "rehearsal"}),
    frozenset({"verbs"}),
)
# The port for signing: records name a Signer, what makes one stays above them.
PORTS = {"core.keys.signer": 0}
STORE_ONLY = ("sqlalchemy", "alembic", "sqlcipher3", "sqlite3")
TOPS = {"core", "hub", "ui", "app"}
# Qt modules of PySide6-Essentials that we use. Network goes through Python (its TLS does not depend on the
# desktop's OpenSSL); anything else would drag in Addons or Qml.
QT = {"QtCore", "QtGui", "QtWidgets", "QtSvg", "QtSvgWidgets", "QtPrintSupport", "QtDBus", "QtTest"}


def within(name: str, package: str) -> bool:
    """Return whether the dotted ``name`` is ``package`` or inside it."""
    return name == package or name.startswith(package + ".")


def tier(name: str) -> int | None:
    """Return the tier of a dotted name inside core; None for the bare package; -1 when the table lacks it."""
    for port, height in PORTS.items():
        if within(name, port):
            return height
    parts = name.split(".")
    if len(parts) < 2:
        return None
    return next((height for height, rooms in enumerate(TIERS) if parts[1] in rooms), -1)


def between_tops(module: str, target: str) -> str | None:
    """Say what is wrong with ``module`` importing ``target``, looking at the top level only."""
    mine, theirs = module.split(".")[0], target.split(".")[0]
    allowed = {"core": {"core"}, "hub": {"core", "hub"}, "ui": {"core", "ui"}, "app": TOPS}
    if theirs in TOPS and theirs not in allowed[mine]:
        return f"{mine} must not import {theirs}"
    if mine == "ui" and within(target, "core.store"):
        return "the window never touches the store; services do"
    if theirs in STORE_ONLY and mine != "hub" and not within(module, "core.store"):
        return f"{theirs} belongs to core/store and the hub"
    return None


def about_qt(module: str, target: str) -> str | None:
    """Say what is wrong with a Qt import."""
    parts = target.split(".")
    if parts[0] not in {"PySide6", "shiboken6"}:
        return None
    if module.split(".")[0] not in {"ui", "app"}:
        return "Qt lives in ui and app.py only"
    if parts[0] == "PySide6" and (len(parts) < 2 or parts[1] not in QT):
        return f"{target} is not among the Qt modules we ship"
    return None


def inside_core(module: str, target: str) -> str | None:
    """Say what is wrong with an import from one room of core into another."""
    if not (within(module, "core") and within(target, "core")):
        return None
    mine, theirs = tier(module), tier(target)
    if mine == -1:
        return f"{module} has no tier: add its room to TIERS"
    if mine is not None and theirs is not None and theirs > mine:
        return f"{target} stands above {module}"
    return None


def wrong_imports(source: Source) -> list[str]:
    """Return every import of ``source`` that goes against the direction."""
    found = []
    for line, target in imports(source):
        if target.startswith("."):
            found.append(f"{source.path}:{line} relative import; write the whole name")
            continue
        for rule in (between_tops, about_qt, inside_core):
            complaint = rule(source.module, target)
            if complaint:
                found.append(f"{source.path}:{line} {complaint}")
    return found


def test_every_import_follows_the_direction() -> None:
    sources = python(*PRODUCT)
    assert len(sources) > 5
    assert "\n".join(complaint for source in sources for complaint in wrong_imports(source)) == ""


def test_every_room_of_core_has_a_tier() -> None:
    rooms = {source.module.split(".")[1] for source in python("core") if "." in source.module}
    assert rooms - set().union(*TIERS) == set()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("core/forms/spec.py", "import ui.theme"),
        ("core/forms/spec.py", "from hub import app"),
        ("core/services/review.py", "def f():\n    import ui"),
        ("ui/task.py", "from hub.issuer import issue"),
        ("hub/app.py", "import ui"),
        ("ui/task.py", "from core.store import engine"),
        ("ui/task.py", "from core import store"),
        ("hub/app.py", "import app"),
        ("core/services/review.py", "from sqlalchemy import select"),
        ("ui/task.py", "import sqlcipher3"),
        ("core/forms/spec.py", "from core.services import review"),
        ("core/records/model.py", "from core.keys.sealing import seal"),
        ("core/keys/signer.py", "from core.records.model import Action"),
        ("core/errors.py", "from core.forms.spec import Finding"),
        ("core/novelty.py", "from core.errors import UserError"),
        ("core/forms/spec.py", "from PySide6.QtCore import QObject"),
        ("hub/app.py", "import shiboken6"),
        ("ui/preview.py", "from PySide6.QtPdf import QPdfDocument"),
        ("ui/preview.py", "from PySide6 import QtWebEngineWidgets"),
        ("ui/preview.py", "import PySide6"),
        ("core/forms/check.py", "from .spec import Finding"),
    ],
)
def test_a_wrong_import_trips_the_rule(path: str, text: str) -> None:
    assert wrong_imports(Source(path, text)) != []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("app.py", "import ui.main_window\nimport hub.app\nfrom core.services import review"),
        ("core/records/model.py", "from core.keys.signer import Signer"),
        ("core/services/review.py", "from core.store import engine\nfrom core import errors"),
        ("core/store/engine.py", "import sqlcipher3\nfrom sqlalchemy import select"),
        ("ui/task.py", "from core.forms.spec import Finding\nfrom PySide6.QtCore import QObject"),
        ("hub/tables.py", "import sqlalchemy\nimport hub.settings\nfrom core.records import judge"),
    ],
)
def test_a_right_import_does_not(path: str, text: str) -> None:
    assert wrong_imports(Source(path, text)) == []
