"""How a list is put: by runs of items that are there already, and the items that are not. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from hyperloom.langgraph._items import Item
from hyperloom.langgraph._record import Run

RUNS_MAX: Final = 16
"""A list that is in more pieces is written anew: a record must stay small."""

LIST_BYTES_MIN: Final = 1_024
"""Shorter ones are written whole: a list costs a node more."""

ITEM_BYTES_MAX: Final = 1024 * 1024
"""A list with a larger item is stored as bytes."""

SEGMENT_BYTES_MAX: Final = 256 * 1024
"""Items that are added at once lie in nodes of about this size."""


@dataclass(frozen=True, slots=True)
class PlannedList:
    """What a list becomes."""

    runs: list[Run]
    number: int
    """The list that takes the new items."""
    start: int
    """Their place in it."""
    added: list[Item]
    items: list[Item]
    """All of them."""

    @property
    def entry(self) -> dict[str, Any]:
        """What the record says."""
        return {"list": [list(run) for run in self.runs]}

    def segments(self) -> Iterator[tuple[int, str]]:
        """The new nodes: place of the first item, JSON of all."""
        start, size = self.start, 0
        texts: list[str] = []
        for item in self.added:
            item_size = len(item.json.encode())
            if texts and size + item_size > SEGMENT_BYTES_MAX:
                yield start, f"[{','.join(texts)}]"
                start, texts, size = start + len(texts), [], 0
            texts.append(item.json)
            size += item_size + 1
        if texts:
            yield start, f"[{','.join(texts)}]"


Placed = tuple[int, int, Item]
"""An item that is stored: its list, its place, and itself."""


def place(value: Sequence[Any], parent: Sequence[Placed]) -> list[Placed | Item]:
    """Each item of a value: where it lies, or itself where it is new. Raises `NotSharedError`."""
    found: list[Placed | Item] = []
    by_key: dict[str, int] | None = None
    position = 0
    for each in value:
        if position < len(parent) and parent[position][2].is_message(each):
            found.append(parent[position])
            position += 1
            continue
        item = Item.of(each)
        if position < len(parent) and parent[position][2].json == item.json:
            found.append(parent[position])
            position += 1
            continue
        if by_key is None:
            by_key = {}
            for index, (_, _, known) in enumerate(parent):
                by_key.setdefault(known.key, index)
        at = by_key.get(item.key) if parent else None
        if at is None:
            found.append(item)
        else:
            found.append(parent[at])
            position = at + 1
    return found


def plan(found: Sequence[Placed | Item], tail: tuple[int, int] | None, next_number: int) -> PlannedList:
    """Where the new items go: behind the list that may be continued, or into one of their own."""
    added = [each for each in found if isinstance(each, Item)]
    items = [each if isinstance(each, Item) else each[2] for each in found]
    last = next((each for each in reversed(found) if not isinstance(each, Item)), None)
    continues = tail is not None and last is not None and last[0] == tail[0] and last[1] + 1 == tail[1]
    number, start = tail if continues and tail is not None else (next_number, 0)
    runs = _runs(found, number, start)
    if len(runs) > RUNS_MAX:
        return PlannedList([(next_number, 0, len(items))], next_number, 0, items, items)
    return PlannedList(runs, number, start, added, items)


def _runs(found: Sequence[Placed | Item], number: int, end: int) -> list[Run]:
    runs: list[Run] = []
    for each in found:
        if isinstance(each, Item):
            at, place, end = number, end, end + 1
        else:
            at, place = each[0], each[1]
        if runs and runs[-1][0] == at and runs[-1][2] == place:
            runs[-1] = (at, runs[-1][1], place + 1)
        else:
            runs.append((at, place, place + 1))
    return runs
