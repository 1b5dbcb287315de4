"""Agents that show that they are there, and one that looks who is."""

from __future__ import annotations

from typing import Any

from hyperloom import operation
from recording import Agent, nodes_of


async def be_present(agent: Agent) -> None:
    """Shows its presence by nodes that go with a lease."""
    while agent.is_open:
        ttl = 1.0 + agent.below(1_000) / 1_000
        await one_presence(agent, ttl)
        await agent.sleep(100)


async def one_presence(agent: Agent, ttl: float) -> None:
    async def take(_id: str) -> Any:
        return await agent.client.lease(ttl=ttl, timeout=agent.timeout())

    granted = await agent.call(
        {"type": "grant", "ttlMs": round(ttl * 1_000)}, take, lambda lease: {"givenId": lease.id}
    )
    lease = granted.result
    if lease is None:
        return
    request_id, path = agent.token(), f"/presence/{granted.id}"
    await agent.call(
        {
            "type": "publish",
            "requestId": request_id,
            "steps": [{"action": "put", "path": path, "text": request_id}],
            "lease": granted.id,
        },
        lambda _id: agent.client.publish(
            [operation.put(path, request_id, lease=lease.id)], request_id=request_id, timeout=agent.timeout()
        ),
        lambda published: {"revision": published.revision},
    )
    for _ in range(1 + agent.below(4)):
        await agent.sleep(400)
        await agent.holds(granted.id, lease.check)
    await agent.call({"type": "release", "tenure": granted.id}, lambda _id: lease.end(timeout=agent.timeout()))


async def look_around(agent: Agent) -> None:
    """Looks at who else is there."""
    while agent.is_open:
        await agent.call(
            {"type": "list", "path": "/presence"},
            lambda _id: agent.client.list("/presence", consistency="linearizable", timeout=agent.timeout()).page(),
            lambda page: {"revision": page.revision, "nodes": nodes_of([], page.items)},
        )
        await agent.sleep(250)
