"""A list in the tree, of which each item is a node: read, append, pop, replace, with as many writers as there may be.

`head` says how many items there are, and every write goes by what the head was: whoever comes second reads again and
writes behind the other. So nothing is lost, the items of one `append` stay together, and an item is popped once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from hyperloom import operation, precondition
from hyperloom._adapters.names import item_name
from hyperloom._adapters.reading import read_below, read_nodes
from hyperloom._errors import PreconditionFailedError, ResourceExhaustedError
from hyperloom._node import Node
from hyperloom._records import Published
from hyperloom._values import Json
from hyperloom._verbs import Verbs

ATTEMPTS_MAX = 100
"""Of each attempt but the last another writer was faster: so many in a row mean that something writes in a loop."""

ITEMS_PER_DIFF_MAX = 9_999
"""The broker takes 10,000 operations; one is the head's."""

DIFF_BYTES_MAX = 12 * 1024 * 1024
"""A message may have 16 MiB."""

ITEMS_PER_READ_MAX = 999
"""The broker takes 1,000 paths in one read; one is the head's."""


class ItemListError(Exception):
    """The message says what is wrong with a list, and what to do."""


class TooManyItemsError(ValueError):
    """More items than one diff can hold, where they must go in one."""


@dataclass(frozen=True, slots=True)
class Head:
    """How many items there are, and which state of the head's node says so."""

    count: int
    revision: int
    """The trunk revision that made it; 0 in a ghost, or where there is none."""
    version: int
    """0: there is no head yet."""

    def unchanged(self, path: str) -> precondition.Precondition:
        """Holds as long as nobody has written to the list since."""
        if self.revision > 0:
            return precondition.modified_revision(path, self.revision)
        return precondition.version(path, self.version) if self.version > 0 else precondition.absent(path)


NO_HEAD = Head(0, 0, 0)


class ItemList:
    """The items below one path, on the trunk or in a ghost."""

    def __init__(self, verbs: Verbs, path: str, what: str) -> None:
        """`what` is what errors call it, such as `session`."""
        self._verbs = verbs
        self._path = path
        self._head_path = f"{path}/head"
        self._what = what
        # As it was last seen, so that most calls need no read of their own. Wrong knowledge costs one attempt.
        self._known: Head | None = None

    async def read(self, limit: int | None = None) -> list[Node]:
        """All items, or the newest, oldest first, all at one revision."""
        if limit is None:
            return await read_below(self._verbs, f"{self._path}/items")
        if limit <= 0:
            return []
        head, newest, revision = await self._newest(min(limit, ITEMS_PER_READ_MAX))
        start = max(0, head.count - limit)
        # A ghost has no other writer, as a rule, and no revisions.
        at = 0 if self._verbs.is_ghost else revision
        older = [self._item_path(number) for number in range(start, head.count - len(newest))]
        return await read_nodes(self._verbs, older, at) + newest

    async def append(self, items: Sequence[Json]) -> None:
        """Adds items at the end: in one diff, where that holds them."""
        for batch in _batches(items):
            await self._change(partial(_added, self._path, batch), "add items")

    async def pop(self) -> Node | None:
        """Takes the newest item away and returns it."""
        for _ in range(ATTEMPTS_MAX):
            head, newest, _ = await self._newest(1)
            if head.count == 0:
                return None
            # One that something else has deleted is not there to be returned: what is before it is the newest then.
            operations = [operation.delete(node.path) for node in newest]
            operations.append(operation.put(self._head_path, {"count": head.count - 1}))
            if await self._publish(head, operations, "pop an item", head.count - 1) and newest:
                return newest[0]
        raise self._contended()

    async def clear(self) -> None:
        """Takes all items away. The head stays: whoever is about to write must notice."""
        await self.replace([])

    async def replace(self, items: Sequence[Json]) -> None:
        """Puts these items where the old ones were, in one diff, whatever was there. Raises `TooManyItemsError`."""
        _must_fit(items)

        def replaced(head: Head) -> tuple[list[operation.Operation], int]:
            operations, count = _added(self._path, items, NO_HEAD)
            return [operation.delete(f"{self._path}/items"), *operations], count

        await self._change(replaced, "replace items" if items else f"clear the {self._what}")

    async def _change(self, build: Callable[[Head], tuple[list[operation.Operation], int]], label: str) -> None:
        for _ in range(ATTEMPTS_MAX):
            head = self._known or await self._read_head()
            operations, count = build(head)
            if await self._publish(head, operations, label, count):
                return
        raise self._contended()

    async def _publish(self, head: Head, operations: Sequence[operation.Operation], label: str, count: int) -> bool:
        """Whether it took effect. False: somebody else has written since."""
        self._known = None
        try:
            published: Published = await self._verbs.publish(
                operations, preconditions=[head.unchanged(self._head_path)], label=label
            )
        except PreconditionFailedError:
            return False
        self._note(Head(count, published.revision, 1))
        return True

    def _note(self, head: Head) -> None:
        # A ghost that is rewound counts its versions anew: there the same one may be of another head.
        if not self._verbs.is_ghost:
            self._known = head

    async def _read_head(self) -> Head:
        return self._head_of(await self._verbs.find(self._head_path))

    async def _newest(self, count: int) -> tuple[Head, list[Node], int]:
        """Head and newest items, as they were at one revision."""
        known = self._known or await self._read_head()
        for _ in range(ATTEMPTS_MAX):
            names = range(max(0, known.count - count), known.count)
            paths = [self._item_path(number) for number in names]
            try:
                nodes = await self._verbs.batch_get([self._head_path, *paths])
            except ResourceExhaustedError:
                # Larger than one answer may be.
                if count == 1:
                    raise
                count = max(1, count // 2)
                continue
            found = nodes[0] if nodes and nodes[0].path == self._head_path else None
            head = self._head_of(found)
            if head.count == known.count:
                self._note(head)
                return head, list(nodes[1:]), nodes[0].revision if nodes else 0
            known = head
        raise self._contended()

    def _head_of(self, node: Node | None) -> Head:
        if node is None:
            return NO_HEAD
        value = node.value
        count = value.get("count") if isinstance(value, dict) else None
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise ItemListError(
                f"{self._head_path} holds no head of a {self._what}: something else was put there; delete {self._path}"
            )
        return Head(count, 0 if self._verbs.is_ghost else node.modified_revision, node.version)

    def _item_path(self, number: int) -> str:
        return f"{self._path}/items/{item_name(number)}"

    def _contended(self) -> ItemListError:
        return ItemListError(
            f"others wrote to the {self._what} at {self._path} {ATTEMPTS_MAX} times before this could: try again, or "
            f"give each agent a {self._what} of its own"
        )


def _added(path: str, items: Sequence[Json], head: Head) -> tuple[list[operation.Operation], int]:
    count = head.count + len(items)
    numbered = enumerate(items, head.count)
    puts = [operation.put(f"{path}/items/{item_name(number)}", item) for number, item in numbered]
    return [*puts, operation.put(f"{path}/head", {"count": count})], count


def _must_fit(items: Sequence[Json]) -> None:
    if len(_batches(items)) > 1:
        raise TooManyItemsError(f"{len(items)} items are too much to put in one step: add them in parts")


def _batches(items: Sequence[Json]) -> list[list[Json]]:
    """Items cut into what one diff can hold."""
    batches: list[list[Json]] = []
    size = 0
    for item in items:
        size += len(item.text.encode())
        if not batches or len(batches[-1]) == ITEMS_PER_DIFF_MAX or size > DIFF_BYTES_MAX:
            batches.append([])
            size = len(item.text.encode())
        batches[-1].append(item)
    return batches
