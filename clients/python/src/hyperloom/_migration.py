"""Migrations: ghosts whose commit puts a version of a schema into force that stored values do not get along with."""

from __future__ import annotations

from dataclasses import dataclass

from hyperloom._gen.v1 import schema_pb2
from hyperloom._schema_records import SchemaDefinition, definition_message


@dataclass(frozen=True, slots=True)
class SchemaMigration:
    """The version of a schema to come, which stored values or clients do not get along with.

    In its ghost, values are judged by it; a program reads the old ones on the trunk and puts the new ones in the ghost.
    The commit brings them and the version in one revision, once no stored value is left as it was: it is refused with
    the reason `SCHEMA_BREAKING` or `SCHEMA_STORED` before, whose `violations` name what is missing, and the ghost lives
    on.
    """

    name: str
    """Which schema."""
    definition: SchemaDefinition
    expected_version: int = 0
    """The newest one that the caller knows; `PreconditionFailedError` at the commit where it is another. 0: whichever
    it is."""


def migration_message(migration: SchemaMigration) -> schema_pb2.SchemaMigration:
    return schema_pb2.SchemaMigration(
        name=migration.name,
        definition=definition_message(migration.definition),
        expected_version=migration.expected_version,
    )
