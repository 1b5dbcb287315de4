"""The verbs that a client (on the trunk) and a ghost have in common: writing, reading, watching."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Literal, overload

from google.protobuf.message import Message

from hyperloom import operation
from hyperloom._agent import Agent, Consistency
from hyperloom._assembly import Start
from hyperloom._basis import SUBTREE, BasisEntry, basis_messages
from hyperloom._connection import Connection
from hyperloom._errors import HyperloomError, NotFoundError
from hyperloom._gen.v1 import context_service_pb2 as context
from hyperloom._kinds import duration_of
from hyperloom._methods import BATCH_GET, GET, LIST, REVERT, Method, Request, Response
from hyperloom._node import Node
from hyperloom._node_type import NodeType, node_type_of
from hyperloom._paged import Page, Paged
from hyperloom._publisher import Observer
from hyperloom._reasons import cut
from hyperloom._records import Published, Reverted, reverted_from
from hyperloom._right import Fence, FencedObserver
from hyperloom._subscription import Subscription, Wanted
from hyperloom._typed import M, P, S, Typed, V
from hyperloom._value_view import Pins, ValueForm, value_view
from hyperloom._values import Json, JsonValue, Value
from hyperloom.operation import Addition, Leased, Operation, Scope
from hyperloom.precondition import Precondition


class Verbs:
    """Every `timeout` is in seconds, retries included; `None` means the client's own. All raise `HyperloomError`s.

    A write that raises `DeadlineExceededError`, `UnavailableError`, `ClosedError` or an error without a `reason`, or is
    cancelled, may have taken effect or still do so; every other error means that nothing of it did.
    """

    def __init__(self, connection: Connection, agent: Agent, ghost_id: str, fence: Fence | None = None) -> None:
        self._connection = connection
        self._agent = agent
        self._ghost_id = ghost_id
        self._fence = fence
        self._apart: set[asyncio.Future[Published]] = set()

    @property
    def author(self) -> str:
        """Whose name is on the writes."""
        return self._agent.author

    @property
    def forest(self) -> str:
        """The forest."""
        return self._agent.forest or "default"

    @property
    def newest_revision(self) -> int:
        """The newest trunk revision seen so far. Reads see at least this one unless told otherwise."""
        return self._agent.newest_revision

    @property
    def is_ghost(self) -> bool:
        """Whether it reads and writes in a ghost."""
        return self._ghost_id != ""

    @property
    def _observer(self) -> Observer:
        return self._agent if self._fence is None else FencedObserver(self._agent, self._fence)

    async def _call(self, method: Method[Request, Response], request: Request, timeout: float | None) -> Response:
        """A call that is refused here where the lock or lease that it would be made under is lost."""
        fence = self._fence
        if fence is None:
            return await self._connection.call(method, request, timeout)
        fence.check()
        try:
            return await self._connection.call(method, request, timeout)
        except HyperloomError as error:
            fence.refused(error)
            raise

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

    @property
    def _fencing_tokens(self) -> tuple[int, ...]:
        return () if self._fence is None else self._fence.tokens

    async def publish(
        self,
        operations: Sequence[Operation],
        *,
        preconditions: Sequence[Precondition] = (),
        label: str = "",
        basis: Sequence[BasisEntry] | None = None,
        request_id: str = "",
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Published:
        """Publishes a context diff: all operations take effect as one, or none does.

        Returns when the diff is durable (in a ghost: staged). `basis` replaces what the client has noted as read.
        A `request_id` of one's own makes it safe to publish the same diff again within an hour, from any process.
        `lock_wait`: so many seconds, beside `timeout`, for locks of others that are in the way; `LockedError` then.
        """
        outcome = await self.submit(
            operations,
            preconditions=preconditions,
            label=label,
            basis=basis,
            request_id=request_id,
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
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> asyncio.Future[Published]:
        """Like `publish`, but returns as soon as there is room for the diff among those in flight.

        The future has the outcome. This is the cheapest way to have many publishes under way, in order. One that may
        wait for locks takes effect after those before it, but those behind it do not wait for it.
        """
        connection, agent = self._connection, self._agent
        if self._fence is not None:
            self._fence.check()
        taken = agent.take_basis() if basis is None else []
        request = context.PublishStreamRequest(
            publish=context.PublishRequest(
                forest=agent.forest,
                ghost_id=self._ghost_id,
                operations=operations,
                preconditions=preconditions,
                request_id=request_id or connection.next_request_id(),
                author=agent.author,
                label=label,
                basis=basis_messages(taken if basis is None else basis),
                fencing_tokens=self._fencing_tokens,
                edition=self._known_edition,
            )
        )
        seconds = connection.timeout if timeout is None else timeout
        if lock_wait > 0:
            request.publish.lock_wait.CopyFrom(duration_of(lock_wait))
            work = connection.publisher.publish_apart(request.publish, self._observer, taken, seconds + lock_wait)
            apart = connection.spawn(work)
            self._apart.add(apart)
            apart.add_done_callback(self._apart.discard)
            return apart
        return await connection.publisher.submit(request, self._observer, taken, seconds)

    @property
    def _known_edition(self) -> int:
        """In a ghost: its edition as far as this process knows it. 0 on the trunk."""
        return 0

    async def flush(self) -> None:
        """Waits for the outcomes of all publishes so far. Those are raised at whoever made them, not here."""
        await self._connection.publisher.flush()
        if self._apart:
            await asyncio.wait(tuple(self._apart))

    def forget(self) -> None:
        """Forgets what the agent has read so far: what it writes from now on has nothing to do with that."""
        if self._agent.basis is not None:
            self._agent.basis.clear()

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

    async def get(
        self,
        path: str,
        *,
        at_revision: int = 0,
        consistency: Consistency | None = None,
        form: ValueForm = "stored",
        pins: Pins | None = None,
        timeout: float | None = None,
    ) -> Node:
        """Reads a node. Raises `NotFoundError` where there is none; reading never creates anything.

        `form="json"` tells messages as JSON. `pins`: the versions of schemas, by name, that this program knows.
        """
        agent = self._agent
        view = agent.view(self._ghost_id, self._known_edition, at_revision, consistency)
        request = context.GetRequest(
            forest=agent.forest, path=path, view=view, values=value_view(form, pins), author=agent.author
        )
        try:
            answer = await self._call(GET, request, timeout)
        except NotFoundError as error:
            agent.note_absence(path, error)
            raise
        agent.note(path, answer.revision, nodes=(answer.node,))
        return Node(answer.node, answer.revision)

    async def get_or_none(
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
        try:
            return await self.get(
                path, at_revision=at_revision, consistency=consistency, form=form, pins=pins, timeout=timeout
            )
        except NotFoundError as error:
            if error.reason == "NODE_NOT_FOUND":
                return None
            raise

    find = get_or_none
    """The same, as it is called in every language."""

    async def batch_get(
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
        agent = self._agent
        view = agent.view(self._ghost_id, self._known_edition, at_revision, consistency)
        values = value_view(form, pins)
        request = context.BatchGetRequest(
            forest=agent.forest, paths=paths, view=view, values=values, author=agent.author
        )
        answer = await self._call(BATCH_GET, request, timeout)
        agent.note_batch(paths, answer)
        return tuple(Node(node, answer.revision) for node in answer.nodes)

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
        """Reads what is below a node, in the order of the paths' bytes, all pages at one revision.

        `depth` 1 is direct children, 0 everything below. `page_size` is at most 10,000 nodes, 1,000 by default.
        """
        agent = self._agent

        async def fetch(page_token: str) -> Page[Node]:
            request = context.ListRequest(
                forest=agent.forest,
                path=path,
                depth=depth,
                detail=context.LIST_DETAIL_KEYS if keys_only else context.LIST_DETAIL_VALUES,
                page_size=page_size,
                page_token=page_token,
                view=view,
                values=values,
                author=agent.author,
            )
            answer = await self._call(LIST, request, timeout)
            agent.note(path, answer.revision, SUBTREE, answer.nodes)
            nodes = tuple(Node(node, answer.revision) for node in answer.nodes)
            return Page(nodes, answer.next_page_token, answer.revision)

        view = agent.view(self._ghost_id, self._known_edition, at_revision, consistency)
        values = value_view(form, pins)
        return Paged(fetch)

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
        """Watches paths: a path itself, `*` for one segment, `**` for any number: `/a/**` is `/a` and all below it.

        `start`: `"snapshot"` (the matching nodes first, then what changes), `"now"`, `AfterRevision(n)` or
        `AfterPosition(n)`. `everything` adds ghosts' events. `detail="result"` adds the node as it is after each
        change, `include_previous` as it was before, `include_basis` what the author had read. `bookmarks` hands out
        `Bookmark`s too, at least every `bookmark_interval` seconds (0.1 to 30). `form` and `pins` are as in `get`.
        """
        if self._fence is not None:
            self._fence.check()
        wanted = Wanted(
            patterns=[patterns] if isinstance(patterns, str) else list(patterns),
            start=start,
            everything=everything,
            detail=detail,
            include_previous=include_previous,
            include_basis=include_basis,
            bookmarks=bookmarks,
            bookmark_interval=bookmark_interval,
            values=value_view(form, pins),
            agent=agent,
        )
        return Subscription(self._connection, self._agent, self._ghost_id, wanted)

    @overload
    def typed(self, node_type: NodeType[M, V, P, S]) -> Typed[M, V, P, S]: ...

    @overload
    def typed(self, node_type: type[M]) -> Typed[M, Any, ..., ...]: ...

    def typed(self, node_type: Any) -> Any:
        """The nodes of one message type: `client.typed(ResearchNote)`, a generated message with a path of its own.

        What `protoc-gen-hyperloom` writes beside it does the same, and lets type checkers know the variables.
        """
        return Typed(self, node_type if isinstance(node_type, NodeType) else node_type_of(node_type))
