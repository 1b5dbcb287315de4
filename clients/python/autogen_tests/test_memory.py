"""Goal: a memory keeps its contents, in order and once, whoever adds at the same time.

Method: the memory's own methods against a real broker; several memories of one name are several processes.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest
from autogen_core import CancellationToken, ComponentModel, Image
from autogen_core.memory import Memory, MemoryContent, MemoryMimeType
from autogen_core.model_context import BufferedChatCompletionContext
from autogen_core.models import SystemMessage, UserMessage
from PIL import Image as Pictures

import hyperloom
from autogen_tests.embedding import embed, embed_later
from hyperloom import operation
from hyperloom._adapters.shelf import Shelf
from hyperloom.autogen import (
    HyperloomMemory,
    InvalidIdError,
    NotStorableError,
    StorageError,
    StorageUnavailableError,
    TooLargeError,
)
from tests.support import BrokerProcess

MemoryOf = Callable[..., HyperloomMemory]


def text(content: str, **metadata: Any) -> MemoryContent:
    """A content."""
    return MemoryContent(content=content, mime_type=MemoryMimeType.TEXT, metadata=metadata or None)


def contents(results: Sequence[MemoryContent]) -> list[Any]:
    """What is remembered."""
    return [each.content for each in results]


async def test_contents_come_back_as_they_were_in_order(memory_of: MemoryOf) -> None:
    memory = memory_of()
    kept = [
        text("hello\u2028 ☃", who="Ada", nested={"n": [1, None, 1e-300]}),
        MemoryContent(content={"key": [1, {"x": 12345678901234567890}]}, mime_type=MemoryMimeType.JSON),
        MemoryContent(content=b"\x00\xff", mime_type=MemoryMimeType.BINARY),
        MemoryContent(content="# Title", mime_type="text/markdown"),
        MemoryContent(content="x", mime_type="text/x-own", metadata={}),
    ]
    for content in kept:
        await memory.add(content)
    assert (await memory.query("anything")).results == kept
    assert (await memory_of().query()).results == kept
    assert (await memory.query(k=2)).results == kept[-2:]
    assert (await memory_of(k=1).query(text("x"))).results == kept[-1:]


async def test_pictures_come_back(memory_of: MemoryOf) -> None:
    memory = memory_of()
    picture = Image.from_pil(Pictures.new("RGB", (3, 2), (255, 0, 127)))
    await memory.add(MemoryContent(content=picture, mime_type=MemoryMimeType.IMAGE))
    [found] = (await memory.query()).results
    assert isinstance(found.content, Image)
    assert found.content.to_base64() == picture.to_base64()


async def test_an_empty_memory_answers_everything(memory_of: MemoryOf) -> None:
    for memory in (memory_of("empty"), memory_of("empty", embed=embed)):
        assert (await memory.query("x")).results == []
        context = BufferedChatCompletionContext(buffer_size=3)
        assert (await memory.update_context(context)).memories.results == []
        assert await context.get_messages() == []
        await memory.clear()


async def test_the_context_is_told_everything_in_order(memory_of: MemoryOf) -> None:
    memory = memory_of()
    await memory.add(text("test1"))
    await memory.add(text("test2"))
    context = BufferedChatCompletionContext(buffer_size=3)
    updated = await memory.update_context(context)
    [message] = await context.get_messages()
    assert isinstance(message, SystemMessage)
    assert message.content == "\nRelevant memory content (in chronological order):\n1. test1\n2. test2\n"
    assert contents(updated.memories.results) == ["test1", "test2"]


@pytest.mark.parametrize("function", [embed, embed_later, "autogen_tests.embedding:embed"])
async def test_with_an_embedding_the_most_alike_are_told(memory_of: MemoryOf, function: Any) -> None:
    memory = memory_of(embed=function)
    for content in ("the cat sleeps", "paris is a city", "oslo is a city", "cats and dogs"):
        await memory.add(text(content, by="Ada"))
    await memory.add(MemoryContent(content={"city": "oslo"}, mime_type=MemoryMimeType.JSON))
    await memory.add(MemoryContent(content=b"oslo", mime_type=MemoryMimeType.BINARY))
    found = (await memory.query("is oslo a city?", k=2)).results
    assert contents(found) == ["oslo is a city", "paris is a city"]
    assert found[0].metadata == {"by": "Ada", "score": pytest.approx(1.0)}
    assert len((await memory.query("city", score_threshold=-1)).results) == 5
    assert contents((await memory.query("oslo is a city", score_threshold=0.9)).results) == ["oslo is a city"]
    # An empty query tells everything, in order, also what has no text.
    assert len((await memory.query("")).results) == 6
    context = BufferedChatCompletionContext(buffer_size=9)
    await context.add_message(UserMessage(content="the cat sleeps", source="user"))
    updated = await memory_of(embed=function, k=1).update_context(context)
    assert contents(updated.memories.results) == ["the cat sleeps"]
    assert "(most relevant first):\n1. the cat sleeps\n" in str((await context.get_messages())[-1].content)


async def test_many_at_once_lose_nothing(memory_of: MemoryOf) -> None:
    memories = [memory_of() for _ in range(4)]

    async def add(name: int) -> None:
        for turn in range(15):
            await memories[name].add(text(f"{name} {turn}"))

    await asyncio.gather(*map(add, range(4)))
    added = contents((await memories[0].query()).results)
    assert len(added) == 60
    for name in range(4):
        assert [each for each in added if each.startswith(f"{name} ")] == [f"{name} {turn}" for turn in range(15)]


async def test_what_others_add_and_clear_is_seen_at_once(memory_of: MemoryOf) -> None:
    one, other = memory_of(), memory_of()
    for number in range(3):
        await one.add(text(str(number)))
        assert contents((await other.query()).results) == [str(each) for each in range(number + 1)]
    await other.clear()
    assert (await one.query()).results == []
    await one.add(text("new"))
    assert contents((await other.query()).results) == ["new"]


async def test_what_is_handed_out_is_the_callers_own(memory_of: MemoryOf) -> None:
    memory = memory_of()
    await memory.add(MemoryContent(content={"list": [1]}, mime_type=MemoryMimeType.JSON, metadata={"tags": [1]}))
    [found] = (await memory.query()).results
    assert isinstance(found.content, dict)
    found.content["list"].append(2)
    assert found.metadata is not None
    found.metadata["tags"].append(2)
    [again] = (await memory.query()).results
    assert (again.content, again.metadata) == ({"list": [1]}, {"tags": [1]})


async def test_a_query_reads_only_what_is_new(memory_of: MemoryOf, client: hyperloom.Client, root: str) -> None:
    memory = memory_of(author=root.strip("/"))
    for number in range(20):
        await memory.add(text(f"{number} " + "x" * 1_000))

    async def bytes_read() -> int:
        meters = (await client.status(meters=True)).meters
        return sum(meter.read.bytes for meter in meters if meter.agent == root.strip("/"))

    await memory.query()
    before = await bytes_read()
    for _ in range(5):
        assert len((await memory.query()).results) == 20
    assert await bytes_read() - before < 1_000
    await memory_of().add(text("new " + "x" * 1_000))
    assert len((await memory.query()).results) == 21
    assert await bytes_read() - before < 5_000


async def test_reads_at_once_are_whole_where_not_all_of_it_can_be_kept(client: hyperloom.Client, root: str) -> None:
    for part in "ab":
        await client.publish([operation.put(f"{root}/{part}/{number:04}", "x" * 700) for number in range(2_500)])
    shelf = Shelf(client, lambda node: str(node.value), 1_000_000)
    for _ in range(3):
        found = await asyncio.gather(shelf.below(f"{root}/a"), shelf.below(f"{root}/b"))
        again = [await shelf.below(f"{root}/{part}") for part in "ab"]
        assert [len(shown.entries) for shown in (*found, *again)] == [2_500] * 4


async def test_its_configuration_makes_the_same_memory_again(memory_of: MemoryOf, root: str) -> None:
    memory = memory_of(k=2, score_threshold=0.5, embed=embed)
    await memory.add(text("kept"))
    dumped = memory.dump_component()
    assert (dumped.provider, dumped.component_type) == ("hyperloom.autogen.HyperloomMemory", "memory")
    assert dumped.config["embed"] == "autogen_tests.embedding:embed"
    again = Memory.load_component(ComponentModel.model_validate_json(dumped.model_dump_json()))
    assert isinstance(again, HyperloomMemory)
    assert again.dump_component() == dumped
    assert contents((await again.query("kept")).results) == ["kept"]
    await again.close()
    plain = memory_of().dump_component().config
    assert plain.keys() == {"name", "address", "root", "author"}


async def test_what_cannot_be_dumped_says_so(memory_of: MemoryOf, client: hyperloom.Client) -> None:
    with pytest.raises(TypeError, match=r"embed='package\.module:function'"):
        memory_of(embed=lambda texts: [[1.0] for _ in texts]).dump_component()
    with pytest.raises(TypeError, match="give it an address"):
        HyperloomMemory("notes", client).dump_component()
    for name in (
        "nowhere:embed",
        "autogen_tests.embedding:nobody",
        "autogen_tests.embedding",
        "autogen_tests.embedding:",
    ):
        with pytest.raises(ValueError, match="embed"):
            memory_of(embed=name)


@pytest.mark.parametrize("name", ["user 1/notes", "..", "*", "%2F", "a\nb", "äöü 😀", "a" * 255])
async def test_any_name_is_a_memory_of_its_own(memory_of: MemoryOf, name: str) -> None:
    memory = memory_of(name)
    await memory.add(text(name))
    assert memory.name == name
    assert contents((await memory_of(name).query()).results) == [name]


def _constant(vectors: Any, texts: list[str]) -> Any:
    return vectors


async def test_bad_input_is_refused_with_what_to_do(memory_of: MemoryOf) -> None:
    memory = memory_of()
    refused: list[tuple[type[ValueError], str, MemoryContent]] = [
        (NotStorableError, "plain dicts", text("x", when=object())),
        (NotStorableError, "plain dicts", MemoryContent(content={"nan": math.nan}, mime_type="application/json")),
        (NotStorableError, "cannot be stored as JSON", text("half \ud800")),
        (TooLargeError, "2,097,152 are the most: keep large files", text("x" * 2_100_000)),
    ]
    for kind, message, content in refused:
        with pytest.raises(kind, match=message):
            await memory.add(content)
    wrong: list[Any] = [[], [["a"]], [[]], [[math.nan]], [[1e300]]]
    for vectors in wrong:
        with pytest.raises(NotStorableError, match="embed must return"):
            await memory_of(embed=partial(_constant, vectors)).add(text("x"))
    assert (await memory.query()).results == []
    await memory_of(embed=embed).add(text("x"))
    with pytest.raises(NotStorableError, match="holds embeddings of 251 numbers"):
        await memory_of(embed=lambda texts: [[1.0]]).query("x")
    for name, message in (("", "must not be empty"), ("a" * 256, "takes 256 bytes")):
        with pytest.raises(InvalidIdError, match=message):
            memory_of(name)
    for none in (0, -1):
        with pytest.raises(ValueError, match="k must be at least 1"):
            memory_of(k=none)
        for each in (memory_of(), memory_of(embed=embed)):
            with pytest.raises(ValueError, match="k must be at least 1"):
                await each.query("x", k=none)
    with pytest.raises(InvalidIdError, match="root must be"):
        HyperloomMemory("notes", root="memories")
    with pytest.raises(TypeError, match="takes an address or a client"):
        HyperloomMemory("notes", 7400)  # type: ignore[arg-type]


async def test_what_others_put_there_does_no_harm(memory_of: MemoryOf, client: hyperloom.Client) -> None:
    memory = memory_of()
    await memory.add(text("mine"))
    await client.put(f"{memory.path}/items/note", "a text")
    await client.put(f"{memory.path}/items/other", {"item": 1})
    assert contents((await memory.query()).results) == ["mine"]
    await client.put(f"{memory.path}/head", "something else")
    with pytest.raises(StorageError, match="something else was put there; delete"):
        await memory_of().add(text("x"))


async def test_an_unreachable_or_refusing_broker_is_told_with_what_to_do(client: hyperloom.Client, root: str) -> None:
    async with hyperloom.connect("127.0.0.1:9", timeout=0.3) as nowhere:
        with pytest.raises(StorageUnavailableError, match="npx hyperloom serve") as raised:
            await HyperloomMemory("notes", nowhere).add(text("x"))
        assert isinstance(raised.value.__cause__, hyperloom.HyperloomError)
    with pytest.raises(StorageError, match="hyperloom forest create"):
        await HyperloomMemory("notes", client.as_agent(forest="nobody")).query()
    async with client.lock(f"{root}/notes"):
        with pytest.raises(StorageError, match="holds a lock"):
            await HyperloomMemory("notes", client, root=root).add(text("x"))


async def test_a_cancelled_token_calls_it_off(memory_of: MemoryOf) -> None:
    memory = memory_of()
    token = CancellationToken()
    token.cancel()
    with pytest.raises(asyncio.CancelledError):
        await memory.query("x", token)
    with pytest.raises(asyncio.CancelledError):
        await memory.add(text("x"), token)
    await memory.add(text("y"), CancellationToken())
    assert contents((await memory.query("", CancellationToken())).results)[-1] == "y"


async def test_in_a_ghost_it_is_seen_when_that_is_committed(
    memory_of: MemoryOf, client: hyperloom.Client, root: str
) -> None:
    memory = memory_of()
    await memory.add(text("before"))
    async with client.ghost(scope=root) as ghost:
        inside = HyperloomMemory("notes", ghost, root=root)
        await inside.add(text("inside"))
        assert contents((await inside.query()).results) == ["before", "inside"]
        assert contents((await memory.query()).results) == ["before"]
        await ghost.commit()
    assert contents((await memory.query()).results) == ["before", "inside"]


async def test_a_memory_goes_on_across_a_kill_of_the_broker(own_broker: BrokerProcess) -> None:
    async with HyperloomMemory("notes", own_broker.address) as memory:
        await memory.add(text("before"))
        await asyncio.to_thread(own_broker.kill)
        adding = asyncio.create_task(memory.add(text("meanwhile")))
        await asyncio.to_thread(own_broker.start)
        await adding
        assert contents((await memory.query()).results) == ["before", "meanwhile"]
