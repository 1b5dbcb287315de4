"""What scenarios give with the verbs of the SDK, and how it becomes the SDK's own values."""

from __future__ import annotations

import base64
import inspect
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from hyperloom import (
    Json,
    JsonSchema,
    SchemaMigration,
    gate,
    message_json,
    operation,
    precondition,
)

if TYPE_CHECKING:
    from sdk import Session

Arguments: TypeAlias = Mapping[str, Any]
Verb: TypeAlias = Callable[["Session", Any, Arguments, str], Awaitable[Any]]
"""Called with the handle that it is called on, the arguments, and the name of the handle that it makes."""


async def settled(outcome: Any) -> Any:
    """What a call of either client comes to: the asyncio client's is awaited."""
    return await outcome if inspect.isawaitable(outcome) else outcome


async def collected(paged: Any) -> list[Any]:
    """All items of a listing."""
    return list(await settled(paged.all()))


def value_of(given: Mapping[str, Any]) -> Any:
    if "text" in given:
        return given["text"]
    if "bytes" in given:
        return base64.b64decode(given["bytes"])
    if "items" in given:
        return [json.loads(item) for item in given["items"]]
    if "messageJson" in given:
        return message_json(json.loads(given["messageJson"]))
    return Json(given["exact"]) if "exact" in given else json.loads(given["json"])


def seconds(args: Arguments, *names: str) -> dict[str, float]:
    """Those of the times that are given, in seconds."""
    return {_snake(name): args[name] / 1000 for name in names if name in args}


def chosen(args: Arguments, *names: str) -> dict[str, Any]:
    """Those of the arguments that are given, by the names that they have here."""
    return {_snake(name): args[name] for name in names if name in args}


def _snake(name: str) -> str:
    plain = name.removesuffix("Ms")
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in plain)


def operations_of(session: Session, given: Iterable[Mapping[str, Arguments]]) -> list[operation.Operation]:
    return [_operation(session, verb, args) for each in given for verb, args in each.items()]


def _operation(session: Session, verb: str, args: Arguments) -> operation.Operation:
    if verb == "put":
        return operation.put(args["path"], value_of(args["value"]), lease=session.find(args.get("lease")))
    if verb == "append":
        return operation.append(args["path"], value_of(args["value"]))
    if verb == "merge":
        return operation.merge(args["path"], value_of(args["value"]))
    if verb == "increment":
        return operation.increment(args["path"], amount_of(args))
    if verb == "delete":
        return operation.delete(args["path"], args.get("scope", "subtree"))
    if verb == "copy":
        return operation.copy(args["source"], args["target"], args.get("revision", 0))
    raise LookupError(f"no operation {verb}")


def amount_of(args: Arguments) -> int | float:
    return float(args["real"]) if "real" in args else int(args.get("amount", "1"))


def preconditions_of(given: Iterable[Mapping[str, Arguments]]) -> list[precondition.Precondition]:
    make: dict[str, Callable[[Arguments], precondition.Precondition]] = {
        "present": lambda args: precondition.present(args["path"]),
        "absent": lambda args: precondition.absent(args["path"]),
        "modifiedRevision": lambda args: precondition.modified_revision(args["path"], args["revision"]),
        "version": lambda args: precondition.version(args["path"], args["version"]),
        "subtreeUnchangedSince": lambda args: precondition.subtree_unchanged_since(args["path"], args["revision"]),
    }
    return [make[kind](args) for each in given for kind, args in each.items()]


def gates_of(args: Arguments) -> list[gate.Gate]:
    limits = [args["limit"]] if "limit" in args else []
    touched = [gate.limit(each.get("patterns", ()), **chosen(each, "operationsMax", "bytesMax")) for each in limits]
    decided = [gate.review(each) for each in args.get("reviewers", ())]
    return touched + decided + ([gate.schema(args["schemaGate"])] if "schemaGate" in args else [])


def migration_of(args: Arguments) -> dict[str, SchemaMigration]:
    if "migration" not in args:
        return {}
    given = args["migration"]
    definition = JsonSchema(given["json"], given["path"])
    return {"migration": SchemaMigration(given["name"], definition, given.get("expectedVersion", 0))}
