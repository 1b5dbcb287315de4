"""A conversation that survives its processes, and a memory across conversations: a graph with a fake model, offline.

Wants a broker (`npx hyperloom serve`). Run it twice, and the second run goes on where the first ended.
"""

from langchain_core.language_models.fake_chat_models import FakeListChatModel
from langchain_core.messages import HumanMessage
from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.store.base import BaseStore

from hyperloom.langgraph import HyperloomSaver, HyperloomStore

MODEL = FakeListChatModel(responses=["A window seat, as ever.", "Booked."])
PERSON = ("people", "ada")


def answer(state: MessagesState, *, store: BaseStore) -> dict[str, object]:
    """Answers, and remembers what was asked for in every other conversation."""
    store.put(PERSON, "asked", {"text": state["messages"][-1].text})
    return {"messages": [MODEL.invoke(state["messages"])]}


builder = StateGraph(MessagesState)
builder.add_node("answer", answer)
builder.add_edge(START, "answer")
builder.add_edge("answer", END)

with HyperloomSaver() as checkpointer, HyperloomStore() as store:
    graph = builder.compile(checkpointer=checkpointer, store=store)
    thread: RunnableConfig = {"configurable": {"thread_id": "flight to Denver"}}
    for text in ("Which seat do I like?", "Take it."):
        state = graph.invoke({"messages": [HumanMessage(text)]}, thread)
    for message in state["messages"]:
        print(f"{message.type}: {message.text}")

    # Time travel: the state before the last answer, and another answer from there.
    before = next(each for each in graph.get_state_history(thread) if each.next == ("answer",))
    forked = graph.invoke(None, before.config)
    print(
        f"before it there were {len(before.values['messages'])} messages; answered anew: {forked['messages'][-1].text}"
    )

    remembered = store.get(PERSON, "asked")
    print("remembered:", remembered and remembered.value["text"])
