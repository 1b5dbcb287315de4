"""Goal: crews remember over runs, processes and restarts of the broker.

Method: CrewAI's own crews and memory with a scripted model, against a real broker.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from zlib import crc32

from crewai import Agent, BaseLLM, Crew, Memory, Task
from crewai.flow.flow import Flow, FlowState, start
from crewai.flow.persistence import persist
from crewai.flow.persistence.factory import default_flow_persistence
from pydantic import Field

import hyperloom.sync
from crewai_tests.records import contents
from hyperloom.crewai import HyperloomStorage, use_hyperloom
from tests.support import BrokerProcess

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"

StorageOf = Callable[..., HyperloomStorage]


class Script(BaseLLM):
    """Says what it is told to; of memory it takes what the task was about."""

    answers: list[str]
    memories: list[str]
    seen: list[str] = Field(default_factory=list)

    def call(self, messages: Any, *args: Any, response_model: Any = None, **more: Any) -> Any:
        self.seen.append(str(messages))
        if response_model is None:
            return self.answers.pop(0)
        if response_model.__name__ == "ExtractedMemories":
            return response_model(memories=self.memories)
        known = {"suggested_scope": "/cities", "categories": ["population"], "importance": 0.9}
        return response_model.model_validate(known)

    def supports_function_calling(self) -> bool:
        return True


def embed(texts: list[str]) -> list[list[float]]:
    """Texts with the same words are alike."""
    vectors = [[0.0] * 64 for _ in texts]
    for vector, text in zip(vectors, texts, strict=True):
        for word in text.lower().replace("?", "").replace(".", "").split():
            vector[crc32(word.encode()) % 64] += 1.0
    return vectors


def crew(memory: Memory | bool, script: Script, question: str) -> Crew:
    """One agent with one task."""
    expert = Agent(role="Geographer", goal="Know cities", backstory="You do.", llm=script)
    task = Task(description=question, expected_output="A number", agent=expert)
    return Crew(agents=[expert], tasks=[task], memory=memory, verbose=False)


def test_what_one_crew_has_learned_another_one_is_told(storage_of: StorageOf) -> None:
    first = Script(model="script", answers=["2.1 million"], memories=["Paris has 2.1 million inhabitants"])
    memory = Memory(storage=storage_of(distance="cosine"), llm=first, embedder=embed)
    assert str(crew(memory, first, "How many inhabitants has Paris?").kickoff()) == "2.1 million"
    memory.close()
    [remembered] = storage_of().list_records()
    assert (remembered.content, remembered.importance) == ("Paris has 2.1 million inhabitants", 0.9)
    assert remembered.scope.endswith("/cities")
    assert remembered.categories == ["population"]

    second = Script(model="script", answers=["as before"], memories=[])
    other = Memory(storage=storage_of(distance="cosine"), llm=second, embedder=embed)
    crew(other, second, "Tell again what inhabitants Paris has").kickoff()
    assert any("Paris has 2.1 million inhabitants" in prompt for prompt in second.seen)
    other.close()
    recalled = storage_of().get_record(remembered.id)
    assert recalled is not None
    assert recalled.last_accessed > remembered.last_accessed


def test_memory_is_recalled_by_scope_and_forgotten(storage_of: StorageOf) -> None:
    memory = Memory(
        storage=storage_of(distance="cosine"), llm=Script(model="s", answers=[], memories=[]), embedder=embed
    )
    for number, text in enumerate(["etcd sorts keys", "redis sorts nothing", "paris sorts art"]):
        memory.remember(text, scope=f"/s{number % 2}", categories=["fact"], importance=0.5, metadata={"n": number})
    assert [match.record.content for match in memory.recall("etcd sorts keys", depth="shallow", limit=1)] == [
        "etcd sorts keys"
    ]
    inner = memory.scope("/s0")
    assert {match.record.content for match in inner.recall("sorts", depth="shallow")} == {
        "etcd sorts keys",
        "paris sorts art",
    }
    assert memory.tree() == "/ (3 records)\n  /s0 (2 records)\n  /s1 (1 records)"
    changed = memory.update(memory.list_records("/s1")[0].id, content="redis sorts sets", scope="/s2")
    assert contents(memory.list_records("/s2")) == [changed.content] == ["redis sorts sets"]
    assert memory.forget(scope="/s0", metadata_filter={"n": 2}) == 1
    memory.reset(scope="/s2")
    assert contents(memory.list_records()) == ["etcd sorts keys"]
    memory.close()
    # Late saves are saves.
    memory.remember("late", scope="/s0", categories=[], importance=0.5, metadata={})
    assert memory.info("/s0").record_count == 2


def test_a_crew_goes_on_across_a_kill_of_the_broker(own_broker: BrokerProcess) -> None:
    class Crashing(Script):
        def call(self, messages: Any, *args: Any, response_model: Any = None, **more: Any) -> Any:
            if response_model is None:
                own_broker.kill()
                with ThreadPoolExecutor(1) as pool:
                    pool.submit(own_broker.start)
            return super().call(messages, *args, response_model=response_model, **more)

    script = Crashing(model="script", answers=["one", "two"], memories=["learned"])
    with hyperloom.sync.connect(own_broker.address, timeout=60) as client:
        storage = HyperloomStorage(client)
        memory = Memory(storage=storage, llm=script, embedder=embed)
        assert str(crew(memory, script, "First?").kickoff()) == "one"
        assert str(crew(memory, script, "Second?").kickoff()) == "two"
        memory.close()
        assert "learned" in contents(storage.list_records())


def test_one_line_is_enough_for_all_crews_and_flows(broker: BrokerProcess, root: str) -> None:
    use_hyperloom(broker.address, memory_root=f"{root}/all", flows_root=f"{root}/flows")

    class State(FlowState):
        count: int = 0

    @persist()
    class Counting(Flow[State]):
        @start()
        def count(self) -> str:
            self.state.count += 1
            return f"count {self.state.count}"

    flow = Counting()
    assert flow.kickoff() == "count 1"
    assert Counting().kickoff(inputs={"id": flow.state.id}) == "count 2"
    assert (default_flow_persistence().load_state(flow.state.id) or {})["count"] == 2
    script = Script(model="script", answers=["x"], memories=["learned by a crew"])
    memory = Memory(llm=script, embedder=embed)
    assert isinstance(memory._storage, HyperloomStorage)
    crew(memory, script, "What?").kickoff()
    memory.close()
    with HyperloomStorage(broker.address, root=f"{root}/all") as storage:
        assert contents(storage.list_records()) == ["learned by a crew"]


def test_the_example_tells_what_it_promises(own_broker: BrokerProcess) -> None:
    environment = {**os.environ, "HYPERLOOM_ADDRESS": own_broker.address}
    command = [sys.executable, "-W", "ignore", str(EXAMPLES / "crewai_memory.py")]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert ran.returncode == 0, ran.stderr
    told = [line for line in ran.stdout.splitlines() if line.startswith(("Paris", "A flow"))]
    assert told == [
        "Paris has 2.1 million inhabitants.",
        "Paris has 2.1 million inhabitants, remembered in /cities",
        "A flow has 2 sections, one from an earlier run",
    ]


def test_without_crewai_the_error_says_what_to_install() -> None:
    program = "import sys; sys.modules['crewai'] = None; import hyperloom.crewai"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1
    assert "pip install 'hyperloom[crewai]'" in ran.stderr


def test_the_client_alone_does_not_import_crewai() -> None:
    program = "import sys, hyperloom, hyperloom.sync; sys.exit('crewai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0
