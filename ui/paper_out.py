"""A PDF on its way out of the window: to the printer, or to a file the person chose."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from ui.files import PDF, Chooser, DialogChooser
from ui.messages import Message, sentence
from ui.task import CancelToken, ReportProgress, Task

if TYPE_CHECKING:
    from core.documents.printing import Printer

MakePdf = Callable[[], bytes]
"""Called on the render lane; must not touch Qt."""


class PaperOut:
    """Prints and saves for one widget; ``say(Message, tone)`` hears how it went."""

    def __init__(
        self,
        owner: QWidget,
        say: Callable[[Message, str], None],
        *,
        printer: Printer | None = None,
        chooser: Chooser | None = None,
    ) -> None:
        self._owner = owner
        self._say = say
        self._printer = printer
        self.chooser: Chooser = chooser or DialogChooser()

    def print(
        self,
        make: MakePdf,
        title: str,
        *,
        name: str = "",
        copies: int = 1,
        after: Callable[[], object] | None = None,
    ) -> None:
        """Print on printer ``name`` (empty: the default one); ``after`` only if it was taken."""

        def op(progress: ReportProgress, cancel: CancelToken) -> str:
            from ui.printers import system_printer

            return (self._printer or system_printer()).print_pdf(name, make(), copies, title)

        def done(job: str) -> None:
            self._say(Message(title, f"《{title}》已送到打印机。"), "good")
            if after is not None:
                after()

        self._start(op, done)

    def save(self, make: MakePdf, title: str, *, after: Callable[[], object] | None = None) -> None:
        """Ask for a file and write the PDF there."""
        chosen = self.chooser.save(self._owner, f"保存{title}", f"{title}.pdf", PDF)
        if not chosen:
            return
        place = Path(chosen if chosen.lower().endswith(".pdf") else f"{chosen}.pdf")

        def op(progress: ReportProgress, cancel: CancelToken) -> str:
            from core.paths import write_atomic

            write_atomic(place, make())
            return place.name

        def done(name: str) -> None:
            self._say(Message(title, f"已保存为 {name}。"), "good")
            if after is not None:
                after()

        self._start(op, done)

    def _start(self, op: Callable[[ReportProgress, CancelToken], str], done: Callable[[str], None]) -> None:
        task: Task[str] = Task(self._owner, op, "paper out")
        task.on_success(done)
        task.on_failure(lambda error: self._say(sentence(error), "bad"))
        task.start("render")
