"""The verbs of ghosts, speculations and races among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sdk_results as tell
from sdk_arguments import Arguments, Verb, chosen, gates_of, migration_of, operations_of, seconds, settled

from hyperloom import Alternative, Race

if TYPE_CHECKING:
    from sdk import Session


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


async def keep_alive(_session: Session, on: Any, args: Arguments, _: str) -> Any:
    return list(await settled(on.keep_alive(args["ids"])))


async def state(_session: Session, on: Any, _args: Arguments, _: str) -> Any:
    return tell.ghost(await settled(on.state()))


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
    works = [Alternative(alternative(each), each.get("label", "")) for each in args["alternatives"]]
    won = await settled(on.race(works, session.callback(verify), **chosen(args, "attemptsMax"), **named))
    told = {"index": won.index, "label": won.label, "revision": won.revision}
    return {**told, "attempts": won.attempts, "reasons": list(won.reasons)}


async def _work(session: Session, ghost: Any, given: Arguments) -> None:
    if "after" in given:
        await session.hear(given["after"])
    await settled(ghost.publish(operations_of(session, given.get("operations", ()))))
    if "meanwhile" in given:
        await settled(session.other().publish(operations_of(session, given["meanwhile"])))
    if "failure" in given:
        raise RuntimeError(given["failure"])


GHOST_VERBS: Mapping[str, Verb] = {
    "ghost": begin_ghost,
    "checkpoint": checkpoint,
    "rewind": rewind,
    "revert": revert,
    "commit": commit,
    "keepAlive": keep_alive,
    "state": state,
    "speculate": speculate,
    "race": race,
}
