"""What a desk shows when it opens a TLS connection: its certificate, and the key that never lies in clear.

Python's TLS takes a key from a file only. The file holds it encrypted under a password of this moment,
its owner alone may read it, and it is gone before the first byte is sent.
"""

from __future__ import annotations

import ssl
import tempfile
from dataclasses import dataclass
from pathlib import Path

from core.credentials.desk_x509 import encrypted_key
from core.errors import EnvironmentFault
from core.ids import system_random


@dataclass(frozen=True, repr=False)
class Identity:
    """A PEM chain, and the seed of the Ed25519 key its first certificate is over."""

    chain: str
    seed: bytes

    def show_in(self, context: ssl.SSLContext) -> None:
        """Show it in this context's connections. Raises ``EnvironmentFault`` disk_*, certificate_unusable."""
        password = system_random(32).hex()
        try:
            with tempfile.TemporaryDirectory(prefix="certdesk-") as folder:  # 0700
                place = Path(folder) / "desk.pem"
                place.write_bytes(self.chain.encode() + encrypted_key(self.seed, password.encode()))
                context.load_cert_chain(place, password=password)
        except ssl.SSLError as fault:
            raise EnvironmentFault("certificate_unusable") from fault
        except OSError as fault:
            raise EnvironmentFault("disk_full" if fault.errno == 28 else "disk_readonly") from fault
