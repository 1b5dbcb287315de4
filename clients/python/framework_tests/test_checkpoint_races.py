"""Goal: the Microsoft Agent Framework's stores keep all readable when a ghost goes back, and while others delete.

Method: the stores' methods against a real broker; several stores of one root are several processes.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from agent_framework import AgentSession, WorkflowCheckpoint

import hyperloom
from hyperloom._adapters import piece_store, reading
from hyperloom._node import Node
from hyperloom._verbs import Verbs
from hyperloom.agent_framework import HyperloomCheckpointStorage, HyperloomSessionStore


def checkpoint(number: int, workflow: str = "w", **state: object) -> WorkflowCheckpoint:
    """A checkpoint, each a second after the other."""
    return WorkflowCheckpoint(
        workflow_name=workflow,
        graph_signature_hash="hash",
        checkpoint_id=f"c{number}",
        timestamp=f"2026-11-22T00:00:{number:02}+00:00",
        state=dict(state),
    )


async def test_what_is_saved_again_behind_a_rewind_is_there_when_the_ghost_is_committed(
    client: hyperloom.Client, root: str
) -> None:
    session = AgentSession(session_id="s")
    session.state = {"plan": "P" * 3_000}
    async with client.ghost() as ghost:
        storage = HyperloomCheckpointStorage(ghost, root=f"{root}/w")
        sessions = HyperloomSessionStore(ghost, root=root)
        await storage.save(checkpoint(0))
        await sessions.set("other", AgentSession(session_id="other"))
        await ghost.checkpoint("begun")
        for number in (1, 2):
            await ghost.rewind("begun")
            await storage.save(checkpoint(number, plan="P" * 3_000))
            await sessions.set("s", session)
        assert (await storage.load("c2")).state == session.state
        await ghost.commit()
    found = await HyperloomCheckpointStorage(client, root=f"{root}/w").list_checkpoints(workflow_name="w")
    assert [each.state for each in found] == [{}, session.state]
    kept = await HyperloomSessionStore(client, root=root).get("s")
    assert kept is not None and kept.state == session.state


async def test_attempts_that_a_verifier_refuses_take_nothing_from_the_next_one(
    client: hyperloom.Client, root: str
) -> None:
    outside = HyperloomCheckpointStorage(client, root=root)
    await outside.save(checkpoint(0))
    storages: list[HyperloomCheckpointStorage] = []

    async def work(ghost: hyperloom.Ghost, attempt: hyperloom.Attempt) -> int:
        storages.append(storages[0] if storages else HyperloomCheckpointStorage(ghost, root=root))
        await storages[-1].save(checkpoint(len(storages), plan="P" * 3_000))
        return len(storages)

    async def verify(ghost: hyperloom.Ghost, count: int) -> str | bool:
        return "not yet" if count < 3 else True

    await client.speculate(work, verify)
    found = await outside.list_checkpoints(workflow_name="w")
    assert [(each.checkpoint_id, each.state) for each in found] == [("c0", {}), ("c3", {"plan": "P" * 3_000})]


async def test_reads_go_on_while_others_delete(
    client: hyperloom.Client, root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = HyperloomCheckpointStorage(client, root=root)
    for number in range(4):
        await writer.save(checkpoint(number, plan=f"{number} " * 1_000))
    deleted: list[int] = []

    async def read_nodes(verbs: Verbs, paths: Sequence[str], at_revision: int = 0) -> list[Node]:
        # Right behind whatever is read first, and before its pieces are.
        if not deleted:
            deleted.append(0)
            await writer.delete("c0")
        return await reading.read_nodes(verbs, paths, at_revision)

    monkeypatch.setattr(piece_store, "read_nodes", read_nodes)
    found = await HyperloomCheckpointStorage(client, root=root).list_checkpoints(workflow_name="w")
    assert [each.checkpoint_id for each in found] in ([f"c{number}" for number in range(4)], ["c1", "c2", "c3"])
    assert [each.state["plan"][:2] for each in found] == [f"{each.checkpoint_id[1:]} " for each in found]


async def test_a_checkpoint_that_is_saved_for_another_workflow_is_that_ones_alone(
    client: hyperloom.Client, root: str
) -> None:
    storage = HyperloomCheckpointStorage(client, root=root)
    for number in range(3):
        await storage.save(checkpoint(number, "one"))
    moved = checkpoint(2, "two", moved=True)
    await storage.save(moved)
    assert await storage.list_checkpoint_ids(workflow_name="one") == ["c0", "c1"]
    assert await storage.list_checkpoints(workflow_name="two") == [moved]
    async with client.ghost() as ghost:
        inside = HyperloomCheckpointStorage(ghost, root=root)
        await inside.save(checkpoint(1, "two"))
        await inside.save(checkpoint(1, "three"))
        await ghost.commit()
    assert await storage.list_checkpoint_ids(workflow_name="one") == ["c0"]
    assert await storage.list_checkpoint_ids(workflow_name="two") == ["c2"]
    assert await storage.list_checkpoint_ids(workflow_name="three") == ["c1"]


async def test_the_newest_is_found_behind_names_of_checkpoints_that_are_no_more(
    client: hyperloom.Client, root: str
) -> None:
    storage = HyperloomCheckpointStorage(client, root=root)
    for number, workflow in ((0, "one"), (1, "one"), (2, "two")):
        await storage.save(checkpoint(number, workflow))
    for name, second in (("gone", 58), ("c2", 59)):
        await client.put(f"{root}/workflows/one/{name}", {"timestamp": f"2026-11-22T00:00:{second}+00:00"})
    newest = await storage.get_latest(workflow_name="one")
    assert newest is not None and newest.checkpoint_id == "c1"
    assert [each.checkpoint_id for each in await storage.list_checkpoints(workflow_name="one")] == ["c0", "c1"]
