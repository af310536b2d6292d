"""Interleaved timing: A B A B …, so that a drifting machine slows both; ratios of medians are the claim."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Sample:
    """Seconds of one thing over several rounds."""

    name: str
    seconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """Middle value, seconds."""
        return statistics.median(self.seconds)

    def shown(self) -> str:
        """Return minimum, median and maximum in milliseconds."""
        low, high = min(self.seconds) * 1000, max(self.seconds) * 1000
        return f"{self.name}: {low:.2f} / {self.median * 1000:.2f} / {high:.2f} ms"


def interleaved(things: dict[str, Callable[[], object]], rounds: int) -> dict[str, Sample]:
    """Run every thing once per round, in turn, after one round that is not counted."""
    times: dict[str, list[float]] = {name: [] for name in things}
    for round_number in range(rounds + 1):
        for name, thing in things.items():
            start = time.perf_counter()
            thing()
            if round_number:
                times[name].append(time.perf_counter() - start)
    return {name: Sample(name, tuple(values)) for name, values in times.items()}


def report(title: str, ours: Sample, peer: Sample, aim: str) -> str:
    """Return the lines of one comparison: both samples, the ratio ours/peer, and the aim."""
    ratio = ours.median / peer.median
    return (
        f"{title}\n  {ours.shown()}\n  {peer.shown()}\n"
        f"  ratio ours/peer {ratio:.2f} (peer/ours {1 / ratio:.1f}); aim {aim}; n={len(ours.seconds)}"
    )
