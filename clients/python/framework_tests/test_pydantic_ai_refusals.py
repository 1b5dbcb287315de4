"""Goal: what cannot be stored or read is refused in Pydantic AI's own kind of error, which says what to do.

Method: bad messages, names and brokers, and what others have put where a conversation lies, on a real broker.
"""

from __future__ import annotations

from typing import Any

import pytest
from pydantic_ai.conversation import Conversation
from pydantic_ai.exceptions import UserError
from pydantic_ai.messages import (
    ModelRequest,
    ModelResponse,
    ToolCallPart,
    UserPromptPart,
)

import hyperloom
from framework_tests.conversations import ask
from hyperloom.pydantic_ai import (
    HyperloomConversationStore,
    SpoiledConversationError,
    StoreError,
    StoreUnavailableError,
)


@pytest.mark.parametrize(
    ("message", "told"),
    [
        ("hello", "new message 1 is a str"),
        (ModelRequest(parts=[UserPromptPart("a")], metadata={"bad": object()}), "new message 1 cannot be stored"),
        (ModelRequest(parts=[UserPromptPart("x" * 2_100_000)]), "name them by URL"),
        (ModelResponse(parts=[ToolCallPart("a", {"b": "\ud800"})]), "new message 1 cannot be stored"),
    ],
    ids=["text", "object", "large", "half"],
)
async def test_bad_messages_are_refused_before_anything_is_stored(
    store: HyperloomConversationStore, message: Any, told: str
) -> None:
    with pytest.raises(UserError, match=told):
        await store.save(Conversation(messages=[ask("good"), message], conversation_id="c"))
    assert await store.load("c") is None


async def test_bad_ids_brokers_and_roots_are_refused(store: HyperloomConversationStore) -> None:
    for name, told in (("", "must not be empty"), ("a" * 256, "use a shorter one"), ("\ud800", "half")):
        with pytest.raises(UserError, match=told):
            await store.load(name)
    broker: Any = 7400
    with pytest.raises(UserError, match="not int"):
        HyperloomConversationStore(broker)
    for root in ("chats", "", "/"):
        with pytest.raises(UserError, match="root must be"):
            HyperloomConversationStore(root=root)


async def test_what_is_no_conversation_is_named(
    store: HyperloomConversationStore, client: hyperloom.Client, root: str
) -> None:
    await store.save(Conversation(messages=[ask("a")], conversation_id="c"))
    (line,) = [node.path async for node in client.list(f"{root}/c/lines")]
    await client.put(f"{line}/0000000000", {"mine": 1})
    with pytest.raises(SpoiledConversationError, match="0000000000 holds no message"):
        await store.load("c")
    await client.put(f"{root}/c/record", {"mine": 1})
    with pytest.raises(SpoiledConversationError, match=f"{root}/c/record holds no record"):
        await store.load("c")


async def test_a_locked_conversation_says_what_to_do(
    store: HyperloomConversationStore, client: hyperloom.Client, root: str
) -> None:
    async with client.lock(root):
        with pytest.raises(StoreError, match="write through that lock") as refused:
            await store.save(Conversation(messages=[ask("a")], conversation_id="c"))
        assert isinstance(refused.value.__cause__, hyperloom.LockedError)


async def test_an_unreachable_broker_is_told_with_what_to_do() -> None:
    async with hyperloom.connect("127.0.0.1:1", timeout=0.2) as client:
        store = HyperloomConversationStore(client)
        with pytest.raises(StoreUnavailableError, match="npx hyperloom serve"):
            await store.load("c")
