"""Goal: what is known of a message notices every change of it, and what is handed out shares nothing with it.

Method: messages as graphs have them, changed in each place that a program can reach.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage

from hyperloom.langgraph._items import Item, tell
from hyperloom.langgraph._knowledge import KnownList


def full() -> AIMessage:
    """A message that holds something in most of its fields, and nothing in others."""
    return AIMessage(
        ["text", {"type": "text", "text": "more"}],
        id="1",
        additional_kwargs={"seen": [1, {"deep": []}]},
        tool_calls=[{"name": "find", "args": {"what": "flights"}, "id": "call"}],
        usage_metadata={"input_tokens": 1, "output_tokens": 2, "total_tokens": 3},
        colour="red",
    )


CHANGES: list[Callable[[Any], object]] = [
    lambda message: setattr(message, "content", "other"),
    lambda message: message.content.append("more"),
    lambda message: message.content[1].update(text="other"),
    lambda message: message.additional_kwargs["seen"][1]["deep"].append(0),
    lambda message: message.response_metadata.update(model="m"),
    lambda message: message.invalid_tool_calls.append({}),
    lambda message: message.tool_calls[0]["args"].clear(),
    lambda message: setattr(message, "colour", "blue"),
    lambda message: setattr(message, "name", "ann"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_message_that_was_changed_in_place_is_not_the_known_one(change: Callable[[Any], object]) -> None:
    message = full()
    item = Item.of(message)
    others = [HumanMessage("hello", id="2"), HumanMessage("", id="3")]
    known = KnownList()
    known.note(0, [item, *map(Item.of, others)])
    assert item.is_known(message)
    assert known.told(3) == tell([message, *others])
    change(message)
    assert not item.is_known(message)
    assert known.told(3) != tell([message, *others])
    assert item.is_known(full())
    assert known.told(3) == tell([full(), *others])
    assert known.told(1) == tell([full()])


def test_what_messages_tell_says_where_one_ends_and_the_next_begins() -> None:
    one, two = HumanMessage("a"), HumanMessage("b")
    told = [tell(each) for each in ([one, two], [two, one], [one], [AIMessage("a"), two], [])]
    assert all(first != second for place, first in enumerate(told) for second in told[:place])


def test_a_list_tells_nothing_of_what_is_not_known_or_no_message() -> None:
    message = HumanMessage("hello", id="1")
    known = KnownList()
    known.note(1, [Item.of(message)])
    assert known.told(2) is None
    known.note(0, [Item.of(message)])
    assert known.told(2) == tell([message, message])
    known.note(2, [Item.of("a text"), Item.of(message)])
    assert known.told(2) == tell([message, message])
    assert known.told(3) is known.told(4) is None
    assert tell([message, "a text"]) is None


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_handed_out_shares_nothing_with_what_is_known(change: Callable[[Any], object]) -> None:
    item = Item.of(full())
    handed_out = item.fresh()
    assert handed_out == full()
    assert handed_out.model_fields_set == full().model_fields_set
    change(handed_out)
    assert item.is_known(full())
    assert item.fresh() == full()


@pytest.mark.parametrize("message", [full(), HumanMessage("hello", id="2"), AIMessage("", id="3")])
def test_what_was_read_is_known_and_comes_as_it_was_put(message: BaseMessage) -> None:
    put = Item.of(message)
    read = Item.stored(json.loads(put.json), put.taken.texts if put.taken is not None else {})
    assert read.json == put.json
    assert read.fresh() == message == put.fresh()
    assert put.is_known(read.fresh())
