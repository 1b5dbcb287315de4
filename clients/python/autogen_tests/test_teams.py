"""Goal: agents remember, and teams go on, over turns, processes and restarts of the broker.

Method: AutoGen's own agents and teams with its own fake model, against a real broker.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from autogen_agentchat.agents import AssistantAgent
from autogen_agentchat.conditions import MaxMessageTermination
from autogen_agentchat.messages import MemoryQueryEvent
from autogen_agentchat.teams import RoundRobinGroupChat
from autogen_core.memory import MemoryContent, MemoryMimeType
from autogen_ext.models.replay import ReplayChatCompletionClient

import hyperloom
from hyperloom.autogen import (
    HyperloomMemory,
    HyperloomStateStore,
    InvalidIdError,
    NotStorableError,
    StorageError,
    StorageUnavailableError,
    TooLargeError,
)
from tests.support import BrokerProcess

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
MemoryOf = Callable[..., HyperloomMemory]


def team(*answers: str) -> RoundRobinGroupChat:
    """Two agents that say what they are told to."""
    model = ReplayChatCompletionClient(list(answers))
    agents = [AssistantAgent(name, model) for name in ("writer", "critic")]
    return RoundRobinGroupChat(list(agents), termination_condition=MaxMessageTermination(3))


def said(result: Any) -> list[str]:
    """What was said in a run."""
    return [message.content for message in result.messages]


class Keeper:
    """Anything with a state."""

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.state = state

    async def save_state(self) -> Mapping[str, Any]:
        """What it goes on from."""
        return self.state

    async def load_state(self, state: Mapping[str, Any]) -> None:
        """Goes on from there."""
        self.state = state


async def test_an_agent_is_told_what_another_one_has_remembered(memory_of: MemoryOf) -> None:
    await memory_of().add(MemoryContent(content="The user wants metric units", mime_type=MemoryMimeType.TEXT))
    agent = AssistantAgent("assistant", ReplayChatCompletionClient(["20 °C"]), memory=[memory_of()])
    result = await agent.run(task="How warm is it?")
    [event] = [message for message in result.messages if isinstance(message, MemoryQueryEvent)]
    assert [content.content for content in event.content] == ["The user wants metric units"]
    messages = await agent.model_context.get_messages()
    assert "1. The user wants metric units" in str(messages[-2].content)


async def test_an_agent_with_its_memory_is_made_again_from_its_configuration(memory_of: MemoryOf) -> None:
    agent = AssistantAgent("assistant", ReplayChatCompletionClient(["one"]), memory=[memory_of()])
    again = AssistantAgent.load_component(agent.dump_component())
    memories = await again.run(task="Hello")
    assert said(memories)[-1] == "one"
    assert isinstance((again._memory or [])[0], HyperloomMemory)
    await (again._memory or [])[0].close()


async def test_a_team_goes_on_in_another_process(broker: BrokerProcess, states: HyperloomStateStore, root: str) -> None:
    assert await states.load("desk", team()) is False
    first = team("a draft", "too long")
    assert said(await first.run(task="Write")) == ["Write", "a draft", "too long"]
    await states.save("desk", first)
    async with HyperloomStateStore(broker.address, root=root) as others:
        second = team("a shorter one", "fine")
        assert await others.load("desk", second) is True
        assert await second.save_state() == await first.save_state()
        assert said(await second.run(task="Go on")) == ["Go on", "a shorter one", "fine"]
        await others.save("desk", second)
        assert await states.find("desk") == await second.save_state()


async def test_a_conversation_that_grows_costs_what_is_new(
    states: HyperloomStateStore, client: hyperloom.Client, root: str
) -> None:
    model = ReplayChatCompletionClient(["x" * 2_000 for _ in range(20)])
    agent = AssistantAgent("assistant", model)
    sizes: list[int] = []
    for turn in range(20):
        await agent.run(task=f"turn {turn}")
        await states.save("chat", agent)
        status = await client.status(meters=True)
        sizes.append(sum(meter.published.bytes for meter in status.meters if f"/{meter.tree}" == root))
    grown = [later - earlier for earlier, later in pairwise(sizes)]
    assert 40_000 < sizes[-1] < 60_000
    assert max(grown) < 3_000
    assert await states.find("chat") == await agent.save_state()


async def test_any_state_comes_back_as_it_was(states: HyperloomStateStore) -> None:
    kept: list[dict[str, Any]] = [
        {"type": "x", "deep": {"a": {"b": {"c": ["x" * 2_000]}}}, "none": None},
        {"type": "x", "deep": {"a": {"b": {"c": ["x" * 2_000, "y"]}, "e": {}}}},
        {},
        {"deep": [1]},
    ]
    for state in kept:
        await states.save("user 1/..", Keeper(state))
        keeper = Keeper({})
        assert await states.load("user 1/..", keeper) is True
        assert keeper.state == state
    await states.delete("user 1/..")
    await states.delete("user 1/..")
    assert await states.find("user 1/..") is None


async def test_bad_input_is_refused_with_what_to_do(
    states: HyperloomStateStore, client: hyperloom.Client, root: str
) -> None:
    for kind, message, state in (
        (NotStorableError, "plain dicts, lists, texts", {"x": object()}),
        (NotStorableError, "cannot be stored as JSON", {"x": float("nan")}),
        (NotStorableError, "cannot be stored as JSON", {"x": "\ud800"}),
        (TooLargeError, "2,097,152 are the most. Keep large texts", {"x": "x" * 2_100_000}),
    ):
        with pytest.raises(kind, match=message):
            await states.save("desk", Keeper(state))
    for name in ("", "a" * 256):
        with pytest.raises(InvalidIdError):
            await states.find(name)
    async with hyperloom.connect("127.0.0.1:9", timeout=0.3) as nowhere:
        with pytest.raises(StorageUnavailableError, match="npx hyperloom serve"):
            await HyperloomStateStore(nowhere).find("desk")
    with pytest.raises(StorageError, match="hyperloom forest create"):
        await HyperloomStateStore(client.as_agent(forest="nobody")).find("desk")
    assert await states.find("desk") is None


async def test_a_team_goes_on_across_a_kill_of_the_broker(own_broker: BrokerProcess) -> None:
    async with HyperloomStateStore(own_broker.address) as states:
        first = team("one", "two")
        await first.run(task="Begin")
        await states.save("desk", first)
        await asyncio.to_thread(own_broker.kill)
        saving = asyncio.create_task(states.save("desk", first))
        await asyncio.to_thread(own_broker.start)
        await saving
        second = team("three", "four")
        assert await states.load("desk", second)
        assert said(await second.run(task="Go on")) == ["Go on", "three", "four"]


def test_the_example_tells_what_it_promises(own_broker: BrokerProcess) -> None:
    environment = {**os.environ, "HYPERLOOM_ADDRESS": own_broker.address}
    command = [sys.executable, str(EXAMPLES / "autogen_memory.py")]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [
        "assistant: It is 20 °C in Oslo.",
        "it was told: The user wants metric units",
        "assistant: You asked about Oslo.",
    ]


def test_without_autogen_the_error_says_what_to_install() -> None:
    program = "import sys; sys.modules['autogen_core'] = None; import hyperloom.autogen"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60)
    assert ran.returncode == 1
    assert "pip install 'hyperloom[autogen]'" in ran.stderr


def test_the_client_alone_does_not_import_autogen() -> None:
    program = "import sys, hyperloom, hyperloom.sync; sys.exit('autogen_core' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], timeout=60).returncode == 0
