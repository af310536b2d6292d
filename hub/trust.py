"""The province's root and the desk authority below it, as far as this hub holds them.

The root (Ed25519) signs office certificates. It lies sealed in the database (*online*: embedded hubs,
rehearsal, small set-ups), or in a file that only ``hub ceremony`` opens (*offline*); then the database
knows its public key at most. The desk authority signs the X.509 certificates that desks show in TLS; its
key is always the hub's own, and the root vouches for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from core.credentials.desk_x509 import authority_certificate, root_certificate
from core.errors import EnvironmentFault, UserError
from core.ids import RandomBytes
from core.keys.sealing import seal, subkey, unseal
from core.keys.signer import SoftwareSigner
from hub import tables
from hub.engine import insert_new
from hub.tables import PROVINCE

ROOT, AUTHORITY, VERIFIERS = "province", "desk-authority", "root"
_MODE, _ROOT_KEY = "province_root_mode", "province_root"
ONLINE, OFFLINE = "online", "offline"


@dataclass(frozen=True, repr=False)
class Authority:
    """What signs the desks' X.509 certificates: its seed; its certificate and the root's (PEM)."""

    seed: bytes
    pem: bytes

    @property
    def public(self) -> bytes:
        """Return its raw public key."""
        return SoftwareSigner.from_seed(self.seed).public_bytes()


class Trust:
    """Reads and writes these keys in the caller's transaction; another process may change them meanwhile."""

    def __init__(self, key: bytes, random: RandomBytes) -> None:
        self._wrapping = subkey(key, "hub private keys")
        self._random = random

    # --- reading --------------------------------------------------------------------------------

    def root_public(self, connection: Connection) -> bytes | None:
        """Return the root's public key, None before the first ceremony of an offline root."""
        text = _setting(connection, _ROOT_KEY)
        return None if text is None else bytes.fromhex(text)

    def online(self, connection: Connection) -> bool:
        """Tell whether the root's private key lies here."""
        return _setting(connection, _MODE) != OFFLINE

    def root(self, connection: Connection) -> SoftwareSigner:
        """Return the root that lies here. Raises ``UserError('root_offline')``."""
        row = self._row(connection, ROOT)
        if row is None:
            raise UserError("root_offline")
        return SoftwareSigner.from_seed(unseal(self._wrapping, row.secret, _aad(ROOT)))

    def authority_public(self, connection: Connection) -> bytes:
        """Return the desk authority's raw public key, certified or not. Raises as :meth:`authority`."""
        return SoftwareSigner.from_seed(self._authority_seed(connection)).public_bytes()

    def authority(self, connection: Connection) -> Authority | None:
        """Return the desk authority, None while the root has not vouched for it.

        Raises ``EnvironmentFault('hub_missing')`` where there is none at all.
        """
        row = self._row(connection, AUTHORITY)
        seed = self._authority_seed(connection)
        return None if row is None or not row.public else Authority(seed, bytes(row.public))

    def _authority_seed(self, connection: Connection) -> bytes:
        row = self._row(connection, AUTHORITY)
        if row is None:
            raise EnvironmentFault("hub_missing")
        return unseal(self._wrapping, row.secret, _aad(AUTHORITY))

    def _row(self, connection: Connection, name: str) -> Any:
        keys = tables.hub_key
        return connection.execute(
            select(keys).where(keys.c.office == PROVINCE, keys.c.name == name)
        ).one_or_none()

    # --- writing --------------------------------------------------------------------------------

    def prepare(self, connection: Connection, now: datetime, rehearsal: bool, *, offline: bool) -> None:
        """Draw the keys of a new hub, or those that a hub of an older program lacks; never twice."""
        mode = {"office": PROVINCE, "name": _MODE, "value": OFFLINE if offline else ONLINE}
        if not insert_new(connection, tables.hub_setting, mode):
            return
        self._keep(connection, AUTHORITY, b"", self._random(32))
        if not offline:
            root = SoftwareSigner.generate(self._random)
            self._keep(connection, ROOT, root.public_bytes(), root.seed())
            self.install_root(connection, root, now, rehearsal)

    def install_root(
        self, connection: Connection, root: SoftwareSigner, now: datetime, rehearsal: bool
    ) -> None:
        """Take ``root`` as this hub's root for good and let it vouch for the desk authority.

        Raises ``UserError('root_changed')`` when another root was taken before.
        """
        known = self.root_public(connection)
        if known is None:
            row = {"office": PROVINCE, "name": _ROOT_KEY, "value": root.public_bytes().hex()}
            insert_new(connection, tables.hub_setting, row)
            known = self.root_public(connection)
        if known != root.public_bytes():
            raise UserError("root_changed")
        own = root_certificate(root.seed(), now, rehearsal, self._random(16))
        public = self.authority_public(connection)
        signed = authority_certificate(root.seed(), own, public, now, rehearsal, self._random(16))
        keys = tables.hub_key
        connection.execute(
            update(keys)
            .where(keys.c.office == PROVINCE, keys.c.name == AUTHORITY)
            .values(public=signed + own)
        )

    def take_verifier_root(self, connection: Connection) -> bytes:
        """Return the private key of the verifiers' root (PEM) and keep it here no longer."""
        row, keys = self._row(connection, VERIFIERS), tables.hub_key
        if row is None:
            raise EnvironmentFault("hub_missing")
        secret = unseal(self._wrapping, row.secret, _aad(VERIFIERS))
        nothing = seal(self._wrapping, b"", _aad(VERIFIERS), self._random)
        where = (keys.c.office == PROVINCE, keys.c.name == VERIFIERS)
        connection.execute(update(keys).where(*where).values(secret=nothing))
        return secret

    def _keep(self, connection: Connection, name: str, public: bytes, secret: bytes) -> None:
        sealed = seal(self._wrapping, secret, _aad(name), self._random)
        row = {"office": PROVINCE, "name": name, "public": public, "secret": sealed}
        insert_new(connection, tables.hub_key, row)


def is_prepared(connection: Connection) -> bool:
    """Tell whether a hub has these keys; those that an older program made have none."""
    return _setting(connection, _MODE) is not None


def _setting(connection: Connection, name: str) -> str | None:
    table = tables.hub_setting
    found = connection.execute(
        select(table.c.value).where(table.c.office == PROVINCE, table.c.name == name)
    ).scalar_one_or_none()
    return None if found is None else str(found)


def _aad(name: str) -> bytes:
    return f"hub-key {name}".encode()
