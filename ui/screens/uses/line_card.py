"""A line of the use list in full, below the list."""

from __future__ import annotations

from core.records.uses import UseLine
from ui.screens.uses.state import line_facts
from ui.widgets.cards import Card
from ui.widgets.fact_grid import Fact, FactGrid


class LineCard(Card):
    """``show_line`` in; hidden while no line is chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("所选的一次查验")
        self.facts = FactGrid()
        self.body.addWidget(self.facts)
        self.hide()

    def show_line(self, line: UseLine | None) -> None:
        """Show a line, or nothing."""
        self.setVisible(line is not None)
        told = () if line is None else line_facts(line)
        self.facts.show_facts([Fact(name, words, words) for name, words in told])
