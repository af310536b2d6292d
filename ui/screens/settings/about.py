"""About: version, where the data lie, and the licences of what is shipped."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from PySide6.QtCore import QLibraryInfo, Qt

from ui.screens.settings.section import Section
from ui.widgets.labels import label

if TYPE_CHECKING:
    from core.services.session import Session

PACKAGE = "certdesk"
_LIBRARIES = (
    ("Qt for Python（PySide6）", "LGPL-3.0"),
    ("SQLCipher、sqlcipher3", "BSD-3-Clause、zlib"),
    ("SQLAlchemy、Alembic", "MIT"),
    ("cryptography、joserfc、cwt、cbor2", "Apache-2.0、BSD-3-Clause、MIT"),
    ("ReportLab、pypdfium2、fontTools、Pillow", "BSD-3-Clause、Apache-2.0、MIT、MIT-CMU"),
    ("qrcode、pypinyin、python-stdnum", "BSD-3-Clause、MIT、LGPL-2.1"),
    ("Starlette、Uvicorn", "BSD-3-Clause"),
    ("思源黑体、思源宋体、Fandol 仿宋、花园明朝", "SIL OFL 1.1、GPL 附字体例外、GlyphWiki 许可"),
    ("Tabler Icons", "MIT"),
)


def program_version() -> str:
    """Return the installed version, or what a checkout calls itself."""
    try:
        return version(PACKAGE)
    except PackageNotFoundError:
        return "开发版"


class About(Section):
    """Plain words."""

    title = "关于"

    def build(self) -> None:
        """Three cards."""
        card = self.add_card("证窗 CertDesk")
        card.body.addWidget(label(f"版本 {program_version()}　·　Qt {QLibraryInfo.version().toString()}"))
        card.body.addWidget(label("事业单位法人电子证书申领窗口。离线可用，数据加密保存在本机。", "muted"))
        place = self.add_card("数据位置")
        self.place = label("", wrap=True)
        self.place.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        place.body.addWidget(self.place)
        licences = self.add_card("使用的软件与许可", "各许可的全文随程序提供，见 resources 文件夹。")
        for name, licence in _LIBRARIES:
            licences.body.addWidget(label(f"{name}　—　{licence}", "label", wrap=True))

    def refresh(self) -> None:
        """Show where the data lie."""
        super().refresh()

        def op(session: Session) -> str:
            return str(session.folder.root)

        self.ask(op, self.place.setText)
