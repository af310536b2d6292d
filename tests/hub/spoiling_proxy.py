"""A proxy on the loopback that spoils one place of one connection: a byte turned, lost, or all the rest lost.

Nothing after the spoiled piece gets through in that direction, so no side waits for bytes that never come.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

How = Literal["turn", "drop", "cut"]


@dataclass
class Spoiler:
    """What happens to the next connection: ``how`` at byte ``at`` of the way ``up`` (to the hub) or down."""

    up: bool = True
    at: int = -1
    how: How = "turn"
    ends: bool = True
    """Whether nothing gets through after the spoiled place."""
    spoiled: int = 0
    passed: dict[bool, int] = field(default_factory=dict)
    """How much passed either way in the newest connection."""

    def plan(self, up: bool, at: int, how: How) -> None:
        """Spoil this place of the connection that comes next."""
        self.up, self.at, self.how = up, at, how

    def treat(self, up: bool, passed: int, data: bytes) -> tuple[bytes, bool]:
        """Return what gets through of ``data``, ``passed`` bytes having gone before, and whether more may."""
        place = self.at - passed
        if up != self.up or not 0 <= place < len(data):
            return data, True
        self.spoiled += 1
        if self.how == "cut":
            return data[:place], False
        turned = bytes([data[place] ^ (1 << (self.at % 8))]) if self.how == "turn" else b""
        return data[:place] + turned + data[place + 1 :], not self.ends


class _Proxy:
    def __init__(self, target: tuple[str, int], spoiler: Spoiler) -> None:
        self.target, self.spoiler, self.port = target, spoiler, 0
        self.ready = threading.Event()
        self.stop: Callable[[], object] = lambda: None

    async def run(self) -> None:
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        self.stop = partial(loop.call_soon_threadsafe, stopped.set)
        self.open: dict[asyncio.Task[None], tuple[asyncio.StreamWriter, ...]] = {}
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        await stopped.wait()
        server.close()
        for task, writers in list(self.open.items()):  # ended by their lines, not cancelled
            for each in writers:
                each.transport.abort()
            await asyncio.wait([task])

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        away, there = await asyncio.open_connection(*self.target)
        self.open[task] = (writer, there)
        up = asyncio.ensure_future(self.pipe(True, reader, there))
        try:
            await self.pipe(False, away, writer)  # the hub has then said all it will
        finally:
            up.cancel()
            await asyncio.gather(up, return_exceptions=True)
            for each in (writer, there):
                each.close()
                with suppress(OSError):
                    await each.wait_closed()
            del self.open[task]

    async def pipe(self, up: bool, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        passed = 0
        with suppress(OSError):
            while data := await reader.read(65536):
                through, more = self.spoiler.treat(up, passed, data)
                passed += len(data)
                self.spoiler.passed[up] = passed
                writer.write(through)
                await writer.drain()
                if not more:
                    break
            if writer.can_write_eof():
                writer.write_eof()


@contextmanager
def spoiling(target: tuple[str, int], spoiler: Spoiler) -> Iterator[int]:
    """Run the proxy in a thread; yield its port."""
    proxy = _Proxy(target, spoiler)
    thread = threading.Thread(target=lambda: asyncio.run(proxy.run()))
    thread.start()
    assert proxy.ready.wait(10)
    try:
        yield proxy.port
    finally:
        proxy.stop()
        thread.join(10)
        assert not thread.is_alive()
