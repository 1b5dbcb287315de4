"""What a ghost is begun and committed with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from hyperloom._gate_records import Race
from hyperloom._migration import SchemaMigration
from hyperloom.gate import Gate

Isolation: TypeAlias = Literal["writes", "serializable"]
"""What must not have changed since a ghost's base for its commit to pass: what it writes, or also what it has read."""


@dataclass(frozen=True, slots=True)
class GhostOptions:
    """What a ghost is begun with; see `Client.ghost`."""

    label: str = ""
    scope: str = ""
    base_revision: int = 0
    parent: str = ""
    ttl: float | None = None
    gates: Sequence[Gate] = ()
    race: Race | None = None
    parent_edition: int = 0
    migration: SchemaMigration | None = None
