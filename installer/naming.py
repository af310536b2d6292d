"""Names and numbers that desktop file, packages and Windows resources share."""

from __future__ import annotations

import tomllib
from pathlib import Path

PACKAGE = "certdesk"
TITLE = "证窗"
TITLE_ENGLISH = "CertDesk"
SUMMARY = "事业单位法人电子证书制发窗口"
MAINTAINER = "CertDesk <certdesk@localhost>"
PUBLISHER = "证窗 CertDesk"


def product_version(root: Path) -> str:
    """Return the version that pyproject.toml tells."""
    return str(tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"])


def four_numbers(version: str) -> str:
    """Return "0.1.0" as "0.1.0.0": UOS and Windows want four numbers everywhere. Raises ``ValueError``."""
    numbers = [int(part) for part in version.split(".")]
    if not 1 <= len(numbers) <= 4 or min(numbers) < 0:
        raise ValueError(f"not a version of numbers: {version}")
    return ".".join(str(number) for number in (*numbers, 0, 0, 0, 0)[:4])
