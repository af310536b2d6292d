"""Verification against what bounds it: the raw ES256 verify, and an endpoint without a database.

A certificate's verification reads and checks everything (docs/certificate.md): chain, signature, disclosures,
times, status. The floor verifies the same signature with the key already loaded. The departments' interface
is asked in this process, through the whole ASGI application: request signature, budget, number, scope,
judgement from the ledger, signed answer, one line committed. Its peer is ``POST /nonce``, which touches no
database.

Run: .venv/bin/python -m benchmarks.verification
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import Callable
from contextlib import ExitStack, contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificate
from starlette.types import ASGIApp

from benchmarks.postgres import server
from benchmarks.timing import Sample, interleaved, report
from core.credentials.certificate_claims import VCT
from core.credentials.jose import unb64u
from core.credentials.sdjwt import verify
from core.credentials.status import read_token
from hub.app import build
from tests.asgi import _post
from tests.hub.conftest import Station, run_station
from tests.hub.department import Department
from tests.hub.test_verification_api import Held, hold
from tests.hub.wallet import http

ROUNDS, VERIFICATIONS, REQUESTS = 9, 200, 60


def verifying(station: Station, held: Held) -> dict[str, Callable[[], object]]:
    """Return our verification and the floor, each as many times as a round has."""
    now, roots = station.hands(), [station.root]
    uri = f"{station.hub.issuer}/status/0"
    values = read_token(http(uri).body.decode(), uri, roots, now)
    seconds = int(now.timestamp())

    def ours() -> None:
        for _ in range(VERIFICATIONS):
            found = verify(held.text, roots, now, VCT, lambda ref: values.answer(ref, seconds))
            if found.state != "valid":
                raise SystemExit("a good certificate was not found valid")

    text = held.text.split("~")[0]
    signed, _, signature = text.rpartition(".")
    raw = unb64u(signature)
    der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    key = load_pem_x509_certificate(station.hub.leaf_pem).public_key()

    def floor() -> None:
        for _ in range(VERIFICATIONS):
            key.verify(der, signed.encode(), ECDSA(SHA256()))  # type: ignore[union-attr,call-arg,arg-type]

    return {"certificate verified": ours, "raw ES256 verify": floor}


def asking(station: Station, held: Held) -> dict[str, Callable[[], object]]:
    """Return a round of questions and a round without a database, both through the whole application."""
    app, department = build(station.hub), Department(station.hub)
    department.register()
    loop = asyncio.new_event_loop()

    def run(app: ASGIApp, path: str, prepared: list[tuple[bytes, dict[str, str]]]) -> None:
        async def all_of_them() -> None:
            for body, headers in prepared:
                status, told = await _post(app, path, body, headers)
                if status != 200:
                    raise SystemExit(f"{status} {told!r}")

        loop.run_until_complete(all_of_them())

    def questions() -> list[tuple[bytes, dict[str, str]]]:
        made = []
        for _ in range(REQUESTS):
            body = json.dumps(department.request(unit=held.unit), ensure_ascii=False).encode()
            headers = {"Authorization": department.header("basic", body), "Content-Type": "application/json"}
            made.append((body, headers))
        return made

    waiting = [questions() for _ in range(ROUNDS + 1)]  # signed beforehand: that is the department's work
    return {
        "basic data asked": lambda: run(app, "/api/v1/verify/basic", waiting.pop()),
        "endpoint without a database": lambda: run(app, "/nonce", [(b"", {})] * REQUESTS),
    }


def rate(sample: Sample, count: int) -> str:
    """Return a sample as a rate."""
    return f"{sample.name}: {count / sample.median:,.0f} a second"


def main() -> None:
    """Print rates and ratios, on either database, with the load of the machine."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        urls = {"SQLite": "", "PostgreSQL": stack.enter_context(server()).url}
        for name, url in urls.items():
            place = folder / name
            place.mkdir()
            station = stack.enter_context(contextmanager(run_station)(place, db=url))
            held = hold(station, station.new_office(), 0)
            if name == "SQLite":
                ours, floor = interleaved(verifying(station, held), ROUNDS).values()
                print(rate(ours, VERIFICATIONS), "·", rate(floor, VERIFICATIONS))
                print(report("verification", ours, floor, "ours at most 2x the time (>= 0.5x the rate)"))
            asked, bare = interleaved(asking(station, held), ROUNDS).values()
            print(rate(asked, REQUESTS), "·", rate(bare, REQUESTS))
            print(report(f"interface on {name}", asked, bare, "none set"))
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")


if __name__ == "__main__":
    main()
