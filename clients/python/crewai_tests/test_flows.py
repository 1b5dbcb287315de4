"""Goal: a flow goes on from where it was, whichever process it was in, and a save costs what has changed.

Method: the persistence's own methods, and CrewAI's own flows with it, against a real broker.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any
from uuid import UUID

import pytest
from crewai.flow.async_feedback import HumanFeedbackPending, PendingFeedbackContext
from crewai.flow.flow import Flow, FlowState, listen, start
from crewai.flow.human_feedback import human_feedback
from crewai.flow.persistence import FlowPersistence, persist
from pydantic import BaseModel, Field

import hyperloom.sync
from hyperloom.crewai import (
    HyperloomFlowPersistence,
    InvalidScopeError,
    NotStorableError,
    StorageError,
    StorageUnavailableError,
    TooLargeError,
)
from tests.support import BrokerProcess

PersistenceOf = Callable[[], HyperloomFlowPersistence]


@pytest.fixture
def persistence_of(broker: BrokerProcess, root: str) -> Iterator[PersistenceOf]:
    """Makes persistences with connections of their own: as several processes have."""
    made: list[HyperloomFlowPersistence] = []

    def make() -> HyperloomFlowPersistence:
        made.append(HyperloomFlowPersistence(broker.address, root=root))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture
def persistence(persistence_of: PersistenceOf) -> HyperloomFlowPersistence:
    """One of them."""
    return persistence_of()


class Message(BaseModel):
    """A part of a state."""

    role: str
    text: str


class Draft(FlowState):
    """A state with more than JSON in it."""

    step: int = 0
    due: date | None = None
    at: datetime | None = None
    messages: list[Message] = Field(default_factory=list)


def waiting(flow_id: str, **fields: Any) -> PendingFeedbackContext:
    """What a flow waits for."""
    about: dict[str, Any] = {
        "flow_class": "test.Review",
        "method_name": "review",
        "method_output": {"draft": "text"},
        "message": "Is it right?",
    }
    return PendingFeedbackContext(flow_id=flow_id, **{**about, **fields})


STATES: list[dict[str, Any]] = [
    {"id": "1", "z": 1, "a": None, "flag": True, "big": 12345678901234567890, "small": 1e-300, "text": "\u2028 ☃"},
    {"id": "1", "list": [], "empty": {}, "nested": {"deep": [{"x": [1, [2]]}]}},
    {"id": "1", "list": [1, 2, {"three": 3}], "nested": {"deep": "x" * 3_000, "": 1, "a/b": {"k": "v" * 2_000}}},
    {"id": "1", "list": [1, 2, {"three": 3}, "four"], "nested": {"a/b": {"k": "v" * 2_000, "l": []}, "deep": 0}},
    {"id": "1", "list": [2], "nested": "no object any more", "table": {str(key): "v" * 50 for key in range(500)}},
    {"id": "1", "table": {str(key): "v" * 50 for key in range(499)}, "long": {"k" * 300: "x" * 2_000}},
    {},
    {"id": "1"},
]


def test_every_state_comes_back_as_it_was_whatever_was_there_before(persistence_of: PersistenceOf) -> None:
    writer, reader = persistence_of(), persistence_of()
    assert writer.load_state("1") is None
    for before in STATES:
        for state in STATES:
            for each in (before, state):
                writer.save_state("1", "step", each)
            loaded = reader.load_state("1")
            assert loaded == state
            assert list(loaded or {}) == list(state)


def test_states_with_thousands_of_fields_come_back_whatever_was_there_before(persistence_of: PersistenceOf) -> None:
    writer, reader = persistence_of(), persistence_of()
    states: list[dict[str, Any]] = [
        {f"{name}{number}": [number] for number in range(size)}
        for name, size in (("a", 6_000), ("b", 6_000), ("c", 12_000), ("d", 11_000), ("e", 6_000), ("f", 1))
    ]
    for state in states:
        writer.save_pending_feedback("1", waiting("1"), state)
        loaded = reader.load_state("1")
        assert loaded == state and list(loaded or {}) == list(state)
        pending = reader.load_pending_feedback("1")
        assert pending is not None and pending[0] == state


def test_a_table_of_many_fields_that_grows_costs_what_is_new(
    persistence: HyperloomFlowPersistence, client: hyperloom.sync.Client, root: str
) -> None:
    table = {f"k/{number}": "x" * 300 for number in range(10_000)}
    persistence.save_state("1", "a", table)
    before = client.get(f"{root}/1/crewai-flow/head").revision
    persistence.save_state("1", "b", {**table, "new": {"y": None}})
    assert persistence.load_state("1") == {**table, "new": {"y": None}}
    [event] = client.history(f"{root}/1", after_revision=before)
    paths = {change.path.removeprefix(f"{root}/1/crewai-flow/"): change.action for change in event.changes}
    assert paths == {"state": "append", "head": "put"}
    for wrong in ([["a"]], [["a", 1, 2]], [[1, 2]], ["ab"]):
        client.put(f"{root}/1/crewai-flow/state", wrong)
        with pytest.raises(StorageError, match="holds no object"):
            persistence.load_state("1")


def test_a_save_writes_what_has_changed_and_appends_to_lists(
    persistence: HyperloomFlowPersistence, client: hyperloom.sync.Client, root: str
) -> None:
    messages = [{"role": "user", "text": f"{number} " + "x" * 500} for number in range(50)]
    persistence.save_state("1", "one", {"id": "1", "topic": "etcd", "messages": messages})
    before = client.get(f"{root}/1/crewai-flow/head").revision
    persistence.save_state(
        "1", "two", {"id": "1", "topic": "etcd", "messages": [*messages, {"role": "user", "text": "new"}]}
    )
    [event] = client.history(f"{root}/1", after_revision=before)
    paths = {change.path.removeprefix(f"{root}/1/crewai-flow/"): change.action for change in event.changes}
    assert paths == {"state/messages": "append", "head": "put"}
    assert (event.label, client.get(f"{root}/1/crewai-flow/head").value) == ("two", {"method": "two"})
    assert len(client.get(f"{root}/1/crewai-flow/state/messages").value) == 51


def test_of_two_that_save_at_once_the_second_is_what_is_loaded(persistence_of: PersistenceOf) -> None:
    one, other = persistence_of(), persistence_of()
    one.save_state("1", "a", {"id": "1", "one": [1], "both": [1]})
    other.save_state("1", "b", {"id": "1", "other": 1, "both": [1, 2]})
    one.save_state("1", "c", {"id": "1", "one": [1, 2], "both": [1]})
    assert other.load_state("1") == {"id": "1", "one": [1, 2], "both": [1]}


def test_a_part_that_was_put_by_hand_is_no_obstacle(
    persistence: HyperloomFlowPersistence, client: hyperloom.sync.Client, root: str
) -> None:
    persistence.save_state("1", "a", {"id": "1", "topic": "etcd"})
    client.put(f"{root}/1/crewai-flow/state/topic", {"by": "hand"})
    assert persistence.load_state("1") == {"id": "1", "topic": {"by": "hand"}}
    persistence.save_state("1", "b", {"id": "1", "topic": "etcd"})
    assert persistence.load_state("1") == {"id": "1", "topic": "etcd"}
    client.delete(f"{root}/1")
    persistence.save_state("1", "c", {"id": "1", "topic": "etcd"})
    assert persistence.load_state("1") == {"id": "1", "topic": "etcd"}
    client.put(f"{root}/1/crewai-flow/state", "no keys")
    with pytest.raises(StorageError, match="holds no part of a document"):
        persistence.load_state("1")


def test_a_structured_state_gets_back_more_than_json(persistence: HyperloomFlowPersistence) -> None:
    state = Draft(
        id="1", due=date(2026, 1, 2), at=datetime(2026, 1, 2, 3, 4, 5, 6), messages=[Message(role="a", text="b")]
    )
    persistence.save_state("1", "step", state)
    assert Draft.model_validate(persistence.load_state("1")) == state
    persistence.save_state(
        "2", "step", {"id": UUID(int=1), "message": Message(role="a", text="b"), "table": {1: "one"}}
    )
    assert persistence.load_state("2") == {
        "id": str(UUID(int=1)),
        "message": {"role": "a", "text": "b"},
        "table": {"1": "one"},
    }


def test_what_is_waited_for_keeps_the_state_of_its_moment(persistence_of: PersistenceOf) -> None:
    writer, reader = persistence_of(), persistence_of()
    context = waiting(
        "1", emit=["yes", "no"], metadata={"channel": "#reviews"}, method_output={"draft": [1, {"x": None}]}
    )
    assert writer.load_pending_feedback("1") is None
    state = {"id": "1", "list": [1], "nested": {"deep": "x" * 3_000}}
    writer.save_pending_feedback("1", context, state)
    assert reader.load_state("1") == state
    writer.save_state("1", "later", {"id": "1", "list": [1, 2]})
    assert reader.load_pending_feedback("1") == (state, context)
    writer.save_pending_feedback("1", waiting("1", message="Again?"), {"id": "1"})
    found = reader.load_pending_feedback("1")
    assert found is not None
    assert (found[0], found[1].message) == ({"id": "1"}, "Again?")
    reader.clear_pending_feedback("1")
    reader.clear_pending_feedback("nobody")
    assert writer.load_pending_feedback("1") is None
    assert writer.load_state("1") == {"id": "1"}


@pytest.mark.parametrize("flow_id", ["user 1/flow 2", "..", "*", "%2F", "a\nb", "äöü 😀", "a" * 255])
def test_any_flow_id_is_a_flow_of_its_own(persistence_of: PersistenceOf, flow_id: str) -> None:
    persistence_of().save_pending_feedback(flow_id, waiting(flow_id), {"id": flow_id})
    assert persistence_of().load_state(flow_id) == {"id": flow_id}
    assert persistence_of().load_pending_feedback(flow_id) == (
        {"id": flow_id},
        persistence_of_context(persistence_of, flow_id),
    )


def persistence_of_context(persistence_of: PersistenceOf, flow_id: str) -> PendingFeedbackContext:
    """What is waited for, as another process sees it."""
    found = persistence_of().load_pending_feedback(flow_id)
    assert found is not None
    return found[1]


def test_bad_input_is_refused_with_what_to_do(
    persistence: HyperloomFlowPersistence, client: hyperloom.sync.Client, root: str
) -> None:
    persistence.save_state("1", "a", {"id": "1"})
    refused: list[tuple[type[ValueError], str, Any]] = [
        (NotStorableError, r"\(field 'lock'\).*Keep plain values", {"id": "1", "lock": object()}),
        (NotStorableError, r"\(field 'nan'\)", {"nan": math.nan}),
        (NotStorableError, "cannot be stored as JSON", {"half": "\ud800"}),
        (NotStorableError, "a dict or a Pydantic model, not list", [1]),
        (TooLargeError, "state/text takes .* 2,097,152 are the most.*Keep large texts", {"text": "x" * 2_100_000}),
        (TooLargeError, "have changed at once", {str(key): "x" * 2_000_000 for key in range(8)}),
        (InvalidScopeError, "takes 300 bytes in a path", {"k" * 300: 1}),
    ]
    for kind, message, state in refused:
        with pytest.raises(kind, match=message):
            persistence.save_state("1", "b", state)
    with pytest.raises(InvalidScopeError, match="must not be empty"):
        persistence.save_state("", "b", {})
    with pytest.raises(InvalidScopeError, match="takes 256 bytes"):
        persistence.load_state("a" * 256)
    with pytest.raises(NotStorableError, match="2,097,152 are the most"):
        persistence.save_pending_feedback("1", waiting("1", method_output="x" * 2_100_000), {"id": "1"})
    assert persistence.load_state("1") == {"id": "1"}
    client.put(f"{root}/1/crewai-flow/pending", {"something": "else"})
    with pytest.raises(StorageError, match="not readable"):
        persistence.load_pending_feedback("1")
    with pytest.raises(InvalidScopeError, match="root must be"):
        HyperloomFlowPersistence(root="flows")
    with pytest.raises(TypeError, match=r"hyperloom\.sync\.connect"):
        HyperloomFlowPersistence(7400)  # type: ignore[arg-type]


def test_long_lists_are_stored_in_steps(persistence_of: PersistenceOf) -> None:
    state = {"id": "1", "log": [{"n": number, "text": "x" * 1_000} for number in range(4_000)]}
    persistence_of().save_state("1", "a", state)
    assert persistence_of().load_state("1") == state


def test_an_unreachable_or_refusing_broker_is_told_with_what_to_do(client: hyperloom.sync.Client, root: str) -> None:
    with hyperloom.sync.connect("127.0.0.1:9", timeout=0.3) as nowhere:
        with pytest.raises(StorageUnavailableError, match="npx hyperloom serve"):
            HyperloomFlowPersistence(nowhere).save_state("1", "a", {})
        with pytest.raises(StorageUnavailableError, match="npx hyperloom serve"):
            HyperloomFlowPersistence(nowhere).load_state("1")
    with pytest.raises(StorageError, match="hyperloom forest create"):
        HyperloomFlowPersistence(client.as_agent(forest="nobody")).load_state("1")
    with client.lock(f"{root}/1"), pytest.raises(StorageError, match="holds a lock"):
        HyperloomFlowPersistence(client, root=root).save_state("1", "a", {})


def test_it_goes_through_json_and_copies(persistence: HyperloomFlowPersistence) -> None:
    persistence.save_state("1", "a", {"id": "1"})
    told = persistence.model_dump(mode="json")
    assert told["persistence_type"] == "HyperloomFlowPersistence"
    again = HyperloomFlowPersistence.model_validate(told)
    assert again.load_state("1") == {"id": "1"}
    again.close()
    assert copy.deepcopy(persistence) is copy.copy(persistence) is persistence
    assert isinstance(persistence, FlowPersistence)
    persistence.init_db()
    persistence.close()
    assert persistence.load_state("1") == {"id": "1"}


def test_in_a_ghost_a_flow_is_seen_when_that_is_committed(
    persistence: HyperloomFlowPersistence, client: hyperloom.sync.Client, root: str
) -> None:
    persistence.save_state("1", "a", {"id": "1", "log": [1]})
    with client.ghost(scope=f"{root}/1") as ghost:
        inside = HyperloomFlowPersistence(ghost, root=root)
        inside.save_state("1", "b", {"id": "1", "log": [1, 2]})
        ghost.checkpoint("two")
        inside.save_state("1", "c", {"id": "1", "log": [1, 2, 3]})
        ghost.rewind("two")
        inside.save_pending_feedback("1", waiting("1"), {"id": "1", "log": [1, 2, 4]})
        assert inside.load_pending_feedback("1") is not None
        assert persistence.load_state("1") == {"id": "1", "log": [1]}
        ghost.commit()
    assert persistence.load_state("1") == {"id": "1", "log": [1, 2, 4]}


def test_a_flow_of_crewai_goes_on_and_forks(persistence_of: PersistenceOf) -> None:
    @persist(persistence_of())
    class Counting(Flow[Draft]):
        @start()
        def count(self) -> None:
            self.state.step += 1
            self.state.due = date(2026, 1, self.state.step)
            self.state.messages.append(Message(role="user", text=str(self.state.step)))

        @listen(count)
        def tell(self) -> str:
            return f"step {self.state.step}, due {self.state.due}"

    first = Counting(persistence=persistence_of())
    assert first.kickoff() == "step 1, due 2026-01-01"
    again = Counting(persistence=persistence_of())
    assert again.kickoff(inputs={"id": first.state.id}) == "step 2, due 2026-01-02"
    forked = Counting(persistence=persistence_of())
    assert forked.kickoff(restore_from_state_id=first.state.id) == "step 3, due 2026-01-03"
    states = [Draft.model_validate(persistence_of().load_state(flow.state.id)) for flow in (again, forked)]
    assert [(state.step, [each.text for each in state.messages]) for state in states] == [
        (2, ["1", "2"]),
        (3, ["1", "2", "3"]),
    ]


def test_a_flow_that_waits_for_a_human_goes_on_in_another_process(persistence_of: PersistenceOf) -> None:
    class Later:
        def request_feedback(self, context: PendingFeedbackContext, flow: Flow[Any]) -> str:
            raise HumanFeedbackPending(context=context)

    class Review(Flow[Draft]):
        @start()
        @human_feedback(message="Is it right?", provider=Later())
        def draft(self) -> str:
            self.state.step = 1
            self.state.due = date(2026, 1, 2)
            return "a draft"

        @listen(draft)
        def publish(self, result: Any) -> str:
            return f"{result.output}, {result.feedback}, due {self.state.due}"

    paused = Review(persistence=persistence_of()).kickoff()
    assert isinstance(paused, HumanFeedbackPending)
    flow = Review.from_pending(paused.context.flow_id, persistence_of())
    assert flow.state.due == date(2026, 1, 2)
    assert flow.resume("fine") == "a draft, fine, due 2026-01-02"
    assert persistence_of().load_pending_feedback(paused.context.flow_id) is None


def test_a_flow_goes_on_across_a_kill_of_the_broker(own_broker: BrokerProcess) -> None:
    persistence = HyperloomFlowPersistence(own_broker.address)

    @persist(persistence)
    class Crashing(Flow[Draft]):
        @start()
        def before(self) -> None:
            self.state.step = 1

        @listen(before)
        def crash(self) -> None:
            own_broker.kill()
            own_broker.start()
            self.state.step += 1

        @listen(crash)
        def after(self) -> str:
            self.state.step += 1
            return f"step {self.state.step}"

    flow = Crashing()
    assert flow.kickoff() == "step 3"
    assert Draft.model_validate(persistence.load_state(flow.state.id)).step == 3
    persistence.close()
