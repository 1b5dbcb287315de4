"""The schemas of a forest, blocking: `client.schemas`. Arguments and errors: see the asyncio ones."""

from __future__ import annotations

from collections.abc import Sequence

from hyperloom import _schemas
from hyperloom._schema_records import (
    ListedSchemas,
    RegisteredSchema,
    Schema,
    SchemaDefinition,
    TriedSchema,
    UnboundPaths,
)
from hyperloom._sync.loop import LoopThread
from hyperloom.mapping import MessageMapping


class Schemas:
    """Every `timeout` is in seconds."""

    def __init__(self, loop: LoopThread, inner: _schemas.Schemas) -> None:
        self._loop = loop
        self._inner = inner

    def register(
        self,
        name: str,
        definition: SchemaDefinition,
        *,
        expected_version: int = 0,
        mapping: Sequence[MessageMapping] | None = None,
        timeout: float | None = None,
    ) -> RegisteredSchema:
        """Registers a schema, or the next version of one. It is in force when this returns."""
        return self._loop.run(
            self._inner.register(name, definition, expected_version=expected_version, mapping=mapping, timeout=timeout)
        )

    def validate(
        self,
        name: str,
        definition: SchemaDefinition,
        *,
        mapping: Sequence[MessageMapping] | None = None,
        timeout: float | None = None,
    ) -> TriedSchema:
        """Says what `register` would do, and changes nothing."""
        return self._loop.run(self._inner.validate(name, definition, mapping=mapping, timeout=timeout))

    def get(self, name: str, *, version: int = 0, at_revision: int = 0, timeout: float | None = None) -> Schema:
        """Reads one version of a schema (0: the newest) with its definition. Raises `NotFoundError`."""
        return self._loop.run(self._inner.get(name, version=version, at_revision=at_revision, timeout=timeout))

    def list(self, *, at_revision: int = 0, timeout: float | None = None) -> ListedSchemas:
        """The newest version of each schema, by name."""
        return self._loop.run(self._inner.list(at_revision=at_revision, timeout=timeout))

    def set_unbound_paths(self, unbound_paths: UnboundPaths, *, timeout: float | None = None) -> int:
        """Makes the forest strict, or lets it go."""
        return self._loop.run(self._inner.set_unbound_paths(unbound_paths, timeout=timeout))
