"""Goal: the example and the program of the page run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys

from tests.support import REPOSITORY, BrokerProcess

EXAMPLE = REPOSITORY / "clients" / "python" / "examples" / "langgraph_memory.py"
PAGE = REPOSITORY / "docs" / "frameworks" / "langgraph-python.md"


def run(broker: BrokerProcess, *command: str) -> list[str]:
    environment = {**os.environ, "HYPERLOOM_ADDRESS": broker.address}
    ran = subprocess.run(
        [sys.executable, *command], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    return ran.stdout.splitlines()


def test_a_conversation_goes_on_in_the_next_run_of_the_example(own_broker: BrokerProcess) -> None:
    first = run(own_broker, str(EXAMPLE))
    assert first == [
        "human: Which seat do I like?",
        "ai: A window seat, as ever.",
        "human: Take it.",
        "ai: Booked.",
        "before it there were 3 messages; answered anew: A window seat, as ever.",
        "remembered: Take it.",
    ]
    second = run(own_broker, str(EXAMPLE))
    assert len(second) == 10
    assert second[:3] == first[:3]


def test_the_program_of_the_page_runs(own_broker: BrokerProcess) -> None:
    programs = re.findall(r"```python\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    assert len(programs) == 3
    for program in programs:
        run(own_broker, "-c", program)
