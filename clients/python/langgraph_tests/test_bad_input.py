"""Goal: what cannot be stored, read or reached is refused with what to do, and nothing is half done."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.base import Checkpoint, empty_checkpoint
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

import hyperloom
import hyperloom.sync
from hyperloom.langgraph import (
    HyperloomSaver,
    InvalidIdError,
    NotStorableError,
    TooLargeError,
    UnreadableValueError,
)
from langgraph_tests.graphs import on
from tests.support import BrokerProcess

METADATA: Any = {"source": "loop", "step": 0, "parents": {}}


def holding(**values: Any) -> Checkpoint:
    """A checkpoint whose channels have these values."""
    checkpoint = empty_checkpoint()
    checkpoint["channel_values"] = values
    checkpoint["channel_versions"] = dict.fromkeys(values, 1)
    return checkpoint


def put(saver: HyperloomSaver, thread_id: Any = "t", **values: Any) -> Any:
    checkpoint = holding(**values)
    return saver.put(on(thread_id, checkpoint_ns=""), checkpoint, METADATA, checkpoint["channel_versions"])


def values(saver: HyperloomSaver, config: Any) -> dict[str, Any]:
    found = saver.get_tuple(config)
    assert found is not None
    return found.checkpoint["channel_values"]


@pytest.mark.parametrize("thread_id", ["a/b c", "..", ".", "", "*", "%2F", "ünï😀", "\n", 7, "é" * 60])
def test_odd_ids_of_threads_work(saver: HyperloomSaver, thread_id: Any) -> None:
    config = put(saver, thread_id, n=1)
    assert config["configurable"]["thread_id"] == thread_id
    assert values(saver, on(thread_id)) == {"n": 1}
    assert [each.checkpoint["id"] for each in saver.list(on(thread_id))] == [config["configurable"]["checkpoint_id"]]
    assert str(thread_id) in {each.config["configurable"]["thread_id"] for each in saver.list(None)}
    saver.delete_thread(thread_id)
    assert saver.get_tuple(on(thread_id)) is None


@pytest.mark.parametrize(("thread_id", "said"), [("x" * 300, "shorter"), ("\ud800", "surrogate")])
def test_ids_that_no_path_holds_are_refused(saver: HyperloomSaver, thread_id: str, said: str) -> None:
    with pytest.raises(InvalidIdError, match=said):
        put(saver, thread_id, n=1)


def test_a_config_without_a_thread_is_refused(saver: HyperloomSaver) -> None:
    with pytest.raises(ValueError, match="names no thread"):
        saver.get_tuple({"configurable": {}})


def test_what_cannot_be_stored_is_named_and_nothing_is_stored(saver: HyperloomSaver) -> None:
    with pytest.raises(NotStorableError, match=r"(?s)channel 'handle' .*pickle_fallback"):
        put(saver, "t", fine=1, handle=threading.Lock())
    with pytest.raises(NotStorableError, match="metadata must be plain JSON"):
        saver.put(on("t", checkpoint_ns=""), holding(), METADATA | {"who": object()}, {})
    with pytest.raises(NotStorableError, match="a write to channel 'c'"):
        saver.put_writes(on("t", checkpoint_ns="", checkpoint_id="1"), [("c", threading.Lock())], "task")
    assert saver.get_tuple(on("t")) is None


def test_half_of_a_surrogate_pair_is_stored_as_langgraph_stores_it(saver: HyperloomSaver) -> None:
    put(saver, "t", text="half a \ud800 pair")
    assert values(saver, on("t")) == {"text": "half a ? pair"}


def test_a_cycle_in_the_state_is_refused(saver: HyperloomSaver) -> None:
    cycle: list[Any] = []
    cycle.append(cycle)
    with pytest.raises(NotStorableError):
        put(saver, "t", cycle=cycle)


@pytest.mark.parametrize(
    "value",
    [
        "x" * 5_000_000,
        b"\x00\xff" * 2_500_000,
        ["é" * 600_000] * 4,
        [f"{number:09}" for number in range(150_000)],
        {"messages": [HumanMessage("y" * 3_000_000)]},
        {str(number): number for number in range(120_000)},
    ],
    ids=["text", "bytes", "texts", "many items", "a message", "many keys"],
)
def test_values_of_many_megabytes_are_stored_in_pieces(saver: HyperloomSaver, value: Any) -> None:
    put(saver, "t", value=value, small=1)
    with HyperloomSaver(saver.client, root=saver.root) as other:
        assert values(other, on("t")) == {"value": value, "small": 1}


def test_writes_of_many_megabytes_are_stored_in_pieces(saver: HyperloomSaver) -> None:
    config = put(saver, "t", n=1)
    large = {str(number): number for number in range(60_000)}
    saver.put_writes(config, [(f"c{at}", large) for at in range(4)], "task")
    with HyperloomSaver(saver.client, root=saver.root) as other:
        found = other.get_tuple(on("t"))
    assert found is not None and found.pending_writes == [("task", f"c{at}", large) for at in range(4)]


def test_lists_that_are_larger_than_a_message_together_are_stored_in_pieces(saver: HyperloomSaver) -> None:
    rows = [[number + 0.125] * 1_000 for number in range(1_000)]
    put(saver, "t", first=rows, second=rows[:900], third=rows[:500])
    with HyperloomSaver(saver.client, root=saver.root) as other:
        assert values(other, on("t")) == {"first": rows, "second": rows[:900], "third": rows[:500]}


def test_metadata_over_the_limit_says_where_large_data_belong(saver: HyperloomSaver) -> None:
    with pytest.raises(TooLargeError, match="keep large data in the state"):
        saver.put(on("t", checkpoint_ns=""), holding(), METADATA | {"note": "x" * 3_000_000}, {})


def test_values_come_back_as_they_were(saver: HyperloomSaver) -> None:
    odd: dict[str, Any] = {
        "large": 2**63 - 1,
        "nothing": None,
        "like ours": {"~": "x" * 300},
        "nested": {"~": {"~": [{"~": None}]}},
        "like theirs": {"lc": 1, "type": "constructor", "id": ["langchain_core", "messages", "HumanMessage"]},
        "text": "\x00 \u2028 " * 100,
        "float": [0.1, 1e300, -0.0],
        "set": {1, 2},
        "keys": {1: "one", (1, 2): "two"},
    }
    put(saver, "t", **odd)
    with HyperloomSaver(saver.client, root=saver.root) as other:
        assert values(other, on("t")) == odd


def test_a_value_of_another_serializer_is_named(saver: HyperloomSaver) -> None:
    class Reversing:
        """A user's own."""

        def dumps_typed(self, value: Any) -> tuple[str, bytes]:
            return "reversed", json.dumps(value).encode()[::-1]

        def loads_typed(self, data: tuple[str, bytes]) -> Any:
            if data[0] != "reversed":
                raise ValueError(f"knows nothing of {data[0]}")
            return json.loads(data[1][::-1])

    with HyperloomSaver(saver.client, root=saver.root, serde=Reversing()) as other:
        put(other, "theirs", text="plain " * 100)
        assert values(other, on("theirs")) == {"text": "plain " * 100}
        put(saver, "ours", when={1, 2})
        with pytest.raises(UnreadableValueError, match=r"channel 'when' .* as 'msgpack'"):
            other.get_tuple(on("ours"))
    with pytest.raises(UnreadableValueError, match=r"channel 'text' .* as 'reversed'"):
        saver.get_tuple(on("theirs"))


def test_pickle_is_used_where_it_is_allowed(saver: HyperloomSaver) -> None:
    serde = JsonPlusSerializer(pickle_fallback=True)
    with HyperloomSaver(saver.client, root=saver.root, serde=serde) as other:
        put(other, "t", kind=complex(1, 2))
        assert values(other, on("t")) == {"kind": complex(1, 2)}


def test_a_broker_that_cannot_be_reached_is_told_of(own_broker: BrokerProcess) -> None:
    own_broker.stop()
    with hyperloom.sync.connect(own_broker.address, timeout=0.5) as client:
        saver = HyperloomSaver(client)
        with pytest.raises((hyperloom.UnavailableError, hyperloom.DeadlineExceededError)):
            saver.get_tuple(on("t"))
        with pytest.raises((hyperloom.UnavailableError, hyperloom.DeadlineExceededError)):
            put(saver, "t", n=2)


def test_a_client_of_asyncio_is_refused_with_what_to_give_instead() -> None:
    with pytest.raises(TypeError, match=r"hyperloom\.sync\.connect"):
        HyperloomSaver(hyperloom.connect("127.0.0.1:1"))  # type: ignore[arg-type]


def test_a_thread_of_which_somebody_deleted_a_part_is_told_of(saver: HyperloomSaver) -> None:
    put(saver, "t", text="long " * 100)
    saver.client.delete(f"{saver.root}/t/langgraph/texts")
    with (
        HyperloomSaver(saver.client, root=saver.root) as other,
        pytest.raises(UnreadableValueError, match="deleted part"),
    ):
        other.get_tuple(on("t"))


def test_the_package_does_not_import_langgraph_unless_asked() -> None:
    import subprocess
    import sys

    program = "import sys, hyperloom, hyperloom.sync; sys.exit(any('lang' in name for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
