"""The verbs of trust: the ceremony, keys withdrawn, what an operator looks at, a test authority."""

from __future__ import annotations

import argparse
import contextlib
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.verbs.outcome import UsageFault
from core.verbs.running import Surroundings
from hub.setup import Hub


def read_key(options: argparse.Namespace) -> bytes:
    """Return the hub's key as the verb's arguments name it."""
    from hub.keyfile import key_for, key_from_stdin

    return key_from_stdin(sys.stdin.buffer) if options.key_stdin else key_for(options.db, options.key_file)


@contextlib.contextmanager
def opened(options: argparse.Namespace) -> Iterator[Hub]:
    """The hub that the verb's arguments name, closed again afterwards."""
    from hub.setup import open_hub

    hub = open_hub(options.db, read_key(options))
    try:
        yield hub
    finally:
        hub.database.close()


def hold_ceremony(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``hub ceremony``."""
    from core.verbs.files import read_bytes, read_secret
    from hub.ceremony import Vault, hold
    from hub.engine import retrying

    del around
    if (options.root is None) != (options.root_password_file is None):
        raise UsageFault("usage", why="--root and --root-password-file go together")
    vault = None if options.root is None else Vault(options.root, read_secret(options.root_password_file))
    with opened(options) as hub:
        plan, dry_run = read_bytes(options.file, "ceremony"), options.dry_run
        held = retrying(lambda: hold(hub, plan, options.transcript, vault, dry_run=dry_run))
    body = held.transcript["body"]
    return {
        "held": not options.dry_run,
        "root_fingerprint": body["root_fingerprint"],
        "root_made": held.root_made,
        "restart_hub": held.root_made and not options.dry_run,
        "certified": body["certified"],
        "revoked": body["revoked"],
        "transcript": None if options.dry_run else str(options.transcript),
    }


def revoke(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``hub revoke-key``."""
    from hub.engine import retrying
    from hub.revocation import revoke_key

    del around
    with opened(options) as hub:
        wanted = (options.kid, options.reason or "", options.office)
        return asdict(retrying(lambda: revoke_key(hub, *wanted)))


def list_devices(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``hub devices``."""
    from hub.revocation import devices

    del around
    with opened(options) as hub:
        return {"devices": devices(hub)}


def list_alarms(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``hub alarms``."""
    from hub.revocation import alarms

    del around
    with opened(options) as hub:
        return {"alarms": alarms(hub)}


def list_keys(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``hub keys``: the public keys, as a ceremony's file has to name them."""
    from core.sync.enrolment import key_fingerprint
    from hub.ceremony import hub_keys
    from hub.enrolments import pending

    del around
    with opened(options) as hub, hub.database.read() as connection:
        root = hub.trust.root_public(connection)
        return {
            "hub": hub_keys(hub, connection),
            "root": "online" if hub.trust.online(connection) else "offline",
            "root_fingerprint": key_fingerprint(root) if root else None,
            "pending": pending(hub),
        }


def make_test_ca(options: argparse.Namespace, around: Surroundings) -> dict[str, Any]:
    """``hub test-ca``: an authority and a server certificate for a rig; never for earnest."""
    from core.clock import system_clock
    from hub.tls import make_test_tls

    del around
    certificate, key, ca = make_test_tls(Path(options.folder), system_clock(), tuple(options.host or ()))
    return {"ca": str(ca), "certificate": str(certificate), "key": str(key)}
