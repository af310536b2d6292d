"""Speaking to an ASGI application without a socket."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.types import ASGIApp


def post(app: ASGIApp, path: str, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, bytes]:
    """Post bytes and return status and body of the answer."""
    return asyncio.run(_post(app, path, body, headers or {}))


def get(app: ASGIApp, path: str) -> tuple[int, bytes]:
    """Ask for a page and return status and body of the answer."""
    return asyncio.run(_post(app, path, b"", {}, "GET"))


async def _post(
    app: ASGIApp, path: str, body: bytes, headers: dict[str, str], method: str = "POST"
) -> tuple[int, bytes]:
    more = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"127.0.0.1"), (b"content-length", str(len(body)).encode()), *more],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 18443),
    }
    said: list[Any] = []
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return left.pop() if left else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        said.append(message)

    await app(scope, receive, send)  # type: ignore[arg-type]
    status = next(message["status"] for message in said if message["type"] == "http.response.start")
    return status, b"".join(message.get("body", b"") for message in said)
