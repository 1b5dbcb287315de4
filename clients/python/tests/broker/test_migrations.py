"""Goal: a ghost brings a version of a schema that stored values do not get along with, together with values that do.

Method: a real broker with a JSON Schema, whose second version wants numbers where the first wanted texts; both clients.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from hyperloom import (
    Attempt,
    Client,
    Ghost,
    InvalidRequestError,
    JsonSchema,
    PreconditionFailedError,
    SchemaMigration,
    StateError,
    gate,
)
from hyperloom.sync import connect
from tests.support import BrokerProcess

NOTES = ("/s/notes/a", "/s/notes/b")


def sure_is(kind: str) -> JsonSchema:
    text = {"type": "object", "required": ["sure"], "properties": {"sure": {"type": kind}}}
    return JsonSchema(json.dumps(text), "/{session}/notes/{note}")


TO_NUMBERS = SchemaMigration("notes", sure_is("number"))


@pytest.fixture
async def migrator(client: Client, tree: str) -> Client:
    """In a forest of the test's own, with the first version and two values."""
    forest = f"migrated_{tree.rpartition('_')[2]}"
    await client.forests.create(forest)
    agent = client.as_agent("migrator", forest=forest)
    await agent.schemas.register("notes", sure_is("string"))
    for path in NOTES:
        await agent.put(path, {"sure": "half"})
    return agent


async def test_its_commit_writes_the_values_and_puts_the_version_into_force(migrator: Client) -> None:
    with pytest.raises(StateError):
        await migrator.schemas.register("notes", sure_is("number"))
    async with migrator.ghost(migration=TO_NUMBERS) as ghost:
        assert ghost.info.migration_schema == "notes"
        await ghost.put(NOTES[0], {"sure": 0.5})
        with pytest.raises(StateError) as early:
            await ghost.commit()
        assert early.value.reason == "SCHEMA_STORED"
        assert NOTES[1] in early.value.violations[0].field
        assert not ghost.over
        assert (await migrator.schemas.get("notes")).version == 1
        await ghost.put(NOTES[1], {"sure": 0.9})
        committed = await ghost.commit()
    assert (committed.schema_version, committed.operations) == (2, 2)
    schema = await migrator.schemas.get("notes")
    assert (schema.version, schema.revision) == (2, committed.revision)
    assert (await migrator.get(NOTES[1])).value == {"sure": 0.9}
    async with migrator.ghost() as plain:
        assert plain.info.migration_schema == ""
        assert (await plain.commit()).schema_version == 0


async def test_speculation_migrates_too(migrator: Client) -> None:
    async def work(ghost: Ghost, attempt: Attempt) -> None:
        value: Any = "half" if attempt.number == 1 else 0.5
        async for node in migrator.list("/s/notes"):
            await ghost.put(node.path, {"sure": value})

    done = await migrator.speculate(work, gates=[gate.schema("revert")], migration=TO_NUMBERS)
    assert done.attempts == 2
    assert (await migrator.schemas.get("notes")).version == 2


async def test_a_version_of_others_is_not_passed_over(migrator: Client) -> None:
    async with migrator.ghost(migration=replace(TO_NUMBERS, expected_version=7)) as ghost:
        for path in NOTES:
            await ghost.put(path, {"sure": 1})
        with pytest.raises(PreconditionFailedError):
            await ghost.commit()
    assert (await migrator.schemas.get("notes")).version == 1


def test_the_sync_client_migrates_under_a_lock(broker: BrokerProcess, migrator: Client) -> None:
    with connect(broker.address, forest=migrator.forest) as client, client.lock("/s/notes") as lock:
        with lock.ghost(migration=TO_NUMBERS) as ghost:
            for path in NOTES:
                ghost.put(path, {"sure": 1})
            assert ghost.commit().schema_version == 2
        with client.ghost(migration=TO_NUMBERS) as again:
            assert again.commit().schema_version == 2
        done = client.speculate(lambda ghost, _: ghost.id, migration=TO_NUMBERS)
        assert done.attempts == 1


async def test_a_ghost_in_a_ghost_migrates_nothing(migrator: Client) -> None:
    async with migrator.ghost() as outer:
        with pytest.raises(InvalidRequestError):
            await outer.speculate(lambda ghost, _: ghost.checkpoint("x"), migration=TO_NUMBERS)
