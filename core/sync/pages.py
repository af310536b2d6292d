"""A register page on its way: the records as they are stored, the personal part sealed to who is to read it.

In an item of a batch or of the feed, ``records`` is the packed page in base64 and ``sealed`` the packed
personal lines, sealed to the receiver. Both are read here by desk and hub alike.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from core.errors import CertDeskError, EnvironmentFault, Refusal
from core.ids import RandomBytes
from core.keys.sealing import open_sealed, seal_to
from core.records.model import SignedAction
from core.records.register import (
    PAGE_KIND,
    PageShape,
    Rows,
    pack,
    page_digest,
    page_shape,
    page_text,
    read_page,
    read_text,
    unpack,
    verify_lines,
)
from core.records.rules_register import page_form
from core.store.unit_of_work import UnitOfWork

__all__ = ["PAGE_KIND", "keep_page", "open_lines", "packed_records", "page_part", "seal_lines"]


def seal_lines(private: Rows, exchange_key: bytes, page: str, random: RandomBytes) -> str:
    """Encrypt a page's personal lines to the receiver; bound to the page's hash."""
    plain = pack(page_text(private))
    return base64.b64encode(seal_to(exchange_key, plain, page.encode(), random)).decode()


def open_lines(sealed: str, exchange_secret: bytes, page: str, shape: PageShape) -> Rows:
    """Decrypt what :func:`seal_lines` made. Raises ``Refusal('private_unreadable')``."""
    try:
        blob = base64.b64decode(sealed, validate=True)
        plain = unpack(open_sealed(exchange_secret, blob, page.encode()))
        return read_text(plain, 2 * len(shape.personal))
    except (binascii.Error, ValueError, CertDeskError) as fault:
        raise Refusal("private_unreadable") from fault


def packed_records(item: Mapping[str, Any]) -> bytes:
    """Return an item's packed records. Raises ``Refusal`` page_missing, page_malformed."""
    records = item.get("records")
    if not isinstance(records, str) or not records:
        raise Refusal("page_missing")
    try:
        return base64.b64decode(records, validate=True)
    except (binascii.Error, ValueError) as fault:
        raise Refusal("page_malformed", why="packing") from fault


def page_part(
    uow: UnitOfWork, signed: SignedAction, exchange_key: bytes, random: RandomBytes
) -> dict[str, str]:
    """Return what an outgoing item of this page carries beside the action: ``records`` and ``sealed``."""
    pages, page = uow.ledger.pages, signed.hash
    return {
        "records": base64.b64encode(pages.blob(page)).decode(),
        "sealed": seal_lines(pages.private(page), exchange_key, page, random),
    }


def keep_page(uow: UnitOfWork, signed: SignedAction, item: Mapping[str, Any], exchange_secret: bytes) -> None:
    """Keep the records of a page that came down the feed, once they are what was signed for.

    What was destroyed at the hub comes destroyed. Raises ``EnvironmentFault('hub_answer_forged')``.
    """
    try:
        blob = packed_records(item)
        shape = page_shape(page_form(signed.action.public))
        text = unpack(blob)
        if page_digest(text) != signed.action.public["digest"]:
            raise Refusal("page_digest_wrong")
        rows = read_page(text, shape)
        private = open_lines(str(item["sealed"]), exchange_secret, signed.hash, shape)
        verify_lines(rows, private, shape, whole=False)
    except Refusal as fault:
        raise EnvironmentFault("hub_answer_forged") from fault
    uow.ledger.pages.keep(signed.hash, blob, rows, private, shape)
