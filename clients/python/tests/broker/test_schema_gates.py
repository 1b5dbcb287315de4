"""Goal: a ghost does about values that do not fit what its gate says, and the retry knows why. Real broker."""

from __future__ import annotations

from typing import Any

import pytest

from hyperloom import (
    Attempt,
    Client,
    GateRevertedError,
    Ghost,
    Race,
    SchemaViolationError,
    SpeculationFailed,
    StagedViolation,
    gate,
)
from hyperloom.sync import Ghost as SyncGhost
from hyperloom.sync import connect
from tests.acme import Acme
from tests.support import BrokerProcess


@pytest.fixture(scope="session")
def messages(acme: Acme) -> Any:
    return acme.load()[0]


@pytest.fixture
def agent(client: Client, typed_forest: str) -> Client:
    return client.as_agent("ann", forest=typed_forest)


async def test_a_ghost_goes_back_at_the_first_value_that_does_not_fit(agent: Client, messages: Any) -> None:
    note = messages.ResearchNote
    async with agent.ghost(gates=[gate.schema("revert")]) as ghost:
        notes = ghost.typed(note)
        await notes.put(note(claim="kept"), session="s", note="kept")
        await ghost.checkpoint("kept")
        await notes.put(note(claim="lost"), session="s", note="lost")
        with pytest.raises(GateRevertedError) as refused:
            await notes.put(note(confidence=7), session="s", note="bad")
        assert refused.value.ghost_id == ghost.id
        assert refused.value.checkpoint == "kept"
        assert [(each.field, each.rule) for each in refused.value.problems] == [
            ("/s/notes/bad#claim", "string.min_len"),
            ("/s/notes/bad#confidence", "double.gte_lte"),
        ]
        assert not ghost.over
        assert await notes.find(session="s", note="lost") is None
        await notes.put(note(claim="right"), session="s", note="right")
        await ghost.commit()
    assert (await agent.typed(note).get(session="s", note="kept")).value.claim == "kept"


async def test_or_collects_them_until_they_are_put_right(agent: Client, messages: Any) -> None:
    note = messages.ResearchNote
    async with agent.ghost(gates=[gate.schema("collect")]) as ghost:
        at = ghost.typed(note).at(session="s", note="n")
        await at.put(note(confidence=7))
        (standing,) = (await ghost.state()).gates
        assert standing.state == "closed"
        assert standing.gate == gate.schema("collect")
        first, second = standing.violations
        assert isinstance(first, StagedViolation)
        assert (first.path, first.field, first.rule) == ("/s/notes/n", "claim", "string.min_len")
        assert (second.field, second.rule) == ("confidence", "double.gte_lte")
        assert "at least 1" in first.message
        with pytest.raises(SchemaViolationError):
            await ghost.commit()
        await at.put(note(claim="put right"))
        (standing,) = (await ghost.state()).gates
        assert (standing.state, standing.violations) == ("open", ())
        await ghost.commit()
    assert (await agent.typed(note).get(session="s", note="n")).value.claim == "put right"


async def test_a_speculation_is_done_again_with_what_did_not_fit_as_the_reason(agent: Client, messages: Any) -> None:
    note = messages.ResearchNote

    async def work(ghost: Ghost, attempt: Attempt) -> None:
        claim = "" if attempt.number == 1 else "second"
        await ghost.typed(note).put(note(claim=claim), session="s", note="n")

    async def never(ghost: Ghost, _: Attempt) -> None:
        await ghost.typed(note).put(note(), session="s", note="never")

    done = await agent.speculate(work, gates=[gate.schema("revert")])
    assert done.attempts == 2
    assert "string.min_len" in done.reasons[0]
    assert (await agent.typed(note).get(session="s", note="n")).value.claim == "second"
    with pytest.raises(SpeculationFailed) as failed:
        await agent.speculate(never, gates=[gate.schema("revert")], retries=1)
    assert len(failed.value.reasons) == 2
    assert isinstance(failed.value.__cause__, GateRevertedError)
    assert [ghost async for ghost in agent.ghosts()] == []


async def test_a_ghost_of_another_that_goes_back_is_no_refusal(agent: Client, messages: Any) -> None:
    note = messages.ResearchNote
    attempts = 0

    async def work(_: Ghost, __: Attempt) -> None:
        nonlocal attempts
        attempts += 1
        async with agent.ghost(gates=[gate.schema("revert")]) as other:
            await other.typed(note).put(note(), session="s", note="n")

    with pytest.raises(GateRevertedError):
        await agent.speculate(work, gates=[gate.schema("revert")])
    assert attempts == 1


async def test_a_ghost_whose_race_has_no_attempt_left_ends_with_it(agent: Client, messages: Any) -> None:
    note = messages.ResearchNote
    async with agent.ghost(gates=[gate.schema("revert")], race=Race("gates", 1)) as ghost:
        with pytest.raises(GateRevertedError):
            await ghost.typed(note).put(note(), session="s", note="n")
        assert ghost.over

    async def never(ghost: Ghost, _: Attempt) -> None:
        await ghost.typed(note).put(note(), session="s", note="never")

    with pytest.raises(SpeculationFailed) as failed:
        await agent.race([never], gates=[gate.schema("revert")], attempts_max=2)
    assert "string.min_len" in failed.value.reasons[0]


def test_the_sync_client_speculates_the_same_way(broker: BrokerProcess, typed_forest: str, messages: Any) -> None:
    note = messages.ResearchNote

    def work(ghost: SyncGhost, attempt: Attempt) -> str:
        ghost.typed(note).put(note(claim="x" * (attempt.number - 1)), session="s", note="n")
        return ghost.id

    with connect(broker.address, forest=typed_forest) as client:
        done = client.speculate(work, gates=[gate.schema("revert")])
        assert (done.attempts, len(done.reasons)) == (2, 1)
        with client.ghost(gates=[gate.schema("revert")]) as ghost:
            with pytest.raises(GateRevertedError):
                ghost.typed(note).put(note(), session="s", note="n")
            assert not ghost.over


def test_a_gate_does_one_of_two_things() -> None:
    with pytest.raises(ValueError, match="revert or collect"):
        gate.schema("ignore")  # type: ignore[arg-type]
