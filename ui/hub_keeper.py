"""Keeps the way to the hub: the embedded one is made, started, watched and started again.

Everything but :meth:`HubKeeper.stop` runs on the hub lane; nothing heavy is imported with this module.
A locked desk leaves the embedded hub serving open claims (architecture.md, "Settled", point 10).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from core.services.session import Session
    from core.sync.hub import Hub


class RunningHub(Protocol):
    """An embedded hub that was started."""

    @property
    def hub(self) -> Hub: ...
    def running(self) -> bool: ...
    def stop(self) -> None: ...


WakeHub = Callable[["Session"], RunningHub]


@dataclass(frozen=True)
class Connected:
    """What connecting came to: ``hub`` None while none was chosen."""

    hub: Hub | None = None
    enrolled: bool = False
    embedded: bool = False
    fingerprint: str = ""


def wake_embedded(session: Session) -> RunningHub:
    """Make the embedded hub if need be and start it. Raises ``EnvironmentFault`` hub_*, port_taken."""
    from core.services.embedded_hub import EmbeddedHub, plan, set_up
    from core.services.offices import is_enrolled

    known = plan(session)
    if known is None or not is_enrolled(session):
        known = set_up(session)
    started = EmbeddedHub(session, known)
    started.start()
    return started


class HubKeeper:
    """One for the process: it outlives locks, so that the hub does."""

    def __init__(self, wake: WakeHub = wake_embedded) -> None:
        self._wake = wake
        self._running: RunningHub | None = None
        self._office = ""
        self._guard = threading.Lock()

    def connect(self, session: Session) -> Connected:
        """Return the hub, awake, and whether it knows this office; ask for enrolment if not.

        Raises ``EnvironmentFault`` hub_* / port_taken, ``Refusal`` hub_changed / certificate_foreign.
        """
        from core.services.hub_link import hub_link, request_fingerprint
        from core.services.offices import enrol, is_enrolled

        link = hub_link(session)
        if link is None:
            return Connected()
        hub: Hub = self._embedded(session) if link.embedded else link.port()
        if is_enrolled(session):
            return Connected(hub, True, link.embedded)
        if enrol(session, hub) is not None:
            return Connected(hub, True, link.embedded)
        return Connected(hub, False, link.embedded, request_fingerprint(session))

    def _embedded(self, session: Session) -> Hub:
        with self._guard:
            if self._running is not None and self._office != session.office:
                self._running.stop()
                self._running = None
            if self._running is None or not self._running.running():
                if self._running is not None:
                    self._running.stop()
                self._running, self._office = self._wake(session), session.office
            return self._running.hub

    def died(self) -> bool:
        """Tell whether the embedded hub was started and is gone."""
        return self._running is not None and not self._running.running()

    def stop(self) -> None:
        """Stop the embedded hub (the program ends, or its files are about to be replaced)."""
        with self._guard:
            if self._running is not None:
                self._running.stop()
                self._running = None
