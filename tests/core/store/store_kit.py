"""A store alone, and a chain of small signed actions to put into it, without any service or rule."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.keys.signer import SoftwareSigner
from core.records.model import GENESIS, Action, SignedAction, commitments, salted, sign_action
from core.store.unit_of_work import Store, UnitOfWork
from tests.core.services.office_kit import MovableClock, SeededRandom

KEY = bytes(range(32))
SIGNER = SoftwareSigner.from_seed(b"p" * 32, 16)
OFFICE, DEVICE = "office", "desk"


def open_store(folder: Path, key: bytes = KEY) -> Store:
    """Open (making it) the database in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    return Store(folder / "desk.db", key, MovableClock(), SeededRandom("store"), folder / "backups")


def append(
    uow: UnitOfWork,
    subject: tuple[Any, str],
    kind: str,
    public: Mapping[str, Any] | None = None,
    private: Mapping[str, str] | None = None,
    *,
    base: int | None = None,
    refresh: bool = True,
) -> SignedAction:
    """Sign and append what comes next in the desk's chain; no rule is asked."""
    last = uow.ledger.last_of_chain(DEVICE, 1)
    seq = 1 if last is None else last[0] + 1
    counter = iter(range(seq * 100, seq * 100 + 99))
    salts = salted(private or {}, lambda count: next(counter).to_bytes(count, "big"))
    action = Action(
        id=f"action-{seq}",
        office=OFFICE,
        subject_kind=subject[0],
        subject=subject[1],
        base_version=len(uow.ledger.entries(*subject)) if base is None else base,
        kind=kind,
        at=f"2026-11-23T02:{seq // 60 % 60:02d}:{seq % 60:02d}.000Z",
        device=DEVICE,
        device_epoch=1,
        seq=seq,
        prev=GENESIS if last is None else last[1],
        person="person",
        public=dict(public or {}),
        commitments=commitments(salts),
        rehearsal=True,
    )
    signed = sign_action(action, SIGNER)
    uow.ledger.append(signed, salts)
    if refresh:
        uow.projection.refresh(*subject)
    return signed


def unit_facts(name: str, uscc: str = "12460108YX0000008E", **more: str) -> dict[str, Any]:
    """Return the public part of a unit's registration, as far as the lists read it."""
    values = {"name": name, "uscc": uscc, **more}
    return {"form": {}, "values": values, "representative_no": 1}


def case_facts(unit: str, number: str) -> dict[str, Any]:
    """Return the public part of a filing, as far as the lists read it."""
    form = {"id": "attachment-1", "version": 1, "digest": "0" * 64}
    return {"unit": unit, "case_no": number, "form": form, "values": {}}
