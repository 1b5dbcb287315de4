"""The verbs that a client and a ghost have in common, blocking. Arguments and errors: see the asyncio client."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any, Literal, ParamSpec, TypeVar, overload

import grpc
from google.protobuf.message import Message

from hyperloom import _limits, _verbs, operation
from hyperloom._agent import Consistency
from hyperloom._assembly import Start
from hyperloom._basis import BasisEntry
from hyperloom._deprecated import deprecated
from hyperloom._errors import DeadlineExceededError
from hyperloom._node import Node
from hyperloom._node_type import NodeType
from hyperloom._records import Published
from hyperloom._sync.loop import LoopThread
from hyperloom._sync.paged import Paged
from hyperloom._sync.subscription import Subscription
from hyperloom._sync.typed import Typed
from hyperloom._value_view import Pins, ValueForm
from hyperloom._values import Json, JsonValue, Value
from hyperloom.operation import Addition, Leased, Operation, Scope
from hyperloom.precondition import Precondition

M = TypeVar("M", bound=Message)
V = TypeVar("V")
P = ParamSpec("P")
S = ParamSpec("S")


class Verbs:
    """Safe to use from any number of threads, whose publishes then share the stream."""

    def __init__(self, loop: LoopThread, inner: _verbs.Verbs) -> None:
        self._loop = loop
        self._verbs = inner
        # The window of the asyncio client cannot hold back a thread that does not wait for it.
        self._room = threading.Semaphore(_limits.PUBLISHES_IN_FLIGHT_MAX)

    @property
    def author(self) -> str:
        """Whose name is on the writes."""
        return self._verbs.author

    @property
    def forest(self) -> str:
        """The forest."""
        return self._verbs.forest

    @property
    def newest_revision(self) -> int:
        """The newest trunk revision seen so far. Reads see at least this one unless told otherwise."""
        return self._verbs.newest_revision

    def publish(
        self,
        operations: Sequence[Operation],
        *,
        preconditions: Sequence[Precondition] = (),
        label: str = "",
        basis: Sequence[BasisEntry] | None = None,
        request_id: str = "",
        trace_parent: str | None = None,
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Published:
        """Publishes a context diff: all operations take effect as one, or none does."""
        return self._loop.run(
            self._verbs.publish(
                operations,
                preconditions=preconditions,
                label=label,
                basis=basis,
                request_id=request_id,
                trace_parent=trace_parent,
                lock_wait=lock_wait,
                timeout=timeout,
            )
        )

    def submit(
        self,
        operations: Sequence[Operation],
        *,
        preconditions: Sequence[Precondition] = (),
        label: str = "",
        basis: Sequence[BasisEntry] | None = None,
        request_id: str = "",
        trace_parent: str | None = None,
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Future[Published]:
        """Like `publish`, but returns at once, or when there is room among those in flight; the future has the outcome.

        The cheapest way to have many publishes under way, in order.
        """
        if not self._room.acquire(timeout=timeout):
            text = f"too many publishes in flight for {timeout} s; this one was not sent"
            raise DeadlineExceededError(text, code=grpc.StatusCode.DEADLINE_EXCEEDED)
        future = self._loop.start(
            self._verbs.publish(
                operations,
                preconditions=preconditions,
                label=label,
                basis=basis,
                request_id=request_id,
                trace_parent=trace_parent,
                lock_wait=lock_wait,
                timeout=timeout,
            )
        )
        future.add_done_callback(lambda _: self._room.release())
        return future

    def flush(self) -> None:
        """Waits for the outcomes of all publishes so far. Those are raised at whoever made them, not here."""
        self._loop.run(self._verbs.flush())

    def forget(self) -> None:
        """Forgets what the agent has read so far: what it writes from now on has nothing to do with that."""

        async def forget() -> None:
            self._verbs.forget()

        self._loop.run(forget())

    def put(
        self,
        path: str,
        value: Value,
        *,
        lease: Leased | str | None = None,
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Published:
        """Sets a value, and binds the node to a lease or to none; see `operation.put`."""
        return self.publish([operation.put(path, value, lease=lease)], lock_wait=lock_wait, timeout=timeout)

    def append(
        self, path: str, addition: Addition, *, lock_wait: float = 0.0, timeout: float | None = None
    ) -> Published:
        """Adds to a text, to bytes, to a JSON array, to repeated fields of a message; see `operation.append`."""
        return self.publish([operation.append(path, addition)], lock_wait=lock_wait, timeout=timeout)

    def merge(
        self,
        path: str,
        patch: JsonValue | Json | Message,
        mask: Sequence[str] = (),
        *,
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Published:
        """Merges into a JSON object or a message; see `operation.merge`."""
        return self.publish([operation.merge(path, patch, mask)], lock_wait=lock_wait, timeout=timeout)

    def increment(
        self,
        path: str,
        amount: int | float = 1,
        field: str = "",
        *,
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Published:
        """Adds to a number; see `operation.increment`."""
        return self.publish([operation.increment(path, amount, field)], lock_wait=lock_wait, timeout=timeout)

    def delete(
        self, path: str, scope: Scope = "subtree", *, lock_wait: float = 0.0, timeout: float | None = None
    ) -> Published:
        """Removes a node with all below it, or its own value; see `operation.delete`."""
        return self.publish([operation.delete(path, scope)], lock_wait=lock_wait, timeout=timeout)

    def copy(
        self,
        source: str,
        target: str,
        source_revision: int = 0,
        *,
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Published:
        """Puts a copy of a subtree elsewhere; see `operation.copy`."""
        return self.publish([operation.copy(source, target, source_revision)], lock_wait=lock_wait, timeout=timeout)

    def get(
        self,
        path: str,
        *,
        at_revision: int = 0,
        consistency: Consistency | None = None,
        form: ValueForm = "stored",
        pins: Pins | None = None,
        timeout: float | None = None,
    ) -> Node:
        """Reads a node. Raises `NotFoundError` where there is none; reading never creates anything."""
        return self._loop.run(
            self._verbs.get(
                path, at_revision=at_revision, consistency=consistency, form=form, pins=pins, timeout=timeout
            )
        )

    def find(
        self,
        path: str,
        *,
        at_revision: int = 0,
        consistency: Consistency | None = None,
        form: ValueForm = "stored",
        pins: Pins | None = None,
        timeout: float | None = None,
    ) -> Node | None:
        """Reads a node, or `None` where there is none."""
        return self._loop.run(
            self._verbs.find(
                path, at_revision=at_revision, consistency=consistency, form=form, pins=pins, timeout=timeout
            )
        )

    @deprecated("use find: that is its name in every language")
    def get_or_none(
        self,
        path: str,
        *,
        at_revision: int = 0,
        consistency: Consistency | None = None,
        form: ValueForm = "stored",
        pins: Pins | None = None,
        timeout: float | None = None,
    ) -> Node | None:
        """The older name of `find`."""
        return self.find(path, at_revision=at_revision, consistency=consistency, form=form, pins=pins, timeout=timeout)

    def batch_get(
        self,
        paths: Sequence[str],
        *,
        at_revision: int = 0,
        consistency: Consistency | None = None,
        form: ValueForm = "stored",
        pins: Pins | None = None,
        timeout: float | None = None,
    ) -> tuple[Node, ...]:
        """Reads up to 1,000 nodes at one revision, in the order of the paths; those that do not exist are left out."""
        return self._loop.run(
            self._verbs.batch_get(
                paths, at_revision=at_revision, consistency=consistency, form=form, pins=pins, timeout=timeout
            )
        )

    def list(
        self,
        path: str,
        *,
        depth: int = 1,
        keys_only: bool = False,
        page_size: int = 0,
        at_revision: int = 0,
        consistency: Consistency | None = None,
        form: ValueForm = "stored",
        pins: Pins | None = None,
        timeout: float | None = None,
    ) -> Paged[Node]:
        """Reads what is below a node; `depth` 1 is direct children, 0 everything."""
        inner = self._verbs.list(
            path,
            depth=depth,
            keys_only=keys_only,
            page_size=page_size,
            at_revision=at_revision,
            consistency=consistency,
            form=form,
            pins=pins,
            timeout=timeout,
        )
        return Paged(self._loop, inner)

    def subscribe(
        self,
        patterns: str | Sequence[str],
        *,
        start: Start = "snapshot",
        everything: bool = False,
        detail: Literal["operation", "result"] = "operation",
        include_previous: bool = False,
        include_basis: bool = False,
        bookmarks: bool = False,
        bookmark_interval: float | None = None,
        agent: str = "",
        form: ValueForm = "stored",
        pins: Pins | None = None,
    ) -> Subscription:
        """Watches paths; see the asyncio client's `subscribe`."""
        return Subscription(
            self._loop,
            self._verbs.subscribe(
                patterns,
                start=start,
                everything=everything,
                detail=detail,
                include_previous=include_previous,
                include_basis=include_basis,
                bookmarks=bookmarks,
                bookmark_interval=bookmark_interval,
                agent=agent,
                form=form,
                pins=pins,
            ),
        )

    @overload
    def typed(self, node_type: NodeType[M, V, P, S]) -> Typed[M, V, P, S]: ...

    @overload
    def typed(self, node_type: type[M]) -> Typed[M, Any, ..., ...]: ...

    def typed(self, node_type: Any) -> Any:
        """The nodes of one message type; see the asyncio client's `typed`."""
        return Typed(self._loop, self._verbs.typed(node_type))
