"""Goal: the memory of the Agent Development Kit finds what was said, each thing once, and forgets what it is told to.

Method: the service's own methods against a real broker. What is found is what the kit's own memory finds.
"""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from google.adk.errors.input_validation_error import InputValidationError
from google.adk.events.event import Event
from google.adk.memory.base_memory_service import BaseMemoryService
from google.adk.memory.in_memory_memory_service import InMemoryMemoryService
from google.adk.memory.memory_entry import MemoryEntry
from google.adk.sessions.session import Session
from google.genai import types

import hyperloom
from hyperloom._verbs import Verbs
from hyperloom.google_adk import HyperloomMemoryService, ServiceUnavailableError, _memory_store
from hyperloom.operation import Operation
from tests.support import BrokerProcess


@pytest.fixture
async def memory(broker: BrokerProcess, root: str) -> AsyncIterator[HyperloomMemoryService]:
    """A memory of the test's own."""
    async with HyperloomMemoryService(broker.address, root=root) as service:
        yield service


def said(text: str, at: float = 1.0) -> Event:
    """An event in which somebody says something."""
    content = types.Content(role="user", parts=[types.Part(text=text)])
    return Event(author="user", invocation_id="run", content=content, timestamp=at)


def session(*events: Event, name: str = "s", user: str = "ann") -> Session:
    """A session of these events."""
    return Session(app_name="app", user_id=user, id=name, events=list(events))


async def found(memory: BaseMemoryService, query: str, user: str = "ann") -> list[Any]:
    """The texts that a search tells."""
    answer = await memory.search_memory(app_name="app", user_id=user, query=query)
    return [(each.content.parts or [])[0].text for each in answer.memories]


TEXTS = [
    "The quick brown fox",
    "a lazy dog sleeps",
    "Fox and dog are friends",
    "私はPythonを使う",
    "naïve café ☃",
    "thon",
    "foxtrot",
    "100% sure_thing / done",
    "İSTANBUL trip",
    unicodedata.normalize("NFD", "café in Straße 5, 한국어"),
    "the sea view",
]

QUESTION = (
    "Remember that wonderful restaurant somewhere around Barcelona where everybody ordered grilled sardines while "
    "watching fishermen; which place near the sea"
)


@pytest.mark.parametrize(
    "query",
    [
        *("fox", "FOX dog", "Python", "thon", "使う", "café", "sure_thing", "100", "nothing here", "", "% /", "the a"),
        *("İstanbul", "İSTANBUL", "istanbul", "CAFÉ", "cafe\u0301", "straße", "한국어", QUESTION),
        " ".join([*map(str, range(1_000)), "sea"]),
    ],
    ids=lambda query: query[:20],
)
async def test_searches_find_what_the_kits_own_memory_finds(memory: HyperloomMemoryService, query: str) -> None:
    own = InMemoryMemoryService()
    events = [said(text, float(number)) for number, text in enumerate(TEXTS)]
    for each in (memory, own):
        await each.add_session_to_memory(session(*events))
        await each.add_session_to_memory(session(said("fox of another"), user="bob"))
    assert await found(memory, query) == await found(own, query)


async def test_what_is_more_than_one_diff_holds_is_remembered_and_forgotten(
    memory: HyperloomMemoryService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_memory_store, "OPERATIONS_PER_DIFF", 5)
    monkeypatch.setattr(_memory_store, "BYTES_PER_DIFF", 3_000)
    publish, sizes = Verbs.publish, []

    async def counted(verbs: Verbs, operations: Sequence[Operation], **options: Any) -> Any:
        sizes.append((len(operations), sum(each.ByteSize() for each in operations)))
        return await publish(verbs, operations, **options)

    monkeypatch.setattr(Verbs, "publish", counted)
    events = [said("海" * 200, float(number)) for number in range(12)] + [said("word") for _ in range(12)]
    await memory.add_session_to_memory(session(*events))
    assert len(await found(memory, "海")) == 10 and len(await found(memory, "word")) == 10
    await memory.add_session_to_memory(session(said("another")))
    assert await found(memory, "海 word another") == ["another"]
    assert max(count for count, _ in sizes) == 5 and 2_000 < max(size for _, size in sizes) <= 3_000


async def test_a_session_that_is_added_again_brings_what_is_new(
    memory: HyperloomMemoryService, client: hyperloom.Client, root: str
) -> None:
    events = [said(f"word {number}", float(number)) for number in range(5)]
    empty = Event(author="user", invocation_id="run")
    await memory.add_session_to_memory(session(*events[:4], empty))
    revision = (await client.status()).forest.revision
    await memory.add_session_to_memory(session(*events))
    (event,) = [event async for event in client.history(root, after_revision=revision)]
    assert [change.path.rpartition("/")[2] for change in event.changes] == [events[4].id]
    assert await found(memory, "word") == [f"word {number}" for number in range(5)]
    await memory.add_session_to_memory(session(*events[2:]))
    assert await found(memory, "word") == ["word 2", "word 3", "word 4"]
    await memory.add_session_to_memory(session(said("word of t"), name="t"))
    assert len(await found(memory, "word")) == 4


async def test_events_are_added_once_and_with_their_metadata(memory: HyperloomMemoryService) -> None:
    one, two = said("first word", 1.0), said("second word", 2.0)
    await memory.add_events_to_memory(app_name="app", user_id="ann", events=[one], session_id="s/1")
    await memory.add_events_to_memory(
        app_name="app", user_id="ann", events=[one, two], session_id="s/1", custom_metadata={"source": ["x"]}
    )
    await memory.add_events_to_memory(app_name="app", user_id="ann", events=[said("word", 3.0)])
    answer = await memory.search_memory(app_name="app", user_id="ann", query="word")
    assert [each.custom_metadata for each in answer.memories] == [{}, {"source": ["x"]}, {}]
    assert answer.memories[1].id == f"s/1/{two.id}" and answer.memories[1].author == "user"


async def test_entries_are_remembered_replaced_and_forgotten(memory: HyperloomMemoryService) -> None:
    def entry(text: str, **fields: Any) -> MemoryEntry:
        return MemoryEntry(content=types.Content(parts=[types.Part(text=text)]), **fields)

    async def add(*entries: MemoryEntry) -> None:
        await memory.add_memory(app_name="app", user_id="ann", memories=entries, custom_metadata={"all": 1})

    await add(entry("likes tea", id="a/b", custom_metadata={"own": 2}), entry("likes milk"))
    answer = await memory.search_memory(app_name="app", user_id="ann", query="tea")
    assert [(each.id, each.custom_metadata) for each in answer.memories] == [("a/b", {"own": 2, "all": 1})]
    await add(entry("likes coffee", id="a/b"))
    assert sorted(await found(memory, "likes")) == ["likes coffee", "likes milk"]
    event = said("likes trains")
    await memory.add_session_to_memory(session(event))
    for memory_id in ("a/b", f"s/{event.id}", "nothing", "no/thing"):
        await memory.delete_memory(app_name="app", user_id="ann", memory_id=memory_id)
    assert await found(memory, "likes") == ["likes milk"]
    await memory.delete_memories(app_name="app", user_id="ann")
    await memory.delete_memories(app_name="app", user_id="ann")
    assert await found(memory, "likes") == []
    with pytest.raises(InputValidationError, match="memory_id"):
        await memory.delete_memory(app_name="app", user_id="ann")


async def test_at_most_ten_are_told_and_those_that_share_most_come_first(memory: HyperloomMemoryService) -> None:
    events = [said("alpha", float(number)) for number in range(20)] + [said("alpha beta", 99.0)]
    await memory.add_session_to_memory(session(*events))
    assert await found(memory, "beta alpha") == ["alpha beta", *["alpha"] * 9]


async def test_bad_input_and_an_unreachable_broker_say_what_to_do(memory: HyperloomMemoryService) -> None:
    with pytest.raises(InputValidationError, match="use a shorter one"):
        await found(memory, "a", user="u" * 256)
    with pytest.raises(InputValidationError, match="remember a summary"):
        await memory.add_session_to_memory(session(said("x" * 2_100_000)))
    with pytest.raises(InputValidationError, match="cannot be stored"):
        await memory.add_events_to_memory(
            app_name="app", user_id="ann", events=[said("a")], custom_metadata={"bad": object()}
        )
    async with hyperloom.connect("127.0.0.1:1", timeout=0.2) as client:
        with pytest.raises(ServiceUnavailableError, match="npx hyperloom serve"):
            await found(HyperloomMemoryService(client), "a")
