"""`tallystick up` as a person runs it: in the foreground, until a signal."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from ops.local.endpoints import endpoints_of
from ops.local.errors import UnreachableError
from ops.local.options import callers_environment
from ops.local.process import identity_of
from tests.integration.local.parts import read_records, write_records

pytestmark = pytest.mark.real
READY_WITHIN_S, END_WITHIN_S = 60.0, 10.0


def up(state: Path, only: str, environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return started(["up", "--state", str(state), "--only", only], environment)


def started(words: list[str], environment: Mapping[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "ops", *words],
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@contextlib.contextmanager
def running(
    state: Path, only: str = "kafka,postgres", environment: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Ready when it is given; killed at the end should the test have failed before."""
    command = up(state, only, environment or callers_environment())
    try:
        wait_for(lambda: (state / "endpoints.json").exists() or command.poll() is not None)
        assert command.poll() is None, command.communicate()
        yield command
    finally:
        command.kill()
        command.communicate()


def wait_for(happens: Callable[[], bool], within_s: float = READY_WITHIN_S) -> None:
    deadline = time.monotonic() + within_s
    while not happens():
        assert time.monotonic() < deadline, f"not within {within_s:g} s"
        time.sleep(0.02)


def pids_of(state: Path) -> list[int]:
    return [json.loads(path.read_text())["pid"] for path in (state / "run").glob("*.pid.json")]


def bootstrap_of(state: Path) -> str:
    return str(json.loads((state / "endpoints.json").read_text())["kafka"]["bootstrap"])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_every_part_and_nothing_that_was_not_started(
    tmp_path: Path, number: signal.Signals
) -> None:
    stranger = subprocess.Popen(["sleep", "60"])
    state = tmp_path / "state"
    with running(state) as command:
        pids = pids_of(state)
        assert len(pids) == 2
        command.send_signal(number)
        said, complained = command.communicate(timeout=END_WITHIN_S)
    assert (command.returncode, complained) == (0, "")
    assert [identity_of(pid) for pid in pids] == [None, None]
    assert not (state / "endpoints.json").exists()
    assert [line.split()[0] for line in said.splitlines()[-2:]] == [f"{number.name}:", "All"]
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_stack_goes_on_when_nobody_reads_what_it_says(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with running(state, "postgres") as command:
        assert command.stdout is not None
        command.stdout.close()
        (before,) = pids_of(state)
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: pids_of(state) not in ([], [before]))
        command.terminate()
        assert command.wait(timeout=END_WITHIN_S) == 0
        command.stdout = None


def test_a_state_in_use_is_refused_with_the_pid_of_its_stack(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with running(state, "postgres") as command:
        second = up(state, "postgres", callers_environment())
        said, complained = second.communicate(timeout=READY_WITHIN_S)
        assert (second.returncode, said) == (2, "")
        assert f"process {command.pid}:" in complained
        assert command.poll() is None


def test_what_a_killed_stack_left_is_ended_and_its_data_are_kept(tmp_path: Path) -> None:
    """Without setpriv the children survive their keeper, as on a machine that has none."""
    state, tools = tmp_path / "state", tmp_path / "tools"
    tools.mkdir()
    (tools / "java").symlink_to(shutil.which("java") or "missing")
    environment = {**callers_environment(), "PATH": str(tools)}
    with running(state, environment=environment) as command:
        write_records(bootstrap_of(state), "kept", 100)
        left = [identity_of(pid) for pid in pids_of(state)]
        command.kill()
        command.wait()
    assert [identity_of(one.pid) for one in left if one] == left
    with pytest.raises(UnreachableError, match="no stack is ready"):
        endpoints_of(state)
    (state / "endpoints.json").unlink()
    with running(state, environment=environment) as command:
        assert all(one and identity_of(one.pid) != one for one in left)
        assert len(read_records(bootstrap_of(state), "kept", 100)) == 100
        command.terminate()
        said, _ = command.communicate(timeout=END_WITHIN_S)
    assert [line.split()[0] for line in said.splitlines() if "left over" in line] == [
        "kafka", "postgres",
    ]  # fmt: skip


def test_the_parts_end_by_themselves_when_their_keeper_is_killed(tmp_path: Path) -> None:
    state = tmp_path / "state"
    with running(state) as command:
        children = [identity_of(pid) for pid in pids_of(state)]
        command.kill()
        command.wait()
        wait_for(lambda: all(one and identity_of(one.pid) != one for one in children))


def test_a_server_that_was_killed_is_not_mistaken_for_whoever_has_its_pid_now(
    tmp_path: Path,
) -> None:
    state = tmp_path / "state"
    with running(state, "postgres") as command:
        command.terminate()
        command.communicate(timeout=END_WITHIN_S)
    data = (state / "postgres").resolve() / "data"
    (data / "postmaster.pid").write_text(f"{os.getpid()}\n{data}\n")
    with running(state, "postgres"):
        assert identity_of(os.getpid()) is not None


def test_the_sandbox_alone_says_where_both_vendors_are(tmp_path: Path) -> None:
    state = tmp_path / "state"
    words = ["sandbox", "--state", str(state), "--seed", "empty"]
    command = started(words, callers_environment())
    try:
        wait_for(lambda: (state / "endpoints.json").exists() or command.poll() is not None)
        endpoints = endpoints_of(state)
        command.terminate()
        said, complained = command.communicate(timeout=END_WITHIN_S)
    finally:
        command.kill()
        command.communicate()
    assert (command.returncode, complained) == (0, "")
    assert endpoints.keys() == {"services", "salesforce", "netsuite", "tls", "sandbox_admin"}
    for address in (endpoints["salesforce"]["https"], endpoints["netsuite"]["https"]):
        assert address in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--only", "kafak"], "no part is called 'kafak'; there are: kafka, postgres, sandbox"),
        (["--only", "ingest"], "ingest cannot run without kafka: add kafka to --only"),
        (["--state", "."], "is not a state directory of Tallystick and is not empty"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_exit_2_and_the_remedy(
    tmp_path: Path, words: list[str], sentence: str
) -> None:
    (tmp_path / "somebody's file").touch()
    refused = subprocess.run(
        [sys.executable, "-m", "ops", "up", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=READY_WITHIN_S,
        check=False,
    )
    assert refused.returncode == 2
    assert sentence in refused.stderr
    assert os.listdir(tmp_path) == ["somebody's file"]


def test_a_part_that_cannot_be_reached_ends_the_start_with_exit_3(tmp_path: Path) -> None:
    given = {
        f"TALLYSTICK_{name}_DSN": f"postgresql://127.0.0.1:1/{name.lower()}"
        for name in ("SYNC", "AUDIT", "KEYS")
    }
    command = up(tmp_path / "state", "postgres", {**callers_environment(), **given})
    said, complained = command.communicate(timeout=READY_WITHIN_S)
    assert (command.returncode, said) == (3, "")
    assert "TALLYSTICK_" in complained
    assert "refused" in complained
