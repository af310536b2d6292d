"""Roles and the register of people: who may do what in an office (notice 三(二), duty 31)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Role(StrEnum):
    """What a person is trusted with; the Chinese terms are in docs/glossary.md."""

    CLERK = "clerk"  # 受理
    REVIEWER = "reviewer"  # 审核
    ADMIN = "admin"  # 管理员
    AUDITOR = "auditor"  # 审计


@dataclass(frozen=True)
class Person:
    """A member of the office as its actions tell; ``name`` is None once destroyed or not disclosed."""

    id: str
    roles: frozenset[Role]
    algorithm: str
    public_key: bytes
    name: str | None = None
    active: bool = True
    former_keys: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Device:
    """A desk: its id, signing key (Ed25519) and exchange key (X25519)."""

    id: str
    algorithm: str
    public_key: bytes
    exchange_key: bytes


@dataclass(frozen=True)
class OfficeState:
    """A registration office (登记管理机关) folded from its actions.

    ``single_clerk`` never comes from an action: the office certificate, signed above the office,
    says so (architecture.md, "Settled", point 7), and whoever builds the world puts it in.
    """

    id: str
    code: str
    name: str
    level: str
    parent: str
    rehearsal: bool
    version: int = 0
    single_clerk: bool = False
    people: Mapping[str, Person] = field(default_factory=dict)
    devices: Mapping[str, Device] = field(default_factory=dict)
    checklists: Mapping[str, tuple[Mapping[str, Any], ...]] = field(default_factory=dict)

    def person(self, person_id: str) -> Person | None:
        """Return the person, active or not."""
        return self.people.get(person_id)

    def active_with(self, role: Role) -> tuple[Person, ...]:
        """Return the active people holding ``role``."""
        return tuple(p for p in self.people.values() if p.active and role in p.roles)
