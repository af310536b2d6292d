"""A proxy on the loopback that resets, delays and cuts connections at bytes drawn from a seed."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Literal

How = Literal["reset", "truncate", "delay"]


@dataclass(frozen=True)
class Fault:
    """What happens at byte ``at`` of one direction (``up``: to the hub) of one connection."""

    up: bool
    at: int
    how: How
    seconds: float


@dataclass
class Weather:
    """Draws the fault of each connection; ``share`` of them have one. ``done`` counts what befell them."""

    seed: str
    share: float = 0.3
    only_up: bool = False
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = Random(f"weather {self.seed}")

    @property
    def cuts(self) -> int:
        """Connections that were reset or truncated."""
        return self.done["reset"] + self.done["truncate"]

    def heal(self) -> None:
        """No faults from here on."""
        self.share = 0.0

    def draw(self) -> Fault | None:
        """Return the next connection's fault, if it has one."""
        draw = self._random
        if draw.random() >= self.share:
            return None
        hows: tuple[How, ...] = ("reset", "reset", "truncate", "truncate", "delay")
        how = draw.choice(hows)
        # Answers and requests are a few hundred to some ten thousand bytes: every size has to be hit.
        at = int(2 ** draw.uniform(0, 14))
        return Fault(self.only_up or draw.random() < 0.5, at, how, draw.uniform(0.005, 0.2))


class _Proxy:
    def __init__(self, target: tuple[str, int], weather: Weather) -> None:
        self.target, self.weather, self.port = target, weather, 0
        self.ready = threading.Event()
        self.stop: Callable[[], object] = lambda: None
        self.open: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        loop, stopped = asyncio.get_running_loop(), asyncio.Event()
        self.stop = partial(loop.call_soon_threadsafe, stopped.set)
        server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        await stopped.wait()
        server.close()
        for task in list(self.open):
            task.cancel()
        await asyncio.gather(*self.open, return_exceptions=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.open.add(task)
        try:
            await self.carry(reader, writer)
        except asyncio.CancelledError:
            pass  # the test is over; asyncio would log it as an error
        finally:
            await _end(writer)
            self.open.discard(task)

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            away, there = await asyncio.open_connection(*self.target)
        except OSError:
            return  # the hub is dead just now
        fault = self.weather.draw()
        pipes = [
            asyncio.ensure_future(self.pipe(True, reader, there, fault)),
            asyncio.ensure_future(self.pipe(False, away, writer, fault)),
        ]
        try:
            # A desk keeps its side open while it waits for the answer: whichever ends first ends both.
            await asyncio.wait(pipes, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in pipes:
                each.cancel()
            await asyncio.gather(*pipes, return_exceptions=True)
            await _end(there)

    async def pipe(
        self, up: bool, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, fault: Fault | None
    ) -> None:
        passed = 0
        mine = fault if fault is not None and fault.up == up else None
        with suppress(OSError):
            while data := await reader.read(65536):
                if mine is not None and passed <= mine.at < passed + len(data):
                    self.weather.done[mine.how] += 1
                    if mine.how == "delay":
                        await asyncio.sleep(mine.seconds)
                    else:
                        writer.write(data[: mine.at - passed])
                        await writer.drain()
                        if mine.how == "reset":
                            _reset(writer)
                        return
                passed += len(data)
                writer.write(data)
                await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Make the close that follows an RST instead of an orderly end."""
    raw: socket.socket | None = writer.get_extra_info("socket")
    if raw is not None:
        with suppress(OSError):
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def _end(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


@contextmanager
def cutting(target: tuple[str, int], weather: Weather) -> Iterator[int]:
    """Run the proxy in a thread; yield its port."""
    proxy = _Proxy(target, weather)
    thread = threading.Thread(target=lambda: asyncio.run(proxy.run()))
    thread.start()
    assert proxy.ready.wait(10)
    try:
        yield proxy.port
    finally:
        proxy.stop()
        thread.join(10)
        assert not thread.is_alive()
