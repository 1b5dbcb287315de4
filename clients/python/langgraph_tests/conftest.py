"""The broker of the client's own tests, and savers on it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

from hyperloom.langgraph import HyperloomSaver
from tests.conftest import broker, own_broker
from tests.support import BrokerProcess

__all__ = ["broker", "own_broker"]

_numbers = count(1)


@pytest.fixture
def saver(broker: BrokerProcess) -> Iterator[HyperloomSaver]:
    """A saver with threads of the test's own."""
    with HyperloomSaver(broker.address, root=f"/test_{next(_numbers)}") as made:
        yield made
