"""Goal: what is stored in the shared form comes back as it was, whatever is empty in it, and whoever wrote it.

Method: messages and values are encoded and decoded without a broker.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage, ChatMessage, FunctionMessage, HumanMessage, ToolMessage
from langgraph.types import Send

from hyperloom.langgraph._shared import decode, encode, with_sends
from hyperloom.langgraph._texts import Taken

UNDEFINED = {"lc": 2, "type": "undefined"}

EMPTY: list[BaseMessage] = [
    ToolMessage("found", tool_call_id=""),
    ToolMessage("none", tool_call_id="1", artifact=[]),
    ToolMessage("none", tool_call_id="1", artifact={}, status="error"),
    ToolMessage("none", tool_call_id="1", artifact=""),
    ChatMessage(content="hello", role=""),
    FunctionMessage(content="done", name=""),
    HumanMessage("", name=""),
    HumanMessage("hello", custom=[], other=None, more=""),
    AIMessage("", tool_calls=[{"name": "find", "args": {}, "id": ""}]),
    HumanMessage("hello", additional_kwargs={"a": []}),
]


@pytest.mark.parametrize("message", EMPTY, ids=repr)
def test_what_is_empty_in_a_message_comes_back(message: BaseMessage) -> None:
    for taken in (Taken(), None):
        stored = json.loads(json.dumps(encode(message, taken)))
        found = decode(stored, None if taken is None else taken.texts)
        assert found == message
        assert vars(found) == vars(message)
        assert found.__pydantic_extra__ == message.__pydantic_extra__


def test_what_a_class_puts_there_by_itself_is_not_stored() -> None:
    assert encode(HumanMessage("hello"), Taken()) == {"~": ["HumanMessage", {"content": "hello"}]}
    stored = encode(ToolMessage("hello", tool_call_id="1"), Taken())
    assert stored == {"~": ["ToolMessage", {"content": "hello", "tool_call_id": "1"}]}


def javascript(name: str, arguments: dict[str, Any]) -> Any:
    """A message as JavaScript stores it."""
    return decode({"~": [name, arguments]}, {})


def test_messages_that_javascript_makes_and_python_would_not_are_read() -> None:
    call = javascript("AIMessage", {"content": "", "tool_calls": [{"name": "find", "args": {"what": "x"}}]})
    assert isinstance(call, AIMessage)
    assert [(each["name"], each["id"]) for each in call.tool_calls] == [("find", None)]
    usage = {"input_tokens": 1, "output_tokens": 2, "total_tokens": 3}
    for details in (UNDEFINED, {"cache_creation": UNDEFINED}):
        message = javascript("AIMessage", {"content": "x", "usage_metadata": usage | {"input_token_details": details}})
        assert message.usage_metadata["total_tokens"] == 3
    assert javascript("ToolMessage", {"content": "x", "tool_call_id": "1", "status": UNDEFINED}).status == "success"


def test_messages_that_were_stored_without_an_empty_field_are_read() -> None:
    assert javascript("ToolMessage", {"content": "x"}).tool_call_id == ""
    assert javascript("ChatMessage", {"content": "x"}).role == ""


def test_a_message_that_cannot_be_made_is_seen_as_it_is_stored() -> None:
    found = javascript("AIMessage", {"content": 5})
    assert found["kwargs"] == {"content": 5}


def test_what_javascript_sends_to_nodes_is_sent() -> None:
    plain = {"node": "work", "args": {"x": 1}}
    assert with_sends("__pregel_tasks", [plain, [plain]]) == [Send("work", {"x": 1}), [Send("work", {"x": 1})]]
    assert with_sends("__pregel_tasks", plain) == Send("work", {"x": 1})
    assert with_sends("mine", [plain]) == [plain]
    assert with_sends("__pregel_tasks", {**plain, "more": 1}) == {**plain, "more": 1}
