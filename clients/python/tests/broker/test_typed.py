"""Goal: typed handles write, read and watch messages of a team's own, by the variables of their paths.

Method: messages as protoc makes them of a source that imports `hyperloom/v1/node_options.proto`, registered with a real
broker, which refuses what breaks their rules.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from hyperloom import (
    Client,
    NodeType,
    NotFoundError,
    PreconditionFailedError,
    SchemaProblem,
    SchemaViolationError,
    TypedEvent,
    TypedItem,
    TypedSnapshot,
    TypeMismatchError,
    operation,
)
from hyperloom.sync import connect
from hyperloom.v1.node_options_pb2 import NodeOptions
from tests.acme import Acme
from tests.support import BrokerProcess

SECONDS_MAX = 60


@pytest.fixture(scope="session")
def messages(acme: Acme) -> Any:
    """The module that protoc has written."""
    return acme.load()[0]


@pytest.fixture(scope="session")
def node_types(acme: Acme) -> Any:
    """The module that protoc-gen-hyperloom has written."""
    return acme.load()[1]


@pytest.fixture
def agent(client: Client, typed_forest: str) -> Client:
    return client.as_agent("ann", forest=typed_forest)


def good(messages: Any, claim: str = "water is wet") -> Any:
    return messages.ResearchNote(claim=claim, sources=["https://example.com/1"], confidence=0.5)


def bad(messages: Any) -> Any:
    return messages.ResearchNote(claim="", sources=["https://example.com/1", "no uri"], confidence=1.5)


PROBLEMS = [
    SchemaProblem(0, "claim", "string.min_len", "must be at least 1 characters"),
    SchemaProblem(0, "sources[1]", "string.uri", "must be a valid URI"),
    SchemaProblem(0, "confidence", "double.gte_lte", "must be greater than or equal to 0 and less than or equal to 1"),
]


async def items(subscription: AsyncIterator[TypedItem[Any, Any]], count: int) -> list[TypedItem[Any, Any]]:
    return [await asyncio.wait_for(anext(subscription), SECONDS_MAX) for _ in range(count)]


async def test_what_is_put_is_read_as_the_same_message(agent: Client, messages: Any) -> None:
    notes = agent.typed(messages.ResearchNote)
    published = await notes.put(good(messages), session="s", note="n")
    note = await notes.get(session="s", note="n")
    assert type(note.value) is messages.ResearchNote
    assert note.value == good(messages)
    assert (note.variables.session, note.variables.note) == ("s", "n")
    assert (note.path, note.author, note.version) == ("/s/notes/n", "ann", 1)
    assert note.modified_revision == note.revision == published.revision
    assert notes.path(session="s", note="n") == note.path
    assert await notes.find(session="s", note="other") is None
    await notes.delete(session="s", note="n")
    with pytest.raises(NotFoundError):
        await notes.get(session="s", note="n")


async def test_generated_node_types_have_variables_of_their_own(agent: Client, messages: Any, node_types: Any) -> None:
    notes = agent.typed(node_types.ResearchNoteNode)
    await notes.put(good(messages), session="s", note="n")
    note = await notes.get(session="s", note="n")
    assert note.variables == node_types.ResearchNoteVariables(session="s", note="n")
    assert notes.variables_of("/s/notes/n") == note.variables
    assert [each.variables async for each in notes.list(note="n")] == [note.variables]
    with pytest.raises(TypeError, match="needs note"):
        await notes.get(session="s")
    await agent.typed(node_types.SettingsNode).put(messages.Settings(model="m"))
    assert (await agent.typed(node_types.SettingsNode).get()).value.model == "m"
    with pytest.raises(TypeError, match="generate its handle again, which knows of session"):
        NodeType(messages.ResearchNote, node_types.SessionVariables, node_types.SessionSelection)


async def test_unknown_fields_survive_a_client_with_an_older_message(agent: Client, messages: Any) -> None:
    unknown = good(messages).SerializeToString() + b"\xa2\x06\x01x"
    notes = agent.typed(messages.ResearchNote)
    await notes.put(messages.ResearchNote.FromString(unknown), session="s", note="n")
    read = (await notes.get(session="s", note="n")).value
    read.confidence = 1
    await notes.put(read, session="s", note="n")
    assert (await notes.get(session="s", note="n")).value.SerializeToString().endswith(b"\xa2\x06\x01x")


async def test_wrong_variables_and_values_are_refused_before_anything_is_sent(agent: Client, messages: Any) -> None:
    notes = agent.typed(messages.ResearchNote)
    with pytest.raises(TypeError, match="needs note, which is missing"):
        await notes.put(good(messages), session="s")
    with pytest.raises(TypeError, match="has no variable nots"):
        await notes.get(session="s", note="n", nots="x")
    with pytest.raises(ValueError, match="one segment of a path"):
        await notes.get(session="s", note="../../secrets")
    with pytest.raises(TypeError, match="given by their names"):
        notes.at("s", "n")
    with pytest.raises(TypeError, match=r"takes a acme.v1.ResearchNote, not a Session"):
        await notes.put(messages.Session(), session="s", note="n")
    with pytest.raises(TypeError, match="has no option"):
        agent.typed(NodeOptions)
    with pytest.raises(TypeError, match="takes a generated message class"):
        agent.typed(good(messages))


@pytest.mark.parametrize("lock_wait", [0.0, 1.0], ids=["stream", "call"])
async def test_a_violation_names_each_field_and_rule(agent: Client, messages: Any, lock_wait: float) -> None:
    notes = agent.typed(messages.ResearchNote)
    with pytest.raises(SchemaViolationError) as refused:
        await notes.at(session="s", note="n").put(bad(messages), lock_wait=lock_wait)
    assert list(refused.value.problems) == PROBLEMS
    assert (refused.value.path, refused.value.schema, refused.value.schema_version) == ("/s/notes/n", "acme", 1)
    assert await notes.find(session="s", note="n") is None


async def test_a_violation_names_the_operation_of_a_diff(agent: Client, messages: Any) -> None:
    notes = agent.typed(messages.ResearchNote)
    diff = [
        operation.put("/s/free", "text"),
        notes.at(session="s", note="good").putting(good(messages)),
        notes.at(session="s", note="bad").putting(bad(messages)),
    ]
    with pytest.raises(SchemaViolationError) as refused:
        await agent.publish(diff)
    assert [(each.operation, each.field) for each in refused.value.problems] == [
        (2, "claim"),
        (2, "sources[1]"),
        (2, "confidence"),
    ]
    assert await agent.find("/s/free") is None


async def test_another_kind_of_value_breaks_the_schema_as_a_whole(agent: Client) -> None:
    with pytest.raises(SchemaViolationError) as refused:
        await agent.put("/s/notes/n", "text")
    (problem,) = refused.value.problems
    assert (problem.operation, problem.field) == (0, "")


async def test_a_listing_has_the_nodes_with_its_variables(agent: Client, messages: Any) -> None:
    notes, sessions = agent.typed(messages.ResearchNote), agent.typed(messages.Session)
    steps = agent.typed(messages.Session.Step)
    for session, note in [("s", "a"), ("s", "b"), ("t", "a"), ("t", "c")]:
        await notes.put(good(messages, f"{session}{note}"), session=session, note=note)
    await sessions.put(messages.Session(goal="find out"), session="s")
    await steps.put(messages.Session.Step(what="ask"), session="s", step_id="1", number="2")
    await agent.put("/s/notes/a/below", "not a note")
    await agent.put("/s/other", "not a note")

    async def claims(**where: str) -> list[str]:
        return [note.value.claim async for note in notes.list(**where)]

    assert await claims() == ["sa", "sb", "ta", "tc"]
    assert await claims(session="s") == ["sa", "sb"]
    assert await claims(note="a") == ["sa", "ta"]
    assert await claims(session="t", note="c") == ["tc"]
    assert await claims(session="t", note="b") == []
    assert [each.variables.session for each in await sessions.list().all()] == ["s"]
    assert [each.value.what for each in await steps.list(session="s", number="2").all()] == ["ask"]
    with pytest.raises(TypeError, match="has no variable nots"):
        notes.list(nots="x")


async def test_pages_of_a_listing_show_one_revision(agent: Client, messages: Any) -> None:
    notes = agent.typed(messages.ResearchNote)
    for number in range(5):
        last = await notes.put(good(messages, str(number)), session=str(number % 2), note=str(number))
    pages = notes.where().list(page_size=2).pages()
    first = await anext(pages)
    await notes.put(good(messages, "late"), session="9", note="9")
    found = [note.value.claim for note in first.items]
    async for page in pages:
        assert page.revision == first.revision == last.revision
        found += [note.value.claim for note in page.items]
    assert found == ["0", "2", "4", "1", "3"]
    old = notes.where().list(at_revision=last.revision - 1)
    assert [note.value.claim async for note in old] == ["0", "2", "1", "3"]


async def test_a_subscription_tells_messages_and_variables(agent: Client, messages: Any) -> None:
    notes = agent.typed(messages.ResearchNote)
    await notes.put(good(messages, "first"), session="s", note="a")
    await notes.put(good(messages, "elsewhere"), session="t", note="a")
    async with notes.where(session="s").subscribe(include_previous=True) as subscription:
        await notes.put(good(messages, "second"), session="s", note="a")
        await notes.put(good(messages, "elsewhere"), session="t", note="b")
        await notes.delete(session="s", note="a")
        await notes.put(good(messages, "third"), session="s", note="c")
        await agent.delete("/s")
        snapshot, put, deleted, third, above = await items(subscription, 5)
    assert isinstance(snapshot, TypedSnapshot)
    assert [(note.variables.note, note.value.claim) for note in snapshot.nodes] == [("a", "first")]
    told = []
    for item in (put, deleted, third, above):
        assert isinstance(item, TypedEvent)
        assert item.author == item.event.author
        (change,) = item.changes
        note = None if change.variables is None else change.variables.note
        claims = [None if value is None else value.claim for value in (change.previous, change.value)]
        told.append((change.action, change.path, note, *claims))
    assert told == [
        ("put", "/s/notes/a", "a", "first", "second"),
        ("delete", "/s/notes/a", "a", "second", None),
        ("put", "/s/notes/c", "c", None, "third"),
        ("delete", "/s", None, None, None),
    ]


async def test_a_copy_of_what_is_above_brings_its_messages(agent: Client, messages: Any) -> None:
    notes = agent.typed(messages.ResearchNote)
    await notes.put(good(messages), session="s", note="a")
    async with notes.where(session="t").subscribe(start="now") as subscription:
        await agent.copy("/s", "/t")
        (event,) = await items(subscription, 1)
    assert isinstance(event, TypedEvent)
    assert [(change.action, change.variables and change.variables.note) for change in event.changes] == [
        ("copy", None),
        ("put", "a"),
    ]
    assert event.changes[1].value == good(messages)


async def test_two_who_have_read_the_same_cannot_both_write(agent: Client, messages: Any) -> None:
    note = agent.typed(messages.ResearchNote).at(session="s", note="n")
    await note.put(good(messages), preconditions=[note.absent()])
    with pytest.raises(PreconditionFailedError):
        await note.put(good(messages), preconditions=[note.absent()])
    read = await note.get()
    await note.put(good(messages, "mine"), preconditions=[note.present(), read.unchanged()])
    with pytest.raises(PreconditionFailedError):
        await note.put(good(messages, "yours"), preconditions=[read.unchanged()])
    assert (await note.get()).value.claim == "mine"


async def test_a_ghost_has_typed_handles_of_its_own(agent: Client, messages: Any) -> None:
    notes = agent.typed(messages.ResearchNote)
    await notes.put(good(messages, "before"), session="s", note="n")
    async with agent.ghost() as ghost:
        inside = ghost.typed(messages.ResearchNote)
        note = inside.at(session="s", note="n")
        base = await note.get()
        await note.put(good(messages, "one"), preconditions=[base.unchanged()])
        staged = await note.get()
        await note.put(good(messages, "two"), preconditions=[staged.unchanged()])
        with pytest.raises(PreconditionFailedError):
            await note.put(good(messages, "three"), preconditions=[staged.unchanged()])
        with pytest.raises(SchemaViolationError) as refused:
            await note.put(bad(messages))
        assert list(refused.value.problems) == PROBLEMS
        assert [each.value.claim async for each in inside.list()] == ["two"]
        assert (await notes.get(session="s", note="n")).value.claim == "before"
        await ghost.commit()
    assert (await notes.get(session="s", note="n")).value.claim == "two"


async def test_what_is_no_such_message_is_told_when_it_is_looked_at(client: Client, messages: Any, tree: str) -> None:
    """Without a schema anything may be there."""
    forest = client.as_agent(forest=(await client.forests.create(f"untyped_{tree[6:]}")).name)
    notes = forest.typed(messages.ResearchNote)
    await forest.put("/s/notes/text", "text")
    await forest.put("/s/notes/other", messages.Session(goal="x"))
    await notes.put(good(messages), session="s", note="right")
    found = {note.variables.note: note async for note in notes.list(session="s")}
    assert found["right"].value == good(messages)
    for name, held in [("text", "text"), ("other", "acme.v1.Session")]:
        with pytest.raises(TypeMismatchError, match=f"holds {held} where acme.v1.ResearchNote is due"):
            _ = found[name].value
    with pytest.raises(NotFoundError):
        await forest.typed(messages.Session).get(session="s")
    assert await forest.typed(messages.Session).find(session="s") is None


def test_the_blocking_client_has_the_same_words(broker: BrokerProcess, typed_forest: str, messages: Any) -> None:
    with connect(broker.address, author="ann", forest=typed_forest) as blocking:
        notes = blocking.typed(messages.ResearchNote)
        note = notes.at(session="s", note="a")
        with notes.where(session="s").subscribe() as subscription:
            snapshot = subscription.next(SECONDS_MAX)
            assert isinstance(snapshot, TypedSnapshot)
            assert snapshot.nodes == ()
            notes.put(good(messages), session="s", note="a")
            note.put(good(messages, "again"), preconditions=[note.present(), note.get().unchanged()])
            told = [subscription.next(SECONDS_MAX) for _ in range(2)]
        claims = [c.value and c.value.claim for item in told if isinstance(item, TypedEvent) for c in item.changes]
        assert claims == ["water is wet", "again"]
        with pytest.raises(SchemaViolationError) as refused:
            notes.put(bad(messages), session="s", note="b")
        assert list(refused.value.problems) == PROBLEMS
        with pytest.raises(TypeError, match="needs note"):
            notes.put(good(messages), session="s")
        assert [each.variables.note for each in notes.list()] == ["a"]
        assert notes.path(session="s", note="a") == note.path == "/s/notes/a"
        variables = notes.variables_of(note.path)
        assert variables is not None
        assert variables.note == "a"
        assert notes.find(session="s", note="b") is None
        with blocking.ghost() as ghost:
            ghost.typed(messages.ResearchNote).delete(session="s", note="a")
            assert notes.get(session="s", note="a").value.claim == "again"
            ghost.commit()
        with pytest.raises(NotFoundError):
            notes.get(session="s", note="a")
        note.delete(preconditions=[note.absent()])
