"""Subscriptions as blocking iterators."""

from __future__ import annotations

from hyperloom import _reviews, _subscription
from hyperloom._events import Item
from hyperloom._reviews import ReviewItem
from hyperloom._sync.loop import LoopThread
from hyperloom._sync.stream import ItemStream


class Subscription(ItemStream[Item]):
    """As the asyncio one; see there. `with` begins it before the block is entered and ends it afterwards."""

    def __init__(self, loop: LoopThread, inner: _subscription.Subscription) -> None:
        super().__init__(loop, inner)

    def __enter__(self) -> Subscription:
        super().__enter__()
        return self


class ReviewSubscription(ItemStream[ReviewItem]):
    """As the asyncio one; see there. `with` begins it before the block is entered and ends it afterwards."""

    def __init__(self, loop: LoopThread, inner: _reviews.ReviewSubscription) -> None:
        super().__init__(loop, inner)

    def __enter__(self) -> ReviewSubscription:
        super().__enter__()
        return self
