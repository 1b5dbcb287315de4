"""AutoGen's own tests of its memories, on ours: `pytest -p autogen_tests.upstream FOLDER`.

Goal: what AutoGen promises of a memory holds for ours. Method: AutoGen's source distribution has its tests; where they
make a `ListMemory` they get one of ours, on a real broker. What is about `ListMemory` itself is left out, and named
below.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

import autogen_core.memory
import pytest

from hyperloom.autogen import HyperloomMemory
from tests.support import BrokerProcess, start_broker

LEFT_OUT = {"test_memory_component": "how ListMemory is written as a component"}
"""Tests by the beginning of their names, and what they are about instead."""

_numbers = count(1)


class _Ours:
    """The broker, once it runs: the tests import the class before that."""

    broker: BrokerProcess | None = None


def _memory(name: str | None = None, **_: Any) -> HyperloomMemory:
    assert _Ours.broker is not None
    # Two tests may call theirs alike: each is in a tree of its own.
    return HyperloomMemory(name or "default", _Ours.broker.address, root=f"/test_{next(_numbers)}")


autogen_core.memory.ListMemory = _memory  # type: ignore[assignment,misc]


@pytest.fixture(scope="session", autouse=True)
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A broker for all of them."""
    _Ours.broker = start_broker(tmp_path_factory.mktemp("broker"))
    yield
    _Ours.broker.stop()
    assert next(_numbers) > 1, "none of these tests has made a memory: they run on AutoGen's own"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leaves out what is about the insides of another memory."""
    chosen = [item for item in items if not item.name.startswith(tuple(LEFT_OUT))]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen
