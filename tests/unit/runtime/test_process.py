"""The life of a process: exit codes, what it says, and a clean end."""

import json
import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
Ended = tuple[int, str, list[str]]


def ended(**settings: str) -> Ended:
    """Exit code, standard output, lines of standard error."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "tests.unit.runtime.small_process"],
        cwd=REPOSITORY,
        env={**kept, **settings},
        capture_output=True,
        text=True,
        timeout=30,
    )
    return done.returncode, done.stdout, done.stderr.splitlines()


def test_wrong_settings_are_all_printed_and_the_exit_code_is_2() -> None:
    code, _, errors = ended(KAFKA_BOOTSTRAP="nonsense", HEALTH_PORT="high")
    assert code == 2
    assert errors == [
        "small: KAFKA_BOOTSTRAP: 'nonsense' is not host:port:"
        " give host:port of one or more Kafka brokers",
        "small: HEALTH_PORT: 'high' is not a whole number:"
        " give a TCP port for /live, /ready and /metrics, 0 for a free one",
        "small: MODE is not set: give what to do",
    ]


def test_another_fault_found_while_reading_settings_has_the_same_exit_code() -> None:
    code, _, errors = ended(KAFKA_BOOTSTRAP="a:1", MODE="eof")
    assert (code, errors) == (2, ["small: the map has a fault"])


def test_sigterm_lets_it_finish_what_is_in_hand_and_leave_with_0(tmp_path: Path) -> None:
    file = tmp_path / "health.json"
    code, said, errors = ended(KAFKA_BOOTSTRAP="a:1", MODE="work", HEALTH_FILE=str(file))
    assert code == 0
    assert said == "finished what was in hand\n"
    assert [json.loads(line)["event"] for line in errors] == ["started", "stopping", "stopped"]
    assert json.loads(file.read_text())["health"].startswith("http://127.0.0.1:")


def test_a_main_that_returns_ends_the_process_with_0() -> None:
    code, _, errors = ended(KAFKA_BOOTSTRAP="a:1", MODE="done")
    assert code == 0
    assert [json.loads(line)["event"] for line in errors] == ["started", "stopped"]


def test_a_main_that_hangs_is_left_after_its_time_with_1_and_a_line() -> None:
    code, _, errors = ended(KAFKA_BOOTSTRAP="a:1", MODE="hang")
    assert code == 1
    assert json.loads(errors[-1])["event"] == "stopped_late"


def test_a_fatal_error_is_one_line_and_1() -> None:
    code, _, errors = ended(KAFKA_BOOTSTRAP="a:1", MODE="fatal")
    assert code == 1
    last = json.loads(errors[-1])
    assert len(errors) == 2
    assert last["event"] == "fatal"
    assert last["message"] == "the credentials of NetSuite were refused"


def test_an_unexpected_error_says_its_type_and_place() -> None:
    code, _, errors = ended(KAFKA_BOOTSTRAP="a:1", MODE="bug")
    assert code == 1
    last = json.loads(errors[-1])
    assert last["event"] == "fatal"
    assert last["error"]["type"] == "ZeroDivisionError"
    assert "small_process.py" in last["error"]["at"][-1]


def test_a_health_address_that_cannot_be_had_is_fatal() -> None:
    code, _, errors = ended(KAFKA_BOOTSTRAP="a:1", MODE="done", HEALTH_HOST="203.0.113.1")
    assert code == 1
    assert "cannot be served" in json.loads(errors[-1])["message"]
