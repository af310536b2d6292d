"""The kinds of columns that the hub's tables are made of. None may be empty unless ``null`` says so."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Integer, LargeBinary, MetaData, String, Text

metadata = MetaData()
"""All of the hub's tables."""


def office() -> Column[str]:
    """The office that a row belongs to: the first column of every key (store-sync.md section 9)."""
    return text("office")


def text(name: str, length: int = 64, *, null: bool = False) -> Column[str]:
    """An id, a code, a hash, a moment: text of at most ``length`` characters."""
    return Column(name, String(length), nullable=null)


def prose(name: str, *, null: bool = False) -> Column[str]:
    """Text of any length."""
    return Column(name, Text, nullable=null)


def small(name: str, *, null: bool = False) -> Column[int]:
    """A whole number of 32 bits."""
    return Column(name, Integer, nullable=null)


def whole(name: str, *, null: bool = False) -> Column[int]:
    """A whole number of 64 bits: places in a feed, seconds, sizes."""
    return Column(name, BigInteger, nullable=null)


def flag(name: str) -> Column[bool]:
    """Yes or no."""
    return Column(name, Boolean, nullable=False)


def blob(name: str, *, null: bool = False) -> Column[bytes]:
    """Bytes as they are."""
    return Column(name, LargeBinary, nullable=null)
