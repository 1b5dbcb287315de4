"""The verbs that write."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from google.protobuf.message import Message

from hyperloom import operation
from hyperloom._agent import Agent
from hyperloom._basis import BasisEntry, basis_messages
from hyperloom._connection import Connection
from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._kinds import duration_of
from hyperloom._methods import REVERT
from hyperloom._reasons import cut
from hyperloom._records import Published, Reverted, reverted_from
from hyperloom._right import Fence
from hyperloom._standing import Standing
from hyperloom._values import Json, JsonValue, Value
from hyperloom.operation import Addition, Leased, Operation, Scope
from hyperloom.precondition import Precondition


class Writes(Standing):
    """See `Verbs`."""

    def __init__(self, connection: Connection, agent: Agent, ghost_id: str, fence: Fence | None = None) -> None:
        super().__init__(connection, agent, ghost_id, fence)
        self._apart: set[asyncio.Future[Published]] = set()

    async def publish(
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
        """Publishes a context diff: all operations take effect as one, or none does.

        Returns when the diff is durable (in a ghost: staged). `basis` replaces what the client has noted as read.
        A `request_id` of one's own makes it safe to publish the same diff again within an hour, from any process.
        `trace_parent`: the W3C trace context that it belongs to; without it, what the client's `trace_parent` tells.
        `lock_wait`: so many seconds, beside `timeout`, for locks of others that are in the way; `LockedError` then.
        """
        outcome = await self.submit(
            operations,
            preconditions=preconditions,
            label=label,
            basis=basis,
            request_id=request_id,
            trace_parent=trace_parent,
            lock_wait=lock_wait,
            timeout=timeout,
        )
        return await outcome

    async def submit(
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
    ) -> asyncio.Future[Published]:
        """Like `publish`, but returns as soon as there is room for the diff among those in flight.

        The future has the outcome. This is the cheapest way to have many publishes under way, in order. One that may
        wait for locks takes effect after those before it, but those behind it do not wait for it.
        """
        connection = self._connection
        taken = self._agent.take_basis() if basis is None else []
        request = self._request(preconditions, label, taken if basis is None else basis, request_id, trace_parent)
        request.publish.operations.extend(operations)
        seconds = connection.timeout if timeout is None else timeout
        if lock_wait > 0:
            request.publish.lock_wait.CopyFrom(duration_of(lock_wait))
            work = connection.publisher.publish_apart(request.publish, self._observer, taken, seconds + lock_wait)
            apart = connection.spawn(work)
            self._apart.add(apart)
            apart.add_done_callback(self._apart.discard)
            return apart
        return await connection.publisher.submit(request, self._observer, taken, seconds)

    async def publish_in_place(
        self, add: Callable[[context.PublishRequest], None], preconditions: Sequence[Precondition], label: str = ""
    ) -> Published:
        """For this package: like `publish`, of the operations that `add` makes in the request itself.

        Operations of a list are copied into it with all that they hold: of a put of LangGraph that was a third of all
        that its request took.
        """
        connection, taken = self._connection, self._agent.take_basis()
        request = self._request(preconditions, label, taken)
        add(request.publish)
        outcome = await connection.publisher.submit(request, self._observer, taken, connection.timeout)
        return await outcome

    def _request(
        self,
        preconditions: Sequence[Precondition],
        label: str,
        basis: Sequence[BasisEntry],
        request_id: str = "",
        trace_parent: str | None = None,
    ) -> context.PublishStreamRequest:
        """All of it but the operations, which a message that was made before would be copied with."""
        connection, agent = self._connection, self._agent
        if self._fence is not None:
            self._fence.check()
        request = context.PublishStreamRequest()
        publish = request.publish
        publish.forest, publish.ghost_id, publish.author = agent.forest, self._ghost_id, agent.author
        publish.request_id, publish.label = request_id or connection.next_request_id(), label
        publish.preconditions.extend(preconditions)
        if basis:
            publish.basis.extend(basis_messages(basis))
        if self._fence is not None:
            publish.fencing_tokens.extend(self._fencing_tokens)
        publish.edition = self._known_edition
        publish.trace_parent = connection.transport.trace_parent() if trace_parent is None else trace_parent
        return request

    async def flush(self) -> None:
        """Waits for the outcomes of all publishes so far. Those are raised at whoever made them, not here."""
        await self._connection.publisher.flush()
        if self._apart:
            await asyncio.wait(tuple(self._apart))

    async def put(
        self,
        path: str,
        value: Value,
        *,
        lease: Leased | str | None = None,
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Published:
        """Sets a value, and binds the node to a lease or to none; see `operation.put`."""
        return await self.publish([operation.put(path, value, lease=lease)], lock_wait=lock_wait, timeout=timeout)

    async def append(
        self, path: str, addition: Addition, *, lock_wait: float = 0.0, timeout: float | None = None
    ) -> Published:
        """Adds to a text, to bytes, to a JSON array, to repeated fields of a message; see `operation.append`."""
        return await self.publish([operation.append(path, addition)], lock_wait=lock_wait, timeout=timeout)

    async def merge(
        self,
        path: str,
        patch: JsonValue | Json | Message,
        mask: Sequence[str] = (),
        *,
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Published:
        """Merges into a JSON object or a message; see `operation.merge`."""
        return await self.publish([operation.merge(path, patch, mask)], lock_wait=lock_wait, timeout=timeout)

    async def increment(
        self,
        path: str,
        amount: int | float = 1,
        field: str = "",
        *,
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Published:
        """Adds to a number; see `operation.increment`."""
        return await self.publish([operation.increment(path, amount, field)], lock_wait=lock_wait, timeout=timeout)

    async def delete(
        self, path: str, scope: Scope = "subtree", *, lock_wait: float = 0.0, timeout: float | None = None
    ) -> Published:
        """Removes a node with all below it, or its own value; see `operation.delete`."""
        return await self.publish([operation.delete(path, scope)], lock_wait=lock_wait, timeout=timeout)

    async def copy(
        self,
        source: str,
        target: str,
        source_revision: int = 0,
        *,
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Published:
        """Puts a copy of a subtree elsewhere; see `operation.copy`."""
        return await self.publish(
            [operation.copy(source, target, source_revision)], lock_wait=lock_wait, timeout=timeout
        )

    async def _send_revert(
        self, request: context.RevertRequest, reason: str, timeout: float | None, lock_wait: float = 0.0
    ) -> Reverted:
        """Takes back what the request names."""
        request.forest = self._agent.forest
        request.author = self._agent.author
        request.reason = cut(reason)
        request.request_id = self._connection.next_request_id()
        seconds = self._connection.timeout if timeout is None else timeout
        if lock_wait > 0:
            request.lock_wait.CopyFrom(duration_of(lock_wait))
        answer = await self._call(REVERT, request, seconds + lock_wait)
        self._agent.see(answer.revision)
        return reverted_from(answer)
