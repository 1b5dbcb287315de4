"""Goal: graphs in Python and in JavaScript take turns in one thread.

Method: the TypeScript package, in a process of its own, on the same broker; one list of messages, continued by both.
"""

from __future__ import annotations

from langchain_core.messages import AIMessage, HumanMessage

from hyperloom.langgraph import HyperloomSaver
from langgraph_tests.graphs import chat, on
from langgraph_tests.javascript import seen, turn
from tests.support import BrokerProcess


def test_they_take_turns_in_a_thread_that_either_may_begin(broker: BrokerProcess, saver: HyperloomSaver) -> None:
    thread = "shared thread/1"
    first = turn(broker, saver.root, thread, "from JavaScript")
    graph = chat(words=60).compile(checkpointer=saver)
    assert seen(graph.get_state(on(thread)).values) == first["messages"]
    second = graph.invoke({"messages": [HumanMessage("from Python", id="py-0")]}, on(thread))
    assert seen(second)[:2] == first["messages"]
    assert second["turns"] == 2
    assert [type(each) for each in second["messages"]] == [HumanMessage, AIMessage] * 2
    third = turn(broker, saver.root, thread, "again")
    assert third["messages"][:4] == seen(second)
    assert (len(third["messages"]), third["turns"]) == (6, 3)
    # The saver that knew the thread sees what another language has added; and so does one that did not.
    assert seen(graph.get_state(on(thread)).values) == third["messages"]
    with HyperloomSaver(broker.address, root=saver.root) as other:
        found = other.get_tuple(on(thread))
    assert found is not None and seen(found.checkpoint["channel_values"]) == third["messages"]
    record = saver.client.get(f"{saver.root}/shared thread%2F1/langgraph/checkpoints/{found.checkpoint['id']}").value
    assert len(record["channels"]["messages"]["list"]) == 1, "one list, continued by both"


def test_a_thread_that_python_began_and_forked_goes_on_in_javascript(
    broker: BrokerProcess, saver: HyperloomSaver
) -> None:
    graph = chat(words=60).compile(checkpointer=saver)
    for number in range(3):
        graph.invoke({"messages": [HumanMessage(f"question {number}", id=f"q{number}")]}, on("t"))
    config = next(each.config for each in graph.get_state_history(on("t")) if len(each.values["messages"]) == 4)
    graph.invoke({"messages": [HumanMessage("another third one", id="fork")]}, config)
    mine = seen(graph.get_state(on("t")).values)
    assert [each[1] for each in mine][4] == "fork"
    assert turn(broker, saver.root, "t")["messages"] == mine
    theirs = turn(broker, saver.root, "t", "and a fourth")["messages"]
    assert seen(graph.get_state(on("t")).values) == theirs
    assert theirs[:6] == mine
