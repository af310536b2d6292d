"""What the roles are called, in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Iterable

ROLE_NAMES = {"clerk": "受理", "reviewer": "审核", "admin": "管理员", "auditor": "审计"}


def role_words(roles: Iterable[str]) -> str:
    """Return the Chinese names of ``roles`` in the usual order."""
    held = {str(role) for role in roles}
    return "、".join(name for role, name in ROLE_NAMES.items() if role in held)
