"""The verbs of locks and leases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sdk_results as tell
from sdk_arguments import Arguments, Verb, chosen, collected, seconds, settled

from hyperloom import LockTarget

if TYPE_CHECKING:
    from sdk import Session


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


async def held(_session: Session, on: Any, _args: Arguments, _: str) -> Any:
    return on.held


async def over(_session: Session, on: Any, _args: Arguments, _: str) -> Any:
    return on.over


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


async def attach_lease(session: Session, on: Any, args: Arguments, handle: str) -> Any:
    lease = on.attach_lease(args["id"])
    session.keep(handle, lease)
    return {"id": lease.id}


async def keep_lease(session: Session, on: Any, args: Arguments, handle: str) -> Any:
    kept = await settled(on.keep_lease(args["id"]))
    session.keep(handle, kept)
    return tell.lease(kept.info)


async def leases(_session: Session, on: Any, _args: Arguments, _: str) -> Any:
    return [tell.lease(each) for each in await collected(on.leases())]


LOCK_VERBS: Mapping[str, Verb] = {
    "over": over,
    "held": held,
    "lock": lock,
    "release": release,
    "fencingToken": fencing_token,
    "locks": locks,
    "lease": lease,
    "end": end_lease,
    "leases": leases,
    "attachLease": attach_lease,
    "keepLease": keep_lease,
}
