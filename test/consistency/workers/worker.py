"""A worker on the Python SDK, a process of its own: ADDRESS NAME SEED FILE AUTHORITY.

Works until a line comes on its standard input, says `quiet` when all that it had begun has ended, and ends when its
subscribers have seen the end; at once where its input is closed. The agents are those of the worker in TypeScript.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import grpc
from following import follow
from hyperloom import Ghost, HyperloomError, Lock, PendingReview, Race, gate, operation, precondition
from presence import be_present, look_around
from recording import FORESTS, Agent, Step, canonical, nodes_of, operation_of, put_pair

async def read_and_write(agent: Agent) -> None:
    """Every kind of operation, with and without preconditions, at every consistency."""
    while agent.is_open:
        if agent.below(5) < 2:
            await read(agent)
        elif agent.below(6) == 0:
            await compare_and_set(agent)
        else:
            await publish(agent, random_steps(agent))
        await agent.sleep(12)


def random_steps(agent: Agent) -> list[Step]:
    text = agent.token()
    kind = agent.below(9)
    if kind == 8:
        return [{"action": "put", "path": agent.place("big", 2), "text": text}]
    if kind < 2:
        return [{"action": "put", "path": agent.place("reg", 4), "text": text}]
    if kind == 2:
        return [{"action": "delete", "path": agent.place("reg", 4), "text": ""}]
    if kind < 5:
        return [{"action": "append", "path": agent.place("log", 2), "text": f"[{text}]"}]
    if kind == 5:
        return [{"action": "increment", "path": agent.place("num", 2), "text": str(agent.below(19) - 9)}]
    if kind == 6:
        patch = canonical({f"k{agent.below(4)}": None if agent.below(4) == 0 else text})
        return [{"action": "merge", "path": agent.place("doc", 2), "text": patch}]
    return put_pair(agent.place("pair", 2), text)


async def publish(agent: Agent, steps: list[Step], lock_wait: float = 0.0, **more: Any) -> None:
    """Publishes, and now and then asks for the same once more."""
    wants = {"type": "publish", "requestId": agent.token(), "steps": steps, **more}
    conditions = [precondition.modified_revision(steps[0]["path"], more["ifRevision"])] if "ifRevision" in more else []

    async def ask(again: Mapping[str, Any]) -> str:
        called = await agent.call(
            {**wants, **again},
            lambda _id: agent.client.publish(
                [operation_of(step) for step in steps],
                preconditions=conditions,
                request_id=str(wants["requestId"]),
                lock_wait=lock_wait,
                timeout=agent.timeout(),
            ),
            lambda published: {"revision": published.revision},
        )
        return called.id

    first = await ask({})
    if agent.below(12) == 0:
        await agent.sleep(300)
        await ask({"repeats": first})


async def compare_and_set(agent: Agent) -> None:
    """Reads a node and replaces it, if nobody else has meanwhile."""
    path = agent.place("reg", 4)
    answer = await read_nodes(agent, [path], "linearizable", 0)
    if answer["outcome"] != "ok":
        return
    await agent.sleep(6)
    node = answer["nodes"][path]
    revision = 0 if node is None else node["revision"]
    await publish(agent, [{"action": "put", "path": path, "text": agent.token()}], ifRevision=revision)


async def read(agent: Agent) -> None:
    newest = agent.client.newest_revision
    first = agent.place(agent.random.choice(("reg", "reg", "log", "num", "doc")), 2)
    pair = agent.place("pair", 2) if agent.below(3) == 0 else f"/lock/{agent.below(2)}"
    paths = [first] if agent.below(2) == 0 else [first, f"{pair}/a", f"{pair}/b"]
    kind = agent.below(8)
    if kind == 3 and newest > 0:
        back = agent.below(5) if agent.below(2) == 0 else agent.below(newest)
        await read_nodes(agent, paths, "at_revision", max(1, newest - back))
    elif kind == 2:
        await read_nodes(agent, paths, "at_least", newest)
    else:
        await read_nodes(agent, paths, {0: "seen", 1: "stale"}.get(kind, "linearizable"), 0)


async def read_nodes(agent: Agent, paths: list[str], view: str, revision: int) -> Mapping[str, Any]:
    how: dict[str, Any] = {"consistency": revision if view == "at_least" else view}
    if view == "at_revision":
        how = {"at_revision": revision}
    called = await agent.call(
        {"type": "read", "paths": paths, "view": view, "revision": revision},
        lambda _id: agent.client.batch_get(paths, timeout=agent.timeout(), **how),
        # Where nothing was found, this client does not tell at which revision.
        lambda nodes: {"revision": nodes[0].revision if nodes else 0, "nodes": nodes_of(paths, nodes)},
    )
    return called.answer


async def work_in_ghosts(agent: Agent) -> None:
    """Stages, looks at what it staged, goes back to checkpoints, commits or reverts."""
    while agent.is_open:
        await one_ghost(agent)
        await agent.sleep(60)


REVIEWER = "editor"
"""Who must approve what is behind a gate."""


def random_conditions(agent: Agent) -> dict[str, Any]:
    """Races are shared by all who begin at about the same time. Reviewers are in the first forest only."""
    conditions: dict[str, Any] = {}
    if agent.below(3) == 0:
        conditions["race"] = agent.place("race", 2)
    if agent.below(4) == 0:
        conditions["operationsMax"] = 1 + agent.below(2)
    if agent.forest == FORESTS[0] and agent.below(4) == 0:
        conditions["reviewer"] = REVIEWER
    return conditions


async def one_ghost(agent: Agent) -> None:
    conditions = random_conditions(agent)

    async def begin(_id: str) -> Ghost:
        gates = [gate.limit(operations_max=conditions["operationsMax"])] if "operationsMax" in conditions else []
        gates += [gate.review(conditions["reviewer"])] if "reviewer" in conditions else []
        race = Race(conditions["race"]) if "race" in conditions else None
        return await agent.client.ghost(ttl=5.0, gates=gates, race=race, timeout=agent.timeout())

    begun = await agent.call(
        {"type": "begin", **conditions}, begin, lambda ghost: {"givenId": ghost.id, "revision": ghost.info.base_revision}
    )
    ghost = begun.result
    if ghost is None:
        return
    kept = await stage_some(agent, begun.id, ghost)
    # Where anything in it went wrong, it is never committed: then nothing of it may be seen.
    if kept is None or agent.below(4) == 0:
        await agent.call(
            {"type": "revert", "ghost": begun.id}, lambda _id: ghost.revert("not wanted", timeout=agent.timeout())
        )
        return
    committed = await agent.call(
        {"type": "commit", "ghost": begun.id, "steps": kept},
        lambda label: ghost.commit(label=label, timeout=agent.timeout()),
        lambda outcome: {"revision": outcome.revision},
    )
    # A conflict leaves it alive; what nobody knows the outcome of is left to its ttl.
    if committed.answer["outcome"] == "refused" and not ghost.over:
        await agent.call({"type": "revert", "ghost": begun.id}, lambda _id: ghost.revert("in conflict"))


async def stage_some(agent: Agent, name: str, ghost: Ghost) -> list[Step] | None:
    kept: list[Step] = []
    for _ in range(1 + agent.below(3)):
        step = new_step(agent, kept)
        if not await stage(agent, name, ghost, step):
            return None
        kept.append(step)
        await agent.sleep(20)
    if agent.below(3) != 0:
        return kept
    point = await agent.call({"type": "checkpoint", "ghost": name}, lambda _id: ghost.checkpoint("point"))
    if not point.ok:
        return None
    step = new_step(agent, kept)
    if not await stage(agent, name, ghost, step):
        return None
    back = await agent.call(
        {"type": "rewind", "ghost": name, "steps": [step]}, lambda _id: ghost.rewind("point", "not like this")
    )
    return kept if back.ok else None


async def stage(agent: Agent, name: str, ghost: Ghost, step: Step) -> bool:
    staged = await agent.call(
        {"type": "stage", "ghost": name, "steps": [step]},
        lambda _id: ghost.publish([operation_of(step)], timeout=agent.timeout()),
    )
    if not staged.ok or step["action"] != "put" or agent.below(2) == 0:
        return staged.ok
    path = step["path"]
    peeked = await agent.call(
        {"type": "peek", "ghost": name, "path": path, "text": step["text"]},
        lambda _id: ghost.batch_get([path], timeout=agent.timeout()),
        lambda nodes: {"nodes": nodes_of([path], nodes)},
    )
    return peeked.ok


def new_step(agent: Agent, kept: list[Step]) -> Step:
    """On a node that it has not touched yet."""
    while True:
        text = agent.token()
        steps: list[Step] = [
            {"action": "put", "path": agent.place("reg", 4), "text": text},
            {"action": "append", "path": agent.place("log", 2), "text": f"[{text}]"},
            {"action": "put", "path": agent.place("alone", 8), "text": text},
        ]
        step = agent.random.choice(steps)
        if all(each["path"] != step["path"] for each in kept):
            return step


async def work_under_locks(agent: Agent) -> None:
    """Acquires, writes through the lock, asks the client whether it still holds, releases."""
    while agent.is_open:
        await one_tenure(agent)
        await agent.sleep(50)


async def one_tenure(agent: Agent) -> None:
    path, ttl = f"/lock/{agent.below(2)}", 1.0 + agent.below(1_000) / 1_000

    async def acquire(_id: str) -> Lock:
        lock = agent.client.lock(path, ttl=ttl, wait=0.2 + agent.below(2_000) / 1_000)
        return await lock

    acquired = await agent.call(
        {"type": "acquire", "path": path, "ttlMs": round(ttl * 1_000)},
        acquire,
        lambda lock: {"token": lock.fencing_token, "givenId": lock.lease.id},
    )
    lock = acquired.result
    if lock is None:
        return
    for _ in range(2 + agent.below(6)):
        if lock.over:
            break
        await agent.holds(acquired.id, lock.lease.check)
        await write_under(agent, acquired.id, lock, path)
        await agent.sleep(60)
    await agent.holds(acquired.id, lock.lease.check)
    await agent.call({"type": "release", "tenure": acquired.id}, lambda _id: lock.release(timeout=agent.timeout()))


async def write_under(agent: Agent, tenure: str, lock: Lock, path: str) -> None:
    request_id = agent.token()
    steps = put_pair(path, request_id)
    await agent.call(
        {"type": "publish", "requestId": request_id, "steps": steps, "tenure": tenure},
        lambda _id: lock.publish(
            [operation_of(step) for step in steps], request_id=request_id, timeout=agent.timeout()
        ),
        lambda published: {"revision": published.revision},
    )


async def intrude(agent: Agent) -> None:
    """Writes to the places that others lock, without a lock."""
    while agent.is_open:
        path = f"/lock/{agent.below(2)}"
        await publish(agent, put_pair(path, agent.token()), lock_wait=agent.below(3) * 0.15)
        await read_nodes(agent, [f"{path}/a", f"{path}/b"], "linearizable", 0)
        await agent.sleep(80)


async def review(agent: Agent) -> None:
    """Looks at what waits for a reviewer, and decides, now this way and now that."""
    reviews = agent.client.review(REVIEWER)
    while agent.is_open:
        try:
            page = await reviews.list(timeout=agent.timeout()).page()
            items = page.items
        except HyperloomError:
            # Nothing is decided then, and nothing need be known of it.
            items = ()
        for pending in items:
            await decide(agent, pending)
        await agent.sleep(200)


async def decide(agent: Agent, pending: PendingReview) -> None:
    reviews, approves = agent.client.review(REVIEWER), agent.below(3) != 0

    async def act(_id: str) -> Any:
        if approves:
            return await reviews.approve(pending, "right", timeout=agent.timeout())
        return await reviews.reject(pending, "wrong", timeout=agent.timeout())

    await agent.call({"type": "review", "ghost": pending.ghost.id, "approves": approves}, act)


class Opening:
    """Open until somebody writes a line."""

    def __init__(self) -> None:
        self.is_open = True
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        if sys.stdin.readline() == "":
            os._exit(0)
        self.is_open = False
        sys.stdin.read()
        os._exit(0)


async def main(address: str, name: str, seed: str, lines: TextIO, authority: str) -> None:
    # Lost connections are what this is about.
    logging.getLogger("hyperloom").setLevel(logging.CRITICAL)
    chance, opening = random.Random(int(seed)), Opening()

    credentials = grpc.ssl_channel_credentials(Path(authority).read_bytes()) if authority else None

    def agent(label: str, forest: str) -> Agent:
        own, seed = f"{name}-{label}", chance.randrange(2**31)
        return Agent(own, address, credentials, forest, seed, lines, lambda: opening.is_open)

    first, second = FORESTS
    in_use = os.environ.get("CONSISTENCY_FORESTS", ",".join(FORESTS)).split(",")
    followers = ((first, "/", 0, 200), (first, "/log", 12, 40), (first, "/", 3_000, 2_000), (second, "/", 0, 200))
    following = [
        asyncio.create_task(follow(agent(f"f{index}", forest), prefix, pause_ms_max, items_max))
        for index, (forest, prefix, pause_ms_max, items_max) in enumerate(followers)
        if forest in in_use
    ]
    everywhere = (read_and_write, work_in_ghosts, work_under_locks)
    workers = [(first, work) for work in (*everywhere, intrude, be_present, look_around, read_and_write, review)]
    workers += [(second, work) for work in everywhere if second in in_use]
    say("ready")
    await asyncio.gather(*(work(agent(f"w{index}", forest)) for index, (forest, work) in enumerate(workers)))
    say("quiet")
    await asyncio.gather(*following)
    os._exit(0)


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    with Path(sys.argv[4]).open("a", encoding="utf-8") as file:
        asyncio.run(main(sys.argv[1], sys.argv[2], sys.argv[3], file, sys.argv[5]))
