"""What bounds a register's way: each step of a page by itself, in this process, microseconds a unit."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.register_desks import HubUnderTest, pair_at
from core.canonical import canonical
from core.services.device_certificates import certificate_or_refuse
from core.services.register import import_units
from core.services.sync import desk_of
from core.sync.compress import compress, decompress
from core.sync.envelope import MAX_ENVELOPE_BYTES, unwrap, wrap
from core.sync.inbox import take_feed, take_receipts
from core.sync.outbox import next_pull, next_push
from hub import desk_requests


def print_parts(hub: HubUnderTest, place: Path, rows: list[dict[str, str]]) -> None:
    """Carry one push and one pull by hand and print how long each step took."""
    pair = pair_at(hub, place)
    certificate = certificate_or_refuse(pair.importer)
    parts: dict[str, float] = {}

    def step(name: str, work: Callable[..., Any], *given: Any) -> Any:
        start = time.perf_counter()
        made = work(*given)
        parts[name] = parts.get(name, 0.0) + time.perf_counter() - start
        return made

    def carry(session: Any, way: str, payload: dict[str, Any]) -> dict[str, Any]:
        data = step(f"{way}: desk signs", lambda: wrap(payload, session.device.signer))
        step(f"{way}: zstd there", lambda: decompress(compress(data), MAX_ENVELOPE_BYTES))
        kind = payload["type"]
        said = step(f"{way}: hub, whole", lambda: desk_requests.answer(hub.hub, kind, data, fresh=True))
        step(f"{way}: zstd back", lambda: decompress(compress(said), MAX_ENVELOPE_BYTES))
        opened = step(f"{way}: desk reads", lambda: unwrap(said))
        assert opened.verify(bytes.fromhex(certificate.hub_key)), canonical(opened.payload)[:200]
        found: dict[str, Any] = opened.payload
        return found

    try:
        step("desk imports", lambda: import_units(pair.importer, enumerate(rows, 1)))
        here, there = desk_of(pair.importer), desk_of(pair.other)
        while True:
            with pair.importer.read() as uow:
                push = step("push: desk builds", next_push, uow, here, certificate)
            if not push.sent:
                break
            answer = carry(pair.importer, "push", push.payload)
            given = (pair.importer.store, here, certificate, push.sent, answer)
            step("push: desk takes receipts", take_receipts, *given)
        while True:
            with pair.other.read() as uow:
                payload = next_pull(uow, there)
            answer = carry(pair.other, "pull", payload)
            if not answer["items"]:
                break
            given = (pair.other.store, there, certificate, answer, payload["after"])
            step("pull: desk takes in", take_feed, *given)
    finally:
        pair.close()
    print("one run in one process, microseconds a unit:")
    for name, seconds in parts.items():
        print(f"  {name}: {seconds / len(rows) * 1e6:.1f}")
