"""Goal: conversations of Pydantic AI keep each message once, over runs, branches, forks, writers at once and restarts.

Method: Pydantic AI's own agents with its own fake models, and the store's primitives, against a real broker. What is
stored is compared with what Pydantic AI's own store in memory keeps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

import pytest
from pydantic_ai import Agent, DeferredToolRequests
from pydantic_ai.conversation import Conversation
from pydantic_ai.conversation_store import (
    ConversationConflict,
    ConversationEntry,
    ConversationRecord,
    ConversationStore,
    InMemoryConversationStore,
)
from pydantic_ai.messages import (
    BinaryContent,
    ModelMessage,
    ModelMessagesTypeAdapter,
    ModelResponse,
    TextPart,
)
from pydantic_ai.models.function import AgentInfo, FunctionModel
from pydantic_ai.models.test import TestModel

import hyperloom
from framework_tests.conversations import Stores, answer, ask, texts
from hyperloom._verbs import Verbs
from hyperloom.operation import Operation
from hyperloom.pydantic_ai import HyperloomConversationStore, StoreUnavailableError, _core
from tests.support import BrokerProcess


def echo(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
    """A model that says how many messages it has seen."""
    return ModelResponse(parts=[TextPart(f"seen {len(messages)}")])


AGENT = Agent(FunctionModel(echo))


async def loaded(store: ConversationStore, conversation_id: str) -> Conversation:
    """A conversation that is there."""
    conversation = await store.load(conversation_id)
    assert conversation is not None
    return conversation


async def test_runs_go_on_in_one_conversation(store: HyperloomConversationStore, stores: Stores) -> None:
    first = await store.run(AGENT, "hello", conversation_id="user/1")
    second = await stores().run(AGENT, "again", conversation_id="user/1")
    assert (first.output, second.output) == ("seen 1", "seen 3")
    conversation = await loaded(stores(), "user/1")
    assert conversation.messages == second.all_messages()
    assert texts(conversation.messages) == ["hello", "seen 1", "again", "seen 3"]
    assert conversation.usage == second.usage and conversation.usage.requests == 2


async def test_iterated_and_streamed_runs_are_stored_too(store: HyperloomConversationStore) -> None:
    async with store.iter(AGENT, "one", conversation_id="c") as run:
        async for _ in run:
            pass
    agent = Agent(TestModel(custom_output_text="streamed"))
    async with store.run_stream(agent, "two", conversation_id="c") as streamed:
        assert await streamed.get_output() == "streamed"
    third = await store.run(AGENT, "three", conversation_id="c")
    assert third.output == "seen 5"
    conversation = await loaded(store, "c")
    assert texts(conversation.messages) == ["one", "seen 1", "two", "streamed", "three", "seen 5"]
    assert conversation.usage.requests == 3


async def test_a_run_that_fails_or_is_not_read_to_its_end_stores_nothing(store: HyperloomConversationStore) -> None:
    def failing(messages: list[ModelMessage], info: AgentInfo) -> ModelResponse:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await store.run(Agent(FunctionModel(failing)), "hello", conversation_id="c")
    async with store.iter(AGENT, "hello", conversation_id="c"):
        pass
    assert await store.load("c") is None


async def test_tool_calls_and_files_come_back_as_they_were(store: HyperloomConversationStore) -> None:
    agent = Agent(TestModel(custom_output_text="done"))

    @agent.tool_plain
    def look_up(number: int) -> dict[str, Any]:
        """Looks something up."""
        return {"found": [number, None, 12345678901234567890], "text": "a\u2028b"}

    prompt = ["what is this?", BinaryContent(b"\x00\xff" * 100, media_type="image/png")]
    result = await store.run(agent, prompt, conversation_id="c")
    # As Pydantic AI's own JSON has it: images become `BinaryImage`s there.
    expected = ModelMessagesTypeAdapter.validate_json(result.all_messages_json())
    assert (await loaded(store, "c")).messages == expected


async def test_what_a_run_waits_for_is_kept(store: HyperloomConversationStore) -> None:
    agent: Agent[None, Any] = Agent(TestModel(), output_type=[str, DeferredToolRequests])

    @agent.tool_plain(requires_approval=True)
    def delete(path: str) -> str:
        """Deletes."""
        return "deleted"

    result = await store.run(agent, "delete it", conversation_id="c")
    assert isinstance(result.output, DeferredToolRequests)
    requests = (await loaded(store, "c")).deferred_tool_requests
    assert requests is not None and [call.tool_name for call in requests.approvals] == ["delete"]


@pytest.mark.parametrize("reading", ["get_output", "stream_text", "stream_response"])
async def test_what_a_streamed_run_waits_for_is_kept(store: HyperloomConversationStore, reading: str) -> None:
    agent: Agent[None, Any] = Agent(TestModel(), output_type=[str, DeferredToolRequests])

    @agent.tool_plain(requires_approval=True)
    def delete(path: str) -> str:
        """Deletes."""
        return f"deleted {path}"

    async with store.run_stream(agent, "delete it", conversation_id="c") as streamed:
        if reading == "get_output":
            await streamed.get_output()
        else:
            async for _ in getattr(streamed, reading)():
                pass
    requests = (await loaded(store, "c")).deferred_tool_requests
    assert requests is not None and [call.tool_name for call in requests.approvals] == ["delete"]
    async with store.run_stream(
        agent, conversation_id="c", deferred_tool_results=requests.build_results(approve_all=True)
    ) as streamed:
        assert await streamed.get_output() == '{"delete":"deleted a"}'
    assert (await loaded(store, "c")).deferred_tool_requests is None


async def test_what_was_said_until_a_stream_was_cancelled_is_kept(store: HyperloomConversationStore) -> None:
    agent = Agent(TestModel(custom_output_text="some words"))
    async with store.run_stream(agent, "hello", conversation_id="c") as streamed:
        await streamed.cancel()
    assert texts((await loaded(store, "c")).messages)[0] == "hello"


@pytest.mark.parametrize("name", ["a/b", "..", "*", "%2F", "a\nb", "äöü 😀", "record", "lines", "a" * 255])
async def test_any_id_is_a_conversation_of_its_own(store: HyperloomConversationStore, name: str) -> None:
    await store.save(Conversation(messages=[ask(name)], conversation_id=name))
    assert texts((await loaded(store, name)).messages) == [name]
    assert [each.conversation_id for each in await store.list_conversations()] == [name]


async def test_a_save_costs_what_is_new(store: HyperloomConversationStore, client: hyperloom.Client, root: str) -> None:
    conversation = Conversation(messages=[ask("x" * 100) for _ in range(300)], conversation_id="c")
    await store.save(conversation)
    revision = (await client.get(f"{root}/c/record")).modified_revision
    conversation.messages.append(ask("new"))
    (entry,) = await store.save(conversation)
    (event,) = [event async for event in client.history(after_revision=revision)]
    paths = [change.path for change in event.changes]
    assert paths[0].startswith(f"{root}/c/lines/") and paths[0].endswith("/0000000300")
    assert paths[1:] == [f"{root}.entries/{entry.id}", f"{root}/c/record"]


async def test_only_the_newest_messages_are_read_where_that_is_asked_for(
    broker: BrokerProcess, root: str, client: hyperloom.Client
) -> None:
    author = root.strip("/")
    async with HyperloomConversationStore(broker.address, root=root, author=author) as store:
        await store.save(Conversation(messages=[ask(f"{n} " + "x" * 2_000) for n in range(200)], conversation_id="c"))

        async def bytes_read() -> int:
            meters = (await client.status(meters=True)).meters
            return sum(meter.read.bytes for meter in meters if meter.agent == author)

        before = await bytes_read()
        conversation = await store.load("c", limit=2)
        assert conversation is not None
        assert [text.split()[0] for text in texts(conversation.messages)] == ["198", "199"]
        assert 4_000 < await bytes_read() - before < 8_000
        conversation.messages.append(ask("next"))
        await store.save(conversation)
        assert len((await loaded(store, "c")).messages) == 201


async def test_the_second_of_two_writers_is_refused_and_stores_nothing(stores: Stores) -> None:
    one, other = stores(), stores()
    await one.run(AGENT, "hello", conversation_id="c")
    mine, theirs = await loaded(one, "c"), await loaded(other, "c")
    await other.save(dataclass_with(theirs, answer("theirs")))
    with pytest.raises(ConversationConflict):
        await one.save(dataclass_with(mine, answer("mine")))
    with pytest.raises(ConversationConflict):
        await one.save(Conversation(messages=[ask("another")], conversation_id="c"))
    assert texts((await loaded(one, "c")).messages) == ["hello", "seen 1", "theirs"]
    assert (await one.run(AGENT, "then", conversation_id="c")).output == "seen 4"


def dataclass_with(conversation: Conversation, message: ModelMessage) -> Conversation:
    """The conversation with one more message."""
    conversation.messages.append(message)
    return conversation


async def test_of_writers_at_once_one_wins_each_time(stores: Stores) -> None:
    await stores().save(Conversation(messages=[], conversation_id="c"))

    async def write(name: str) -> int:
        store, won = stores(), 0
        for turn in range(6):
            try:
                await store.save(dataclass_with(await loaded(store, "c"), ask(f"{name} {turn}")))
                won += 1
            except ConversationConflict:
                continue
        return won

    won = await asyncio.gather(*map(write, "abc"))
    assert len((await loaded(stores(), "c")).messages) == sum(won) > 0


async def act(store: ConversationStore) -> list[Any]:
    """A story of branches, forks, rewritten histories and deletions, and what is there after each step."""
    told: list[Any] = []

    async def tell() -> None:
        for record in sorted(await store.list_conversations(), key=lambda each: each.conversation_id):
            conversation = await loaded(store, record.conversation_id)
            told.append((record.conversation_id, record.scope, record.forked_from, texts(conversation.messages)))
            told.append([texts([entry.message for entry in await store.read_history(tip)]) for tip in record.branches])

    await store.save(
        Conversation(messages=[ask("1"), answer("2"), ask("3"), answer("4")], conversation_id="a"), scope="s"
    )
    await tell()
    branched = await store.branch("a", at=2, expected_revision=(await loaded(store, "a")).revision)
    await store.save(dataclass_with(branched, ask("3b")))
    await tell()
    record = (await store.list_conversations(scope="s"))[0]
    back = await store.branch("a", from_entry=record.branches[0], expected_revision=record.revision)
    await store.save(dataclass_with(back, ask("5")))
    await tell()
    fork = await store.fork("a", at=3, new_conversation_id="b", scope="t")
    await store.save(dataclass_with(fork, ask("4 of b")))
    second = await store.fork("b", new_conversation_id="c")
    await store.save(dataclass_with(second, ask("5 of c")))
    await tell()
    rewritten = Conversation(
        messages=[ask("1"), answer("summary")], conversation_id="a", revision=(await loaded(store, "a")).revision
    )
    await store.save(rewritten)
    await tell()
    for name in ("a", "b", "nothing"):
        await store.delete(name)
        await tell()
    await store.save(Conversation(messages=[ask("anew")], conversation_id="a"))
    await store.delete("c")
    await tell()
    return told


async def test_a_story_is_told_as_by_pydantic_ais_own_store(
    store: HyperloomConversationStore, client: hyperloom.Client, root: str
) -> None:
    assert await act(store) == await act(InMemoryConversationStore())
    # What others needed of the first `a` goes with the second one.
    await store.delete("a")
    assert await client.find(root) is None and await client.find(f"{root}.entries") is None


async def test_the_last_fork_takes_along_what_it_went_through(
    store: HyperloomConversationStore, client: hyperloom.Client, root: str
) -> None:
    await store.save(Conversation(messages=[ask("1"), ask("2")], conversation_id="a"))
    for source, name in (("a", "b"), ("b", "c"), ("c", "d")):
        await store.save(dataclass_with(await store.fork(source, new_conversation_id=name), ask(name)))
    for name in ("a", "c", "b"):
        await store.delete(name)
        assert texts((await loaded(store, "d")).messages) == ["1", "2", "b", "c", "d"]
    await store.delete("d")
    assert await client.find(root) is None and await client.find(f"{root}.entries") is None


async def test_scopes_keep_conversations_apart(store: HyperloomConversationStore) -> None:
    await store.run(AGENT, "hello", conversation_id="c", scope="ann")
    assert await store.load("c", scope="bob") is None
    with pytest.raises(ConversationConflict):
        await store.run(AGENT, "hello", conversation_id="c", scope="bob")
    await store.delete("c", scope="bob")
    assert [each.scope for each in await store.list_conversations(scope="ann")] == ["ann"]
    assert await store.list_conversations(scope="bob") == []
    assert await store.list_conversations(limit=0) == []


async def test_primitives_refuse_what_the_contract_says(store: HyperloomConversationStore) -> None:
    record = ConversationRecord(conversation_id="c", head_id="nowhere")
    with pytest.raises(ConversationConflict):
        await store.write_record(record, expected_revision=None)
    with pytest.raises(ConversationConflict):
        await store.write_record(ConversationRecord(conversation_id="c", head_id=None), expected_revision="other")
    with pytest.raises(ConversationConflict):
        await store.delete_record("c", expected_revision="other")
    with pytest.raises(LookupError):
        await store.read_entry("nowhere")
    with pytest.raises(LookupError):
        await store.read_history("nowhere")
    assert await store.read_history(None) == []
    assert await store.read_record("c") is None and list(await store.read_records()) == []
    entry = ConversationEntry(parent_id=None, message=ask("a"))
    written = ConversationRecord(conversation_id="c", head_id=entry.id)
    await store.write_record(written, new_entries=[entry], expected_revision=None)
    assert await store.read_entry(entry.id) == entry
    assert await store.read_record("c") == written


async def test_more_than_one_diff_holds_is_stored_whole(
    store: HyperloomConversationStore, stores: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_core, "ENTRIES_PER_DIFF", 7)
    conversation = Conversation(messages=[ask(str(n)) for n in range(20)], conversation_id="c")
    await store.save(conversation)
    conversation.messages.extend(ask(str(n)) for n in range(20, 45))
    await store.save(conversation)
    assert texts((await loaded(stores(), "c")).messages) == [str(n) for n in range(45)]
    tail = await store.load("c", limit=30)
    assert tail is not None and texts(tail.messages) == [str(n) for n in range(15, 45)]


@pytest.mark.parametrize("diffs_made", [100, 2, 1])
async def test_more_than_one_diff_holds_is_deleted_and_seen_no_more_where_that_is_cut_short(
    store: HyperloomConversationStore,
    stores: Stores,
    client: hyperloom.Client,
    root: str,
    monkeypatch: pytest.MonkeyPatch,
    diffs_made: int,
) -> None:
    monkeypatch.setattr(_core, "ENTRIES_PER_DIFF", 7)
    entries = await store.save(Conversation(messages=[ask(str(n)) for n in range(45)], conversation_id="c"))
    publish, left = Verbs.publish, diffs_made

    async def dying(verbs: Verbs, operations: Sequence[Operation], **options: Any) -> Any:
        nonlocal left
        assert len(operations) <= 14
        if left == 0:
            raise hyperloom.UnavailableError("gone")
        left -= 1
        return await publish(verbs, operations, **options)

    cut_short = diffs_made < 100
    with monkeypatch.context() as patched, pytest.raises(StoreUnavailableError) if cut_short else nullcontext():
        patched.setattr(Verbs, "publish", dying)
        await store.delete("c")
    assert (await client.find(f"{root}.entries") is None) != cut_short and await client.find(root) is None
    assert list(await stores().read_records()) == []
    with pytest.raises(LookupError):
        await stores().read_entry(entries[44].id)
    await stores().save(Conversation(messages=[ask("anew")], conversation_id="c"))
    assert texts((await loaded(stores(), "c")).messages) == ["anew"]


async def test_a_conversation_in_a_ghost_is_seen_when_it_is_committed(client: hyperloom.Client, root: str) -> None:
    outside = HyperloomConversationStore(client, root=root)
    await outside.run(AGENT, "before", conversation_id="c")
    async with client.ghost() as ghost:
        inside = HyperloomConversationStore(ghost, root=root)
        assert (await inside.run(AGENT, "inside", conversation_id="c")).output == "seen 3"
        assert (await inside.run(AGENT, "again", conversation_id="c")).output == "seen 5"
        await inside.fork("c", at=2, new_conversation_id="d")
        await inside.delete("d")
        assert len((await loaded(outside, "c")).messages) == 2
        await ghost.commit()
    assert len((await loaded(outside, "c")).messages) == 6
