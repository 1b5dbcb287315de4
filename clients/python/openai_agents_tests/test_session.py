"""Goal: a session keeps its items, in order and once, whoever writes at the same time.

Method: the session's own methods against a real broker; several sessions of one id are several processes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

import pytest
from agents.exceptions import UserError
from agents.items import TResponseInputItem
from agents.memory import SessionSettings

import hyperloom
from hyperloom._adapters import item_list, reading
from hyperloom._verbs import Verbs
from hyperloom.openai_agents import HyperloomSession, SessionError, SessionUnavailableError
from tests.support import BrokerProcess

SessionOf = Callable[[str], HyperloomSession]


def say(text: str) -> TResponseInputItem:
    """What a user says."""
    return {"role": "user", "content": text}


def texts(items: Sequence[TResponseInputItem]) -> list[str]:
    """What was said."""
    return [cast(Any, item)["content"] for item in items]


async def test_items_come_back_as_they_were_in_order(session_of: SessionOf) -> None:
    session = session_of("chat")
    items: list[Any] = [
        say("hello\u2028 ☃"),
        {"type": "function_call", "call_id": "1", "name": "look_up", "arguments": '{"n": 12345678901234567890}'},
        {"type": "function_call_output", "call_id": "1", "output": [{"type": "input_text", "text": "x"}]},
        {"type": "item_reference", "id": "abc", "nothing": None, "big": 12345678901234567890, "small": 1e-300},
    ]
    await session.add_items(items[:1])
    await session.add_items(items[1:])
    assert await session.get_items() == items
    assert await session_of("chat").get_items() == items


async def test_a_new_session_is_empty(session_of: SessionOf) -> None:
    session = session_of("nobody")
    assert await session.get_items() == []
    assert await session.get_items(3) == []
    assert await session.pop_item() is None
    await session.clear_session()
    await session.add_items([])
    assert await session.get_items() == []


@pytest.mark.parametrize(
    "session_id", ["user 1/chat 2", "..", ".", "*", "**", "%2F", "a\nb", "\x7f\x85", "äöü 😀", "a" * 255]
)
async def test_any_session_id_is_a_session_of_its_own(session_of: SessionOf, session_id: str) -> None:
    await session_of(session_id).add_items([say(session_id)])
    assert texts(await session_of(session_id).get_items()) == [session_id]


async def test_limits_give_the_newest_and_read_nothing_else(
    broker: BrokerProcess, root: str, client: hyperloom.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(item_list, "ITEMS_PER_READ_MAX", 100)
    monkeypatch.setattr(reading, "PATHS_PER_READ_MAX", 100)
    author = root.strip("/")
    async with HyperloomSession("long", broker.address, root=root, author=author) as session:
        await session.add_items([say(f"{number} " + "x" * 1_000) for number in range(250)])
        assert [text.split()[0] for text in texts(await session.get_items(3))] == ["247", "248", "249"]
        assert await session.get_items(0) == []
        assert await session.get_items(-1) == []

        async def bytes_read() -> int:
            meters = (await client.status(meters=True)).meters
            return sum(meter.read.bytes for meter in meters if meter.agent == author)

        before = await bytes_read()
        await session.get_items(10)
        assert 10_000 < await bytes_read() - before < 15_000
        everything = texts(await session.get_items())
        for limit in (99, 100, 101, 240, 250, 251, 10_000):
            assert texts(await session.get_items(limit)) == everything[-limit:]


async def test_the_settings_limit_holds_where_a_call_names_none(broker: BrokerProcess, root: str) -> None:
    for settings in (SessionSettings(limit=2), {"limit": 2}):
        async with HyperloomSession("limited", broker.address, root=root, session_settings=settings) as session:
            await session.clear_session()
            await session.add_items([say("a"), say("b"), say("c")])
            assert texts(await session.get_items()) == ["b", "c"]
            assert texts(await session.get_items(3)) == ["a", "b", "c"]


async def test_an_item_that_is_added_costs_what_it_is(session_of: SessionOf, client: hyperloom.Client) -> None:
    session = session_of("growing")
    await session.add_items([say("x" * 100) for _ in range(500)])
    node = await client.get(f"{session.path}/head")
    await session.add_items([say("new")])
    event = next(event for event in [event async for event in client.history(after_revision=node.modified_revision)])
    assert [change.path.removeprefix(session.path) for change in event.changes] == ["/items/0000000500", "/head"]


async def test_two_writers_at_once_lose_nothing_and_keep_together(session_of: SessionOf) -> None:
    writers = [session_of("shared") for _ in range(4)]

    async def write(name: int) -> None:
        for turn in range(25):
            await writers[name].add_items([say(f"{name} {turn} {part}") for part in range(3)])

    await asyncio.gather(*(write(name) for name in range(4)))
    said = texts(await writers[0].get_items())
    assert len(said) == 300
    for start in range(0, 300, 3):
        name, turn, _ = said[start].split()
        assert said[start : start + 3] == [f"{name} {turn} {part}" for part in range(3)]
    for writer in range(4):
        turns = [int(text.split()[1]) for text in said[::3] if text.startswith(f"{writer} ")]
        assert turns == list(range(25))


async def test_an_item_is_popped_once_by_writers_at_once(session_of: SessionOf) -> None:
    writers = [session_of("popped") for _ in range(3)]
    await writers[0].add_items([say(str(number)) for number in range(60)])

    async def pop_all(session: HyperloomSession) -> list[str]:
        popped: list[str] = []
        while (item := await session.pop_item()) is not None:
            popped += texts([item])
        return popped

    popped = await asyncio.gather(*map(pop_all, writers))
    assert sorted(int(text) for each in popped for text in each) == list(range(60))
    for each in popped:
        assert each == sorted(each, key=int, reverse=True)
    assert await writers[0].get_items() == []


async def test_pops_adds_and_clears_of_others_are_noticed(session_of: SessionOf) -> None:
    one, other = session_of("turns"), session_of("turns")
    await one.add_items([say("a"), say("b")])
    assert texts([cast(Any, await other.pop_item())]) == ["b"]
    await one.add_items([say("c")])
    assert texts(await other.get_items()) == ["a", "c"]
    await other.clear_session()
    assert await one.pop_item() is None
    await one.add_items([say("d")])
    assert texts(await other.get_items(5)) == ["d"]


async def test_a_popped_item_is_not_given_out_again_after_another_took_its_place(session_of: SessionOf) -> None:
    one, other = session_of("place"), session_of("place")
    await one.add_items([say("first")])
    assert texts(await other.get_items(1)) == ["first"]
    await one.pop_item()
    await one.add_items([say("second")])
    assert texts([cast(Any, await other.pop_item())]) == ["second"]
    assert await one.pop_item() is None


async def test_what_else_lies_in_the_tree_stays(session_of: SessionOf, client: hyperloom.Client, root: str) -> None:
    await client.put(f"{root}/chat/notes", "mine")
    session = session_of("chat")
    await session.add_items([say("a")])
    await session.clear_session()
    assert (await client.get(f"{root}/chat/notes")).value == "mine"


async def test_a_session_in_a_ghost_is_seen_when_it_is_committed(client: hyperloom.Client, root: str) -> None:
    outside = HyperloomSession("ghostly", client, root=root)
    await outside.add_items([say("before")])
    async with client.ghost() as ghost:
        inside = HyperloomSession("ghostly", ghost, root=root)
        await inside.add_items([say("a"), say("b")])
        await inside.pop_item()
        await inside.add_items([say("c")])
        assert texts(await inside.get_items()) == ["before", "a", "c"]
        assert texts(await inside.get_items(2)) == ["a", "c"]
        assert texts(await outside.get_items()) == ["before"]
        await ghost.commit()
    assert texts(await outside.get_items()) == ["before", "a", "c"]


async def test_a_ghost_that_was_rewound_takes_no_session_for_what_it_was(client: hyperloom.Client, root: str) -> None:
    async with client.ghost() as ghost:
        outer = HyperloomSession("tried", ghost, root=root)
        await outer.add_items([say("first")])
        await ghost.checkpoint("begun")
        await HyperloomSession("tried", ghost, root=root).add_items([say("refused 1"), say("refused 2")])
        assert texts(await outer.get_items(9)) == ["first", "refused 1", "refused 2"]
        await ghost.rewind("begun")
        await HyperloomSession("tried", ghost, root=root).add_items([say("accepted")])
        await outer.add_items([say("last")])
        for session in (outer, HyperloomSession("tried", ghost, root=root)):
            assert (
                texts(await session.get_items()) == texts(await session.get_items(9)) == ["first", "accepted", "last"]
            )
        popped = [await outer.pop_item() for _ in range(4)]
        assert popped == [say("last"), say("accepted"), say("first"), None]


async def test_items_that_something_else_has_deleted_are_no_more(
    session_of: SessionOf, client: hyperloom.Client
) -> None:
    session = session_of("gaps")
    await session.add_items([say(str(number)) for number in range(6)])
    for number in (0, 3, 4, 5):
        await client.delete(f"{session.path}/items/{number:010}")
    popped = [await session.pop_item() for _ in range(3)]
    assert popped == [say("2"), say("1"), None]
    await session.add_items([say("new")])
    assert texts(await session.get_items()) == texts(await session.get_items(1)) == ["new"]


async def test_blocking_clients_serve_as_well(broker: BrokerProcess, root: str) -> None:
    with hyperloom.sync.connect(broker.address, author="blocking") as client:
        session = HyperloomSession("blocking", client, root=root)
        await session.add_items([say("a")])
        session.close()
        assert texts(await session.get_items()) == ["a"]


async def test_a_change_is_finished_although_its_caller_is_cancelled(session_of: SessionOf) -> None:
    session = session_of("cancelled")
    adding = asyncio.create_task(session.add_items([say("kept")]))
    await asyncio.sleep(0)
    adding.cancel()
    with pytest.raises(asyncio.CancelledError):
        await adding
    assert texts(await session.get_items()) == ["kept"]


async def test_more_than_one_diff_holds_is_added_in_order(
    session_of: SessionOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(item_list, "ITEMS_PER_DIFF_MAX", 7)
    session = session_of("many")
    await session.add_items([say(str(number)) for number in range(20)])
    assert texts(await session.get_items()) == [str(number) for number in range(20)]


async def test_items_that_are_too_large_for_one_answer_are_read_in_parts(
    session_of: SessionOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The broker puts 65 MiB into an answer: this makes it act as if that were four nodes.
    batch_get = Verbs.batch_get

    async def bounded(verbs: Verbs, paths: Sequence[str], **options: Any) -> tuple[hyperloom.Node, ...]:
        if len(paths) > 4:
            raise hyperloom.ResourceExhaustedError("too much for one answer", reason="ANSWER_TOO_LARGE")
        return await batch_get(verbs, paths, **options)

    monkeypatch.setattr(Verbs, "batch_get", bounded)
    session = session_of("large")
    await session.add_items([say(str(number)) for number in range(30)])
    assert texts(await session.get_items(20)) == [str(number) for number in range(10, 30)]
    assert texts(await session.get_items(1)) == ["29"]


@pytest.mark.parametrize(
    ("item", "told"),
    [
        ("hello", "item 1 is a str, and a session stores dicts"),
        ({"role": "user", "content": object()}, "item 1 cannot be stored as JSON"),
        ({"role": "user", "content": float("nan")}, "item 1 cannot be stored as JSON"),
        ({"role": "user", "content": "\ud800"}, "item 1 cannot be stored as JSON"),
        ({"role": "user", "content": "x" * 2_100_000}, "keep large files and images elsewhere"),
    ],
    ids=["text", "object", "nan", "surrogate", "large"],
)
async def test_bad_items_are_refused_before_anything_is_stored(session_of: SessionOf, item: Any, told: str) -> None:
    session = session_of("bad")
    with pytest.raises(UserError, match=told):
        await session.add_items([say("good"), item])
    assert await session.get_items() == []


@pytest.mark.parametrize(
    ("session_id", "told"),
    [
        ("", "must not be empty"),
        (7, "must be a text"),
        ("a" * 256, "use a shorter one"),
        ("\ud800", "half"),
    ],
    ids=["empty", "number", "long", "surrogate"],
)
def test_bad_session_ids_are_refused(session_id: Any, told: str) -> None:
    with pytest.raises(UserError, match=told):
        HyperloomSession(session_id)


def test_bad_brokers_and_roots_are_refused() -> None:
    with pytest.raises(UserError, match="not int"):
        HyperloomSession("a", cast(Any, 7400))
    with pytest.raises(UserError, match="root must be"):
        HyperloomSession("a", root="chats")


async def test_what_is_no_session_is_named(session_of: SessionOf, client: hyperloom.Client) -> None:
    session = session_of("spoiled")
    await client.put(f"{session.path}/head", "mine")
    with pytest.raises(SessionError, match=f"delete {session.path}"):
        await session.add_items([say("a")])
    await client.put(f"{session.path}/items/0000000000", {"mine": 1})
    with pytest.raises(UserError, match="something else has been put there"):
        await session.get_items()


async def test_a_locked_session_says_what_to_do(session_of: SessionOf, client: hyperloom.Client) -> None:
    session = session_of("locked")
    async with client.lock(session.path) as lock:
        with pytest.raises(SessionError, match="write through that lock") as refused:
            await session.add_items([say("a")])
        assert isinstance(refused.value.__cause__, hyperloom.LockedError)
        await HyperloomSession("locked", lock, root=session.path.rpartition("/locked/")[0]).add_items([say("b")])
    assert texts(await session.get_items()) == ["b"]


async def test_an_unreachable_broker_is_told_with_what_to_do() -> None:
    async with hyperloom.connect("127.0.0.1:1", timeout=0.2) as client:
        session = HyperloomSession("nowhere", client)
        with pytest.raises(SessionUnavailableError, match="npx hyperloom serve"):
            await session.get_items()
        with pytest.raises(SessionUnavailableError, match="HYPERLOOM_ADDRESS"):
            await session.add_items([say("a")])
