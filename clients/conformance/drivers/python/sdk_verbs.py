"""The verbs of the SDK by the names that all SDKs share; written once for both clients, see `settled`."""

from __future__ import annotations

import base64
import inspect
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

import sdk_results as tell

from hyperloom import (
    AfterRevision,
    BasisEntry,
    Json,
    JsonSchema,
    LockTarget,
    Race,
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
        return operation.increment(args["path"], _amount(args))
    if verb == "delete":
        return operation.delete(args["path"], args.get("scope", "subtree"))
    if verb == "copy":
        return operation.copy(args["source"], args["target"], args.get("revision", 0))
    raise LookupError(f"no operation {verb}")


def _amount(args: Arguments) -> int | float:
    return float(args["real"]) if "real" in args else int(args.get("amount", "1"))


def _preconditions(given: Iterable[Mapping[str, Arguments]]) -> list[precondition.Precondition]:
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


async def put(session: Session, on: Any, args: Arguments, _: str) -> Any:
    lease = session.find(args.get("lease"))
    times = seconds(args, "timeoutMs", "lockWaitMs")
    return tell.published(await settled(on.put(args["path"], value_of(args["value"]), lease=lease, **times)))


async def append(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return tell.published(await settled(on.append(args["path"], value_of(args["value"]))))


async def merge(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return tell.published(await settled(on.merge(args["path"], value_of(args["value"]))))


async def increment(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return tell.published(await settled(on.increment(args["path"], _amount(args))))


async def delete(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return tell.published(await settled(on.delete(args["path"], **chosen(args, "scope"))))


async def copy(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return tell.published(await settled(on.copy(args["source"], args["target"], args.get("revision", 0))))


async def publish(session: Session, on: Any, args: Arguments, _: str) -> Any:
    basis = args.get("basis")
    outcome = on.publish(
        operations_of(session, args["operations"]),
        preconditions=_preconditions(args.get("preconditions", ())),
        basis=None if basis is None else [_basis(each) for each in basis],
        **chosen(args, "label", "requestId"),
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


def _read(args: Arguments) -> dict[str, Any]:
    return {**chosen(args, "atRevision", "form", "pins"), **seconds(args, "timeoutMs")}


async def get(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return tell.node(await settled(on.get(args["path"], **_read(args))))


async def find(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return {"node": tell.node(await settled(on.get_or_none(args["path"], **_read(args))))}


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
        **chosen(args, "everything", "bookmarks", "form", "pins"),
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


async def begin_ghost(session: Session, on: Any, args: Arguments, handle: str) -> Any:
    race = Race(args["race"], args.get("attemptsMax", 0)) if "race" in args else None
    lease = {"lease": session.find(args["lease"])} if "lease" in args else {}
    named = {**chosen(args, "label", "scope"), **seconds(args, "ttlMs"), **lease, **migration_of(args)}
    ghost = await settled(on.ghost(gates=gates_of(args), race=race, **named))
    session.keep(handle, ghost)
    return tell.ghost(ghost.info)


async def checkpoint(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return tell.checkpoint(await settled(on.checkpoint(args["name"])))


async def rewind(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return tell.reverted(await settled(on.rewind(**chosen(args, "checkpoint", "reason"))))


async def revert(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return tell.reverted(await settled(on.revert(**chosen(args, "reason"))))


def _isolation(args: Arguments) -> str:
    return "serializable" if args.get("serializable") else "writes"


async def commit(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    times = seconds(args, "timeoutMs", "lockWaitMs")
    done = await settled(on.commit(_isolation(args), **chosen(args, "label"), **times))
    return {
        "revision": done.revision,
        "operations": done.operations,
        "repeated": done.repeated,
        "schemaVersion": done.schema_version,
    }


async def state(_session: Session, on: Any, _args: Arguments, _: str) -> Any:
    return tell.ghost(await settled(on.state()))


async def over(_session: Session, on: Any, _args: Arguments, _: str) -> Any:
    return on.over


async def held(_session: Session, on: Any, _args: Arguments, _: str) -> Any:
    return not on.over


async def speculate(session: Session, on: Any, args: Arguments, _: str) -> Any:
    """Attempt by attempt; the last one again where there are more. `seen` tells which reasons each was given."""
    attempts: Sequence[Arguments] = args["attempts"]
    seen: list[list[str]] = []
    current: Arguments = {}

    async def work(ghost: Any, attempt: Any) -> None:
        nonlocal current
        seen.append(list(attempt.reasons))
        current = attempts[min(attempt.number, len(attempts)) - 1]
        await _work(session, ghost, current)

    async def verify(_ghost: Any, _result: Any) -> Any:
        return current.get("verdict")

    done = await settled(
        on.speculate(
            session.callback(work),
            session.callback(verify),
            gates=gates_of(args),
            isolation=_isolation(args),
            **chosen(args, "retries", "label", "scope"),
            **migration_of(args),
        )
    )
    return {"revision": done.revision, "attempts": done.attempts, "reasons": list(done.reasons), "seen": seen}


async def race(session: Session, on: Any, args: Arguments, _: str) -> Any:
    """All alternatives at once."""

    def alternative(given: Arguments) -> Any:
        async def work(ghost: Any, _attempt: Any) -> Any:
            await _work(session, ghost, given)
            return given.get("verdict")

        return session.callback(work)

    async def verify(_ghost: Any, verdict: Any) -> Any:
        return verdict

    named = {"id": args["race"]} if "race" in args else {}
    works = [alternative(each) for each in args["alternatives"]]
    won = await settled(on.race(works, session.callback(verify), **chosen(args, "attemptsMax"), **named))
    return {"index": won.index, "revision": won.revision, "attempts": won.attempts, "reasons": list(won.reasons)}


async def _work(session: Session, ghost: Any, given: Arguments) -> None:
    await settled(ghost.publish(operations_of(session, given.get("operations", ()))))
    if "meanwhile" in given:
        await settled(session.other().publish(operations_of(session, given["meanwhile"])))
    if "failure" in given:
        raise RuntimeError(given["failure"])


async def lock(session: Session, on: Any, args: Arguments, handle: str) -> Any:
    targets = [*args.get("paths", ()), *(LockTarget(each["path"], each["mode"]) for each in args.get("targets", ()))]
    wait = {"wait": 0.0} if args.get("noWait") else seconds(args, "waitMs")
    lease = {"lease": session.find(args["lease"])} if "lease" in args else {}
    taken = await settled(on.lock(targets, **wait, **chosen(args, "mode", "label"), **seconds(args, "ttlMs"), **lease))
    session.keep(handle, taken)
    return tell.lock(taken.info)


async def release(_session: Session, on: Any, _args: Arguments, _: str) -> Any:
    await settled(on.release())
    return {}


async def fencing_token(_session: Session, on: Any, _args: Arguments, _: str) -> Any:
    return on.fencing_token


async def locks(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return [tell.inspected(each) for each in await collected(on.locks(**chosen(args, "path")))]


async def lease(session: Session, on: Any, args: Arguments, handle: str) -> Any:
    taken = await settled(on.lease(**chosen(args, "label"), **seconds(args, "ttlMs")))
    session.keep(handle, taken)
    return tell.lease(taken.info)


async def end_lease(_session: Session, on: Any, _args: Arguments, _: str) -> Any:
    ended = await settled(on.end())
    return {
        "revision": ended.revision,
        "deletedNodes": ended.deleted_nodes,
        "releasedLocks": ended.released_locks,
        "revertedGhosts": ended.reverted_ghosts,
    }


async def leases(_session: Session, on: Any, _args: Arguments, _: str) -> Any:
    return [tell.lease(each) for each in await collected(on.leases())]


async def attach(session: Session, on: Any, args: Arguments, handle: str) -> Any:
    ghost = await settled(on.attach(args["id"]))
    session.keep(handle, ghost)
    return tell.ghost(ghost.info)


async def ghosts(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return [tell.ghost(each) for each in await collected(on.ghosts(**chosen(args, "state")))]


async def reviews(session: Session, on: Any, args: Arguments, handle: str) -> Any:
    of = on.review(args.get("reviewer", ""))
    subscription = of.subscribe()
    await session.begin(subscription)
    session.keep_reviews(handle, subscription, of)
    return {}


async def approve(session: Session, on: Any, args: Arguments, _: str) -> Any:
    of, review = session.asked(on)
    return {"id": (await settled(of.approve(review, args.get("reason", "")))).id}


async def reject(session: Session, on: Any, args: Arguments, _: str) -> Any:
    of, review = session.asked(on)
    return {"id": (await settled(of.reject(review, args["reason"]))).id}


async def revert_revision(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return {"revision": (await settled(on.revert_revision(args["revision"], args.get("reason", "")))).revision}


async def history(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    told = on.history(args.get("path", ""), **chosen(args, "afterRevision", "everything", "newestFirst", "form"))
    return [tell.event(each) for each in await collected(told)]


async def diff(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    """Of a ghost and its base, or of two revisions."""
    sides = (args["from"], args.get("to", 0)) if "from" in args else ()
    return [tell.difference(each) for each in await collected(on.diff(*sides, **chosen(args, "path", "form")))]


async def blame(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    lines = await collected(on.blame(args["path"], **chosen(args, "depth")))
    return [{"node": tell.node(each.node), "event": each.event and tell.event(each.event)} for each in lines]


async def as_agent(session: Session, on: Any, args: Arguments, handle: str) -> Any:
    client = on.as_agent(**chosen(args, "author", "forest", "trackBasis"))
    session.keep(handle, client)
    return {"author": client.author, "forest": client.forest}


async def create_forest(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return tell.forest(await settled(on.forests.create(args["name"])))


async def delete_forest(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    await settled(on.forests.delete(args["name"]))
    return {}


async def forests(_session: Session, on: Any, _args: Arguments, _: str) -> Any:
    return [tell.forest(each) for each in await settled(on.forests.list())]


async def compact(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    done = await settled(on.forests.compact(on.forest, args.get("revision", 0)))
    return {"compactedRevision": done.compacted_revision}


async def status(_session: Session, on: Any, _args: Arguments, _: str) -> Any:
    told = await settled(on.status())
    return {
        "forest": tell.forest(told.forest),
        "journal": told.journal,
        "leases": told.leases,
        "locksHeld": told.locks_held,
    }


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
    "get": get,
    "find": find,
    "batchGet": batch_get,
    "list": list_below,
    "newestRevision": newest_revision,
    "subscribe": subscribe,
    "next": next_item,
    "close": close,
    "ghost": begin_ghost,
    "checkpoint": checkpoint,
    "rewind": rewind,
    "revert": revert,
    "commit": commit,
    "state": state,
    "over": over,
    "held": held,
    "speculate": speculate,
    "race": race,
    "lock": lock,
    "release": release,
    "fencingToken": fencing_token,
    "locks": locks,
    "lease": lease,
    "end": end_lease,
    "leases": leases,
    "attach": attach,
    "ghosts": ghosts,
    "reviews": reviews,
    "approve": approve,
    "reject": reject,
    "revertRevision": revert_revision,
    "history": history,
    "diff": diff,
    "blame": blame,
    "as": as_agent,
    "createForest": create_forest,
    "deleteForest": delete_forest,
    "forests": forests,
    "compact": compact,
    "status": status,
}
