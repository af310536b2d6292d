"""Individually signed actions at the hub against the bare Ed25519 verify rate of the same machine.

Ours is all that the hub does with a desk's envelope: read it, check the desk's signature, every person's
signature, chain, version, commitments, the judge, seal personal values, write rows and lists, commit, answer.
The floor verifies the same signatures with keys already loaded, in one thread, and does nothing else.

Run: .venv/bin/python -m benchmarks.signed_actions
"""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from benchmarks.hub_load import ACTIONS_OF_A_CASE, Load, hub_on
from benchmarks.postgres import server
from benchmarks.timing import Sample
from core.canonical import digest
from core.records.model import action_from_body
from hub.desk_requests import answer
from hub.setup import Hub

ROUNDS, CASES = 6, 142
"""142 cases are 994 actions: a full batch is 1,000 (``core.sync.envelope.BATCH_LIMITS``)."""


def answering(hub: Hub) -> Callable[[bytes], bytes]:
    """Return what takes in an envelope of actions."""
    return lambda data: answer(hub, "actions", data, fresh=True)


def signatures(load: Load, items: list[dict[str, Any]]) -> list[tuple[Ed25519PublicKey, bytes, bytes]]:
    """Return (key, signature, signed bytes) of every item."""
    people = (load.office.admin, load.office.clerk, load.office.reviewer)
    keys = {each.id: Ed25519PublicKey.from_public_bytes(each.signer.public_bytes()) for each in people}
    return [
        (
            keys[item["action"]["person"]],
            bytes.fromhex(item["signature"]),
            digest("signature/1", bytes.fromhex(action_from_body(item["action"]).hash())),
        )
        for item in items
    ]


def raw(triples: list[tuple[Ed25519PublicKey, bytes, bytes]]) -> float:
    """Return the seconds that bare verification takes."""
    start = time.perf_counter()
    for key, signature, data in triples:
        key.verify(signature, data)
    return time.perf_counter() - start


def took(take: Callable[[bytes], bytes], data: bytes, count: int) -> float:
    """Return the seconds the hub takes for a batch that it must record whole."""
    start = time.perf_counter()
    said = take(data)
    seconds = time.perf_counter() - start
    receipts = json.loads(said)["payload"]["receipts"]
    recorded = [receipt["position"] for receipt in receipts if receipt["verdict"] == "recorded"]
    if len(recorded) != count or recorded != list(range(recorded[0], recorded[0] + count)):
        raise SystemExit("the hub did not record the whole batch")
    return seconds


def main() -> None:
    """Print the rates and the ratio of each database."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        urls = {
            "PostgreSQL": stack.enter_context(server()).url,
            "SQLite": f"sqlite:///{folder / 'hub.db'}",
        }
        hubs = {name: stack.enter_context(hub_on(url, folder / name)) for name, url in urls.items()}
        loads = {name: Load(hub, (ROUNDS + 1) * CASES) for name, hub in hubs.items()}
        takes = {name: answering(hub) for name, hub in hubs.items()}
        rates: dict[str, list[float]] = {name: [] for name in ("floor", *hubs)}
        for round_number in range(ROUNDS + 1):
            for name in hubs:
                data, items = loads[name].batch(CASES)
                floor = len(items) / raw(signatures(loads[name], items))
                ours = len(items) / took(takes[name], data, len(items))
                if round_number:
                    rates["floor"].append(floor)
                    rates[name].append(ours)
        print(f"Individually signed actions ({ACTIONS_OF_A_CASE} of each case, batches of about 1,000)")
        floor_rate = Sample("floor", tuple(rates["floor"])).median
        print(f"  Ed25519 verify alone, one thread: {floor_rate:,.0f} a second")
        for name in hubs:
            rate = Sample(name, tuple(rates[name])).median
            low, high = min(rates[name]), max(rates[name])
            print(
                f"  hub on {name}: {rate:,.0f} a second ({low:,.0f} to {high:,.0f});"
                f" ratio ours/floor {rate / floor_rate:.2f}; aim >= 0.5; n={ROUNDS}"
            )


if __name__ == "__main__":
    main()
