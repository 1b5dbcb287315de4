"""The verbs of clients alone: those that look back, reviews, forests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sdk_results as tell
from sdk_arguments import Arguments, Verb, chosen, collected, settled

from hyperloom import GhostDiff

if TYPE_CHECKING:
    from sdk import Session


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
    done = await settled(on.revert_revision(args["revision"], args.get("reason", ""), **chosen(args, "cascade")))
    return {"revision": done.revision, "cascade": None if done.cascade is None else tell.cascade(done.cascade)}


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


async def status(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    told = await settled(on.status(**chosen(args, "meters")))
    return {
        "forest": tell.forest(told.forest),
        "journal": told.journal,
        "leases": told.leases,
        "locksHeld": told.locks_held,
        "meters": [
            {
                "agent": each.agent,
                "tree": each.tree,
                "publishes": each.publishes,
                "published": {"bytes": each.published.bytes},
                "read": {"bytes": each.read.bytes},
            }
            for each in told.meters
        ],
    }


def _trace_start(args: Arguments) -> Any:
    if "id" in args:
        return GhostDiff(args["id"], args.get("sequence", 0))
    return args.get("revision", args.get("path"))


async def trace_upstream(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return [
        {
            "hops": seen.hops,
            "basis": tell.basis(seen.basis),
            "node": tell.node(seen.node),
            "standing": seen.standing,
            "readerRevision": seen.reader_revision,
        }
        for seen in await collected(on.trace_upstream(_trace_start(args), **chosen(args, "hops", "pageSize")))
    ]


async def trace_downstream(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return [
        {
            "hops": derived.hops,
            "event": tell.event(derived.event),
            "standingPaths": list(derived.standing_paths),
            "links": [
                {"basis": tell.basis(link.basis), "writerRevision": link.writer_revision} for link in derived.links
            ],
        }
        for derived in await collected(on.trace_downstream(_trace_start(args), **chosen(args, "hops", "pageSize")))
    ]


CLIENT_VERBS: Mapping[str, Verb] = {
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
    "traceUpstream": trace_upstream,
    "traceDownstream": trace_downstream,
}
