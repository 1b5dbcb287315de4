"""Goal: several streams of reviews make one story: nothing twice, nothing forgotten. Method: messages made by hand."""

from __future__ import annotations

from hyperloom import PendingReview
from hyperloom._gen.v1 import review_service_pb2 as messages
from hyperloom._reviews import OpenReviews, ReviewItem


def requested(ghost_id: str, reviewer: str, edition: int) -> messages.SubscribeReviewsResponse:
    message = messages.SubscribeReviewsResponse()
    message.requested.ghost.id = ghost_id
    message.requested.reviewer = reviewer
    message.requested.edition = edition
    return message


def settled(ghost_id: str, reviewer: str, edition: int) -> messages.SubscribeReviewsResponse:
    told = messages.SettledReview(
        ghost_id=ghost_id, reviewer=reviewer, edition=edition, settlement=messages.REVIEW_SETTLEMENT_APPROVED
    )
    return messages.SubscribeReviewsResponse(settled=told)


BOOKMARK = messages.SubscribeReviewsResponse(bookmark=messages.ReviewBookmark(position=1))


def told(items: list[ReviewItem]) -> list[tuple[str, str, int, str]]:
    return [
        (item.ghost.id, item.reviewer, item.edition, "requested")
        if isinstance(item, PendingReview)
        else (item.ghost_id, item.reviewer, item.edition, item.settlement)
        for item in items
    ]


def play(reviews: OpenReviews, *stream: messages.SubscribeReviewsResponse) -> list[tuple[str, str, int, str]]:
    reviews.begin_stream()
    return told([item for message in stream for item in reviews.take(message)])


def test_what_is_open_what_comes_and_what_is_settled() -> None:
    stream = (requested("1", "safety", 3), BOOKMARK, requested("2", "law", 1), settled("1", "safety", 3), BOOKMARK)
    assert play(OpenReviews(), *stream) == [
        ("1", "safety", 3, "requested"),
        ("2", "law", 1, "requested"),
        ("1", "safety", 3, "approved"),
    ]


def test_a_new_stream_tells_only_what_is_new_and_settles_what_it_does_not_name() -> None:
    reviews = OpenReviews()
    play(reviews, requested("1", "safety", 3), requested("2", "safety", 1), requested("3", "law", 1), BOOKMARK)
    assert play(reviews, requested("1", "safety", 3), requested("2", "safety", 2), BOOKMARK, BOOKMARK) == [
        ("2", "safety", 2, "requested"),
        ("3", "law", 1, "missed"),
    ]


def test_a_settlement_of_an_earlier_edition_does_not_settle_the_present_one() -> None:
    reviews = OpenReviews()
    assert play(reviews, requested("1", "safety", 3), requested("1", "safety", 4), settled("1", "safety", 3)) == [
        ("1", "safety", 3, "requested"),
        ("1", "safety", 4, "requested"),
    ]
    assert told(list(reviews.take(settled("1", "safety", 4)))) == [("1", "safety", 4, "approved")]


def test_a_stream_that_breaks_before_its_bookmark_settles_nothing() -> None:
    reviews = OpenReviews()
    play(reviews, requested("1", "safety", 3), requested("2", "safety", 1), BOOKMARK)
    assert play(reviews, requested("2", "safety", 1)) == []
    assert play(reviews, requested("1", "safety", 3), BOOKMARK) == [("2", "safety", 1, "missed")]
