"""A foreign decoder, for QR codes alone: in a dense picture one for all kinds may see bars that are none."""

from __future__ import annotations

from typing import Any

import zxingcpp


def read_qr(picture: Any) -> list[Any]:
    """Return the QR codes in a picture, each with its ``text``."""
    return list(zxingcpp.read_barcodes(picture, formats=zxingcpp.BarcodeFormat.QRCode))
