"""A subscription to the nodes of one type."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Generic, TypeVar

from google.protobuf.message import Message

from hyperloom._events import Event, Item, Snapshot
from hyperloom._subscription import Subscription
from hyperloom._typed_records import TypedChange, TypedEvent, TypedItem, TypedSnapshot

if TYPE_CHECKING:
    from hyperloom._node_type import NodeType

M = TypeVar("M", bound=Message)
V = TypeVar("V")


class TypedSubscription(Generic[M, V]):
    """Iterate over it: a `TypedSnapshot` (once, complete), then each `TypedEvent` exactly once and whole, in order.

    It lives, ends and recovers as a `Subscription` does.
    """

    def __init__(self, inner: Subscription, node_type: NodeType[M, V, ..., ...]) -> None:
        self._inner = inner
        self._type = node_type

    @property
    def inner(self) -> Subscription:
        """For this package: the subscription that knows of no types."""
        return self._inner

    def typed(self, item: Item) -> TypedItem[M, V]:
        """For this package: an item with the messages in it."""
        if isinstance(item, Snapshot):
            nodes = (self._type.node(node) for node in item.nodes)
            return TypedSnapshot(tuple(node for node in nodes if node is not None), item.revision, item.age)
        if isinstance(item, Event):
            kind = self._type
            return TypedEvent(
                item,
                tuple(TypedChange(each, kind.message, kind.variables_of(each.path)) for each in item.changes),
            )
        return item

    def __aiter__(self) -> TypedSubscription[M, V]:
        return self

    async def __anext__(self) -> TypedItem[M, V]:
        """The next item. May be cancelled, for example by a timeout, without losing any."""
        return self.typed(await self._inner.__anext__())

    async def begin(self) -> None:
        """Begins it. Raises what keeps it from beginning."""
        await self._inner.begin()

    async def aclose(self) -> None:
        """Ends it."""
        await self._inner.aclose()

    async def __aenter__(self) -> TypedSubscription[M, V]:
        await self._inner.begin()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._inner.aclose()
