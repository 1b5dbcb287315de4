"""Typed handles: the nodes of one message type, by the variables of their paths.

```python
notes = client.typed(ResearchNote)  # /{session}/notes/{note}, as its option says
await notes.put(ResearchNote(claim="water is wet"), session="s1", note="wet")
```
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

import grpc
from google.protobuf.message import Message

from hyperloom import operation, precondition
from hyperloom._agent import Consistency
from hyperloom._assembly import Start
from hyperloom._basis import BasisEntry
from hyperloom._deprecated import deprecated
from hyperloom._errors import NotFoundError
from hyperloom._key_batches import batches
from hyperloom._paged import Page, Paged
from hyperloom._records import Published
from hyperloom._typed_records import TypedNode, checked
from hyperloom._typed_subscription import TypedSubscription
from hyperloom._value_view import Pins
from hyperloom.operation import Leased, Operation, Scope
from hyperloom.precondition import Precondition

if TYPE_CHECKING:
    from hyperloom._node import Node
    from hyperloom._node_type import NodeType
    from hyperloom._verbs import Verbs

M = TypeVar("M", bound=Message)
V = TypeVar("V")
P = ParamSpec("P")
S = ParamSpec("S")


class Typed(Generic[M, V, P, S]):
    """The nodes of one type. Variables are keyword arguments; `at` and `where` take the options of the verbs."""

    def __init__(self, verbs: Verbs, node_type: NodeType[M, V, P, S]) -> None:
        self._verbs = verbs
        self._type = node_type

    @property
    def node_type(self) -> NodeType[M, V, P, S]:
        """The message and its paths."""
        return self._type

    def path(self, /, *args: P.args, **variables: P.kwargs) -> str:
        """The path for variables."""
        return self._type.template.path(_named(args, variables))

    def variables_of(self, path: str) -> V | None:
        """The variables in a path; `None` where it is none of these."""
        return self._type.variables_of(path)

    def at(self, /, *args: P.args, **variables: P.kwargs) -> TypedPath[M, V]:
        """One of the nodes: `notes.at(session="s1", note="n1").put(note, timeout=1)`."""
        return TypedPath(self._verbs, self._type, self.path(*args, **variables))

    def where(self, /, *args: S.args, **variables: S.kwargs) -> TypedSelection[M, V]:
        """Those of the nodes that have these variables, to list and to watch: `notes.where(session="s1").list()`."""
        return TypedSelection(self._verbs, self._type, _named(args, variables))

    async def put(self, value: M, /, *args: P.args, **variables: P.kwargs) -> Published:
        """Sets a value. Raises `SchemaViolationError` where it breaks a rule of its schema."""
        return await self.at(*args, **variables).put(value)

    async def get(self, /, *args: P.args, **variables: P.kwargs) -> TypedNode[M, V]:
        """Reads a node. Raises `NotFoundError` where there is none."""
        return await self.at(*args, **variables).get()

    async def find(self, /, *args: P.args, **variables: P.kwargs) -> TypedNode[M, V] | None:
        """Reads a node, or `None` where there is none."""
        return await self.at(*args, **variables).find()

    @deprecated("use find: that is its name in every language")
    async def get_or_none(self, /, *args: P.args, **variables: P.kwargs) -> TypedNode[M, V] | None:
        """The older name of `find`."""
        return await self.find(*args, **variables)

    async def delete(self, /, *args: P.args, **variables: P.kwargs) -> Published:
        """Removes a node with all below it."""
        return await self.at(*args, **variables).delete()

    def list(self, /, *args: S.args, **variables: S.kwargs) -> Paged[TypedNode[M, V]]:
        """Reads the nodes that have these variables; without any, all."""
        return self.where(*args, **variables).list()

    def subscribe(self, /, *args: S.args, **variables: S.kwargs) -> TypedSubscription[M, V]:
        """Watches the nodes that have these variables; without any, all."""
        return self.where(*args, **variables).subscribe()


class TypedPath(Generic[M, V]):
    """One node of a type, whether it is there or not."""

    def __init__(self, verbs: Verbs, node_type: NodeType[M, V, ..., ...], path: str) -> None:
        self._verbs = verbs
        self._type = node_type
        self.path = path

    def putting(self, value: M, *, lease: Leased | str | None = None) -> Operation:
        """The operation of `put`, for a diff with several."""
        return operation.put(self.path, self._checked(value), lease=lease)

    def merging(self, patch: M, mask: Sequence[str] = ()) -> Operation:
        """The operation of `merge`, for a diff with several."""
        return operation.merge(self.path, self._checked(patch), mask)

    def appending(self, addition: M) -> Operation:
        """The operation of `append`, for a diff with several."""
        return operation.append(self.path, self._checked(addition))

    def incrementing(self, field: str, amount: int | float = 1) -> Operation:
        """The operation of `increment`, for a diff with several."""
        return operation.increment(self.path, amount, field)

    def field(self, field: str, *, equals: Any = precondition._UNSET, is_set: bool | None = None) -> Precondition:
        """What a field is: `at.field("claim", equals="x")`, `at.field("review.verdict", is_set=False)`."""
        return precondition.field(self.path, field, equals=equals, is_set=is_set)

    def present(self) -> Precondition:
        """That it is there."""
        return precondition.present(self.path)

    def absent(self) -> Precondition:
        """That it is not there."""
        return precondition.absent(self.path)

    async def put(
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
        return await self._verbs.publish(
            [self.putting(value, lease=lease)],
            preconditions=preconditions,
            label=label,
            basis=basis,
            request_id=request_id,
            trace_parent=trace_parent,
            lock_wait=lock_wait,
            timeout=timeout,
        )

    async def merge(
        self,
        patch: M,
        mask: Sequence[str] = (),
        *,
        preconditions: Sequence[Precondition] = (),
        label: str = "",
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Published:
        """Merges into the message: the fields of `mask`, by their names in the proto, such as `review.verdict`, become
        what the patch says; without a mask what is set in it is merged. See `operation.merge`."""
        return await self._publish(self.merging(patch, mask), preconditions, label, lock_wait, timeout)

    async def append(
        self,
        addition: M,
        *,
        preconditions: Sequence[Precondition] = (),
        label: str = "",
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Published:
        """Adds what the repeated fields of `addition` hold to the ends of those of the node."""
        return await self._publish(self.appending(addition), preconditions, label, lock_wait, timeout)

    async def increment(
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
        return await self._publish(self.incrementing(field, amount), preconditions, label, lock_wait, timeout)

    async def delete(
        self,
        scope: Scope = "subtree",
        *,
        preconditions: Sequence[Precondition] = (),
        label: str = "",
        lock_wait: float = 0.0,
        timeout: float | None = None,
    ) -> Published:
        """Removes it with all below it, or (`"node"`) its own value."""
        single = operation.delete(self.path, scope)
        return await self._publish(single, preconditions, label, lock_wait, timeout)

    async def get(
        self,
        *,
        at_revision: int = 0,
        consistency: Consistency | None = None,
        pins: Pins | None = None,
        timeout: float | None = None,
    ) -> TypedNode[M, V]:
        """Reads it. Raises `NotFoundError` where it is not there, `TypeMismatchError` where something else is."""
        node = self._type.node(
            await self._verbs.get(
                self.path, at_revision=at_revision, consistency=consistency, pins=pins, timeout=timeout
            )
        )
        if node is None:  # Others are below it.
            raise NotFoundError(
                f"there is no value at {self.path}",
                code=grpc.StatusCode.NOT_FOUND,
                reason="NODE_NOT_FOUND",
                metadata={"path": self.path},
            )
        return checked(node)

    async def find(
        self,
        *,
        at_revision: int = 0,
        consistency: Consistency | None = None,
        pins: Pins | None = None,
        timeout: float | None = None,
    ) -> TypedNode[M, V] | None:
        """Reads it, or `None` where it is not there."""
        node = await self._verbs.find(
            self.path, at_revision=at_revision, consistency=consistency, pins=pins, timeout=timeout
        )
        typed = None if node is None else self._type.node(node)
        return None if typed is None else checked(typed)

    @deprecated("use find: that is its name in every language")
    async def get_or_none(
        self,
        *,
        at_revision: int = 0,
        consistency: Consistency | None = None,
        pins: Pins | None = None,
        timeout: float | None = None,
    ) -> TypedNode[M, V] | None:
        """The older name of `find`."""
        return await self.find(at_revision=at_revision, consistency=consistency, pins=pins, timeout=timeout)

    async def _publish(
        self,
        single: Operation,
        preconditions: Sequence[Precondition],
        label: str,
        lock_wait: float,
        timeout: float | None,
    ) -> Published:
        return await self._verbs.publish(
            [single], preconditions=preconditions, label=label, lock_wait=lock_wait, timeout=timeout
        )

    def _checked(self, value: M) -> M:
        if not isinstance(value, self._type.message):
            wanted = self._type.message.DESCRIPTOR.full_name
            raise TypeError(f"{self.path} takes a {wanted}, not a {type(value).__name__}")
        return value


class TypedSelection(Generic[M, V]):
    """Nodes of a type, some or all of whose variables are open."""

    def __init__(self, verbs: Verbs, node_type: NodeType[M, V, ..., ...], variables: dict[str, object]) -> None:
        self._verbs = verbs
        self._type = node_type
        self._variables = variables
        self.pattern = node_type.template.pattern(variables)
        """Their paths, as `subscribe` takes them."""

    def list(
        self,
        *,
        page_size: int = 0,
        at_revision: int = 0,
        consistency: Consistency | None = None,
        pins: Pins | None = None,
        timeout: float | None = None,
    ) -> Paged[TypedNode[M, V]]:
        """Reads them, in the order of the paths' bytes, all pages at one revision.

        The broker looks through the keys of all that lies below the first open variable, so fix the first ones. A page
        holds what was found among `page_size` of those.
        """
        verbs = self._verbs
        root, depth = self._type.template.below(self._variables)
        # Of direct children nearly all are wanted; of what lies deeper the keys tell which are.
        keys_only = depth > 1
        inner = verbs.list(
            root,
            depth=depth,
            keys_only=keys_only,
            page_size=page_size,
            at_revision=at_revision,
            consistency=consistency,
            pins=pins,
            timeout=timeout,
        )

        async def fetch(page_token: str) -> Page[TypedNode[M, V]]:
            if depth == 0:
                only = await verbs.batch_get(
                    [root], at_revision=at_revision, consistency=consistency, pins=pins, timeout=timeout
                )
                revision, age = (only[0].revision, only[0].age) if only else (verbs.newest_revision, None)
                return Page(self._nodes(only), "", revision, age)
            page = await inner.page(page_token)
            nodes = tuple(node for node in page.items if self._type.template.selects(node.path, self._variables))
            if keys_only:
                read = await self._read(nodes, 0 if verbs.is_ghost else page.revision, pins, timeout)
                # They are of the view in which the keys were listed.
                nodes = tuple(node.of_age(page.age) for node in read)
            return Page(self._nodes(nodes), page.next_page_token, page.revision, page.age)

        return Paged(fetch)

    async def _read(
        self, keys: Sequence[Node], at_revision: int, pins: Pins | None, timeout: float | None
    ) -> tuple[Node, ...]:
        """The nodes whose keys were listed, in batches that fit into an answer."""
        nodes: list[Node] = []
        for paths in batches(keys):
            nodes.extend(await self._verbs.batch_get(paths, at_revision=at_revision, pins=pins, timeout=timeout))
        return tuple(nodes)

    def _nodes(self, nodes: Sequence[Node]) -> tuple[TypedNode[M, V], ...]:
        return tuple(node for node in map(self._type.node, nodes) if node is not None)

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
        inner = self._verbs.subscribe(
            self.pattern,
            start=start,
            everything=everything,
            detail="result",
            include_previous=include_previous,
            include_basis=include_basis,
            bookmarks=bookmarks,
            bookmark_interval=bookmark_interval,
            pins=pins,
        )
        return TypedSubscription(inner, self._type)


def _named(args: Sequence[object], variables: dict[str, Any]) -> dict[str, object]:
    if args:
        raise TypeError("variables are given by their names")
    return dict(variables)
