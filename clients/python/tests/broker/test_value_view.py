"""Goal: programs without generated code read and write messages as JSON, and those with older code go on reading.

Method: a real broker with the schema of generated messages, and both clients.
"""

from __future__ import annotations

from typing import Any

import pytest

from hyperloom import Client, Event, HyperloomError, Json, SchemaViolationError, Snapshot, message_json
from hyperloom.sync import connect
from tests.acme import Acme
from tests.support import BrokerProcess

PATH = "/s/notes/n"
TOLD = {"claim": "water is wet", "citations": "4611686018427387904"}


@pytest.fixture(scope="session")
def messages(acme: Acme) -> Any:
    return acme.load()[0]


@pytest.fixture
def agent(client: Client, typed_forest: str) -> Client:
    return client.as_agent("ann", forest=typed_forest)


async def test_what_is_put_as_json_is_a_message_and_is_read_as_either(agent: Client, messages: Any) -> None:
    published = await agent.put(PATH, message_json({"claim": "water is wet", "citations": 2**62}))
    typed = await agent.typed(messages.ResearchNote).get(session="s", note="n")
    assert typed.value == messages.ResearchNote(claim="water is wet", citations=2**62)
    assert (await agent.get(PATH)).kind == "message"
    read = await agent.get(PATH, form="json")
    assert (read.kind, read.value, read.form_problem) == ("json", TOLD, None)
    assert [node.value for node in await agent.batch_get([PATH], form="json")] == [TOLD]
    assert [node.value async for node in agent.list("/s/notes", form="json")] == [TOLD]
    (event,) = [event async for event in agent.history(PATH, form="json")]
    assert event.changes[0].value == TOLD
    (difference,) = [
        each async for each in agent.diff(published.revision - 1, published.revision, path=PATH, form="json")
    ]
    assert difference.after is not None
    assert difference.after.value == TOLD


async def test_subscriptions_and_ghosts_tell_messages_as_json_too(agent: Client) -> None:
    async with agent.subscribe("/s/notes/*", form="json", detail="result") as watched:
        assert isinstance(await anext(watched), Snapshot)
        async with agent.ghost() as ghost:
            await ghost.put(PATH, message_json(Json('{"claim": "exact"}')))
            assert (await ghost.get(PATH, form="json")).value == {"claim": "exact"}
            staged = [each async for each in ghost.diff(path=PATH, form="json")]
            assert staged[0].after is not None
            assert staged[0].after.value == {"claim": "exact"}
            await ghost.commit()
        event = await anext(watched)
    assert isinstance(event, Event)
    assert event.changes[0].value == {"claim": "exact"}
    assert event.changes[0].result is not None
    assert event.changes[0].result.value == {"claim": "exact"}


async def test_json_that_is_none_of_the_message_is_refused_by_its_fields(agent: Client) -> None:
    with pytest.raises(SchemaViolationError) as refused:
        await agent.put(PATH, message_json({"claim": 7}))
    assert (refused.value.problems[0].operation, refused.value.problems[0].field) == (0, "claim")
    with pytest.raises(HyperloomError) as unbound:
        await agent.put("/s/free/x", message_json({}))
    assert unbound.value.reason == "UNBOUND_PATH"


async def test_a_message_without_such_a_form_says_why(client: Client, messages: Any, tree: str) -> None:
    await client.put(tree, messages.ResearchNote(claim="x"))
    read = await client.get(tree, form="json")
    assert (read.kind, read.form_problem) == ("message", "unbound")
    assert (await client.get(tree)).form_problem is None
    with pytest.raises(ValueError, match="stored or json"):
        await client.get(tree, form="xml")  # type: ignore[arg-type]


async def test_a_reader_can_be_pinned_to_a_version_of_a_schema(agent: Client, messages: Any) -> None:
    await agent.put(PATH, message_json(TOLD))
    notes = agent.typed(messages.ResearchNote)
    pins = {"acme": 1}
    assert (await notes.at(session="s", note="n").get(pins=pins)).value.claim == "water is wet"
    assert [node.value.claim async for node in notes.where().list(pins=pins)] == ["water is wet"]
    assert (await agent.get(PATH, form="json", pins=pins)).value == TOLD
    unknown = {"acme": 7}
    for reading in (
        agent.get(PATH, pins=unknown),
        agent.find(PATH, pins=unknown),
        agent.batch_get([PATH], pins=unknown),
        agent.list("/s", pins=unknown).page(),
        notes.where().list(pins=unknown).page(),
        anext(agent.subscribe(PATH, pins=unknown)),
        anext(notes.where().subscribe(pins=unknown)),
    ):
        with pytest.raises(HyperloomError) as refused:
            await reading
        assert refused.value.reason == "SCHEMA_NOT_FOUND"


def test_the_sync_client_has_the_same_words(broker: BrokerProcess, typed_forest: str, messages: Any) -> None:
    with connect(broker.address, forest=typed_forest) as client:
        client.put(PATH, message_json(TOLD))
        assert client.get(PATH, form="json", pins={"acme": 1}).value == TOLD
        found = client.find(PATH, form="json")
        assert found is not None
        assert found.value == TOLD
        assert [node.value for node in client.batch_get([PATH], form="json")] == [TOLD]
        assert [node.value for node in client.list("/s/notes", form="json")] == [TOLD]
        assert [event.changes[0].value for event in client.history(PATH, form="json")] == [TOLD]
        assert [each.after.value for each in client.diff(0, path=PATH, form="json") if each.after] == [TOLD]
        with client.subscribe(PATH, form="json") as watched:
            snapshot = watched.next(60)
            assert isinstance(snapshot, Snapshot)
            assert [node.value for node in snapshot.nodes] == [TOLD]
        at = client.typed(messages.ResearchNote).at(session="s", note="n")
        assert at.get(pins={"acme": 1}).value.claim == "water is wet"
        with client.ghost() as ghost:
            ghost.put(PATH, message_json({"claim": "staged"}))
            assert [each.after.value for each in ghost.diff(path=PATH, form="json") if each.after] == [
                {"claim": "staged"}
            ]
