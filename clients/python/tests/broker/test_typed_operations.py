"""Goal: messages are changed field by field, by several at once, and only where fields are as expected. Real broker."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from hyperloom import (
    Change,
    Client,
    Event,
    InvalidRequestError,
    PreconditionFailedError,
    SchemaViolationError,
    TypedEvent,
    TypedPath,
    operation,
    precondition,
)
from hyperloom.sync import connect
from tests.acme import Acme
from tests.support import BrokerProcess

SECONDS_MAX = 60


@pytest.fixture(scope="session")
def messages(acme: Acme) -> Any:
    return acme.load()[0]


@pytest.fixture
def agent(client: Client, typed_forest: str) -> Client:
    return client.as_agent("ann", forest=typed_forest)


@pytest.fixture
async def note(agent: Client, messages: Any) -> TypedPath[Any, Any]:
    note = agent.typed(messages.ResearchNote).at(session="s", note="n")
    await note.put(
        messages.ResearchNote(
            claim="first",
            sources=["urn:a"],
            confidence=0.5,
            citations=1,
            review=messages.Review(reviewer="Ann", verdict="good"),
            labels={"a": "1"},
        )
    )
    return note


async def test_a_mask_says_which_fields_become_what_the_patch_says(note: TypedPath[Any, Any], messages: Any) -> None:
    patch = messages.ResearchNote(claim="second", sources=["urn:b"], confidence=0.9)
    patch.review.verdict = "bad"
    await note.merge(patch, ["claim", "sources", "review.verdict", "labels"])
    value = (await note.get()).value
    assert (value.claim, list(value.sources), value.confidence) == ("second", ["urn:b"], 0.5)
    assert (value.review.reviewer, value.review.verdict, dict(value.labels)) == ("Ann", "bad", {})


async def test_without_a_mask_what_is_set_is_merged(note: TypedPath[Any, Any], messages: Any) -> None:
    await note.merge(messages.ResearchNote(confidence=0.9, sources=["urn:b"], labels={"b": "2"}))
    value = (await note.get()).value
    assert (value.claim, list(value.sources), value.confidence) == ("first", ["urn:a", "urn:b"], 0.9)
    assert dict(value.labels) == {"a": "1", "b": "2"}


async def test_repeated_fields_are_appended_to_and_numbers_added_to_at_once(
    note: TypedPath[Any, Any], messages: Any
) -> None:
    def add(number: int) -> Any:
        return note.append(messages.ResearchNote(sources=[f"urn:{number}"]))

    await asyncio.gather(*(add(number) for number in range(10)), *(note.increment("citations", 2) for _ in range(10)))
    value = (await note.get()).value
    assert value.citations == 21
    assert sorted(value.sources) == sorted(["urn:a", *(f"urn:{number}" for number in range(10))])
    await note.increment("confidence", 0.25)
    assert (await note.get()).value.confidence == 0.75


async def test_what_does_not_fit_is_refused_with_field_and_reason(
    agent: Client, note: TypedPath[Any, Any], messages: Any
) -> None:
    with pytest.raises(SchemaViolationError) as violated:
        await note.merge(messages.ResearchNote(), ["claim"])
    assert [(each.operation, each.field, each.rule) for each in violated.value.problems] == [
        (0, "claim", "string.min_len")
    ]
    for wrong in (
        note.increment("claim"),
        note.increment("citations", 2**63 - 1),
        note.merge(messages.ResearchNote(), ["clam"]),
        note.append(messages.ResearchNote(claim="x")),
    ):
        with pytest.raises(InvalidRequestError):
            await wrong
    with pytest.raises(TypeError, match=r"takes a acme.v1.ResearchNote, not a Session"):
        await note.merge(messages.Session())
    with pytest.raises(TypeError, match="has a mask"):
        operation.merge("/a", {"b": 1}, ["b"])
    with pytest.raises(InvalidRequestError) as unbound:
        await agent.increment("/free/path", 1, "field")
    assert unbound.value.reason == "UNBOUND_PATH"


async def test_fields_are_conditions(agent: Client, note: TypedPath[Any, Any], messages: Any) -> None:
    holds = [
        note.field("claim", equals="first"),
        note.field("confidence", equals=0.5),
        note.field("citations", equals=1),
        note.field("review.verdict", equals="good"),
        note.field("sources", is_set=True),
        note.field("review", is_set=True),
    ]
    await note.increment("citations", preconditions=holds)
    fails = [
        note.field("claim", equals="other"),
        note.field("citations", equals=1),
        note.field("confidence", equals=float("nan")),
        note.field("labels", is_set=False),
    ]
    for each in fails:
        with pytest.raises(PreconditionFailedError) as failed:
            await note.merge(messages.ResearchNote(claim="never"), ["claim"], preconditions=[each])
        assert failed.value.metadata["field"] == each.field.field
    assert (await note.get()).value.citations == 2
    await agent.put("/free/json", {"steps": [{"state": "done"}], "none": None})
    await agent.publish(
        [operation.put("/free/seen", True)],
        preconditions=[
            precondition.pointer("/free/json", "/steps/0/state", equals="done"),
            precondition.pointer("/free/json", "/none", equals=None),
            precondition.pointer("/free/json", "/other", is_set=False),
        ],
    )
    with pytest.raises(TypeError, match="either what it equals or whether it is set"):
        note.field("claim")
    with pytest.raises(TypeError, match="either what it equals or whether it is set"):
        precondition.pointer("/a", "", equals=1, is_set=True)


async def test_bytes_and_special_numbers_are_told_as_protojson_does() -> None:
    told = [precondition.field("/a", "f", equals=each).field.equals_json for each in (b"\0\xff", float("inf"), -1.5)]
    assert told == [b'"AP8="', b'"Infinity"', b"-1.5"]


async def test_events_tell_what_was_done(agent: Client, note: TypedPath[Any, Any], messages: Any) -> None:
    watched = agent.typed(messages.ResearchNote).where().subscribe(start="now")
    async with agent.subscribe(note.path, start="now") as plain, watched as typed:
        await note.increment("citations", 2)
        await note.merge(messages.ResearchNote(claim="merged"), ["claim"])
        await note.append(messages.ResearchNote(sources=["urn:b"]))
        changes: list[Change] = []
        values: list[Any] = []
        for _ in range(3):
            event = await asyncio.wait_for(anext(plain), SECONDS_MAX)
            assert isinstance(event, Event)
            changes += event.changes
            item = await asyncio.wait_for(anext(typed), SECONDS_MAX)
            assert isinstance(item, TypedEvent)
            values += [change.value for change in item.changes]
    incremented, merged, appended = changes
    assert (incremented.action, incremented.field, incremented.value, incremented.sum) == (
        "increment",
        "citations",
        2,
        3,
    )
    assert (merged.action, merged.mask, merged.value.TypeName()) == ("merge", ("claim",), "acme.v1.ResearchNote")
    assert (appended.action, appended.value.TypeName()) == ("append", "acme.v1.ResearchNote")
    assert [(value.citations, value.claim, list(value.sources)) for value in values] == [
        (3, "first", ["urn:a"]),
        (3, "merged", ["urn:a"]),
        (3, "merged", ["urn:a", "urn:b"]),
    ]


async def test_changes_of_other_fields_go_through_a_commit(
    agent: Client, note: TypedPath[Any, Any], messages: Any
) -> None:
    async with agent.ghost() as ghost:
        inside = ghost.typed(messages.ResearchNote).at(session="s", note="n")
        await inside.merge(messages.ResearchNote(confidence=1), ["confidence"])
        await inside.append(messages.ResearchNote(sources=["urn:ghost"]))
        await note.merge(messages.ResearchNote(claim="meanwhile"), ["claim"])
        await note.append(messages.ResearchNote(sources=["urn:trunk"]))
        await ghost.commit()
    async with agent.ghost() as ghost:
        await ghost.typed(messages.ResearchNote).at(session="s", note="n").increment("citations", 5)
        await note.increment("citations", 1)
        await ghost.commit()
    value = (await note.get()).value
    assert (value.claim, value.confidence, value.citations) == ("meanwhile", 1, 7)
    assert list(value.sources) == ["urn:a", "urn:trunk", "urn:ghost"]


def test_the_blocking_client_has_the_same_words(broker: BrokerProcess, typed_forest: str, messages: Any) -> None:
    with connect(broker.address, forest=typed_forest) as blocking:
        note = blocking.typed(messages.ResearchNote).at(session="s", note="n")
        note.put(messages.ResearchNote(claim="x"))
        note.merge(messages.ResearchNote(claim="y"), ["claim"], preconditions=[note.field("claim", equals="x")])
        note.append(messages.ResearchNote(sources=["urn:a"]))
        note.increment("citations", 3)
        blocking.publish(
            [
                note.merging(messages.ResearchNote(confidence=1)),
                note.appending(messages.ResearchNote(sources=["urn:b"])),
                note.incrementing("citations"),
            ]
        )
        blocking.increment(note.path, 1, "citations")
        blocking.merge(note.path, messages.ResearchNote(), ["confidence"])
        value = note.get().value
        assert (value.claim, list(value.sources), value.citations) == ("y", ["urn:a", "urn:b"], 5)
        assert value.confidence == 0
