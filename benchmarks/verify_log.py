"""``verify-log`` over a million entries, as it is typed: tree and tiles first, then every action's signature.

The log is real: an office's people sign every action with their own keys, one chain runs through all of them,
the head is the hub's. Only the cases repeat themselves. The floor is bare Ed25519 verification of as many
signatures, one thread, keys loaded.

Run: .venv/bin/python -m benchmarks.verify_log [ENTRIES [FOLDER]]; a FOLDER keeps the log for another run.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from core.canonical import canonical_again, digest
from core.clock import system_clock, to_stamp
from core.ids import new_id, system_random
from core.keys.signer import SoftwareSigner
from core.records.model import GENESIS
from core.tlog.audit import LogCopy, Row
from core.tlog.checkpoint import Checkpoint, origin_of, sign_note
from core.tlog.entry import entry_bytes
from core.tlog.merkle import Tree, leaf_hash
from core.tlog.tiles import HEIGHT, WIDTH, Tile
from core.verbs.log_folder import write_folder
from tests.hub.sample_office import SampleOffice

APP = Path(__file__).resolve().parents[1] / "app.py"
RAW = 5000
"""Signatures by which the floor's rate is found."""


class Unsealed(SampleOffice):
    """Personal values are signed for; nobody is sent them."""

    def seal(self, private: Any, action_hash: str) -> str:
        """Seal nothing."""
        return ""


def _office() -> tuple[Unsealed, list[dict[str, Any]], list[dict[str, Any]]]:
    """Return an office, what it did first (founding, people), and the seven actions of one case."""
    office = Unsealed(lambda path, data: (0, b""), system_clock, rehearsal=True)
    office.enrolment()
    assert office.founding is not None
    for person in (office.clerk, office.reviewer):
        office.add_person(person)
    first = [{"action": office.founding.action.body(), "signature": office.founding.signature}]
    first += [{"action": item["action"], "signature": item["signature"]} for item in office.outbox]
    office.outbox = []
    office.approved_case()
    return office, first, office.outbox


def rows_of(count: int) -> tuple[str, Iterator[Row]]:
    """Return the office's id, and its actions one after the other."""
    office, first, pattern = _office()
    signers = {each.id: each.signer for each in (office.admin, office.clerk, office.reviewer)}
    moment = datetime(2026, 1, 1, tzinfo=UTC)

    def row(position: int, body: dict[str, Any], signature: str = "") -> Row:
        encoded = canonical_again(body)
        named = digest("action/1", encoded)
        if not signature:
            signature = signers[body["person"]].sign(digest("signature/1", named)).hex()
        at = to_stamp(moment + timedelta(milliseconds=position))
        return Row(position, at, named.hex(), encoded.decode(), "Ed25519", signature)

    def made() -> Iterator[Row]:
        prev, position, content = GENESIS, 0, ""
        for item in first:
            position += 1
            newest = row(position, item["action"], item["signature"])
            prev = newest.hash
            yield newest
        while True:
            names: dict[str, str] = {}
            for item in pattern:
                position += 1
                if position > count:
                    return
                body = dict(item["action"])
                body["public"] = public = dict(body["public"])
                subject = names.setdefault(body["subject"], new_id())
                body |= {"id": new_id(), "subject": subject, "seq": position, "prev": prev}
                if "unit" in public:
                    public["unit"] = names[public["unit"]]
                if "content" in public:
                    public["content"] = content
                newest = row(position, body)
                prev = newest.hash
                if body["kind"] == "case_filed":
                    content = newest.hash
                yield newest

    return office.office, made()


def make_log(count: int, place: Path) -> None:
    """Write a signed log of ``count`` entries, the hub's key and an old checkpoint below ``place``."""
    hub = SoftwareSigner.generate(system_random)
    office, rows = rows_of(count)
    kept = list(rows)
    entries = [entry_bytes(row.recorded_at, row.hash) for row in kept]
    tree = Tree(map(leaf_hash, entries))
    origin = origin_of("https://hub.example.invalid", office)

    def tile(where: Tile) -> bytes:
        first = where.index * WIDTH
        return b"".join(tree.node(where.level * HEIGHT, first + at) for at in range(where.width))

    note = sign_note(Checkpoint(origin, count, tree.root()), hub)
    write_folder(LogCopy(office, note, entries, tile, kept), place / "log")
    old = sign_note(Checkpoint(origin, count // 2, tree.root(count // 2)), hub)
    (place / "old.txt").write_text(old, "utf-8")
    (place / "key.txt").write_text(hub.public_bytes().hex(), "ascii")


def floor() -> float:
    """Return how many signatures a second one thread verifies and does nothing else, by processor time."""
    key = Ed25519PrivateKey.generate()
    asked = [(key.sign(text), text) for text in (b"%032d" % number for number in range(RAW))]
    public, start = key.public_key(), time.process_time()
    for signature, text in asked:
        public.verify(signature, text)
    return RAW / (time.process_time() - start)


def verify(folder: Path, key: str, old: Path) -> tuple[dict[str, Any], dict[str, float]]:
    """Run the verb as a process of its own; return its answer and what it took."""
    typed = ["verify-log", "--dir", str(folder), "--hub-key", key, "--checkpoint", str(old)]
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, str(APP), *typed], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stderr is not None
    reached: dict[str, float] = {}
    for line in process.stderr:
        told = json.loads(line)
        print(
            f"  {time.perf_counter() - start:8.1f} s  {told['checking']} {told['done']:,} of {told['of']:,}"
        )
        if told["done"] == told["of"]:
            reached[told["checking"]] = time.perf_counter() - start
    answer: dict[str, Any] = json.loads(process.stdout.read())
    process.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    took = {"seconds": time.perf_counter() - start, "processor": processor, "MiB": after.ru_maxrss / 1024}
    return answer, took | reached


def main() -> None:
    """Make the log unless it is there, verify it once, print what that took."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10**6
    with tempfile.TemporaryDirectory() as folder:
        place = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(folder)
        if not (place / "key.txt").exists():
            place.mkdir(parents=True, exist_ok=True)
            start, busy = time.perf_counter(), time.process_time()
            make_log(count, place)
            print(
                f"made in {time.perf_counter() - start:.0f} s, processor {time.process_time() - busy:.0f} s"
            )
        rate = floor()
        answer, took = verify(place / "log", (place / "key.txt").read_text("ascii"), place / "old.txt")
    if not answer["ok"] or answer["entries"] != count:
        raise SystemExit(f"the log was not found whole: {answer}")
    alone = count / rate
    print(f"verify-log, {count:,} entries, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"  tree, tiles and heads within {took['log']:.1f} s of the start")
    print(f"  with all signatures {took['seconds']:.1f} s, processor {took['processor']:.1f} s")
    print(f"  peak memory {took['MiB']:.0f} MiB; aim (security.md T18) all within 30 s")
    print(f"  floor, Ed25519 verify alone, one thread: {rate:,.0f} a second, {alone:.0f} s of processor")
    print(f"  ratio ours/floor, processor: {took['processor'] / alone:.2f}")


if __name__ == "__main__":
    main()
