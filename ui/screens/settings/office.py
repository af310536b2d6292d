"""The office on its papers, and the phone program with its download code (附件2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout

from ui.paper_out import MakePdf, PaperOut
from ui.screens.settings.section import Section
from ui.theme import theme
from ui.widgets.buttons import Button
from ui.widgets.labels import label
from ui.widgets.preview_view import PageImage, PreviewView

if TYPE_CHECKING:
    from core.services.office_papers import OfficeFace

PAGE_POINTS = 595.276
"""Width of A4 at 72 dots an inch."""


class Office(Section):
    """What papers say of the office; the program that holders install."""

    title = "机关与手机程序"
    needs_face = True

    def build(self) -> None:
        """Two cards, the second with the page as it will be printed."""
        self.out = PaperOut(self, self.say, chooser=self.chooser)
        card = self.add_card("登记管理机关")
        self.office = label("", "strong", wrap=True)
        card.body.addWidget(self.office)
        self.add_text(card, "office_phone", "办公电话（印在回执、告知书和恢复单上）")
        phone = self.add_card(
            "手机程序",
            "领取电子证书前，申领人先在手机上安装这个程序。名称、支持的手机和下载地址以上级通知为准，有变化在这里改。",
        )
        self.add_text(phone, "phone_program_name", "程序名称")
        self.add_text(phone, "supported_phones", "支持的手机", "例如：安卓手机。领取页和附件 2 上会写明。")
        self.url = self.add_text(
            phone,
            "phone_program_url",
            "下载地址（印成二维码）",
            "以 https:// 开头；没有地址时不显示下载二维码。",
        )
        self.add_text(phone, "holder_page_note", "领取页面上的说明（可不填）")
        row = QHBoxLayout()
        self.print = Button("打印附件 2", icon_name="printer", on_click=self._on_print)
        self.save_as = Button("另存为 PDF…", on_click=self._on_save)
        row.addWidget(self.print)
        row.addWidget(self.save_as)
        row.addStretch(1)
        phone.body.addLayout(row)
        self.preview = PreviewView()
        self.preview.setFixedHeight(theme().base * 34)
        phone.body.addWidget(self.preview)

    def refresh(self) -> None:
        """Show the settings and draw the page anew."""
        super().refresh()
        settings = self.desk.settings
        given = bool(settings.phone_program_url)
        self.print.setEnabled(given)
        self.save_as.setEnabled(given)
        self.preview.setVisible(given)
        if given:
            make = self._maker()
            self.preview.request(lambda width: _pages(make(), width))
        else:
            self.preview.clear()

    def show_face(self, face: OfficeFace) -> None:
        """Show which office this is."""
        self.office.setText(f"{face.office}（机关代码 {face.code}，{face.level}级）")

    def _maker(self) -> MakePdf:
        session, settings = self.desk.session, self.desk.settings

        def make() -> bytes:
            from core.services.office_papers import phone_program_page

            return phone_program_page(
                session,
                settings.phone_program_name,
                settings.supported_phones,
                settings.phone_program_url,
                settings.office_phone,
            )

        return make

    def _on_print(self) -> None:
        self.out.print(self._maker(), "附件2下载二维码", name=self.desk.settings.printer)

    def _on_save(self) -> None:
        self.out.save(self._maker(), "附件2下载二维码")


def _pages(pdf: bytes, width: int) -> list[PageImage]:
    from core.documents.preview import raster

    return [raster(pdf, 0, width / PAGE_POINTS)]
