"""Every command of the README is run, as a newcomer would run it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
README = (REPOSITORY / "README.md").read_text()
UP_WITHIN_S, STORY_WITHIN_S = 120.0, 240.0
BLOCKS = re.findall(r"^```sh\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
COMMANDS = sorted({line.strip() for block in BLOCKS for line in block.splitlines() if line.strip()})
ASKING = [
    c
    for c in COMMANDS
    if re.match(r"tallystick (status|trace|verify|doctor|maps|errors|reviews)", c)
]
INTERRUPTED_MAKE = {0, 2, 130, -signal.SIGINT}
RUN_ELSEWHERE = {
    "make demo": "test_the_demo_tells_its_story_and_stays_until_ctrl_c",
    "make test": "test_make_test_runs_every_test",
    "tallystick up --fresh": "stack",
    "tallystick sandbox --fresh": "test_the_two_stand_ins_start_alone",
    "tallystick up --no-sandbox": "test_up_against_real_systems_names_every_setting_it_misses",
}


def environment(state: Path) -> Mapping[str, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("SALESFORCE_", "NETSUITE_"))}
    return {**kept, "PATH": path, "TALLYSTICK_STATE": str(state)}


def run(command: str, state: Path, within_s: float = 60.0) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command,
        shell=True,
        cwd=REPOSITORY,
        env=environment(state),
        capture_output=True,
        text=True,
        timeout=within_s,
        check=False,
    )


@contextmanager
def started(command: str, state: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        command.split(),
        cwd=REPOSITORY,
        env=environment(state),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            os.killpg(process.pid, signal.SIGINT)  # Ctrl-C reaches all of a terminal's programs
            process.communicate(timeout=20)
    assert process.returncode in ({0} if command.startswith("tallystick") else INTERRUPTED_MAKE)


def until_line(process: subprocess.Popen[str], text: str, within_s: float) -> str:
    """All that was said up to the line that holds the text."""
    assert process.stdout is not None
    said, deadline = "", time.monotonic() + within_s
    for line in process.stdout:
        said += line
        if text in line:
            return said
        assert time.monotonic() < deadline, said
    raise AssertionError(said)


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    state = tmp_path_factory.mktemp("readme") / "state"
    with started("tallystick up --fresh", state) as process:
        until_line(process, "Ctrl-C ends all of it", UP_WITHIN_S)
        yield state


def test_no_command_of_the_readme_is_left_out() -> None:
    assert set(COMMANDS) == {*ASKING, *RUN_ELSEWHERE}
    assert "make demo ONCE=1" in README


@pytest.mark.parametrize("command", ASKING)
def test_what_one_asks_a_running_stack_is_answered(stack: Path, command: str) -> None:
    answer = run(command, stack)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    if "--json" in command:
        assert json.loads(answer.stdout)
    else:
        assert max(map(len, answer.stdout.splitlines())) <= 80


def test_the_demo_ends_by_itself_when_asked(tmp_path: Path) -> None:
    told = run("make demo ONCE=1", tmp_path / "state", STORY_WITHIN_S)
    assert told.returncode == 0, told.stdout + told.stderr
    assert "Nothing is missing." in told.stdout
    assert "Duplicates in NetSuite: 0." in told.stdout


def test_the_demo_tells_its_story_and_stays_until_ctrl_c(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with started("make demo", state) as process:
        said = until_line(process, "Ctrl-C ends all of it", STORY_WITHIN_S)
        told = re.search(r"tallystick trace (\S+)", said)
        curl = re.search(r"curl (.*?)(?=\n\n)", said, re.DOTALL)
        assert told, said
        assert curl, said
        story = run(f"tallystick trace {told[1]}", state)
        assert "applied" in story.stdout
        assert run(curl[0], state).returncode == 0
        deal_id = re.search(r"Opportunity/(\w+)", curl[0])
        assert deal_id
        until(lambda: "SO-" in run(f"tallystick trace {deal_id[1]}", state).stdout)
    assert not (state / "endpoints.json").exists()


def test_make_test_runs_every_test() -> None:
    """What runs this test right now, so it is only looked at."""
    planned = run("make --dry-run test", Path("unused")).stdout
    for suite in ("tidy", "unit", "contract", "integration", "end_to_end"):
        assert f"tests/{suite}" in planned


def test_the_two_stand_ins_start_alone(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with started("tallystick sandbox --fresh", state) as process:
        until_line(process, "Ctrl-C", UP_WITHIN_S)
        endpoints = json.loads((state / "endpoints.json").read_text())
        assert {"salesforce", "netsuite", "tls", "sandbox_admin"} <= endpoints.keys()


def test_up_against_real_systems_names_every_setting_it_misses(tmp_path: Path) -> None:
    answer = run("tallystick up --no-sandbox", tmp_path / "state", UP_WITHIN_S)
    assert answer.returncode == 2
    assert answer.stdout == ""
    for name in ("SALESFORCE_URL", "SALESFORCE_ORG_ID", "NETSUITE_URL", "NETSUITE_CLIENT_ID"):
        assert f"{name} is not set: give" in answer.stderr


def until(holds: object, within_s: float = 30.0) -> None:
    assert callable(holds)
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.2)
