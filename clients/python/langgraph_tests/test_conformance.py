"""Goal: the checkpointer is one as LangGraph means it. Method: all of LangGraph's own suite on a real broker."""

from __future__ import annotations

from collections.abc import AsyncGenerator

import pytest
from langgraph.checkpoint.conformance import checkpointer_test, validate
from langgraph.checkpoint.conformance.capabilities import Capability
from langgraph.checkpoint.conformance.report import CapabilityReport

from hyperloom.langgraph import HyperloomSaver
from tests.support import BrokerProcess

CASES = {
    Capability.PUT: 17,
    Capability.PUT_WRITES: 10,
    Capability.GET_TUPLE: 10,
    Capability.LIST: 16,
    Capability.DELETE_THREAD: 5,
    Capability.DELETE_FOR_RUNS: 7,
    Capability.COPY_THREAD: 8,
    Capability.PRUNE: 8,
}
"""How many there are: a suite that got smaller would go unnoticed."""


@pytest.mark.parametrize("capability", list(Capability), ids=lambda each: each.value)
async def test_every_case_of_the_capability_passes(broker: BrokerProcess, capability: Capability) -> None:
    @checkpointer_test(name="HyperloomSaver")
    async def ours() -> AsyncGenerator[HyperloomSaver, None]:
        async with HyperloomSaver(broker.address, root=f"/conformance_{capability.value}") as saver:
            yield saver

    report: CapabilityReport = await validate(ours, capabilities={capability.value})
    result = report.results[capability.value]
    assert (result.detected, result.failures) == (True, [])
    assert result.tests_passed == CASES[capability]
