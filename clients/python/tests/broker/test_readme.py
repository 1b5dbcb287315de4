"""Goal: the README's programs run as they stand."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import BrokerProcess

README = (Path(__file__).resolve().parents[2] / "README.md").read_text()
PROGRAMS = re.findall(r"```python\n(.*?)```", README, flags=re.DOTALL)


EXPECTED = {
    False: "accepted after 2 attempts; refused because ('a price cannot be negative',)\n",
    True: """locked by planner
still there: None
approved after 2 attempts; rejected because ('no source',)
the winner was quick
""",
}


def test_there_are_three_programs() -> None:
    assert len(PROGRAMS) == 3


@pytest.mark.parametrize("program", PROGRAMS, ids=["asyncio", "locks", "sync"])
def test_the_program_runs(broker: BrokerProcess, program: str) -> None:
    environment = {**os.environ, "HYPERLOOM_ADDRESS": broker.address}
    ran = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, timeout=60)
    assert (ran.returncode, ran.stderr) == (0, "")
    if "speculate" in program:
        assert EXPECTED[program == PROGRAMS[1]] in ran.stdout
