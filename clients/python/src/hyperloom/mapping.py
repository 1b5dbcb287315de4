"""Mappings: how stored messages become those of a version of their schema that they do not get along with.

Where that can be said field by field, the broker writes the values itself and puts the version into force, in one
revision or not at all:

```python
done = await client.schemas.register(
    "research",
    schema_of(ResearchNote),
    mapping=[
        mapping.message(
            "acme.v1.ResearchNote",
            mapping.move("claim", "statement"),
            mapping.constant("language", "en"),
            mapping.drop("sources"),
        )
    ],
)
print(done.mapped_values)
```
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from hyperloom._gen.v1 import schema_pb2
from hyperloom._values import Json, JsonValue, json_bytes

Rule: TypeAlias = schema_pb2.MappingRule
"""What becomes of a field. Make it with the functions of this module."""

MessageMapping: TypeAlias = schema_pb2.MessageMapping
"""What becomes of the fields of one message. Make it with `message`."""


def message(message_type: str, *rules: Rule, drop_unknown_fields: bool = False) -> MessageMapping:
    """What becomes of the fields of a message that the version before binds, by its full name.

    At most 1,000 rules in all. What no rule names is kept under its name, and must be of a type there that gets along.
    `drop_unknown_fields`: drops what the version before does not know, and no rule can name; values that hold such
    fields are refused otherwise.
    """
    return MessageMapping(message_type=message_type, rules=rules, drop_unknown_fields=drop_unknown_fields)


def move(source: str, target: str) -> Rule:
    """The field moves, and is converted where the types differ. Fields are called by their names in the proto, through
    single messages only: `origin.url`."""
    rule = Rule()
    # `from` cannot be a keyword argument in Python.
    setattr(rule.move, "from", source)
    rule.move.to = target
    return rule


def constant(field: str, value: str | JsonValue | Json) -> Rule:
    """A field of the coming version has the same value everywhere, in ProtoJSON."""
    return Rule(constant=schema_pb2.FieldConstant(field=field, json=json_bytes(value)))


def drop(field: str) -> Rule:
    """A field of the version before is given up."""
    return Rule(drop=field)


def wire_mapping(messages: Sequence[MessageMapping] | None) -> schema_pb2.SchemaMapping | None:
    """For this package: the mapping's message; `None` where nothing is said, so that stored values must fit."""
    return None if messages is None else schema_pb2.SchemaMapping(messages=messages)
