"""Goal: gates hold a ghost back until what they ask for is fulfilled, and a rejection reaches its owner."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

import hyperloom
from hyperloom import Attempt, Ghost, PendingReview, SettledReview, gate
from tests.support import BrokerProcess, until


@pytest.fixture
async def reviewer(broker: BrokerProcess) -> AsyncIterator[hyperloom.Client]:
    """Somebody who reviews."""
    async with hyperloom.connect(broker.address, author="reviewer") as connected:
        yield connected


async def asked(client: hyperloom.Client, reviewer: str) -> PendingReview:
    """The review that is asked for, as soon as one is."""
    found: list[PendingReview] = []

    async def is_asked() -> bool:
        found[:] = await client.review(reviewer).list().all()
        return len(found) > 0

    await until(is_asked)
    return found[0]


async def test_a_limit_refuses_what_goes_beyond_it_when_it_is_staged(client: hyperloom.Client, tree: str) -> None:
    gates = [gate.limit([f"{tree}/plan/**"]), gate.limit(operations_max=3), gate.limit(bytes_max=1_000)]
    async with client.ghost(gates=gates) as ghost:
        await ghost.put(f"{tree}/plan/a", 1)
        with pytest.raises(hyperloom.GateLimitError) as refused:
            await ghost.put(f"{tree}/other", 1)
        assert refused.value.metadata["path"] == f"{tree}/other"
        with pytest.raises(hyperloom.GateLimitError):
            await ghost.put(f"{tree}/plan/b", "x" * 2_000)
        await ghost.put(f"{tree}/plan/b", 1)
        await ghost.put(f"{tree}/plan/c", 1)
        with pytest.raises(hyperloom.GateLimitError) as refused:
            await ghost.put(f"{tree}/plan/d", 1)
        assert refused.value.metadata["maximum"] == "3"
        state = await ghost.state()
        assert [standing.state for standing in state.gates] == ["open"] * 3
        assert (await ghost.commit()).operations == 3


async def test_a_commit_waits_for_its_reviewers_and_happens_with_the_last_approval(
    client: hyperloom.Client, reviewer: hyperloom.Client, tree: str
) -> None:
    names = [f"safety {tree}", f"law {tree}"]
    async with client.ghost(gates=[gate.review(name) for name in names]) as ghost:
        await ghost.put(f"{tree}/a", 1)
        committing = asyncio.create_task(ghost.commit(label="release"))
        review = await asked(reviewer, names[0])
        assert (review.ghost.id, review.reviewer, review.label) == (ghost.id, names[0], "release")
        assert review.ghost.commit_pending
        looked_at = await reviewer.attach(review.ghost.id)
        assert (await looked_at.get(f"{tree}/a")).value == 1
        after = await reviewer.review(names[0]).approve(review, "harmless")
        assert [(each.state, each.author, each.reason) for each in after.gates] == [
            ("open", "reviewer", "harmless"),
            ("pending", "", ""),
        ]
        assert not committing.done()
        assert await client.find(f"{tree}/a") is None
        await reviewer.review(names[1]).approve(await asked(reviewer, names[1]))
        committed = await committing
    assert committed.operations == 1
    assert (await client.get(f"{tree}/a")).modified_revision == committed.revision
    assert await reviewer.review(names[1]).list().all() == []


async def test_a_commit_waits_for_its_reviewer_longer_than_other_calls_wait(
    broker: BrokerProcess, client: hyperloom.Client, reviewer: hyperloom.Client, tree: str
) -> None:
    name = f"safety {tree}"
    async with (
        hyperloom.connect(broker.address, timeout=0.1) as hasty,
        hasty.ghost(gates=[gate.review(name)], timeout=60) as ghost,
    ):
        await ghost.put(f"{tree}/a", 1, timeout=60)
        committing = asyncio.create_task(ghost.commit())
        review = await asked(reviewer, name)
        async with client.ghost(gates=[gate.review(f"nobody {tree}")]) as other:
            await other.put(f"{tree}/b", 1)
            with pytest.raises(hyperloom.DeadlineExceededError):
                await other.commit(timeout=0.3)
        await reviewer.review(name).approve(review)
        assert (await committing).operations == 1


async def test_a_rejection_takes_the_ghost_back_and_says_why(
    client: hyperloom.Client, reviewer: hyperloom.Client, tree: str
) -> None:
    name = f"safety {tree}"
    async with client.ghost(gates=[gate.review(name)]) as ghost:
        await ghost.put(f"{tree}/a", "good")
        await ghost.checkpoint("good")
        await ghost.put(f"{tree}/a", "bad")
        committing = asyncio.create_task(ghost.commit())
        await reviewer.review(name).reject(await asked(reviewer, name), "it is bad")
        with pytest.raises(hyperloom.ReviewRejectedError) as rejected:
            await committing
        assert (rejected.value.reviewer, rejected.value.review_reason) == (name, "it is bad")
        assert (await ghost.get(f"{tree}/a")).value == "good"
        assert [attempt.reason for attempt in (await ghost.state()).attempts] == ["it is bad"]


async def test_an_approval_is_for_what_was_looked_at(
    client: hyperloom.Client, reviewer: hyperloom.Client, tree: str
) -> None:
    name = f"safety {tree}"
    async with client.ghost(gates=[gate.review(name)]) as ghost:
        await ghost.put(f"{tree}/a", 1)
        committing = asyncio.create_task(ghost.commit())
        review = await asked(reviewer, name)
        await ghost.put(f"{tree}/a", 2)
        with pytest.raises(hyperloom.ReviewOutdatedError):
            await committing
        with pytest.raises(hyperloom.ReviewOutdatedError):
            await reviewer.review(name).approve(review)
    assert await client.find(f"{tree}/a") is None


async def test_a_commit_that_nobody_waits_for_any_more_still_happens(
    client: hyperloom.Client, reviewer: hyperloom.Client, tree: str
) -> None:
    name = f"safety {tree}"
    with pytest.raises(hyperloom.DeadlineExceededError):
        async with client.ghost(gates=[gate.review(name)], ttl=5) as ghost:
            await ghost.put(f"{tree}/a", 1)
            await ghost.commit(timeout=0.2)
    assert (await ghost.state()).commit_pending
    assert not ghost.over
    await reviewer.review(name).approve(await asked(reviewer, name))
    assert (await client.get(f"{tree}/a")).value == 1


async def test_reviewers_are_told_of_what_is_asked_for_and_what_is_settled(
    client: hyperloom.Client, reviewer: hyperloom.Client, tree: str
) -> None:
    name = f"safety {tree}"
    async with reviewer.review(name).subscribe() as items, client.ghost(gates=[gate.review(name)]) as ghost:
        await ghost.put(f"{tree}/a", 1)
        committing = asyncio.create_task(ghost.commit())
        first = await asyncio.wait_for(anext(items), 60)
        assert isinstance(first, PendingReview)
        assert first.ghost.id == ghost.id
        await reviewer.review(name).approve(first)
        await committing
        second = await asyncio.wait_for(anext(items), 60)
        assert second == SettledReview(ghost.id, name, first.edition, "approved")


async def test_speculation_works_on_what_a_reviewer_rejected(
    client: hyperloom.Client, reviewer: hyperloom.Client, tree: str
) -> None:
    name = f"safety {tree}"
    attempts: list[Attempt] = []

    async def work(ghost: Ghost, attempt: Attempt) -> None:
        attempts.append(attempt)
        assert await ghost.find(f"{tree}/draft") is None
        await ghost.put(f"{tree}/draft", attempt.number)
        await ghost.checkpoint(f"attempt {attempt.number}")
        await ghost.put(f"{tree}/more", attempt.number)

    async def judge() -> None:
        async with reviewer.review(name).subscribe() as items:
            async for item in items:
                if not isinstance(item, PendingReview):
                    continue
                draft = await (await reviewer.attach(item.ghost.id)).get(f"{tree}/draft")
                if draft.value < 3:
                    await reviewer.review(name).reject(item, f"draft {draft.value} is too short")
                else:
                    await reviewer.review(name).approve(item)
                    return

    judging = asyncio.create_task(judge())
    done = await client.speculate(work, gates=[gate.review(name)], commit_timeout=20)
    await judging
    assert done.reasons == ("draft 1 is too short", "draft 2 is too short")
    assert [attempt.number for attempt in attempts] == [1, 2, 3]
    assert (await client.get(f"{tree}/draft")).value == 3


async def test_who_is_no_reviewer_of_the_ghost_decides_nothing(
    client: hyperloom.Client, reviewer: hyperloom.Client, tree: str
) -> None:
    name = f"safety {tree}"
    async with client.ghost(gates=[gate.review(name)]) as ghost:
        await ghost.put(f"{tree}/a", 1)
        committing = asyncio.create_task(ghost.commit())
        review = await asked(reviewer, name)
        stranger = PendingReview(review.ghost, "stranger", review.edition, review.request_time, "")
        with pytest.raises(hyperloom.NotFoundError) as refused:
            await reviewer.review("stranger").approve(stranger)
        assert refused.value.reason == "REVIEWER_NOT_FOUND"
        await ghost.revert("changed my mind")
        with pytest.raises(hyperloom.HyperloomError):
            await committing
