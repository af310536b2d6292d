"""Minting a claim code, making its QR and painting it: one frame (16 ms) is the aim.

The floor beside it is the same signature and QR without our rules and widgets. Run offscreen:
.venv/bin/python -m benchmarks.claim
"""

from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QApplication

from benchmarks.timing import interleaved
from core.claims.code import ClaimCode, mint
from core.claims.offer import link_offer
from core.claims.pair import pair_key, pin, unit_tag
from core.documents.qr import matrix
from core.ids import system_random
from core.keys.sealing import new_exchange_key
from core.keys.signer import SoftwareSigner
from ui.widgets.qr_view import QrView

ROUNDS = 40
ISSUER = "https://hub.example.invalid"


def main() -> None:
    """Print the parts and the whole."""
    application = QApplication([])
    signer = SoftwareSigner.generate()
    secret, _ = new_exchange_key()
    _, public = new_exchange_key()
    shared = pair_key(secret, public)

    def minted() -> str:
        jti = system_random(12)
        tag = unit_tag(shared, jti, "124690230000000193")
        code = ClaimCode("469023", 1_790_000_000, 1_790_000_600, jti, tag, 1, 1, bytes(16), 1, 7)
        pin(shared, jti)
        return link_offer(ISSUER, mint(code, signer, ISSUER))

    view = QrView()
    view.resize(600, 600)
    view.show()

    def whole() -> None:
        view.set_matrix(matrix(minted()))
        picture = QPixmap(view.size())
        view.render(picture)

    text = minted()
    samples = interleaved(
        {
            "mint (rules, PIN, signature, link)": minted,
            "QR matrix": lambda: matrix(text),
            "mint + QR + paint": whole,
        },
        ROUNDS,
    )
    for sample in samples.values():
        print(sample.shown())
    whole_ms = samples["mint + QR + paint"].median * 1000
    print(f"  share of one frame (16 ms): {whole_ms / 16:.2f}; aim <= 1.0; n={ROUNDS}")
    application.quit()


if __name__ == "__main__":
    main()
