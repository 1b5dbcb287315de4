"""Small graphs that need no model. They are typed loosely: LangGraph's types tell states from inputs, we do not."""

from __future__ import annotations

import operator
from typing import Annotated, Any

from langchain_core.messages import AIMessage, AnyMessage
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from langgraph.types import interrupt
from typing_extensions import TypedDict


class Chat(TypedDict):
    """A conversation."""

    messages: Annotated[list[AnyMessage], add_messages]
    turns: Annotated[int, operator.add]


def chat(words: int = 3) -> Any:
    """Answers each message with how many there were; `words` of it."""

    def answer(state: Chat) -> dict[str, Any]:
        number = len(state["messages"])
        return {"messages": [AIMessage(" ".join([f"answer-{number}"] * words))], "turns": 1}

    graph: Any = StateGraph(Chat)
    graph.add_node("answer", answer)
    graph.add_edge(START, "answer")
    graph.add_edge("answer", END)
    return graph


class Steps(TypedDict):
    """What was done."""

    done: Annotated[list[str], operator.add]


def steps(*names: str) -> Any:
    """One node after the other, each of which says that it was there."""
    graph: Any = StateGraph(Steps)
    for name in names:
        graph.add_node(name, lambda _, name=name: {"done": [name]})
    for source, target in zip((START, *names), (*names, END), strict=True):
        graph.add_edge(source, target)
    return graph


def asking() -> Any:
    """Asks a person in the middle."""

    def ask(_: Steps) -> dict[str, Any]:
        return {"done": [f"told {interrupt({'question': 'go on?'})}"]}

    graph = steps("before")
    graph.add_node("ask", ask)
    graph.add_edge("before", "ask")
    graph.add_edge("ask", END)
    return graph


def on(thread_id: Any, **more: Any) -> Any:
    """The config of a thread."""
    return {"configurable": {"thread_id": thread_id, **more}}
