"""What the hub looks things up by, brought up to date in the transaction that records an action.

Rebuildable from the actions; nothing here is a fact of its own, and nothing personal is in it.
"""

from __future__ import annotations

from sqlalchemy import Connection

from core.records.changes import EFFECTS
from core.records.model import Action
from hub.claim_codes import alarm_if_copied
from hub.desks import add_device
from hub.world import LedgerWorld


def project(connection: Connection, world: LedgerWorld, action: Action, at: str) -> None:
    """Bring the lookups of an action's subject up to date; what can wait is written by their flush.

    ``at`` is the moment of recording.
    """
    if action.subject_kind == "unit":
        unit = world.unit(action.subject)
        if unit is not None:
            world.lookups.put_unit(unit.id, unit.values["uscc"], fresh=action.base_version == 0)
        if action.kind in EFFECTS:
            _follow_unit(world, action.subject)
    elif action.subject_kind == "case":
        case = world.case(action.subject)
        if case is not None:
            world.lookups.put_case(case)
    elif action.kind == "claim_minted":
        alarm_if_copied(connection, action, at)
        _minted(world, action)
    elif action.kind == "claim_voided":
        claim = world.claim(action.subject)
        if claim is not None:
            world.lookups.void_code(action.office, claim.jti)
    elif action.kind == "device_added":
        add_device(connection, action)
    elif action.kind == "refusal_settled":
        world.refusals.settle(action.public["refused"])


def _follow_unit(world: LedgerWorld, unit: str) -> None:
    """A change may have ended cases: the next action of the same batch must not meet them as open."""
    for case_id in world.lookups.cases_of(unit):
        case = world.case(case_id)
        if case is not None:
            world.lookups.put_case(case)


def project_case(connection: Connection, world: LedgerWorld, case_id: str) -> None:
    """Bring one case's row up to date at once, after its certificate has changed."""
    world.lookups.flush()
    case = world.case(case_id)
    if case is not None:
        world.lookups.put_case(case)
        world.lookups.flush()


def _minted(world: LedgerWorld, action: Action) -> None:
    """A synced minting counts as having seen the code: it makes older unspent ones refused."""
    public = action.public
    case = world.case(public["case"])
    world.lookups.put_minted(
        {
            "office": action.office,
            "jti": public["jti"],
            "device": action.device,
            "device_epoch": action.device_epoch,
            "seq": action.seq,
            "unit": case.unit if case else None,
            "purpose": public["purpose"],
            "representative_no": public["representative_no"],
            "facts": public["approval"][:32],
            "issued_at": public["issued_at"],
            "expires_at": public["expires_at"],
            "tries": 0,
            "voided": False,
            "state": "waiting",
            "code": "",
            "at": "",
        }
    )
