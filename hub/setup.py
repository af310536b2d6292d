"""Making a hub, once, and opening it ever after.

``init`` draws every key of the hub and fixes its public address for good: the address is inside
codes, certificates and status references. A rehearsal hub gets a root that no verifier trusts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from sqlalchemy import Connection, select

from core.claims.offer import check_issuer
from core.clock import Clock, system_clock, to_stamp
from core.credentials.jose import Sign
from core.credentials.x509 import es256_signer, make_leaf, make_root, x5c
from core.errors import EnvironmentFault, UserError
from core.ids import RandomBytes, system_random
from core.keys.sealing import new_exchange_key, seal, subkey, unseal
from core.keys.signer import SoftwareSigner
from hub import schema, tables
from hub.engine import Database, insert_new, open_database
from hub.limits import Buckets
from hub.log import catch_up
from hub.sealed import SealedValues
from hub.tables import PROVINCE
from hub.trust import Trust, is_prepared

ROOT_DAYS = 30 * 365
LEAF_DAYS = 20 * 365
SCHEMA = "1"


@dataclass(repr=False)
class Hub:
    """An open hub: its database, its keys, its clock. ``sign`` is the leaf's ES256 signature.

    ``counters``: rates of desk requests, which no object of their own outlives.
    """

    database: Database
    issuer: str
    rehearsal: bool
    signer: SoftwareSigner
    exchange_secret: bytes
    exchange_public: bytes
    root_pem: bytes
    leaf_pem: bytes
    leaf_ends: datetime
    sign: Sign
    sealed: SealedValues
    nonce_key: bytes
    trust: Trust
    clock: Clock = system_clock
    random: RandomBytes = system_random
    status_tokens: dict[int, tuple[int, int, str]] = field(default_factory=dict)
    bundles: dict[int, tuple[int, int, str]] = field(default_factory=dict)
    counters: dict[str, Buckets] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Path part of the issuer URL, empty or ``/…``."""
        return urlsplit(self.issuer).path

    @property
    def x5c(self) -> list[str]:
        """JOSE header that names the leaf."""
        return x5c(self.leaf_pem)

    def now(self) -> int:
        """Whole seconds since 1970 UTC by the hub's clock."""
        return int(self.clock().timestamp())

    def stamp(self) -> str:
        """The hub's present moment as a stamp."""
        return to_stamp(self.clock())


def init(
    db_url: str,
    issuer_url: str,
    root_out: Path,
    key: bytes,
    rehearsal: bool,
    clock: Clock = system_clock,
    random: RandomBytes = system_random,
    *,
    offline_root: bool = False,
) -> Hub:
    """Make a hub and write its root certificate (PEM) to ``root_out``.

    ``offline_root`` leaves the province's root to a ceremony (docs/trust.md).

    Raises ``UserError`` issuer_wrong, issuer_too_long or hub_exists, ``EnvironmentFault`` as
    :func:`hub.engine.open_database` does, or root_unwritable.
    """
    check_issuer(issuer_url)
    database = open_database(db_url, key)
    try:
        database.create(clock)
        with database.write() as connection:
            _make_keys(connection, issuer_url, key, rehearsal, clock(), random)
            Trust(key, random).prepare(connection, clock(), rehearsal, offline=offline_root)
            root = _public(connection, "root")
            _write_root(root_out, root)
    finally:
        database.close()
    return open_hub(db_url, key, clock, random)


def _write_root(path: Path, pem: bytes) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pem)
    except OSError as fault:
        raise EnvironmentFault("root_unwritable") from fault


def _make_keys(
    connection: Connection, issuer: str, key: bytes, rehearsal: bool, now: datetime, random: RandomBytes
) -> None:
    settings = {"issuer": issuer, "rehearsal": "yes" if rehearsal else "", "schema": SCHEMA}
    for name, value in settings.items():
        row = {"office": PROVINCE, "name": name, "value": value}
        if not insert_new(connection, tables.hub_setting, row):
            raise UserError("hub_exists")
    root_secret, root = make_root("事业单位法人电子证书根", ROOT_DAYS, now, rehearsal, random)
    leaf_secret, leaf = make_leaf(
        root_secret, root, "事业单位法人电子证书制发", issuer, LEAF_DAYS, now, random
    )
    signer = SoftwareSigner.generate(random)
    exchange_secret, exchange_public = new_exchange_key(random)
    pairs: dict[str, tuple[bytes, bytes]] = {
        "root": (root, root_secret),
        "leaf": (leaf, leaf_secret),
        "signer": (signer.public_bytes(), signer.seed()),
        "exchange": (exchange_public, exchange_secret),
        "nonce": (b"", random(32)),
    }
    wrapping = subkey(key, "hub private keys")
    for name, (public, secret) in pairs.items():
        sealed = seal(wrapping, secret, _aad(name), random)
        key_row = {"office": PROVINCE, "name": name, "public": public, "secret": sealed}
        insert_new(connection, tables.hub_key, key_row)


def _aad(name: str) -> bytes:
    return f"hub-key {name}".encode()


def _public(connection: Connection, name: str) -> bytes:
    keys = tables.hub_key
    query = select(keys.c.public).where(keys.c.office == PROVINCE, keys.c.name == name)
    return bytes(connection.execute(query).scalar_one())


def open_hub(
    db_url: str, key: bytes, clock: Clock = system_clock, random: RandomBytes = system_random
) -> Hub:
    """Open a hub that was made; one that an older program made is brought up to date.

    Raises ``EnvironmentFault`` hub_missing, database_newer, sealed_damaged, log_damaged or the
    database's.
    """
    database = open_database(db_url, key)
    try:
        hub = _open(database, key, clock, random)
        catch_up(hub)
        return hub
    except BaseException:
        database.close()
        raise


def _open(database: Database, key: bytes, clock: Clock, random: RandomBytes) -> Hub:
    with database.read() as connection:
        if schema.revision(connection) is None:
            raise EnvironmentFault("hub_missing")
    database.create(clock)
    trust = _trust(database, key, clock, random)
    with database.read() as connection:
        settings = {row.name: row.value for row in connection.execute(select(tables.hub_setting))}
        rows = {row.name: row for row in connection.execute(select(tables.hub_key))}
    if "issuer" not in settings:
        raise EnvironmentFault("hub_missing")
    wrapping = subkey(key, "hub private keys")
    secrets = {name: unseal(wrapping, row.secret, _aad(name)) for name, row in rows.items()}
    leaf = bytes(rows["leaf"].public)
    return Hub(
        database=database,
        issuer=settings["issuer"],
        rehearsal=settings["rehearsal"] == "yes",
        signer=SoftwareSigner.from_seed(secrets["signer"]),
        exchange_secret=secrets["exchange"],
        exchange_public=bytes(rows["exchange"].public),
        root_pem=bytes(rows["root"].public),
        leaf_pem=leaf,
        leaf_ends=x509.load_pem_x509_certificate(leaf).not_valid_after_utc,
        sign=es256_signer(secrets["leaf"]),
        sealed=SealedValues(key, random),
        nonce_key=secrets["nonce"],
        trust=trust,
        clock=clock,
        random=random,
    )


def _trust(database: Database, key: bytes, clock: Clock, random: RandomBytes) -> Trust:
    """Return the keeper of the province's keys; a hub of an older program gets them now."""
    trust = Trust(key, random)
    with database.read() as connection:
        prepared = is_prepared(connection)
        marks = tables.hub_setting
        known = select(marks.c.value).where(marks.c.office == PROVINCE, marks.c.name == "rehearsal")
        rehearsal = connection.execute(known).scalar_one_or_none()
    if not prepared and rehearsal is not None:
        with database.write() as connection:
            trust.prepare(connection, clock(), rehearsal == "yes", offline=False)
    return trust
