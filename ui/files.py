"""Where a person says which file or folder; one door, so that tests can answer in their place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from PySide6.QtWidgets import QFileDialog, QWidget


class Chooser(Protocol):
    """Asks for a place; an empty text means the person thought better of it."""

    def save(self, parent: QWidget | None, caption: str, name: str, kinds: str) -> str: ...
    def open(self, parent: QWidget | None, caption: str, kinds: str) -> str: ...
    def folder(self, parent: QWidget | None, caption: str, at: str) -> str: ...


@dataclass(frozen=True)
class DialogChooser:
    """Asks with the system's own dialogs."""

    def save(self, parent: QWidget | None, caption: str, name: str, kinds: str) -> str:
        """Ask where to write a new file."""
        return QFileDialog.getSaveFileName(parent, caption, name, kinds)[0]

    def open(self, parent: QWidget | None, caption: str, kinds: str) -> str:
        """Ask for an existing file."""
        return QFileDialog.getOpenFileName(parent, caption, "", kinds)[0]

    def folder(self, parent: QWidget | None, caption: str, at: str) -> str:
        """Ask for a folder."""
        return QFileDialog.getExistingDirectory(parent, caption, at)


PDF = "PDF (*.pdf)"
BACKUP = "证窗备份 (*.certdesk)"
CERTIFICATE = "证书 (*.pem *.crt *.cer);;所有文件 (*)"
REQUEST = "新电脑的申请 (*.json *.cdreq *.request);;所有文件 (*)"
PACKAGE = "新电脑的资料包 (*.cdpack);;所有文件 (*)"
