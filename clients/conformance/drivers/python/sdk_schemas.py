"""The verbs of schemas."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sdk_results as tell
from sdk_arguments import Arguments, Verb, settled

from hyperloom import DescriptorSet, JsonSchema, MessageMapping, SchemaDefinition, mapping

if TYPE_CHECKING:
    from sdk import Session


def _definition(args: Arguments) -> SchemaDefinition:
    if "set" in args:
        return DescriptorSet(base64.b64decode(args["set"]))
    return JsonSchema(args["json"], args["path"])


def _mapping(args: Arguments) -> Sequence[MessageMapping] | None:
    return None if "mapping" not in args else [_message(each) for each in args["mapping"]]


def _message(given: Mapping[str, Any]) -> MessageMapping:
    rules = [_rule(kind, rule) for each in given.get("rules", ()) for kind, rule in each.items()]
    return mapping.message(given["message"], *rules, drop_unknown_fields=given.get("dropUnknownFields", False))


def _rule(kind: str, given: Any) -> mapping.Rule:
    if kind == "move":
        return mapping.move(given["from"], given["to"])
    if kind == "constant":
        return mapping.constant(given["field"], given["value"])
    return mapping.drop(given)


async def register(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    expected = args.get("expectedVersion", 0)
    done = await settled(
        on.schemas.register(args["name"], _definition(args), expected_version=expected, mapping=_mapping(args))
    )
    return {**tell.schema(done.schema), "unchanged": done.unchanged, "mappedValues": done.mapped_values}


async def validate(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    tried = await settled(on.schemas.validate(args["name"], _definition(args), mapping=_mapping(args)))
    problems = [{"rule": each.rule, "subject": each.subject} for each in tried.problems]
    schema = None if tried.schema is None else tell.schema(tried.schema)
    return {
        "schema": schema,
        "reason": tried.reason,
        "problems": problems,
        "unchanged": tried.unchanged,
        "mappedValues": tried.mapped_values,
        "revision": tried.revision,
    }


async def get_schema(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return tell.schema(await settled(on.schemas.get(args["name"], version=args.get("version", 0))))


async def list_schemas(_session: Session, on: Any, _args: Arguments, _: str) -> Any:
    listed = await settled(on.schemas.list())
    return {
        "schemas": [tell.schema(each) for each in listed.schemas],
        "unboundPaths": listed.unbound_paths,
        "revision": listed.revision,
    }


async def set_unbound_paths(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return await settled(on.schemas.set_unbound_paths(args["unboundPaths"]))


SCHEMA_VERBS: Mapping[str, Verb] = {
    "register": register,
    "validate": validate,
    "getSchema": get_schema,
    "listSchemas": list_schemas,
    "setUnboundPaths": set_unbound_paths,
}
