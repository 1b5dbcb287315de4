"""Typed handles on one message, compiled as a team would. Variables are the scenario's, wrong ones too."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sdk_results as tell
from google.protobuf import json_format
from sdk_arguments import Arguments, Verb, amount_of, chosen, collected, preconditions_of, settled

from hyperloom import Operation, Precondition

if TYPE_CHECKING:
    from sdk import Session

CLIENT = Path(__file__).resolve().parents[3] / "python"


@cache
def _acme() -> tuple[Any, Any]:
    """The messages and their node types."""
    sys.path.append(str(CLIENT))
    from tests.acme import Acme

    return Acme(Path(tempfile.mkdtemp(prefix="hyperloom-acme-"))).load()


class Notes:
    """A typed handle, what it works through, and what was read through it last."""

    def __init__(self, target: Any) -> None:
        _, types = _acme()
        self.target = target
        self.nodes = target.typed(types.ResearchNoteNode)
        self.read: Any = None


class WatchingNotes:
    """A typed subscription."""

    def __init__(self, stream: Any) -> None:
        self.stream = stream


def _note(args: Arguments) -> Any:
    messages, _ = _acme()
    return json_format.Parse(args.get("message", "{}"), messages.ResearchNote())


def _operations(on: Notes, given: Iterable[Mapping[str, Arguments]]) -> list[Operation]:
    return [_operation(on, verb, args) for each in given for verb, args in each.items()]


def _operation(on: Notes, verb: str, args: Arguments) -> Operation:
    at: Any = on.nodes.at(**args["variables"])
    made: Operation
    if verb == "put":
        made = at.putting(_note(args))
    elif verb == "append":
        made = at.appending(_note(args))
    elif verb == "merge":
        made = at.merging(_note(args), args.get("mask", ()))
    elif verb == "increment":
        made = at.incrementing(args["field"], amount_of(args))
    else:
        raise LookupError(f"no operation {verb}")
    return made


def _preconditions(on: Notes, args: Arguments) -> list[Precondition]:
    given = args.get("preconditions", ())
    return [_precondition(on, kind, each) for one in given for kind, each in one.items()]


def _precondition(on: Notes, kind: str, args: Arguments) -> Precondition:
    if kind == "unchanged":
        unchanged: Precondition = on.read.unchanged()
        return unchanged
    at: Any = on.nodes.at(**args["variables"])
    if kind == "field":
        field: Precondition = at.field(args["field"], **chosen(args, "equals", "isSet"))
        return field
    return preconditions_of([{kind: {**args, "path": at.path}}])[0]


async def typed(session: Session, on: Any, _args: Arguments, handle: str) -> Any:
    session.keep(handle, Notes(on))
    return {}


async def get(_session: Session, on: Notes, args: Arguments, _: str) -> Any:
    on.read = await settled(on.nodes.at(**args["variables"]).get(**chosen(args, "atRevision")))
    return _tell(on.read)


async def find(_session: Session, on: Notes, args: Arguments, _: str) -> Any:
    found = await settled(on.nodes.at(**args["variables"]).find(**chosen(args, "atRevision")))
    return {"node": None if found is None else _tell(found)}


async def list_notes(_session: Session, on: Notes, args: Arguments, _: str) -> Any:
    listing = on.nodes.where(**args.get("variables", {})).list(**chosen(args, "atRevision"))
    return [_tell(each) for each in await collected(listing)]


async def path(_session: Session, on: Notes, args: Arguments, _: str) -> Any:
    return on.nodes.path(**args["variables"])


async def variables_of(_session: Session, on: Notes, args: Arguments, _: str) -> Any:
    return _variables(on.nodes.variables_of(args["path"]))


async def put(session: Session, on: Notes, args: Arguments, _: str) -> Any:
    at = on.nodes.at(**args["variables"])
    lease = session.find(args.get("lease"))
    return tell.published(await settled(at.put(_note(args), preconditions=_preconditions(on, args), lease=lease)))


async def append(_session: Session, on: Notes, args: Arguments, _: str) -> Any:
    at = on.nodes.at(**args["variables"])
    return tell.published(await settled(at.append(_note(args), preconditions=_preconditions(on, args))))


async def merge(_session: Session, on: Notes, args: Arguments, _: str) -> Any:
    at = on.nodes.at(**args["variables"])
    mask = args.get("mask", ())
    return tell.published(await settled(at.merge(_note(args), mask, preconditions=_preconditions(on, args))))


async def increment(_session: Session, on: Notes, args: Arguments, _: str) -> Any:
    at = on.nodes.at(**args["variables"])
    conditions = _preconditions(on, args)
    return tell.published(await settled(at.increment(args["field"], amount_of(args), preconditions=conditions)))


async def delete(_session: Session, on: Notes, args: Arguments, _: str) -> Any:
    at = on.nodes.at(**args["variables"])
    return tell.published(await settled(at.delete(preconditions=_preconditions(on, args))))


async def publish(_session: Session, on: Notes, args: Arguments, _: str) -> Any:
    made = _operations(on, args["operations"])
    return tell.published(await settled(on.target.publish(made, preconditions=_preconditions(on, args))))


async def subscribe(session: Session, on: Notes, args: Arguments, handle: str) -> Any:
    where = on.nodes.where(**args.get("variables", {}))
    stream = where.subscribe(include_previous=args.get("previous", False))
    await session.begin(stream)
    session.keep(handle, WatchingNotes(stream))
    return {}


async def next_item(session: Session, on: WatchingNotes, _args: Arguments, _: str) -> Any:
    item = await session.next(on.stream)
    if item is None:
        return {"end": True}
    if hasattr(item, "nodes"):
        return {"snapshot": {"revision": item.revision, "nodes": [_tell(node) for node in item.nodes]}}
    if hasattr(item, "changes"):
        return {"event": {"revision": item.revision, "changes": [_change(each) for each in item.changes]}}
    return {"bookmark": {"revision": item.revision}}


async def close(session: Session, on: WatchingNotes, _args: Arguments, _: str) -> Any:
    await session.leave(on.stream)
    return {}


def _tell(node: Any) -> dict[str, Any]:
    return {
        "path": node.path,
        "variables": _variables(node.variables),
        "revision": node.revision,
        "modifiedRevision": node.modified_revision,
        "version": node.version,
        "author": node.author,
        "message": _message(node.value) if node.node.kind == "message" else None,
    }


def _change(change: Any) -> dict[str, Any]:
    return {
        "path": change.path,
        "action": change.action,
        "variables": _variables(change.variables),
        "message": _message(change.value),
        "previous": _message(change.previous),
    }


def _message(message: Any) -> Any:
    return None if message is None else json_format.MessageToDict(message)


def _variables(variables: Any) -> Any:
    return None if variables is None else {name: getattr(variables, name) for name in ("session", "note")}


NOTES_VERBS: Mapping[str, Verb] = {
    "get": get,
    "find": find,
    "list": list_notes,
    "path": path,
    "variablesOf": variables_of,
    "put": put,
    "append": append,
    "merge": merge,
    "increment": increment,
    "delete": delete,
    "publish": publish,
    "subscribe": subscribe,
}

WATCHING_NOTES_VERBS: Mapping[str, Verb] = {"next": next_item, "close": close}
