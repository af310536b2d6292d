"""Check characters of the two national numbers (GB 32100 with GB 11714 inside it; GB 11643).

python-stdnum knows the arithmetic and is used for it. Its ``validate`` functions are not: ``cn.ric``
demands that the area code existed in the year of birth and so refuses most people of Hainan, and
``cn.uscc`` does not look at the inner check character.
"""

from __future__ import annotations

from stdnum.cn import ric, uscc

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""Digits and capitals without I, O, S, V, Z (GB 32100-2015)."""

_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def uscc_check_character(body: str) -> str:
    """Return the 18th character for the 17 before it. Raises ``ValueError`` outside the alphabet."""
    return str(uscc.calc_check_digit(body))


def organisation_check_character(body: str) -> str:
    """Return the 9th character of an organisation code (GB 11714) for the 8 before it.

    Letters count from A = 10 to Z = 35 here, unlike in the code around it.
    """
    total = sum(int(each, 36) * weight for each, weight in zip(body, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def id_check_character(body: str) -> str:
    """Return the 18th character of a citizen ID number for the 17 digits before it."""
    return str(ric.calc_check_digit(body + "0"))
