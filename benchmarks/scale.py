"""Growing beyond one machine, measured: tables partitioned by office, and a read replica.

    python -m benchmarks.scale

One durable PostgreSQL for everything (fsync on), started for the run. The hub is the product's own; the load
is ``hub_load``: real-shaped cases, every action signed. Writes and look-ups alternate between the plain and
the partitioned database, so a drifting machine slows both.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.engine import make_url

from benchmarks.hub_load import ACTIONS_OF_A_CASE, Load, hub_on
from benchmarks.timing import interleaved
from hub.desk_requests import answer
from hub.setup import Hub
from tests.hub.partitioned import PARTS, partition_all
from tests.postgres import Server, clone, fresh_database, new_server

ROUNDS = 10
CASES = 60
OFFICES = 8
COMMITS = 500


class Side:
    """One database with a hub, and the offices that push to it in turn."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self._loads = [Load(hub, (ROUNDS + 1) * CASES // OFFICES * 3) for _ in range(OFFICES)]
        self._turn = 0
        self._engine = hub.database.engine
        self._ready: list[bytes] = []

    def prepare(self) -> None:
        """Make the envelopes beforehand: signing them is the desks' work."""
        for turn in range(ROUNDS + 1):
            data, _ = self._loads[turn % OFFICES].batch(CASES)
            self._ready.append(data)

    def push(self) -> None:
        """One batch of one office."""
        answer(self.hub, "actions", self._ready.pop(0), fresh=False)

    def look(self, where: str) -> None:
        """A hundred look-ups by a key."""
        with self._engine.connect() as connection:
            for number in range(100):
                office = self._loads[number % OFFICES].office
                values = {"office": office.office, "id": office.office, "kid": office.signer.kid}
                connection.execute(text(where), values).all()


BY_OFFICE = "SELECT hash FROM action WHERE office = :office AND position = 7"
WITHOUT = "SELECT office FROM device WHERE kid = :kid"


def partitions(server: Server, folder: Path) -> None:
    """Compare the plain tables with eight hash partitions of each."""
    with ExitStack() as stack:
        sides = {}
        for name in ("plain", f"{PARTS} hash partitions"):
            url = stack.enter_context(fresh_database(server.url()))
            hub = stack.enter_context(hub_on(url, folder / name[:1]))
            if name != "plain":
                with hub.database.write() as connection:
                    partition_all(connection)
            sides[name] = Side(hub)
        for side in sides.values():
            side.prepare()
        print(
            f"push of {CASES} cases ({CASES * ACTIONS_OF_A_CASE} signed actions), {OFFICES} offices in turn"
        )
        _show(interleaved({name: side.push for name, side in sides.items()}, ROUNDS))
        for title, query in (("office in the query", BY_OFFICE), ("without the office", WITHOUT)):
            print(f"100 look-ups, {title}")
            _show(
                interleaved(
                    {name: (lambda s=side, q=query: s.look(q)) for name, side in sides.items()}, ROUNDS
                )
            )


def _show(samples: dict[str, object]) -> None:
    plain, parts = samples.values()
    for sample in (plain, parts):
        print(f"  {sample.shown()}")  # type: ignore[attr-defined]
    print(f"  partitioned / plain {parts.median / plain.median:.2f}; n={ROUNDS}")  # type: ignore[attr-defined]


def replica(server: Server) -> None:
    """Clone the server as it stands, and see how soon a commit shows on the copy."""
    start = time.perf_counter()
    copy = clone(server)
    cloned = time.perf_counter() - start
    try:
        with fresh_database(server.url()) as url:
            writer = create_engine(url, isolation_level="AUTOCOMMIT")
            with writer.connect() as connection:
                connection.execute(text("CREATE TABLE seen (n integer PRIMARY KEY)"))
            reader = create_engine(copy.url(str(make_url(url).database)), isolation_level="AUTOCOMMIT")
            delays = _delays(writer, reader)
            writer.dispose()
            reader.dispose()
    finally:
        copy.stop()
    cuts = statistics.quantiles(delays, n=100)
    print(f"read replica: cloned and following after {cloned:.2f} s")
    print(
        f"  commit until visible there: p50 {statistics.median(delays) * 1000:.2f} ms,"
        f" p99 {cuts[98] * 1000:.2f} ms, most {max(delays) * 1000:.2f} ms; n={COMMITS}"
    )


def _delays(writer: Engine, reader: Engine) -> list[float]:
    found = []
    with writer.connect() as writing, _when_there(reader).connect() as reading:
        for number in range(COMMITS):
            writing.execute(text("INSERT INTO seen VALUES (:n)"), {"n": number})
            start = time.perf_counter()
            asked = text("SELECT 1 FROM seen WHERE n = :n")
            while reading.execute(asked, {"n": number}).first() is None:
                pass
            found.append(time.perf_counter() - start)
    return found


def _when_there(reader: Engine) -> Engine:
    """The database is made on the primary a moment before: wait until the replica has it and its table."""
    for _ in range(2000):
        try:
            with reader.connect() as connection:
                connection.execute(text("SELECT count(*) FROM seen"))
            return reader
        except Exception:
            time.sleep(0.01)
    raise RuntimeError("the replica does not follow")


def main() -> None:
    """Print both."""
    server = new_server(durable=True, settings=("shared_buffers=128MB",))
    try:
        with tempfile.TemporaryDirectory() as folder:
            partitions(server, Path(folder))
        replica(server)
    finally:
        server.stop()


if __name__ == "__main__":
    main()
