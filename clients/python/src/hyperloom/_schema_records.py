"""Schemas as programs see them, and how their sources are told."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, TypeAlias

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet
from google.protobuf.message import Message

from hyperloom._gen.v1 import schema_pb2
from hyperloom._kinds import time_from

UnboundPaths: TypeAlias = Literal["free", "refused"]
"""What a forest does with values at paths of no schema: takes any, or none."""


@dataclass(frozen=True, slots=True)
class DescriptorSet:
    """A compiled `google.protobuf.FileDescriptorSet` with all that it imports, as `buf build` writes it."""

    data: bytes


@dataclass(frozen=True, slots=True)
class JsonSchema:
    """A JSON Schema 2020-12, as text, and the paths that it is about, such as `/{session}/plans/{plan}`."""

    text: str
    path: str


SchemaDefinition: TypeAlias = DescriptorSet | JsonSchema
"""A schema's source; see `schema_of` for messages of one's own."""


@dataclass(frozen=True, slots=True)
class SchemaBinding:
    """Paths, and the full name of the only message that may be there; empty: JSON."""

    path: str
    message_type: str


@dataclass(frozen=True, slots=True)
class Schema:
    """One version of a schema."""

    name: str
    version: int
    """From 1."""
    bindings: tuple[SchemaBinding, ...]
    revision: int
    """The trunk revision that its registration made."""
    author: str
    register_time: datetime
    definition_bytes: int
    definition: SchemaDefinition | None
    """What was registered, byte for byte; `None` but in answers of `get`."""


@dataclass(frozen=True, slots=True)
class RegisteredSchema:
    """A schema that is in force. `unchanged`: it was the newest version already."""

    schema: Schema
    unchanged: bool
    mapped_values: int = 0
    """The values that the mapping has written."""


@dataclass(frozen=True, slots=True)
class SchemaObjection:
    """Why a schema cannot be registered."""

    rule: str
    """What it breaks, such as `FIELD_WIRE_JSON_COMPATIBLE_TYPE`."""
    subject: str
    """A field of the definition, such as `acme.v1.ResearchNote.claim`, or the path of a stored node and the field."""
    message: str


@dataclass(frozen=True, slots=True)
class TriedSchema:
    """What registering would do."""

    schema: Schema | None
    """The version as it would be; `None` where it would be refused."""
    unchanged: bool
    reason: str
    """The reason of the refusal, such as `SCHEMA_BREAKING`; empty where there would be none."""
    message: str
    objections: tuple[SchemaObjection, ...]
    """Deprecated: use `problems`, as it is called everywhere else."""
    revision: int
    mapped_values: int = 0
    """The values that the mapping would write."""

    @property
    def problems(self) -> tuple[SchemaObjection, ...]:
        """Each thing that is wrong; at most 100."""
        return self.objections


@dataclass(frozen=True, slots=True)
class ListedSchemas:
    """The newest version of each schema, by name."""

    schemas: tuple[Schema, ...]
    unbound_paths: UnboundPaths
    revision: int


def schema_of(*messages: type[Message]) -> DescriptorSet:
    """The definition of generated messages with a path of their own: their files with all that these import."""
    files: dict[str, FileDescriptorProto] = {}

    def add(file: Any) -> None:
        if file.name not in files:
            for dependency in file.dependencies:
                add(dependency)
            files[file.name] = FileDescriptorProto.FromString(file.serialized_pb)

    for message in messages:
        add(message.DESCRIPTOR.file)
    return DescriptorSet(FileDescriptorSet(file=files.values()).SerializeToString())


def definition_message(definition: SchemaDefinition) -> schema_pb2.SchemaDefinition:
    if isinstance(definition, DescriptorSet):
        return schema_pb2.SchemaDefinition(descriptor_set=definition.data)
    source = schema_pb2.JsonSchema(json=definition.text.encode(), path=definition.path)
    return schema_pb2.SchemaDefinition(json_schema=source)


def schema_from(message: schema_pb2.Schema) -> Schema:
    return Schema(
        name=message.name,
        version=message.version,
        bindings=tuple(SchemaBinding(each.path, each.message_type) for each in message.bindings),
        revision=message.revision,
        author=message.author,
        register_time=time_from(message.register_time),
        definition_bytes=message.definition_bytes,
        definition=_definition_from(message.definition),
    )


def _definition_from(message: schema_pb2.SchemaDefinition) -> SchemaDefinition | None:
    kind = message.WhichOneof("kind")
    if kind == "descriptor_set":
        return DescriptorSet(message.descriptor_set)
    if kind == "json_schema":
        return JsonSchema(message.json_schema.json.decode(), message.json_schema.path)
    return None
