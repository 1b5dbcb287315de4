"""Reviews of ghosts, for programs and people that their gates name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

import grpc.aio

from hyperloom._agent import Agent
from hyperloom._connection import Connection
from hyperloom._gen.v1 import review_service_pb2 as reviews
from hyperloom._kinds import time_from, word_from
from hyperloom._methods import LIST_REVIEWS, REVIEW, SUBSCRIBE_REVIEWS
from hyperloom._paged import Page, Paged
from hyperloom._reasons import cut
from hyperloom._records import GhostState, ghost_state_from
from hyperloom._stream import ItemStream


@dataclass(frozen=True, slots=True)
class PendingReview:
    """A review that is asked for: somebody wants to commit the ghost, and its gate names the reviewer.

    `await client.attach(review.ghost.id)` reads its content and its `diff()`.
    """

    ghost: GhostState
    """The ghost as it is."""
    reviewer: str
    """Who is asked."""
    edition: int
    """Which state of the ghost it is about: an approval holds for this one alone."""
    request_time: datetime
    label: str
    """What the commit was called."""


@dataclass(frozen=True, slots=True)
class SettledReview:
    """A review that is not asked for any more."""

    ghost_id: str
    reviewer: str
    edition: int
    settlement: str
    """`approved`, `rejected`, `void` (the ghost was changed, or ended), or `missed`: while the connection was lost."""


ReviewItem: TypeAlias = "PendingReview | SettledReview"


@dataclass(slots=True)
class OpenReviews:
    """What is asked for, as far as a subscription knows; makes one story of several streams.

    Each stream begins with all that is open, up to a bookmark: what was open before and is not named by then was
    settled while no stream was there to tell of it.
    """

    _open: dict[tuple[str, str], int] = field(default_factory=dict)
    _missing: set[tuple[str, str]] = field(default_factory=set)

    def begin_stream(self) -> None:
        """Call it before each."""
        self._missing = set(self._open)

    def take(self, message: reviews.SubscribeReviewsResponse) -> Iterator[ReviewItem]:
        """What a message tells that was not told before."""
        kind = message.WhichOneof("message")
        if kind == "requested":
            review = pending_review_from(message.requested)
            key = (review.ghost.id, review.reviewer)
            self._missing.discard(key)
            if self._open.get(key) != review.edition:
                self._open[key] = review.edition
                yield review
        elif kind == "settled":
            settled = message.settled
            key = (settled.ghost_id, settled.reviewer)
            self._missing.discard(key)
            if self._open.get(key) == settled.edition:
                del self._open[key]
                word = word_from(reviews.ReviewSettlement, "REVIEW_SETTLEMENT_", settled.settlement)
                yield SettledReview(settled.ghost_id, settled.reviewer, settled.edition, word)
        elif kind == "bookmark":
            for key in sorted(self._missing):
                yield SettledReview(*key, self._open.pop(key), "missed")
            self._missing.clear()


class ReviewSubscription(ItemStream[ReviewItem]):
    """Iterate over it: a `PendingReview` for each that is open, and for each new one; a `SettledReview` afterwards."""

    def __init__(self, connection: Connection, agent: Agent, reviewer: str) -> None:
        super().__init__(connection)
        self._agent = agent
        self._reviewer = reviewer
        self._open_reviews = OpenReviews()

    async def __aenter__(self) -> ReviewSubscription:
        await self.begin()
        return self

    def _open(
        self,
    ) -> grpc.aio.UnaryStreamCall[reviews.SubscribeReviewsRequest, reviews.SubscribeReviewsResponse]:
        self._open_reviews.begin_stream()
        request = reviews.SubscribeReviewsRequest(forest=self._agent.forest, reviewer=self._reviewer)
        return self._connection.transport.server_stream(SUBSCRIBE_REVIEWS, request)

    def _items_of(self, message: reviews.SubscribeReviewsResponse) -> list[ReviewItem]:
        return list(self._open_reviews.take(message))


class Reviews:
    """Reviews of ghosts, as the reviewer that their gates name: `client.review("safety")`. Timeouts are in seconds."""

    def __init__(self, connection: Connection, agent: Agent, reviewer: str) -> None:
        self._connection = connection
        self._agent = agent
        self.reviewer = reviewer
        """Empty: all."""

    def list(self, *, page_size: int = 0, timeout: float | None = None) -> Paged[PendingReview]:
        """The reviews that are asked for, oldest ghost first, in pages."""

        async def fetch(page_token: str) -> Page[PendingReview]:
            request = reviews.ListReviewsRequest(
                forest=self._agent.forest, reviewer=self.reviewer, page_size=page_size, page_token=page_token
            )
            answer = await self._connection.call(LIST_REVIEWS, request, timeout)
            return Page(tuple(map(pending_review_from, answer.reviews)), answer.next_page_token, 0)

        return Paged(fetch)

    def subscribe(self) -> ReviewSubscription:
        """What is asked for: first what is open, then what changes, across lost connections."""
        return ReviewSubscription(self._connection, self._agent, self.reviewer)

    async def approve(self, review: PendingReview, reason: str = "", *, timeout: float | None = None) -> GhostState:
        """Lets the ghost as it was reviewed pass; the last approval that was missing commits it. The ghost afterwards.

        Raises `ReviewOutdatedError` where the ghost is not any more what was looked at.
        """
        return await self._decide(review, reviews.REVIEW_DECISION_APPROVE, reason, timeout)

    async def reject(self, review: PendingReview, reason: str, *, timeout: float | None = None) -> GhostState:
        """Takes the ghost back to its last checkpoint, or to its beginning, and tells its owner why."""
        return await self._decide(review, reviews.REVIEW_DECISION_REJECT, reason, timeout)

    async def _decide(
        self, review: PendingReview, decision: reviews.ReviewDecision, reason: str, timeout: float | None
    ) -> GhostState:
        request = reviews.ReviewRequest(
            forest=self._agent.forest,
            ghost_id=review.ghost.id,
            reviewer=review.reviewer,
            edition=review.edition,
            decision=decision,
            reason=cut(reason),
            author=self._agent.author,
            request_id=self._connection.next_request_id(),
        )
        return ghost_state_from((await self._connection.call(REVIEW, request, timeout)).ghost)


def pending_review_from(message: reviews.PendingReview) -> PendingReview:
    ghost = ghost_state_from(message.ghost)
    return PendingReview(ghost, message.reviewer, message.edition, time_from(message.request_time), message.label)
