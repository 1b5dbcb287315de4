"""Goal: schemas are registered, tried, read and listed, as messages of one's own and as JSON Schemas. Real broker."""

from __future__ import annotations

from typing import Any

import pytest

from hyperloom import (
    Client,
    DescriptorSet,
    JsonSchema,
    NotFoundError,
    PreconditionFailedError,
    SchemaBinding,
    SchemaViolationError,
    StateError,
    schema_of,
)
from hyperloom.sync import connect
from tests.acme import Acme
from tests.support import BrokerProcess

COUNTERS = JsonSchema('{"type":"integer","maximum":10}', "/{session}/counters/{name}")


@pytest.fixture
async def owner(client: Client, tree: str) -> Client:
    forest = await client.forests.create(f"schemas_{tree[6:]}")
    return client.as_agent("owner", forest=forest.name)


async def test_generated_messages_are_a_schema(owner: Client, acme: Acme) -> None:
    messages, node_types = acme.load()
    registered = await owner.schemas.register("acme", schema_of(messages.ResearchNote))
    assert (registered.schema.version, registered.schema.author, registered.unchanged) == (1, "owner", False)
    assert SchemaBinding("/{session}/notes/{note}", "acme.v1.ResearchNote") in registered.schema.bindings
    with pytest.raises(SchemaViolationError):
        await owner.typed(node_types.ResearchNoteNode).put(messages.ResearchNote(), session="s", note="n")
    assert (await owner.schemas.register("acme", schema_of(messages.Session))).unchanged
    read = await owner.schemas.get("acme")
    assert isinstance(read.definition, DescriptorSet)
    assert read.definition_bytes == len(read.definition.data)


async def test_a_json_schema_has_versions(owner: Client) -> None:
    schemas = owner.schemas
    tried = await schemas.validate("counters", COUNTERS)
    assert tried.schema is not None
    assert (tried.schema.version, tried.reason, tried.objections) == (1, "", ())
    first = (await schemas.register("counters", COUNTERS)).schema
    await owner.put("/s/counters/x", 9)
    stricter = JsonSchema('{"type":"integer","maximum":5}', COUNTERS.path)
    refused = await schemas.validate("counters", stricter)
    assert (refused.schema, refused.reason) == (None, "SCHEMA_STORED")
    assert [(each.rule, each.subject) for each in refused.objections] == [("maximum", "/s/counters/x")]
    with pytest.raises(StateError) as stored:
        await schemas.register("counters", stricter)
    assert stored.value.reason == "SCHEMA_STORED"
    wider = JsonSchema('{"type":"integer","maximum":50}', COUNTERS.path)
    with pytest.raises(PreconditionFailedError):
        await schemas.register("counters", wider, expected_version=2)
    second = (await schemas.register("counters", wider, expected_version=1)).schema
    assert (second.version, second.revision) == (2, first.revision + 2)
    assert (await schemas.get("counters", version=1)).definition == COUNTERS
    assert (await schemas.get("counters", at_revision=first.revision)).version == 1
    assert [each.version for each in (await schemas.list()).schemas] == [2]
    with pytest.raises(NotFoundError):
        await schemas.get("others")


async def test_a_forest_can_be_strict(owner: Client) -> None:
    await owner.schemas.register("counters", COUNTERS)
    assert (await owner.schemas.list()).unbound_paths == "free"
    revision = await owner.schemas.set_unbound_paths("refused")
    listed = await owner.schemas.list()
    assert (listed.unbound_paths, listed.revision) == ("refused", revision)
    refusal: Any
    with pytest.raises(Exception, match="strict") as refusal:
        await owner.put("/s/elsewhere", 1)
    assert refusal.value.reason == "UNBOUND_PATH"
    await owner.put("/s/counters/x", 1)
    await owner.schemas.set_unbound_paths("free")
    await owner.put("/s/elsewhere", 1)


def test_the_blocking_client_has_the_same_words(broker: BrokerProcess, typed_forest: str) -> None:
    with connect(broker.address, forest=typed_forest) as blocking:
        schemas = blocking.schemas
        assert [each.name for each in schemas.list().schemas] == ["acme"]
        assert schemas.validate("numbers", JsonSchema("{}", "/{a}/notes/{b}")).reason == "SCHEMA_OVERLAP"
        assert schemas.register("numbers", JsonSchema("{}", "/{a}/{b}/{c}/{d}")).schema.version == 1
        assert schemas.get("numbers").definition == JsonSchema("{}", "/{a}/{b}/{c}/{d}")
        assert schemas.set_unbound_paths("refused") > 0
