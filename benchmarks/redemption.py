"""A claim code honoured by the hub against pgbench inserting the same row, on one PostgreSQL.

Ours is the whole token step as the hub's own threads take it (``hub.claims.token``, without HTTP): the code's
signature, the desk's standing, the case's facts folded from the ledger and checked, the six digits, the row
under its unique keys, the desk's live view, one durable commit. The floor is pgbench inserting a row of the
same columns into a copy of the table with the same keys, prepared, with as many clients, and nothing else.

Run: .venv/bin/python -m benchmarks.redemption [profile]
"""

from __future__ import annotations

import cProfile
import pstats
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import chain
from pathlib import Path

from sqlalchemy import create_engine, text

from benchmarks.hub_load import Load, hub_on
from benchmarks.postgres import Server, server
from benchmarks.signed_actions import answering, took
from benchmarks.timing import Sample
from hub import claims
from hub.setup import Hub
from tests.hub.sample_office import Minted

ROUNDS, CLIENTS, OFFICES, CODES = 5, 8, 8, 20
"""Rounds; threads and pgbench's clients; offices, each with so many codes a round."""
SECONDS = 2

_FLOOR = r"""
\set number random(1, 1000000000000)
INSERT INTO redemption_floor (office, jti, token, code, "case", expires_at, dead, at)
SELECT 'office', lpad(hex, 24, '0'), lpad(hex, 64, '0'), :code, 'case', 1764400000, false, '2026-11-29'
FROM to_hex(CAST(:number AS bigint)) AS hex;
"""


def coded(hub: Hub, loads: list[Load]) -> list[list[Minted]]:
    """Return fresh codes of cases that the hub has approved: a list an office."""
    made = []
    for load in loads:
        approved = [load.case() for _ in range(CODES)]
        made.append([load.office.mint(each) for each in approved])
        items, load.office.outbox = load.office.outbox, []
        took(answering(hub), load.office.batch(items), len(items))
    return made


def redeem(hub: Hub, codes: list[Minted], threads: int) -> float:
    """Exchange every code for a token; return how many a second."""
    with ThreadPoolExecutor(threads) as pool:
        start = time.perf_counter()
        tokens = list(pool.map(lambda code: claims.token(hub, code.text, code.pin).token, codes))
        seconds = time.perf_counter() - start
    if len(set(tokens)) != len(codes):
        raise SystemExit("a code was not honoured")
    return len(codes) / seconds


def floor(database: Server, script: Path) -> float:
    """Return pgbench's insertions a second."""
    typed = [str(database.programs / "pgbench"), "-n", "-M", "prepared", "-c", str(CLIENTS), "-j", "2"]
    said = subprocess.run(
        [*typed, "-T", str(SECONDS), "-f", str(script), database.dsn],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    found = re.search(r"tps = ([0-9.]+)", said)
    assert found is not None, said
    return float(found[1])


def main() -> None:
    """Print the rates and their ratio."""
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        database = stack.enter_context(server())
        hub = stack.enter_context(hub_on(database.url, place / "hub"))
        engine = create_engine(database.url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE redemption_floor (LIKE redemption INCLUDING ALL)"))
        engine.dispose()
        loads = [Load(hub, (ROUNDS + 1) * CODES) for _ in range(OFFICES)]
        script = place / "floor.sql"
        script.write_text(_FLOOR.replace(":code", f"'{'x' * 220}'"), "utf-8")
        if "profile" in sys.argv:
            codes = list(chain(*coded(hub, loads)))
            profile = cProfile.Profile()
            profile.runcall(lambda: [claims.token(hub, code.text, code.pin) for code in codes])
            pstats.Stats(profile).sort_stats("cumulative").print_stats(50)
            return
        ours, peer = list[float](), list[float]()
        for round_number in range(ROUNDS + 1):
            turns = chain(*zip(*coded(hub, loads), strict=True))  # one code of each office after the other
            rate, inserted = redeem(hub, list(turns), CLIENTS), floor(database, script)
            if round_number:
                ours.append(rate)
                peer.append(inserted)
    mine, its = Sample("ours", tuple(ours)).median, Sample("pgbench", tuple(peer)).median
    print(f"Claim codes honoured, {CLIENTS} threads or clients, {OFFICES} offices, n={ROUNDS}")
    print(f"  hub on PostgreSQL: {mine:,.0f} a second ({min(ours):,.0f} to {max(ours):,.0f})")
    print(
        f"  pgbench, same row, {CLIENTS} clients: {its:,.0f} a second ({min(peer):,.0f} to {max(peer):,.0f})"
    )
    print(f"  ratio ours/pgbench {mine / its:.3f}; aim >= 0.4")


if __name__ == "__main__":
    main()
