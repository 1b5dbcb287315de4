"""Typed handles, blocking. Arguments and errors: see the asyncio ones."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType
from typing import Any, Generic, ParamSpec, TypeVar

from google.protobuf.message import Message

from hyperloom import _typed, _typed_subscription, precondition
from hyperloom._agent import Consistency
from hyperloom._assembly import Start
from hyperloom._basis import BasisEntry
from hyperloom._deprecated import deprecated
from hyperloom._node_type import NodeType
from hyperloom._records import Published
from hyperloom._sync.loop import LoopThread
from hyperloom._sync.paged import Paged
from hyperloom._sync.subscription import Subscription
from hyperloom._typed_records import TypedItem, TypedNode
from hyperloom._value_view import Pins
from hyperloom.operation import Leased, Operation, Scope
from hyperloom.precondition import Precondition

M = TypeVar("M", bound=Message)
V = TypeVar("V")
P = ParamSpec("P")
S = ParamSpec("S")


class Typed(Generic[M, V, P, S]):
    """The nodes of one type. Variables are keyword arguments; `at` and `where` take the options of the verbs."""

    def __init__(self, loop: LoopThread, inner: _typed.Typed[M, V, P, S]) -> None:
        self._loop = loop
        self._inner = inner

    @property
    def node_type(self) -> NodeType[M, V, P, S]:
        """The message and its paths."""
        return self._inner.node_type

    def path(self, /, *args: P.args, **variables: P.kwargs) -> str:
        """The path for variables."""
        return self._inner.path(*args, **variables)

    def variables_of(self, path: str) -> V | None:
        """The variables in a path; `None` where it is none of these."""
        return self._inner.variables_of(path)

    def at(self, /, *args: P.args, **variables: P.kwargs) -> TypedPath[M, V]:
        """One of the nodes: `notes.at(session="s1", note="n1").put(note, timeout=1)`."""
        return TypedPath(self._loop, self._inner.at(*args, **variables))

    def where(self, /, *args: S.args, **variables: S.kwargs) -> TypedSelection[M, V]:
        """Those of the nodes that have these variables, to list and to watch: `notes.where(session="s1").list()`."""
        return TypedSelection(self._loop, self._inner.where(*args, **variables))

    def put(self, value: M, /, *args: P.args, **variables: P.kwargs) -> Published:
        """Sets a value. Raises `SchemaViolationError` where it breaks a rule of its schema."""
        return self.at(*args, **variables).put(value)

    def get(self, /, *args: P.args, **variables: P.kwargs) -> TypedNode[M, V]:
        """Reads a node. Raises `NotFoundError` where there is none."""
        return self.at(*args, **variables).get()

    def find(self, /, *args: P.args, **variables: P.kwargs) -> TypedNode[M, V] | None:
        """Reads a node, or `None` where there is none."""
        return self.at(*args, **variables).find()

    @deprecated("use find: that is its name in every language")
    def get_or_none(self, /, *args: P.args, **variables: P.kwargs) -> TypedNode[M, V] | None:
        """The older name of `find`."""
        return self.find(*args, **variables)

    def delete(self, /, *args: P.args, **variables: P.kwargs) -> Published:
        """Removes a node with all below it."""
        return self.at(*args, **variables).delete()

    def list(self, /, *args: S.args, **variables: S.kwargs) -> Paged[TypedNode[M, V]]:
        """Reads the nodes that have these variables; without any, all."""
        return self.where(*args, **variables).list()

    def subscribe(self, /, *args: S.args, **variables: S.kwargs) -> TypedSubscription[M, V]:
        """Watches the nodes that have these variables; without any, all."""
        return self.where(*args, **variables).subscribe()


class TypedPath(Generic[M, V]):
    """One node of a type, whether it is there or not."""

    def __init__(self, loop: LoopThread, inner: _typed.TypedPath[M, V]) -> None:
        self._loop = loop
        self._inner = inner

    @property
    def path(self) -> str:
        """Absolute path."""
        return self._inner.path

    def putting(self, value: M, *, lease: Leased | str | None = None) -> Operation:
        """The operation of `put`, for a diff with several."""
        return self._inner.putting(value, lease=lease)

    def merging(self, patch: M, mask: Sequence[str] = ()) -> Operation:
        """The operation of `merge`, for a diff with several."""
        return self._inner.merging(patch, mask)

    def appending(self, addition: M) -> Operation:
        """The operation of `append`, for a diff with several."""
        return self._inner.appending(addition)

    def incrementing(self, field: str, amount: int | float = 1) -> Operation:
        """The operation of `increment`, for a diff with several."""
        return self._inner.incrementing(field, amount)

    def field(self, field: str, *, equals: Any = precondition._UNSET, is_set: bool | None = None) -> Precondition:
        """What a field is: `at.field("claim", equals="x")`, `at.field("review.verdict", is_set=False)`."""
        return self._inner.field(field, equals=equals, is_set=is_set)

    def present(self) -> Precondition:
        """That it is there."""
        return self._inner.present()

    def absent(self) -> Precondition:
        """That it is not there."""
        return self._inner.absent()

    def put(
        self,
        value: M,
        *,
        preconditions: Sequence[Precondition] = (),
        label: str = "",
        basis: Sequence[BasisEntry] | None = None,
        request_id: str = "",
        trace_parent: str | None = None,
        lease: Leased | str | None = None,
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Published:
        """Sets the value. Options are those of `publish` and `put`."""
        return self._loop.run(
            self._inner.put(
                value,
                preconditions=preconditions,
                label=label,
                basis=basis,
                request_id=request_id,
                trace_parent=trace_parent,
                lease=lease,
                lock_wait=lock_wait,
                timeout=timeout,
            )
        )

    def merge(
        self,
        patch: M,
        mask: Sequence[str] = (),
        *,
        preconditions: Sequence[Precondition] = (),
        label: str = "",
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Published:
        """Merges into the message: the fields of `mask`, or what is set in the patch. See `operation.merge`."""
        return self._loop.run(
            self._inner.merge(
                patch, mask, preconditions=preconditions, label=label, lock_wait=lock_wait, timeout=timeout
            )
        )

    def append(
        self,
        addition: M,
        *,
        preconditions: Sequence[Precondition] = (),
        label: str = "",
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Published:
        """Adds what the repeated fields of `addition` hold to the ends of those of the node."""
        return self._loop.run(
            self._inner.append(addition, preconditions=preconditions, label=label, lock_wait=lock_wait, timeout=timeout)
        )

    def increment(
        self,
        field: str,
        amount: int | float = 1,
        *,
        preconditions: Sequence[Precondition] = (),
        label: str = "",
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Published:
        """Adds to a field that is a number; a node or field that is not there counts as 0."""
        return self._loop.run(
            self._inner.increment(
                field, amount, preconditions=preconditions, label=label, lock_wait=lock_wait, timeout=timeout
            )
        )

    def delete(
        self,
        scope: Scope = "subtree",
        *,
        preconditions: Sequence[Precondition] = (),
        label: str = "",
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Published:
        """Removes it with all below it, or (`"node"`) its own value."""
        return self._loop.run(
            self._inner.delete(scope, preconditions=preconditions, label=label, lock_wait=lock_wait, timeout=timeout)
        )

    def get(
        self,
        *,
        at_revision: int = 0,
        consistency: Consistency | None = None,
        pins: Pins | None = None,
        timeout: float | None = None,
    ) -> TypedNode[M, V]:
        """Reads it. Raises `NotFoundError` where it is not there."""
        return self._loop.run(
            self._inner.get(at_revision=at_revision, consistency=consistency, pins=pins, timeout=timeout)
        )

    def find(
        self,
        *,
        at_revision: int = 0,
        consistency: Consistency | None = None,
        pins: Pins | None = None,
        timeout: float | None = None,
    ) -> TypedNode[M, V] | None:
        """Reads it, or `None` where it is not there."""
        return self._loop.run(
            self._inner.find(at_revision=at_revision, consistency=consistency, pins=pins, timeout=timeout)
        )

    @deprecated("use find: that is its name in every language")
    def get_or_none(
        self,
        *,
        at_revision: int = 0,
        consistency: Consistency | None = None,
        pins: Pins | None = None,
        timeout: float | None = None,
    ) -> TypedNode[M, V] | None:
        """The older name of `find`."""
        return self.find(at_revision=at_revision, consistency=consistency, pins=pins, timeout=timeout)


class TypedSelection(Generic[M, V]):
    """Nodes of a type, some or all of whose variables are open."""

    def __init__(self, loop: LoopThread, inner: _typed.TypedSelection[M, V]) -> None:
        self._loop = loop
        self._inner = inner

    @property
    def pattern(self) -> str:
        """Their paths, as `subscribe` takes them."""
        return self._inner.pattern

    def list(
        self,
        *,
        page_size: int = 0,
        at_revision: int = 0,
        consistency: Consistency | None = None,
        pins: Pins | None = None,
        timeout: float | None = None,
    ) -> Paged[TypedNode[M, V]]:
        """Reads them, in the order of the paths' bytes, all pages at one revision."""
        inner = self._inner.list(
            page_size=page_size, at_revision=at_revision, consistency=consistency, pins=pins, timeout=timeout
        )
        return Paged(self._loop, inner)

    def subscribe(
        self,
        *,
        start: Start = "snapshot",
        everything: bool = False,
        include_previous: bool = False,
        include_basis: bool = False,
        bookmarks: bool = False,
        bookmark_interval: float | None = None,
        pins: Pins | None = None,
    ) -> TypedSubscription[M, V]:
        """Watches them. Options are those of the client's `subscribe`."""
        return TypedSubscription(
            self._loop,
            self._inner.subscribe(
                start=start,
                everything=everything,
                include_previous=include_previous,
                include_basis=include_basis,
                bookmarks=bookmarks,
                bookmark_interval=bookmark_interval,
                pins=pins,
            ),
        )


class TypedSubscription(Generic[M, V]):
    """As the asyncio one; see there. `with` begins it before the block is entered and ends it afterwards."""

    def __init__(self, loop: LoopThread, inner: _typed_subscription.TypedSubscription[M, V]) -> None:
        self._inner = inner
        self._items = Subscription(loop, inner.inner)

    def __iter__(self) -> TypedSubscription[M, V]:
        return self

    def __next__(self) -> TypedItem[M, V]:
        return self.next()

    def next(self, timeout: float | None = None) -> TypedItem[M, V]:
        """The next item. Raises `DeadlineExceededError` when there was none for `timeout` seconds, losing none."""
        return self._inner.typed(self._items.next(timeout))

    def close(self) -> None:
        """Ends it."""
        self._items.close()

    def __enter__(self) -> TypedSubscription[M, V]:
        self._items.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
