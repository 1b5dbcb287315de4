"""How a list is put: by runs of items that are there already, and the items that are not. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final, NamedTuple

from hyperloom.langgraph._items import Item
from hyperloom.langgraph._record import Run

RUNS_MAX: Final = 16
"""A list that is in more pieces is written anew: a record must stay small."""

LIST_BYTES_MIN: Final = 256
"""Shorter ones are written whole: a node for what is new costs more than writing all anew."""

ITEM_BYTES_MAX: Final = 1024 * 1024
"""A list with a larger item is stored as bytes."""

SEGMENT_BYTES_MAX: Final = 256 * 1024
"""Items that are added at once lie in nodes of about this size."""


class PlannedList(NamedTuple):
    """What a list becomes."""

    runs: list[Run]
    number: int
    """The list that takes the new items."""
    start: int
    """Their place in it."""
    added: list[Item]

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


class Match(NamedTuple):
    """What of a value is in the parent's list already."""

    same: int
    """So many items both begin with."""
    rest: list[int | Item]
    """For each item behind those its index in the parent's list, or itself where it is new."""


def match(value: Sequence[Any], parent: Sequence[Item]) -> Match:
    """Compares a value with the parent's items. Raises `NotSharedError`."""
    same = 0
    made: Item | None = None
    for each, item in zip(value, parent, strict=False):
        if not item.is_known(each):
            made = Item.of(each)
            if made.json != item.json:
                break
            made = None
        same += 1
    if same == len(value):
        return Match(same, [])
    first = Item.of(value[same]) if made is None else made
    if same == len(parent):
        return Match(same, [first, *map(Item.of, value[same + 1 :])])
    return Match(same, _found(first, value[same + 1 :], parent, same))


def _found(first: Item, others: Sequence[Any], parent: Sequence[Item], position: int) -> list[int | Item]:
    """Runs of the parent's items, wherever they are; `position` is where the next one would go on."""
    by_key: dict[str, int] = {}
    for index, known in enumerate(parent):
        by_key.setdefault(known.key, index)
    found: list[int | Item] = []
    for place in range(len(others) + 1):
        item = first
        if place > 0:
            each = others[place - 1]
            if position < len(parent) and parent[position].is_known(each):
                found.append(position)
                position += 1
                continue
            item = Item.of(each)
        at: int | None = position
        if position >= len(parent) or parent[position].json != item.json:
            at = by_key.get(item.key)
        if at is None:
            found.append(item)
        else:
            found.append(at)
            position = at + 1
    return found


def plan(
    matched: Match, runs: Sequence[Run], parent: Sequence[Item], tail: tuple[int, int] | None, next_number: int
) -> PlannedList:
    """Where the new items go: behind the list that may be continued, or into one of their own."""
    added = [each for each in matched.rest if isinstance(each, Item)]
    planned = list(_first(runs, matched.same))
    places: list[tuple[int, int]] = []
    last: tuple[int, int] | None = None
    if len(added) < len(matched.rest):
        places = [(number, place) for number, start, end in runs for place in range(start, end)]
        last = next(places[each] for each in reversed(matched.rest) if not isinstance(each, Item))
    elif planned:
        last = (planned[-1][0], planned[-1][2] - 1)
    continues = tail is not None and last is not None and last == (tail[0], tail[1] - 1)
    number, start = tail if continues and tail is not None else (next_number, 0)
    end = start
    for each in matched.rest:
        if isinstance(each, Item):
            _extend(planned, number, end)
            end += 1
        else:
            _extend(planned, *places[each])
    if len(planned) > RUNS_MAX:
        items = [*parent[: matched.same], *(each if isinstance(each, Item) else parent[each] for each in matched.rest)]
        return PlannedList([(next_number, 0, len(items))], next_number, 0, items)
    return PlannedList(planned, number, start, added)


def _first(runs: Sequence[Run], count: int) -> Iterator[Run]:
    """The runs of so many items at the beginning."""
    for number, start, end in runs:
        if count <= 0:
            return
        yield number, start, min(end, start + count)
        count -= end - start


def _extend(runs: list[Run], number: int, place: int) -> None:
    if runs and runs[-1][0] == number and runs[-1][2] == place:
        runs[-1] = (number, runs[-1][1], place + 1)
    else:
        runs.append((number, place, place + 1))
