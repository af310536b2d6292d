"""The version resource of the Windows programs, as PyInstaller reads it."""

from __future__ import annotations

from pathlib import Path

from installer.naming import PUBLISHER, SUMMARY, TITLE, TITLE_ENGLISH, four_numbers

_SIMPLIFIED_CHINESE, _UNICODE = 0x0804, 1200


def write_version_file(path: Path, version: str) -> None:
    """Write the description of the version resource, in Simplified Chinese."""
    whole = four_numbers(version)
    strings = {
        "CompanyName": PUBLISHER,
        "FileDescription": f"{TITLE} {SUMMARY}",
        "FileVersion": whole,
        "InternalName": TITLE_ENGLISH,
        "OriginalFilename": "certdesk.exe",
        "ProductName": f"{TITLE} {TITLE_ENGLISH}",
        "ProductVersion": whole,
    }
    table = ", ".join(f"StringStruct({key!r}, {value!r})" for key, value in strings.items())
    numbers = tuple(int(part) for part in whole.split("."))
    path.write_text(
        "VSVersionInfo(\n"
        f"  ffi=FixedFileInfo(filevers={numbers}, prodvers={numbers}, mask=0x3F, flags=0, OS=0x40004,\n"
        "                    fileType=1, subtype=0, date=(0, 0)),\n"
        f"  kids=[StringFileInfo([StringTable('{_SIMPLIFIED_CHINESE:04x}{_UNICODE:04x}', [{table}])]),\n"
        f"        VarFileInfo([VarStruct('Translation', [{_SIMPLIFIED_CHINESE}, {_UNICODE}])])])\n",
        "utf-8",
    )
