"""Push and pull of a register: our whole real path against PouchDB, and psycopg COPY of the same rows.

Ours: SQLCipher desk store, register pages of 1,000 units, personal values sealed, signed envelopes, zstd,
HTTP, a hub process on PostgreSQL with every check, a second desk's SQLCipher store. Interleaved.

Run: .venv/bin/python -m benchmarks.register_sync [--units 20000] [--rounds 5]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import psycopg

from benchmarks.postgres import server
from benchmarks.register_desks import HubUnderTest, TimedHub, invented_register, own_peak, pair_at
from benchmarks.register_parts import print_parts
from benchmarks.register_peer import Peer
from core.forms.registry import latest
from core.services.device_certificates import certificate_or_refuse
from core.services.register import finish_words, import_units
from core.services.session import Session
from core.services.sync import desk_of
from core.sync.cycle import CycleReport, run_cycle

BATCH = 1000


@dataclass
class Column:
    """Seconds of one thing, round by round; shown as rows a second."""

    name: str
    units: int
    seconds: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Median of rows a second."""
        return self.units / statistics.median(self.seconds)

    def shown(self) -> str:
        """Return median and range."""
        low, high = self.units / max(self.seconds), self.units / min(self.seconds)
        return f"{self.name}: {self.rate:,.0f} rows/s ({low:,.0f} to {high:,.0f})"


NAMES = {
    "import": "our import (checked, signed, stored, listed)",
    "push": "our push",
    "push wait": "  of it, waiting for the hub",
    "pull": "our pull",
    "pull wait": "  of it, waiting for the hub",
    "words": "our search words, after the pull",
    "peer build": "PouchDB bulkDocs",
    "peer push": "PouchDB push",
    "peer pull": "PouchDB pull",
    "copy": "psycopg COPY, row by row",
    "copy text": "psycopg COPY, ready text",
}


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--units", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--no-peer", action="store_true")
    options = parser.parse_args()
    rows = invented_register(options.units)
    columns = {name: Column(shown, options.units) for name, shown in NAMES.items()}
    with tempfile.TemporaryDirectory() as place, server() as database:
        folder = Path(place)
        hub = HubUnderTest(database.url, folder)
        peer = None
        try:
            if not options.no_peer:
                peer = Peer(folder / "peer", [{"_id": str(uuid4()), **row} for row in rows])
            wire = (0, 0)
            for number in range(options.rounds + 1):
                made, wire = _round(hub, folder / f"round-{number}", rows)
                if peer is not None:
                    run = peer.run(BATCH)
                    made |= {"peer build": run.build, "peer push": run.push, "peer pull": run.pull}
                made |= _copies(database.dsn, rows)
                if number:  # the first is not counted
                    for name, seconds in made.items():
                        columns[name].seconds.append(seconds)
            _print(columns, wire, options.units)
            if peer is not None:
                peaks = f"server {peer.peak() >> 20} MiB, client {run.peak >> 20} MiB"
                print(f"peer: {peer.versions()}; peak memory {peaks}")
            peaks = f"hub {hub.peak() >> 20} MiB, both desks in one process {own_peak() >> 20} MiB"
            print(f"ours: peak memory {peaks}")
            print_parts(hub, folder / "parts", rows)
        finally:
            if peer is not None:
                peer.close()
            hub.close()


def _round(
    hub: HubUnderTest, place: Path, rows: list[dict[str, str]]
) -> tuple[dict[str, float], tuple[int, int]]:
    pair = pair_at(hub, place)
    wire = TimedHub(hub.url, plain_http=True)
    made: dict[str, float] = {}
    try:
        made["import"] = _timed(lambda: import_units(pair.importer, enumerate(rows, 1)))
        made["push"] = _timed(lambda: _cycle(pair.importer, wire))
        made["push wait"], sent, _ = wire.take()
        made["pull"] = _timed(lambda: _cycle(pair.other, wire))
        made["pull wait"], _, received = wire.take()
        made["words"] = _timed(lambda: finish_words(pair.other))
        with pair.other.read() as uow:
            held = uow.connection.exec_driver_sql("SELECT count(*) FROM unit_row").scalar_one()
            last = uow.lists.units(rows[-1]["uscc"])[0]
        assert held == len(rows) and (last.name, last.delivery) == (rows[-1]["name"], "recorded")
    finally:
        pair.close()
    return made, (sent, received)


def _cycle(session: Session, wire: TimedHub) -> CycleReport:
    """What a sync does but for search words, which come after it: push, pull, compare counts and log."""
    report = run_cycle(session.store, desk_of(session), wire, certificate_or_refuse(session))
    assert not report.rejected, report.rejected
    return report


def _timed(work: object) -> float:
    start = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - start


def _copies(dsn: str, rows: list[dict[str, str]]) -> dict[str, float]:
    fields = [each.id for each in latest("unit-record").fields()]
    columns = ", ".join(f"{name} text NOT NULL" for name in fields if name != "uscc")
    office = str(uuid4())
    with psycopg.connect(dsn) as connection:
        connection.execute(
            "CREATE TABLE IF NOT EXISTS floor (office varchar(64) NOT NULL, unit varchar(64) NOT NULL,"
            f" uscc varchar(64) NOT NULL, {columns}, PRIMARY KEY (office, unit), UNIQUE (office, uscc))"
        )
        connection.execute("TRUNCATE floor")
        connection.commit()
        ordered = ["uscc", *(name for name in fields if name != "uscc")]
        lines = [[office, str(uuid4()), *(row[name] for name in ordered)] for row in rows]

        def by_row() -> None:
            with connection.cursor() as cursor, cursor.copy("COPY floor FROM STDIN") as copy:
                for line in lines:
                    copy.write_row(line)
            connection.commit()

        def by_text() -> None:
            with connection.cursor() as cursor, cursor.copy("COPY floor FROM STDIN") as copy:
                copy.write(text)
            connection.commit()

        made = {"copy": _timed(by_row)}
        connection.execute("TRUNCATE floor")
        connection.commit()
        text = "".join("\t".join(line) + "\n" for line in lines)
        made["copy text"] = _timed(by_text)
    return made


def _print(columns: dict[str, Column], wire: tuple[int, int], units: int) -> None:
    for column in columns.values():
        if column.seconds:
            print(column.shown())
    ours, peer = columns, bool(columns["peer push"].seconds)
    for way in ("push", "pull"):
        if peer:
            _ratio(f"{way} / PouchDB {way}", ours[way], ours[f"peer {way}"], "aim >= 10, floor >= 5")
        _ratio(f"{way} / psycopg COPY", ours[way], ours["copy"], "aim >= 0.35, floor >= 0.2")
    print(f"bytes a unit on the wire: push {wire[0] / units:.0f}, pull {wire[1] / units:.0f}")


def _ratio(name: str, ours: Column, other: Column, aim: str) -> None:
    print(f"ratio {name}: {ours.rate / other.rate:.2f} ({aim}; n={len(ours.seconds)})")


if __name__ == "__main__":
    main()
