"""What of the collected files a bundle ships. Libraries that a desktop has are named in Depends instead.

``keep`` looks only at where a file would lie in the bundle and where it came from, so that it can be tested
without a build. Measured reasons are in docs/install.md.
"""

from __future__ import annotations

import re
from pathlib import Path, PurePath

EXCLUDED_MODULES = (
    # The province's hub on PostgreSQL runs from source (docs/hub.md); the embedded one is SQLite.
    "psycopg", "psycopg_binary", "psycopg_pool",
    "PySide6.QtNetwork", "PySide6.QtQml", "PySide6.QtQuick", "PySide6.QtOpenGL", "PySide6.QtTest",
    "tkinter", "unittest", "test", "lib2to3", "pydoc_data", "idlelib", "ensurepip", "venv", "sqlite3",
    "setuptools", "pip", "pytest", "_pytest", "hypothesis", "mypy", "playwright", "PyInstaller", "IPython",
    "numpy", "matplotlib", "readline", "curses", "_curses",
    # What pyHanko, fontTools, qrcode, reportlab and zstandard could use beside what the program asks of them.
    "lxml", "oscrypto", "charset_normalizer", "zstandard._cffi", "zstandard.backend_cffi",
)  # fmt: skip

# PyInstaller runs these before anything of ours, in the window, in every verb and in each child: they import
# inspect, multiprocessing and Qt for what nothing here does (sources of frozen modules, spawning, lists of
# modules), and PySide finds its plugins by itself. On Windows they stay, where that could not be tried.
IDLE_START_SCRIPTS = {
    "pyi_rth_inspect", "pyi_rth_pkgutil", "pyi_rth_multiprocessing", "pyi_rth_pyside6",
}  # fmt: skip

# Plugins of Qt that stay; every other one goes, also one that a later Qt brings.
QT_PLUGINS = {
    "platforms": {"xcb", "offscreen", "windows"},
    "platforminputcontexts": {"compose", "ibus"},
    "imageformats": {"svg", "jpeg", "ico"},
    "iconengines": {"svgicon"},
    "styles": {"modernwindowsstyle"},
    "xcbglintegrations": {"xcb-glx-integration", "xcb-egl-integration"},
    "printsupport": {"cupsprintersupport"},
}
# Of the build machine's own libraries only what Python itself was linked to: a desktop may have another one.
OWN_SYSTEM_LIBRARIES = re.compile(
    r"lib(python3\.\d+|ssl|crypto|ffi|lzma|bz2|expat|mpdec|uuid|b2)(-[\w.]+)?\.so"
)
_QT_LIBRARIES_OUT = re.compile(
    r"(lib)?Qt6(Network|Qml\w*|Quick\w*|OpenGLWidgets|VirtualKeyboard\w*|Wayland\w*|Wl\w*|Egl\w*|Pdf|Test)\b"
)
_PILLOW_OUT = re.compile(r"PIL/_(avif|webp|imagingtk|imagingcms|imagingft)\b")
_FOREIGN_NUMBERS = re.compile(r"stdnum/(?!cn/).*\.dat")
_SYSTEM_PLACES = re.compile(r"^/(usr/)?lib(32|64)?/|^/usr/local/lib/")


def keep(destination: str, source: str) -> bool:
    """Return whether the file for ``destination`` (in the bundle), found at ``source``, is shipped."""
    place = PurePath(destination.replace("\\", "/")).as_posix()
    name = PurePath(place).name
    if _SYSTEM_PLACES.match(source) and ".so" in name and not place.startswith("lib-dynload/"):
        foreign = "python3" in source and "/lib-dynload/" in source
        return foreign or bool(OWN_SYSTEM_LIBRARIES.match(name))
    if "/Qt/plugins/" in place or ("/plugins/" in place and "PySide6" in place):
        return _keep_plugin(place)
    if "PySide6" in place and "/translations/" in place:
        return name == "qtbase_zh_CN.qm"
    if _QT_LIBRARIES_OUT.match(name) or _PILLOW_OUT.search(place) or _FOREIGN_NUMBERS.match(place):
        return False
    return not (name == "opengl32sw.dll" or "/tests/" in place or place.startswith("PySide6/Qt/qml/"))


def _keep_plugin(place: str) -> bool:
    kind, name = PurePath(place).parts[-2:]
    plain = re.sub(r"^(lib)?q?|\.(so|dll|dylib)$", "", name)
    wanted = QT_PLUGINS.get(kind, set())
    return plain in wanted or plain.removesuffix("platforminputcontextplugin") in wanted


def drop_idle_libraries(bundle: Path) -> None:
    """Delete the build machine's and Pillow's libraries that nothing shipped is linked to in the end.

    A library that only idle ones are linked to is idle (freetype and harfbuzz need each other).
    """
    from installer.reach import links

    inside, linked = bundle / "_internal", links(bundle)
    droppable = {path for path in linked if _droppable(path.relative_to(inside.parent))}
    needed: set[str] = set()
    reached = [names for path, names in linked.items() if path not in droppable]
    while reached:
        needed.update(*reached)
        held = {path for path in droppable if path.name in needed}
        droppable -= held
        reached = [linked[path] for path in held]
    for path in droppable:
        path.unlink()
    for path in inside.iterdir():
        if path.is_symlink() and not path.exists():
            path.unlink()


def _droppable(place: Path) -> bool:
    if place.parent.name == "pillow.libs":
        return True
    own = place.parent.name == "_internal" and OWN_SYSTEM_LIBRARIES.match(place.name)
    return bool(own) and "libpython" not in place.name
