"""Goal: histories, sessions and checkpoints of the Microsoft Agent Framework keep what its own stores keep, in what is
new of it.

Method: the framework's own agents and workflows with a scripted chat client, and the stores' methods, against a real
broker; several stores of one root are several processes.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from agent_framework import AgentSession, Content, Message, WorkflowCheckpoint
from agent_framework.exceptions import WorkflowCheckpointException

import hyperloom
from hyperloom._adapters.piece_store import PieceStore
from hyperloom.agent_framework import (
    CheckpointStorageUnavailableError,
    HyperloomCheckpointStorage,
    HyperloomHistoryProvider,
    HyperloomSessionStore,
    InvalidIdError,
    NotStorableError,
    StorageError,
    StorageUnavailableError,
)
from tests.support import BrokerProcess

NAMES = ["a/b", "..", "*", "%2F", "a\nb", "äöü 😀", "a" * 255]


@pytest.fixture
async def histories(broker: BrokerProcess, root: str) -> AsyncIterator[Callable[[], HyperloomHistoryProvider]]:
    """Makes providers with connections of their own."""
    made: list[HyperloomHistoryProvider] = []

    def make() -> HyperloomHistoryProvider:
        made.append(HyperloomHistoryProvider(broker.address, root=root))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def sessions(client: hyperloom.Client, root: str) -> HyperloomSessionStore:
    """A session store."""
    return HyperloomSessionStore(client, root=root)


@pytest.fixture
def checkpoints(client: hyperloom.Client, root: str) -> HyperloomCheckpointStorage:
    """A checkpoint storage."""
    return HyperloomCheckpointStorage(client, root=root)


def say(text: str, role: str = "user") -> Message:
    """What somebody says."""
    return Message(role=role, contents=[Content.from_text(text)])


def texts(messages: Sequence[Message]) -> list[str]:
    """What was said."""
    return [message.text for message in messages]


async def test_messages_come_back_as_they_were(histories: Callable[[], HyperloomHistoryProvider]) -> None:
    provider = histories()
    messages = [
        say("hello\u2028 ☃"),
        Message(
            role="assistant",
            contents=[
                Content.from_function_call(call_id="1", name="look", arguments='{"n": 12345678901234567890}'),
                Content.from_data(b"\x00\xff", media_type="image/png"),
            ],
            author_name="agent",
            additional_properties={"deep": [{"a": None}]},
        ),
        Message(role="tool", contents=[Content.from_function_result(call_id="1", result="x")]),
    ]
    await provider.save_messages("s", messages[:1])
    await provider.save_messages("s", messages[1:])
    read = await histories().get_messages("s")
    assert [each.to_dict() for each in read] == [each.to_dict() for each in messages]
    assert await provider.get_messages("nobody") == []
    await provider.save_messages("s", [])
    await provider.clear("s")
    assert await provider.get_messages("s") == []


@pytest.mark.parametrize("name", NAMES)
async def test_any_id_is_a_session_of_its_own(
    histories: Callable[[], HyperloomHistoryProvider], sessions: HyperloomSessionStore, name: str
) -> None:
    await histories().save_messages(name, [say(name)])
    assert texts(await histories().get_messages(name)) == [name]
    await sessions.set(name, AgentSession(session_id=name))
    found = await sessions.get(name)
    assert found is not None and found.session_id == name


async def test_writers_at_once_lose_nothing_and_keep_together(
    histories: Callable[[], HyperloomHistoryProvider],
) -> None:
    async def write(name: int) -> None:
        provider = histories()
        for turn in range(8):
            await provider.save_messages("s", [say(f"{name} {turn} {part}") for part in range(2)])

    await asyncio.gather(*map(write, range(3)))
    said = texts(await histories().get_messages("s"))
    assert len(said) == 48
    for start in range(0, 48, 2):
        name, turn, _ = said[start].split()
        assert said[start : start + 2] == [f"{name} {turn} 0", f"{name} {turn} 1"]


async def test_a_limit_loads_the_newest(broker: BrokerProcess, root: str) -> None:
    async with HyperloomHistoryProvider(broker.address, root=root, limit=2) as provider:
        await provider.save_messages("s", [say(str(number)) for number in range(5)])
        assert texts(await provider.get_messages("s")) == ["3", "4"]


async def test_providers_of_one_session_keep_apart(client: hyperloom.Client, root: str) -> None:
    one = HyperloomHistoryProvider(client, root=root)
    audit = HyperloomHistoryProvider(client, "audit", root=root, load_messages=False)
    await one.save_messages("s", [say("a")])
    await audit.save_messages("s", [say("b")])
    assert texts(await one.get_messages("s")) == ["a"] and texts(await audit.get_messages("s")) == ["b"]
    assert one.path("s") == f"{root}/s/agent-framework/hyperloom"


async def test_bad_messages_and_ids_are_refused(client: hyperloom.Client, root: str) -> None:
    provider = HyperloomHistoryProvider(client, root=root)
    for message, told in (
        (Message(role="user", contents=[], additional_properties={"bad": float("nan")}), "message 1 cannot be stored"),
        (say("x" * 2_100_000), "name them by URI"),
        (say("\ud800"), "message 1 cannot be stored"),
    ):
        with pytest.raises(NotStorableError, match=told):
            await provider.save_messages("s", [say("good"), message])
    assert await provider.get_messages("s") == []
    for name, told in ((None, "needs a session"), ("", "must not be empty"), ("a" * 256, "use a shorter one")):
        with pytest.raises(InvalidIdError, match=told):
            await provider.get_messages(name)
    with pytest.raises(InvalidIdError, match="root must be"):
        HyperloomHistoryProvider(client, root="chats")
    await client.put(f"{provider.path('s')}/items/0000000000", "mine")
    with pytest.raises(StorageError, match="0000000000 holds no message"):
        await provider.get_messages("s")
    await client.put(f"{provider.path('s')}/head", "mine")
    with pytest.raises(StorageError, match="holds no head"):
        await provider.save_messages("s", [say("a")])


async def test_sessions_come_back_as_copies(sessions: HyperloomSessionStore) -> None:
    session = AgentSession(session_id="own", service_session_id="service")
    session.state = {"messages": [say("a"), say("b" * 2_000)], "deep": {"~": {"~": ["x" * 3_000, None, 1.5]}}}
    await sessions.set("key", session)
    session.state["later"] = True
    found = await sessions.get("key")
    assert found is not None and found.to_dict() == {**session.to_dict(), "state": found.to_dict()["state"]}
    assert texts(found.state["messages"]) == ["a", "b" * 2_000]
    assert found.state["deep"] == {"~": {"~": ["x" * 3_000, None, 1.5]}} and "later" not in found.state
    await sessions.delete("key")
    await sessions.delete("key")
    assert await sessions.get("key") is None
    await sessions.set("key", AgentSession(session_id="anew"))
    again = await sessions.get("key")
    assert again is not None and (again.session_id, again.state) == ("anew", {})
    for empty in ("", None):
        name: Any = empty
        with pytest.raises(ValueError, match="non-empty"):
            await sessions.get(name)


async def test_a_session_that_grows_is_stored_by_what_is_new_and_swept(
    client: hyperloom.Client, root: str, sessions: HyperloomSessionStore
) -> None:
    session = AgentSession(session_id="s")
    session.state = {"messages": []}
    written = 0
    for turn in range(60):
        session.state["messages"].append(say(f"{turn} " + "x" * 1_000))
        before = (await client.status()).forest.revision
        await sessions.set("s", session)
        events = [event async for event in client.history(f"{root}/s", after_revision=before)]
        written += len([change for event in events for change in event.changes])
    # Each turn: a text or two, a piece of the list, the objects on the way, the snapshot; not all of what was there.
    assert written < 60 * 12
    session.state = {"messages": []}
    for turn in range(4):
        session.state["messages"].append(say(f"again {turn} " + "y" * 1_000))
        await sessions.set("s", session)
    pieces = [node async for node in client.list(f"{root}/s/agent-framework/snapshot/pieces")]
    assert len(pieces) < 40
    found = await sessions.get("s")
    assert found is not None and len(found.state["messages"]) == 4


@pytest.mark.filterwarnings("ignore:AgentSession state value")
async def test_bad_sessions_are_refused(sessions: HyperloomSessionStore, client: hyperloom.Client, root: str) -> None:
    session = AgentSession(session_id="s")
    session.state = {"bad": object()}
    with pytest.raises(NotStorableError, match="register"):
        await sessions.set("s", session)
    session.state = {str(number): number for number in range(300_000)}
    with pytest.raises(NotStorableError, match="are the most"):
        await sessions.set("s", session)
    assert await sessions.get("s") is None
    await client.put(f"{root}/s/agent-framework/snapshot/values/session", {"mine": 1})
    with pytest.raises(StorageError, match="holds no session"):
        await sessions.get("s")


@dataclass
class Order:
    """A type of the application."""

    number: int


def checkpoint(workflow: str, number: int, **fields: Any) -> WorkflowCheckpoint:
    """A checkpoint of a workflow, each a minute after the other."""
    made = datetime(2026, 11, 22, tzinfo=timezone.utc) + timedelta(minutes=number)
    return WorkflowCheckpoint(
        workflow_name=workflow,
        graph_signature_hash="hash",
        checkpoint_id=f"{workflow}-{number}",
        timestamp=made.isoformat(),
        iteration_count=number,
        **fields,
    )


async def test_checkpoints_are_saved_found_and_deleted(checkpoints: HyperloomCheckpointStorage) -> None:
    state = {"a": 1, "when": datetime(2026, 1, 1), "set": {1, 2}, "long": ["x" * 400] * 50, "~": "mark"}
    saved = [checkpoint("one", number, state={**state, "number": number}) for number in (2, 0, 1)]
    for each in (*saved, checkpoint("two/..", 7, metadata={"b": [say("hello")]})):
        assert await checkpoints.save(each) == each.checkpoint_id
    assert await checkpoints.load("one-1") == saved[2]
    assert await checkpoints.list_checkpoint_ids(workflow_name="one") == ["one-0", "one-1", "one-2"]
    assert await checkpoints.list_checkpoints(workflow_name="one") == [saved[1], saved[2], saved[0]]
    assert await checkpoints.get_latest(workflow_name="one") == saved[0]
    assert await checkpoints.list_checkpoint_ids(workflow_name="two/..") == ["two/..-7"]
    assert await checkpoints.get_latest(workflow_name="none") is None
    assert await checkpoints.list_checkpoints(workflow_name="none") == []
    assert await checkpoints.delete("one-2") is True
    assert await checkpoints.delete("one-2") is False
    assert await checkpoints.get_latest(workflow_name="one") == saved[2]
    with pytest.raises(WorkflowCheckpointException, match="No checkpoint found with ID one-2"):
        await checkpoints.load("one-2")
    changed = checkpoint("one", 1, state={"changed": True})
    await checkpoints.save(changed)
    assert await checkpoints.load("one-1") == changed
    assert len(await checkpoints.list_checkpoint_ids(workflow_name="one")) == 2


async def test_a_checkpoint_costs_what_is_new_and_a_deleted_one_leaves_nothing(
    client: hyperloom.Client, root: str, checkpoints: HyperloomCheckpointStorage
) -> None:
    messages: list[Message] = []
    for number in range(30):
        messages.append(say(f"{number} " + random.Random(number).randbytes(500).hex()))
        await checkpoints.save(checkpoint("w", number, state={"_executor_state": {"agent": {"cache": list(messages)}}}))
    nodes = [node async for node in client.list(f"{root}/pieces")]
    stored = sum(node.value_bytes for node in nodes)
    said = sum(len(message.text) for message in messages)
    # Pickled and in base64 a message takes twice its text; thirty full copies would take thirty times as much.
    assert said < stored < 4 * said
    for number in range(29):
        assert await checkpoints.delete(f"w-{number}")
    left = await checkpoints.get_latest(workflow_name="w")
    assert left is not None and texts(left.state["_executor_state"]["agent"]["cache"]) == texts(messages)
    assert await checkpoints.delete("w-29")
    assert [node.path async for node in client.list(root, depth=0) if node.kind is not None] == [f"{root}/swept"]


async def test_storages_at_once_and_deletions_between_lose_nothing(client: hyperloom.Client, root: str) -> None:
    shared = ["z" * 500] * 40

    async def work(name: str) -> None:
        storage = HyperloomCheckpointStorage(client, root=root)
        for number in range(6):
            await storage.save(checkpoint(name, number, state={"shared": shared, "own": [name * 300, number]}))
            if number % 2:
                assert await storage.delete(f"{name}-{number - 1}")

    await asyncio.gather(*map(work, "abc"))
    storage = HyperloomCheckpointStorage(client, root=root)
    for name in "abc":
        found = await storage.list_checkpoints(workflow_name=name)
        assert [each.state["own"] for each in found] == [[name * 300, number] for number in (1, 3, 5)]
        assert all(each.state["shared"] == shared for each in found)


async def test_who_begins_anew_below_the_same_root_does_not_rely_on_what_was_there(
    client: hyperloom.Client, root: str, checkpoints: HyperloomCheckpointStorage
) -> None:
    state = {"long": ["x" * 400 + str(number) for number in range(40)]}
    await checkpoints.save(checkpoint("w", 0, state=state))
    await client.delete(root)
    await HyperloomCheckpointStorage(client, root=root).save(checkpoint("w", 1, state={"a": 1}))
    await checkpoints.save(checkpoint("w", 2, state=state))
    found = await HyperloomCheckpointStorage(client, root=root).load("w-2")
    assert found.state == state


async def test_diffs_that_are_too_large_go_in_parts(client: hyperloom.Client, root: str) -> None:
    store = PieceStore(client, root)
    value = {"parts": [random.Random(number).randbytes(300_000).hex() for number in range(20)], "bound": "ä" * 700_000}
    await store.put({f"{root}/values/v": value})
    node = await client.get(f"{root}/values/v")
    assert await PieceStore(client, root).values([node]) == [value]


async def test_types_of_the_application_must_be_allowed(client: hyperloom.Client, root: str) -> None:
    saved = checkpoint("w", 0, state={"order": Order(7)})
    with pytest.raises(WorkflowCheckpointException, match="allowed"):
        await HyperloomCheckpointStorage(client, root=root).save(saved)
    allowed = [f"{Order.__module__}:{Order.__qualname__}"]
    storage = HyperloomCheckpointStorage(client, root=root, allowed_checkpoint_types=allowed)
    await storage.save(saved)
    assert await storage.load("w-0") == saved
    with pytest.raises(WorkflowCheckpointException, match="allowed"):
        await HyperloomCheckpointStorage(client, root=root).load("w-0")


async def test_bad_checkpoints_are_refused(checkpoints: HyperloomCheckpointStorage, client: hyperloom.Client) -> None:
    for state in ({"bad": lambda: None}, {"large": {str(number): number for number in range(300_000)}}):
        with pytest.raises(WorkflowCheckpointException):
            await checkpoints.save(checkpoint("w", 0, state=state))
    assert await checkpoints.get_latest(workflow_name="w") is None
    for name in ("", "a" * 256, "\ud800"):
        with pytest.raises(WorkflowCheckpointException, match="the checkpoint id"):
            await checkpoints.load(name)
    for root in ("chats", ""):
        with pytest.raises(WorkflowCheckpointException, match="root must be"):
            HyperloomCheckpointStorage(client, root=root)


async def test_stores_in_a_ghost_are_seen_when_it_is_committed(client: hyperloom.Client, root: str) -> None:
    outside = HyperloomCheckpointStorage(client, root=f"{root}/w")
    await outside.save(checkpoint("w", 0, state={"long": "x" * 2_000}))
    async with client.ghost() as ghost:
        inside = HyperloomCheckpointStorage(ghost, root=f"{root}/w")
        for number in (1, 2):
            await inside.save(checkpoint("w", number, state={"long": "x" * 2_000, "number": number}))
        await inside.delete("w-1")
        await HyperloomHistoryProvider(ghost, root=root).save_messages("s", [say("a")])
        assert await outside.list_checkpoint_ids(workflow_name="w") == ["w-0"]
        await ghost.commit()
    assert await outside.list_checkpoint_ids(workflow_name="w") == ["w-0", "w-2"]
    assert (await outside.load("w-2")).state["long"] == "x" * 2_000
    assert texts(await HyperloomHistoryProvider(client, root=root).get_messages("s")) == ["a"]


async def test_an_unreachable_broker_is_told_with_what_to_do() -> None:
    async with hyperloom.connect("127.0.0.1:1", timeout=0.2) as client:
        with pytest.raises(StorageUnavailableError, match="npx hyperloom serve"):
            await HyperloomHistoryProvider(client).get_messages("s")
        with pytest.raises(StorageUnavailableError, match="HYPERLOOM_ADDRESS"):
            await HyperloomSessionStore(client).get("s")
        with pytest.raises(CheckpointStorageUnavailableError, match="HyperloomCheckpointStorage"):
            await HyperloomCheckpointStorage(client).load("c")
