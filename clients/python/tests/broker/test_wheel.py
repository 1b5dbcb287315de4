"""Goal: the package as others install it has all that messages of their own need.

Method: the wheel, built as pip builds it and unpacked beside nothing of the checkout; a program that compiles its
messages against it, and uses them with a real broker.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.acme import RESEARCH, RULES, SOURCES, VALIDATE
from tests.support import REPOSITORY, BrokerProcess

PROJECT = REPOSITORY / "clients" / "python"
PROGRAM = f"""
import sys
from importlib import resources
import hyperloom.sync
from grpc_tools import protoc
from hyperloom.v1 import PROTO_PATH

site, sources, validate, out = sys.argv[1:]
assert hyperloom.__file__.startswith(site), hyperloom.__file__
assert PROTO_PATH.startswith(site)
includes = [sources, validate, PROTO_PATH, str(resources.files("grpc_tools") / "_proto")]
arguments = [*(f"-I{{include}}" for include in includes), f"--python_out={{out}}", "{RESEARCH}", "{VALIDATE}"]
assert protoc.main(["protoc", *arguments]) == 0
sys.path.insert(0, out)
from acme.v1.research_pb2 import ResearchNote

with hyperloom.sync.connect() as client:
    notes = client.typed(ResearchNote)
    notes.put(ResearchNote(claim="from a wheel"), session="wheel", note="n")
    print(notes.get(session="wheel", note="n").value.claim)
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the wheel holds."""
    folder = tmp_path_factory.mktemp("wheel")
    project = folder / "project"
    shutil.copytree(PROJECT / "src", project / "src", ignore=shutil.ignore_patterns("*.egg-info", "__pycache__"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copyfile(PROJECT / name, project / name)
    build = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), "."]
    subprocess.run([sys.executable, *build], cwd=project, check=True)
    (wheel,) = folder.glob("hyperloom-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def test_messages_compile_against_the_wheel_and_travel_with_it(
    site: Path, broker: BrokerProcess, tmp_path: Path
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(site), "HYPERLOOM_ADDRESS": broker.address}
    arguments = [site, SOURCES, RULES, tmp_path]
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, *map(str, arguments)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "from a wheel\n", "")


def test_types_come_along(site: Path) -> None:
    names = {str(path.relative_to(site / "hyperloom")) for path in (site / "hyperloom").rglob("*")}
    assert {"py.typed", "_gen/v1/node_options_pb2.pyi", "v1/node_options_pb2.py"} <= names
