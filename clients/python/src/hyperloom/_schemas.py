"""The schemas of a forest: `client.schemas`."""

from __future__ import annotations

from collections.abc import Sequence

from hyperloom._agent import Agent
from hyperloom._connection import Connection
from hyperloom._gen.v1 import schema_pb2
from hyperloom._gen.v1 import schema_service_pb2 as messages
from hyperloom._methods import GET_SCHEMA, LIST_SCHEMAS, REGISTER_SCHEMA, SET_UNBOUND_PATHS, VALIDATE_SCHEMA
from hyperloom._schema_records import (
    ListedSchemas,
    RegisteredSchema,
    Schema,
    SchemaDefinition,
    SchemaObjection,
    TriedSchema,
    UnboundPaths,
    definition_message,
    schema_from,
)
from hyperloom.mapping import MessageMapping, wire_mapping


class Schemas:
    """Every `timeout` is in seconds."""

    def __init__(self, connection: Connection, agent: Agent) -> None:
        self._connection = connection
        self._agent = agent

    async def register(
        self,
        name: str,
        definition: SchemaDefinition,
        *,
        expected_version: int = 0,
        mapping: Sequence[MessageMapping] | None = None,
        timeout: float | None = None,
    ) -> RegisteredSchema:
        """Registers a schema, or the next version of one: 1 to 128 of `a-zA-Z0-9._-`. It is in force when this returns.

        Refused where clients or stored values would not get along with it: the error's `violations` say why.
        `expected_version`: the newest one that the caller knows; `PreconditionFailedError` where it is another.
        `mapping`: how stored messages become those of this version; see `hyperloom.mapping`.
        """
        request = messages.RegisterSchemaRequest(
            forest=self._agent.forest,
            name=name,
            definition=definition_message(definition),
            expected_version=expected_version,
            request_id=self._connection.next_request_id(),
            author=self._agent.author,
            mapping=wire_mapping(mapping),
        )
        answer = await self._connection.call(REGISTER_SCHEMA, request, timeout)
        self._agent.see(answer.schema.revision)
        return RegisteredSchema(schema_from(answer.schema), answer.unchanged, answer.mapped_values)

    async def validate(
        self,
        name: str,
        definition: SchemaDefinition,
        *,
        mapping: Sequence[MessageMapping] | None = None,
        timeout: float | None = None,
    ) -> TriedSchema:
        """Says what `register` would do, and changes nothing."""
        request = messages.ValidateSchemaRequest(
            forest=self._agent.forest,
            name=name,
            definition=definition_message(definition),
            mapping=wire_mapping(mapping),
        )
        answer = await self._connection.call(VALIDATE_SCHEMA, request, timeout)
        return TriedSchema(
            schema=schema_from(answer.schema) if answer.HasField("schema") else None,
            unchanged=answer.unchanged,
            reason=answer.reason,
            message=answer.message,
            objections=tuple(SchemaObjection(each.rule, each.subject, each.message) for each in answer.problems),
            revision=answer.revision,
            mapped_values=answer.mapped_values,
        )

    async def get(self, name: str, *, version: int = 0, at_revision: int = 0, timeout: float | None = None) -> Schema:
        """Reads one version of a schema (0: the newest) with its definition. Raises `NotFoundError`."""
        request = messages.GetSchemaRequest(
            forest=self._agent.forest, name=name, version=version, at_revision=at_revision
        )
        return schema_from((await self._connection.call(GET_SCHEMA, request, timeout)).schema)

    async def list(self, *, at_revision: int = 0, timeout: float | None = None) -> ListedSchemas:
        """The newest version of each schema, by name."""
        request = messages.ListSchemasRequest(forest=self._agent.forest, at_revision=at_revision)
        answer = await self._connection.call(LIST_SCHEMAS, request, timeout)
        refused = answer.unbound_paths == schema_pb2.UNBOUND_PATHS_REFUSED
        return ListedSchemas(tuple(map(schema_from, answer.schemas)), "refused" if refused else "free", answer.revision)

    async def set_unbound_paths(self, unbound_paths: UnboundPaths, *, timeout: float | None = None) -> int:
        """Makes the forest strict (`"refused"`: no value where no schema is), or lets it go.

        Returns the revision from which on that holds.
        """
        values = {"free": schema_pb2.UNBOUND_PATHS_FREE, "refused": schema_pb2.UNBOUND_PATHS_REFUSED}
        request = messages.SetUnboundPathsRequest(
            forest=self._agent.forest,
            unbound_paths=values[unbound_paths],
            request_id=self._connection.next_request_id(),
            author=self._agent.author,
        )
        answer = await self._connection.call(SET_UNBOUND_PATHS, request, timeout)
        self._agent.see(answer.revision)
        return answer.revision
