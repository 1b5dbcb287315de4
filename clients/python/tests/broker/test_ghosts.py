"""Goal: ghosts isolate, commit, revert, nest, rewind and speculate as they say, against a real broker."""

from __future__ import annotations

import asyncio

import pytest

import hyperloom
from hyperloom import Attempt, Ghost, operation
from tests.support import BrokerProcess


async def test_a_committed_ghost_reaches_the_trunk_as_one_revision(client: hyperloom.Client, tree: str) -> None:
    await client.put(f"{tree}/a", 1)
    async with client.ghost(label="try", scope=tree) as ghost:
        await ghost.put(f"{tree}/a", 2)
        await ghost.append(f"{tree}/b", "x")
        assert (await ghost.get(f"{tree}/a")).value == 2
        assert (await client.get(f"{tree}/a")).value == 1
        assert await client.find(f"{tree}/b") is None
        assert {each.path for each in await ghost.diff().all()} >= {f"{tree}/a", f"{tree}/b"}
        state = await ghost.state()
        assert (state.state, state.label, state.staged_operations) == ("live", "try", 2)
        committed = await ghost.commit(label="done")
    assert committed.operations == 2
    nodes = await client.batch_get([f"{tree}/a", f"{tree}/b"])
    assert [node.value for node in nodes] == [2, "x"]
    assert {node.modified_revision for node in nodes} == {committed.revision}
    assert ghost.over
    assert (await ghost.state()).state == "committed"


async def test_it_is_committed_as_it_was_looked_at_or_not_at_all(client: hyperloom.Client, tree: str) -> None:
    async with client.ghost() as ghost:
        await ghost.put(f"{tree}/a", 1)
        looked = await ghost.state()
        await ghost.put(f"{tree}/b", 1)
        with pytest.raises(hyperloom.ReviewOutdatedError):
            await ghost.commit(exact_edition=looked.edition)
        assert await client.find(f"{tree}/a") is None
        looked = await ghost.state()
        assert (await ghost.commit(exact_edition=looked.edition)).operations == 2


async def test_leaving_with_an_exception_reverts_with_its_text(client: hyperloom.Client, tree: str) -> None:
    with pytest.raises(RuntimeError, match="the model made it up"):
        async with client.ghost() as ghost:
            await ghost.put(f"{tree}/a", 1)
            raise RuntimeError("the model made it up")
    assert await client.find(f"{tree}/a") is None
    state = await ghost.state()
    assert state.state == "reverted"
    assert [attempt.reason for attempt in state.attempts] == ["the model made it up"]


async def test_leaving_without_a_commit_reverts(client: hyperloom.Client, tree: str) -> None:
    async with client.ghost() as ghost:
        await ghost.put(f"{tree}/a", 1)
    assert (await ghost.state()).state == "reverted"
    assert await client.find(f"{tree}/a") is None
    with pytest.raises(hyperloom.GhostOverError):
        await ghost.put(f"{tree}/a", 2)
    with pytest.raises(hyperloom.GhostOverError):
        await ghost.commit()


async def test_a_cancelled_block_reverts(client: hyperloom.Client, tree: str) -> None:
    begun = asyncio.Event()
    ghosts: list[Ghost] = []

    async def work() -> None:
        async with client.ghost() as ghost:
            ghosts.append(ghost)
            await ghost.put(f"{tree}/a", 1)
            begun.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await begun.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (await ghosts[0].state()).state == "reverted"


async def test_ghosts_nest_and_commit_into_their_parent(client: hyperloom.Client, tree: str) -> None:
    async with client.ghost() as outer:
        await outer.put(f"{tree}/a", "outer")
        async with outer.ghost() as inner:
            assert (await inner.get(f"{tree}/a")).value == "outer"
            await inner.put(f"{tree}/b", "inner")
            with pytest.raises(hyperloom.StateError) as refused:
                await outer.commit()
            assert refused.value.reason == "GHOST_HAS_CHILDREN"
            await inner.commit()
        async with outer.ghost() as dropped:
            await dropped.put(f"{tree}/c", "dropped")
        assert (await outer.get(f"{tree}/b")).value == "inner"
        assert await client.find(f"{tree}/b") is None
        await outer.commit()
    assert [node.value for node in await client.batch_get([f"{tree}/{name}" for name in "abc"])] == ["outer", "inner"]


async def test_a_rewind_goes_back_to_a_checkpoint_and_keeps_the_reason(client: hyperloom.Client, tree: str) -> None:
    async with client.ghost() as ghost:
        await ghost.put(f"{tree}/a", "good")
        checkpoint = await ghost.checkpoint("good")
        assert (checkpoint.name, checkpoint.staged_operations) == ("good", 1)
        await ghost.put(f"{tree}/a", "bad")
        reverted = await ghost.rewind("good", "it was bad")
        assert reverted.dropped_operations == 1
        assert reverted.checkpoint == checkpoint
        assert [attempt.reason for attempt in reverted.attempts] == ["it was bad"]
        assert reverted.broker_time.total_seconds() < 1
        assert (await ghost.get(f"{tree}/a")).value == "good"
        with pytest.raises(hyperloom.NotFoundError) as missing:
            await ghost.rewind("never made")
        assert missing.value.reason == "CHECKPOINT_NOT_FOUND"
        with pytest.raises(hyperloom.AlreadyExistsError):
            await ghost.checkpoint("good")
        await ghost.commit()
    assert (await client.get(f"{tree}/a")).value == "good"


async def test_what_commutes_is_rebased_and_the_rest_conflicts(client: hyperloom.Client, tree: str) -> None:
    await client.put(f"{tree}/text", "a")
    await client.put(f"{tree}/value", "base")
    async with client.ghost() as ghost:
        await ghost.append(f"{tree}/text", "c")
        await client.append(f"{tree}/text", "b")
        await ghost.commit()
    assert (await client.get(f"{tree}/text")).value == "abc"
    async with client.ghost() as ghost:
        await ghost.put(f"{tree}/value", "ours")
        await client.put(f"{tree}/value", "theirs")
        with pytest.raises(hyperloom.ConflictError) as refused:
            await ghost.commit()
        (conflict,) = refused.value.conflicts
        assert (conflict.path, conflict.kind) == (f"{tree}/value", "value")
        values = [node and node.value for node in (conflict.base, conflict.trunk, conflict.ghost)]
        assert values == ["base", "theirs", "ours"]
        assert (await ghost.state()).state == "live"
    assert (await client.get(f"{tree}/value")).value == "theirs"


async def test_a_serializable_commit_fails_where_something_read_has_changed(
    client: hyperloom.Client, broker: BrokerProcess, tree: str
) -> None:
    await client.put(f"{tree}/read", 1)
    async with client.ghost() as ghost, hyperloom.connect(broker.address) as other:
        await ghost.get(f"{tree}/read")
        await ghost.put(f"{tree}/written", 1)
        await other.put(f"{tree}/read", 2)
        with pytest.raises(hyperloom.ConflictError) as refused:
            await ghost.commit("serializable")
        assert [conflict.kind for conflict in refused.value.conflicts] == ["basis"]
        await ghost.commit("writes")


async def test_a_write_outside_the_scope_is_refused(client: hyperloom.Client, tree: str) -> None:
    async with client.ghost(scope=f"{tree}/mine") as ghost:
        with pytest.raises(hyperloom.InvalidRequestError) as refused:
            await ghost.put(f"{tree}/yours", 1)
        assert refused.value.reason == "OUTSIDE_SCOPE"


async def test_a_ghost_is_kept_alive_longer_than_its_ttl(client: hyperloom.Client, tree: str) -> None:
    """The only wait on real time: the broker's expiry needs its ttl, whose least is one second."""
    ghost = await client.ghost(ttl=1.0)
    abandoned = await client.ghost(ttl=1.0)
    client._connection.keeper.release(abandoned._kept)
    async with client.subscribe("/**", start="now", everything=True) as events:
        kinds: list[str] = []
        while "expired" not in kinds:
            item = await asyncio.wait_for(anext(events), 60)
            if isinstance(item, hyperloom.Event) and item.ghost_id == abandoned.id and item.transition is not None:
                kinds.append(item.transition.kind)
    assert (await abandoned.state()).state == "expired"
    await ghost.put(f"{tree}/a", 1)
    await ghost.commit()
    assert {each.id for each in await client.ghosts().all()}.isdisjoint({ghost.id, abandoned.id})
    assert ghost.id in {each.id for each in await client.ghosts("committed").all()}


async def test_commit_comes_after_publishes_that_nobody_waited_for(client: hyperloom.Client, tree: str) -> None:
    async with client.ghost() as ghost:
        futures = [await ghost.submit([operation.increment(f"{tree}/n")]) for _ in range(500)]
        committed = await ghost.commit()
    assert committed.operations == 500
    assert [future.result().sequence for future in futures] == list(range(1, 501))
    assert (await client.get(f"{tree}/n")).value == 500


async def test_speculation_tries_again_from_the_checkpoint_with_the_reasons(
    client: hyperloom.Client, tree: str
) -> None:
    seen: list[Attempt] = []

    async def work(ghost: Ghost, attempt: Attempt) -> str:
        seen.append(attempt)
        assert await ghost.find(f"{tree}/draft") is None
        await ghost.put(f"{tree}/draft", f"draft {attempt.number}")
        return f"result {attempt.number}"

    async def verify(ghost: Ghost, result: str) -> bool | str | None:
        draft = str((await ghost.get(f"{tree}/draft")).value)
        assert draft.split()[1] == result.split()[1]
        if draft == "draft 1":
            return "no sources"
        if draft == "draft 2":
            raise ValueError("does not parse")
        return draft == "draft 4"

    done = await client.speculate(work, verify, label="write", scope=tree)
    reasons = ("no sources", "does not parse", "refused by the verifier")
    assert (done.result, done.attempts, done.reasons) == ("result 4", 4, reasons)
    assert [attempt.reasons for attempt in seen] == [(), reasons[:1], reasons[:2], reasons]
    node = await client.get(f"{tree}/draft")
    assert (node.value, node.modified_revision, node.version) == ("draft 4", done.revision, 1)


async def test_speculation_that_never_passes_leaves_nothing(client: hyperloom.Client, tree: str) -> None:
    ids: set[str] = set()

    async def work(ghost: Ghost, attempt: Attempt) -> None:
        ids.add(ghost.id)
        await ghost.put(f"{tree}/draft", attempt.number)

    async def verify(_ghost: Ghost, _result: None) -> str:
        return "never good enough"

    with pytest.raises(hyperloom.SpeculationFailed) as failed:
        await client.speculate(work, verify, retries=2)
    assert failed.value.reasons == ("never good enough",) * 3
    assert await client.find(f"{tree}/draft") is None
    (ghost_id,) = ids
    assert (await (await client.attach(ghost_id)).state()).state == "reverted"


async def test_what_the_work_raises_reverts_and_passes_on(client: hyperloom.Client, tree: str) -> None:
    ids: set[str] = set()

    async def work(ghost: Ghost, _attempt: Attempt) -> None:
        ids.add(ghost.id)
        await ghost.put(f"{tree}/draft", 1)
        raise KeyError("a bug")

    with pytest.raises(KeyError):
        await client.speculate(work)
    (ghost_id,) = ids
    assert (await (await client.attach(ghost_id)).state()).state == "reverted"


async def test_a_conflict_is_an_attempt_and_the_next_one_sees_the_newest_state(
    client: hyperloom.Client, tree: str
) -> None:
    await client.put(f"{tree}/n", 1)

    async def work(ghost: Ghost, attempt: Attempt) -> int:
        value = int((await ghost.get(f"{tree}/n")).value)
        await ghost.put(f"{tree}/n", value * 10)
        if attempt.number == 1:
            await client.put(f"{tree}/n", 7)
        return value

    done = await client.speculate(work)
    assert (done.result, done.attempts, len(done.reasons)) == (7, 2, 1)
    assert (await client.get(f"{tree}/n")).value == 70
