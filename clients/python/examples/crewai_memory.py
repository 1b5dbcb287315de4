"""A crew whose memory is in Hyperloom, and a flow that goes on. Needs a broker but no network: the model is a script.

npx hyperloom serve &
pip install 'hyperloom[crewai]'
python examples/crewai_memory.py
"""

import os
from typing import Any
from zlib import crc32

os.environ["CREWAI_DISABLE_TELEMETRY"] = "true"  # It would tell CrewAI's makers of each run.
os.environ["CREWAI_DISABLE_TRACKING"] = "true"

from crewai import Agent, BaseLLM, Crew, Memory, Task
from crewai.flow.flow import Flow, FlowState, listen, start
from crewai.flow.persistence import persist
from pydantic import Field

from hyperloom.crewai import use_hyperloom

use_hyperloom()  # The one line: from here on crews remember, and flows go on, in the broker.


class Script(BaseLLM):
    """In place of a real model: leave out `llm=` and `embedder=` below, and set OPENAI_API_KEY."""

    def call(self, messages: Any, *args: Any, response_model: Any = None, **more: Any) -> Any:
        if response_model is not None and response_model.__name__ == "ExtractedMemories":
            return response_model(memories=["Paris has 2.1 million inhabitants"])
        if response_model is not None:
            return response_model.model_validate({"suggested_scope": "/cities", "categories": ["population"]})
        return "Paris has 2.1 million inhabitants."

    def supports_function_calling(self) -> bool:
        return True


def embed(texts: list[str]) -> list[list[float]]:
    """In place of an embedding model: texts with the same words are alike."""
    vectors = [[0.0] * 64 for _ in texts]
    for vector, text in zip(vectors, texts, strict=True):
        for word in text.lower().strip(".?").split():
            vector[crc32(word.encode()) % 64] += 1.0
    return [[number / sum(vector) for number in vector] for vector in vectors]


class Report(FlowState):
    city: str = ""
    sections: list[str] = Field(default_factory=list)


@persist()
class Reporting(Flow[Report]):
    @start()
    def choose(self) -> None:
        self.state.city = self.state.city or "Paris"

    @listen(choose)
    def write(self) -> int:
        self.state.sections.append(f"Section {len(self.state.sections) + 1} on {self.state.city}")
        return len(self.state.sections)


def main() -> None:
    memory = Memory(llm=Script(model="script"), embedder=embed)
    memory.reset()
    expert = Agent(role="Geographer", goal="Know cities", backstory="You do.", llm=Script(model="script"))
    task = Task(description="How many people live in Paris?", expected_output="A number", agent=expert)
    print(Crew(agents=[expert], tasks=[task], memory=memory).kickoff())
    memory.close()

    # Another process, another day, another crew: it knows.
    memory = Memory(llm=Script(model="script"), embedder=embed)
    [match] = memory.recall("How many inhabitants has Paris?", depth="shallow")
    print(f"{match.record.content}, remembered in {match.record.scope}")
    memory.close()

    first = Reporting()
    first.kickoff()
    print("A flow has", Reporting().kickoff(inputs={"id": first.state.id}), "sections, one from an earlier run")


main()
