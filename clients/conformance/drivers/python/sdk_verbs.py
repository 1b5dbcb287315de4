"""The verbs of the SDK by the names that all SDKs share; written once for both clients, see `settled`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sdk_results as tell
from sdk_arguments import (
    Arguments,
    Verb,
    amount_of,
    chosen,
    collected,
    operations_of,
    preconditions_of,
    seconds,
    settled,
    value_of,
)
from sdk_clients import CLIENT_VERBS
from sdk_contexts import CONTEXT_VERBS
from sdk_ghosts import GHOST_VERBS
from sdk_locks import LOCK_VERBS
from sdk_schemas import SCHEMA_VERBS
from sdk_typed import typed

from hyperloom import AfterRevision, BasisEntry

if TYPE_CHECKING:
    from sdk import Session


async def put(session: Session, on: Any, args: Arguments, _: str) -> Any:
    lease = session.find(args.get("lease"))
    times = seconds(args, "timeoutMs", "lockWaitMs")
    return tell.published(await settled(on.put(args["path"], value_of(args["value"]), lease=lease, **times)))


async def append(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return tell.published(await settled(on.append(args["path"], value_of(args["value"]))))


async def merge(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return tell.published(await settled(on.merge(args["path"], value_of(args["value"]))))


async def increment(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return tell.published(await settled(on.increment(args["path"], amount_of(args))))


async def delete(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return tell.published(await settled(on.delete(args["path"], **chosen(args, "scope"))))


async def copy(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return tell.published(await settled(on.copy(args["source"], args["target"], args.get("revision", 0))))


async def publish(session: Session, on: Any, args: Arguments, _: str) -> Any:
    basis = args.get("basis")
    outcome = on.publish(
        operations_of(session, args["operations"]),
        preconditions=preconditions_of(args.get("preconditions", ())),
        basis=None if basis is None else [_basis(each) for each in basis],
        **chosen(args, "label", "requestId", "traceParent"),
        **seconds(args, "timeoutMs", "lockWaitMs"),
    )
    return tell.published(await settled(outcome))


def _basis(given: Mapping[str, Any]) -> BasisEntry:
    extent: Any = tell.EXTENTS.index(given["extent"])
    return BasisEntry(given["path"], given["revision"], extent)


async def pipeline(session: Session, on: Any, args: Arguments, _: str) -> Any:
    """Publishes all without waiting, and tells outcomes in the order in which they came."""
    came: list[int] = []
    futures = []
    for index, diff in enumerate(args["diffs"]):
        future = await settled(on.submit(operations_of(session, diff)))
        future.add_done_callback(lambda _, index=index: came.append(index))
        futures.append(future)
    outcomes = [await _outcome(session, future) for future in futures]
    return [{"index": index, **outcomes[index]} for index in came]


async def _outcome(session: Session, future: Any) -> dict[str, Any]:
    try:
        return {"published": tell.published(await session.result(future))}
    except Exception as failure:
        return {"error": tell.error(failure)}


async def flush(_session: Session, on: Any, _args: Arguments, _: str) -> Any:
    await settled(on.flush())
    return {}


async def forget(_session: Session, on: Any, _args: Arguments, _: str) -> Any:
    on.forget()
    return {}


def _read(args: Arguments) -> dict[str, Any]:
    return {**chosen(args, "atRevision", "form", "pins"), **seconds(args, "timeoutMs")}


async def get(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return tell.node(await settled(on.get(args["path"], **_read(args))))


async def find(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return {"node": tell.node(await settled(on.find(args["path"], **_read(args))))}


async def batch_get(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return tell.nodes(await settled(on.batch_get(args["paths"], **_read(args))))


async def list_below(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    listing = on.list(args["path"], **chosen(args, "depth", "keysOnly", "pageSize"), **_read(args))
    return tell.nodes(await collected(listing))


async def newest_revision(_session: Session, on: Any, _args: Arguments, _: str) -> Any:
    return on.newest_revision


async def subscribe(session: Session, on: Any, args: Arguments, handle: str) -> Any:
    start = AfterRevision(args["afterRevision"]) if "afterRevision" in args else args.get("start", "snapshot")
    subscription = on.subscribe(
        args["patterns"],
        start=start,
        detail="result" if args.get("results") else "operation",
        include_previous=args.get("previous", False),
        include_basis=args.get("withBasis", False),
        **chosen(args, "everything", "bookmarks", "agent", "form", "pins"),
    )
    await session.begin(subscription)
    session.keep(handle, subscription)
    return {}


async def next_item(session: Session, on: Any, _args: Arguments, _: str) -> Any:
    given = await session.next(on)
    session.note_review(on, given)
    return tell.item(given)


async def close(session: Session, on: Any, _args: Arguments, _: str) -> Any:
    await session.leave(on)
    return {}


VERBS: Mapping[str, Verb] = {
    "put": put,
    "append": append,
    "merge": merge,
    "increment": increment,
    "delete": delete,
    "copy": copy,
    "publish": publish,
    "pipeline": pipeline,
    "flush": flush,
    "forget": forget,
    "get": get,
    "find": find,
    "batchGet": batch_get,
    "list": list_below,
    "newestRevision": newest_revision,
    "subscribe": subscribe,
    "next": next_item,
    "close": close,
    "typed": typed,
    **GHOST_VERBS,
    **LOCK_VERBS,
    **CLIENT_VERBS,
    **CONTEXT_VERBS,
    **SCHEMA_VERBS,
}
