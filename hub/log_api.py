"""The log as files over HTTP (C2SP tlog-tiles): checkpoint, tiles of hashes, bundles of entries.

Open to anyone, because nothing in it is personal: an entry is a moment and a hash. Nothing is computed
for who asks, so that a cache or a mirror can serve it as well.
"""

from __future__ import annotations

from sqlalchemy import Connection, select
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from core.tlog.merkle import HASH_BYTES
from core.tlog.tiles import ENTRIES, HEIGHT, WIDTH, Tile, pack_entries, parse_path
from hub import log
from hub.chain import is_name
from hub.log_tables import log_tree
from hub.log_tiles import StoredTree, bundle
from hub.setup import Hub
from hub.web import Work, answering, refuse

MOVING = {"Cache-Control": "public, max-age=2"}
FOR_EVER = {"Cache-Control": "public, max-age=31536000, immutable"}


class LogApi:
    """The static resources of every office's log."""

    def __init__(self, hub: Hub, work: Work) -> None:
        self._hub = hub
        self._work = work

    def routes(self) -> list[Route]:
        """Return the routes, below the issuer's path and, if that is not empty, also below the root."""
        places = dict.fromkeys((self._hub.path, ""))
        table = (("checkpoint", self.checkpoint), ("{path:path}", self.tile))
        return [
            Route(f"{place}/log/{{office}}/{name}", answering(endpoint), methods=["GET"])
            for place in places
            for name, endpoint in table
        ]

    async def checkpoint(self, request: Request) -> Response:
        """GET /log/<office>/checkpoint."""
        office = _office(request)

        def read() -> str:
            with self._hub.database.read() as connection:
                return log.checkpoint(connection, office)

        note = await self._work.run(read)
        if not note:
            raise refuse(404, "log_unknown")
        return Response(note, headers=MOVING, media_type="text/plain; charset=utf-8")

    async def tile(self, request: Request) -> Response:
        """GET /log/<office>/tile/<L>/<N>[.p/<W>] and /log/<office>/tile/entries/<N>[.p/<W>]."""
        office = _office(request)
        try:
            wanted = parse_path(request.path_params["path"])
        except ValueError as fault:
            raise refuse(404, "log_unknown") from fault

        def read() -> bytes | None:
            with self._hub.database.read() as connection:
                return read_tile(connection, office, wanted)

        data = await self._work.run(read)
        if data is None:
            raise refuse(404, "log_unknown")
        return Response(data, headers=FOR_EVER, media_type="application/octet-stream")


def _office(request: Request) -> str:
    office = request.path_params["office"]
    if not is_name(office):
        raise refuse(404, "log_unknown")
    return str(office)


def read_tile(connection: Connection, office: str, wanted: Tile) -> bytes | None:
    """Return a tile or bundle of just this width, None when the signed tree does not have it."""
    size = connection.execute(select(log_tree.c.size).where(log_tree.c.office == office)).scalar() or 0
    level = max(0, wanted.level)
    if wanted.index * WIDTH + wanted.width > size >> (level * HEIGHT):
        return None
    if wanted.level == ENTRIES:
        return pack_entries(bundle(connection, office, wanted.index * WIDTH, wanted.width))
    return StoredTree(connection, office, size).tile(level, wanted.index)[: wanted.width * HASH_BYTES]
