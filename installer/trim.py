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
)  # fmt: skip

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
_PILLOW_OUT = re.compile(r"PIL/_(avif|webp|imagingtk|imagingcms)\b|pillow\.libs/lib(avif|webp)")
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
    if _QT_LIBRARIES_OUT.match(name) or _PILLOW_OUT.search(place):
        return False
    return not (name == "opengl32sw.dll" or "/tests/" in place or place.startswith("PySide6/Qt/qml/"))


def _keep_plugin(place: str) -> bool:
    kind, name = PurePath(place).parts[-2:]
    plain = re.sub(r"^(lib)?q?|\.(so|dll|dylib)$", "", name)
    wanted = QT_PLUGINS.get(kind, set())
    return plain in wanted or plain.removesuffix("platforminputcontextplugin") in wanted


def drop_idle_libraries(bundle: Path) -> None:
    """Delete the build machine's libraries that nothing in the bundle is linked to after all."""
    from installer.reach import needed_by

    needed = needed_by(bundle)
    for path in (bundle / "_internal").iterdir():
        idle = OWN_SYSTEM_LIBRARIES.match(path.name) and "libpython" not in path.name
        if idle and path.name not in needed:
            path.unlink()
