"""A turn of a conversation by a graph in Python, on the thread that another language has begun. Prints what was said as JSON."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from typing_extensions import TypedDict

from hyperloom.langgraph import HyperloomSaver


class State(TypedDict):
    messages: Annotated[list[AnyMessage], add_messages]


def main(address: str, thread: str, question: str, answer: str) -> None:
    builder: Any = StateGraph(State)
    builder.add_node("model", lambda _: {"messages": [AIMessage(answer)]})
    builder.add_edge(START, "model")
    builder.add_edge("model", END)
    with HyperloomSaver(address) as saver:
        graph = builder.compile(checkpointer=saver)
        config = {"configurable": {"thread_id": thread}}
        told = graph.invoke({"messages": [HumanMessage(question)]}, config)
        steps = sum(1 for _ in graph.get_state_history(config))
    print(json.dumps({"said": [[each.type, each.content] for each in told["messages"]], "checkpoints": steps}))


main(*sys.argv[1:])
