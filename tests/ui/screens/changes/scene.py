"""A unit with a certificate, an open code and a case; changes of it. The hub is the contract's fake."""

from __future__ import annotations

from dataclasses import dataclass

from core.services import changes, review
from core.services.applications import get_case
from core.services.sync import sync
from tests.contract.fake_hub import FakeHub, PostedHub
from tests.core.services.office_kit import OfficeKit, SeededRandom


@dataclass
class Scene:
    """The kit's office, enrolled at a hub, with one unit that has claimed."""

    kit: OfficeKit
    hub: FakeHub
    port: PostedHub
    unit: str
    case: str

    def exchange(self) -> None:
        """Run one cycle."""
        with self.kit.sit("both") as session:
            sync(session, self.port)

    def another(self) -> str:
        """Return another unit that has claimed."""
        return claimed(self.kit, self.hub, self.port)[0]


def claimed(kit: OfficeKit, hub: FakeHub, port: PostedHub) -> tuple[str, str]:
    """Return (unit, case) of a certificate that was claimed."""
    case = kit.approved_case()
    with kit.sit("both") as session:
        sync(session, port)
        hub.issue(session.office, case)
        sync(session, port)
        return get_case(session, case).case.unit, case


def certified(kit: OfficeKit) -> Scene:
    """Enrol the office and let a unit claim."""
    hub = FakeHub(kit.clock, SeededRandom("hub"))
    port = PostedHub(hub.post)
    kit.enrol(port)
    unit, case = claimed(kit, hub, port)
    return Scene(kit, hub, port, unit, case)


def file_representative(scene: Scene, name: str = "符样新") -> str:
    """File a change of the legal representative as the clerk; return its id."""
    with scene.kit.sit("clerk") as clerk:
        return changes.file_change(
            clerk, scene.unit, "representative", values={"representative_name": name}, basis="演练〔2026〕7号"
        )


def approve(scene: Scene, change_id: str) -> None:
    """Approve as the reviewer."""
    with scene.kit.sit("reviewer") as reviewer:
        changes.approve_change(reviewer, change_id)


def approved_case(scene: Scene, case_id: str) -> None:
    """Approve a submitted case as the reviewer."""
    with scene.kit.sit("reviewer") as reviewer:
        review.approve(reviewer, case_id)
