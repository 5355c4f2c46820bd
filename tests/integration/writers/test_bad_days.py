"""Parts that go away, processes that end, wrong settings: nothing is lost and all is said."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from kernel.messages import Result
from ops.local.environment import key_encryption_key
from ops.local.stack import Stack
from tests.integration.writers.desk import Desk, ready
from tests.integration.writers.vendors import mutations
from tests.log import eventually
from tests.unit.netsuite_writer.commands import customer

pytestmark = pytest.mark.real
WRITER = "netsuite-writer"
END_WITHIN_S = 10.0
VENDOR_FREE = {"PATH": os.environ.get("PATH", ""), "HOME": os.environ.get("HOME", "")}


@pytest.mark.parametrize("part", ["kafka", "postgres"])
def test_a_part_that_dies_in_the_middle_costs_nothing(desk: Desk, number: int, part: str) -> None:
    """R6, R7"""
    desk.vendors.faults({"system": "netsuite", "effect": "delay", "seconds": 0.05})
    commands = [customer(number + at) for at in range(60)]
    desk.log.send(*commands)
    eventually(lambda: mutations(desk.history("netsuite"), "customer"))
    desk.stack.kill(part, signal.SIGKILL)
    outcomes = desk.ended(*commands, within_s=60.0)
    assert {outcome.result for outcome in outcomes} == {Result.APPLIED}
    names = {str(command.document.fields["companyName"]) for command in commands}
    made = [one for one in mutations(desk.history("netsuite"), "customer", "create")
            if one["after"]["companyName"] in names]  # fmt: skip
    assert len(made) == len(commands)
    eventually(lambda: desk.ready(WRITER)[0])


def test_an_ordered_end_takes_less_than_ten_seconds_even_while_a_call_settles(
    desk: Desk, number: int
) -> None:
    command = customer(number)
    desk.vendors.faults({"system": "netsuite", "method": "PUT", "path": "*customer*",
                         "effect": "drop_before_commit", "times": 1})  # fmt: skip
    after = desk.vendors.last_seq("netsuite")
    desk.log.send(command)
    eventually(lambda: [one for one in desk.history("netsuite", after) if one["status"] == 404])
    pid, started = desk.stack.pid(WRITER), time.monotonic()
    desk.stack.kill(WRITER, signal.SIGTERM)
    eventually(lambda: not _is_alive(pid))
    assert time.monotonic() - started < END_WITHIN_S
    [outcome] = desk.ended(command)
    assert (outcome.result, outcome.path[0]) == (Result.APPLIED, "begun before, no end on record")


def _is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def run(package: str, environment: Mapping[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", package],
        env={**VENDOR_FREE, **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


@pytest.mark.parametrize(
    ("package", "names"),
    [
        ("netsuite_writer", "SYNC_DSN KEYS_DSN KEK_FILE NETSUITE_URL NETSUITE_CLIENT_ID"
                            " NETSUITE_CERTIFICATE_ID NETSUITE_PRIVATE_KEY_FILE"),
        ("salesforce_writer", "SYNC_DSN KEYS_DSN KEK_FILE SALESFORCE_URL SALESFORCE_CONSUMER_KEY"
                              " SALESFORCE_USERNAME SALESFORCE_PRIVATE_KEY_FILE"),
    ],
)  # fmt: skip
def test_all_wrong_settings_are_named_at_once(package: str, names: str) -> None:
    ended = run(package, {"KAFKA_BOOTSTRAP": "nowhere"})
    assert ended.returncode == 2
    for name in (*names.split(), "KAFKA_BOOTSTRAP"):
        assert name in ended.stderr


def settings_of(stack: Stack, desk: Desk, **other: str) -> dict[str, str]:
    """Of one more netsuite-writer beside the stack's own."""
    told = desk.vendors.netsuite
    return {
        **VENDOR_FREE,
        "KAFKA_BOOTSTRAP": desk.bootstrap,
        "SYNC_DSN": stack.dsn("sync_service"),
        "KEYS_DSN": stack.dsn("keys_service"),
        "KEK_FILE": str(key_encryption_key(stack.state)),
        "NETSUITE_URL": told["https"],
        "NETSUITE_CLIENT_ID": told["client_id"],
        "NETSUITE_CERTIFICATE_ID": told["certificate_id"],
        "NETSUITE_PRIVATE_KEY_FILE": told["private_key_file"],
        "TLS_CA_FILE": str(desk.vendors.ca_file),
        "OUTBOUND_HOSTS": "localhost",
        "GROUP_INSTANCE_ID": "one-more",
        **other,
    }


def test_a_wrong_credential_ends_the_service_and_names_the_kind_not_the_secret(
    stack: Stack, desk: Desk
) -> None:
    wrong = "a-client-id-nobody-knows"
    ended = run("netsuite_writer", settings_of(stack, desk, NETSUITE_CLIENT_ID=wrong))
    assert ended.returncode == 1
    assert "NetSuite refused the sign-in" in ended.stderr
    assert "NETSUITE_CLIENT_ID" in ended.stderr
    assert wrong not in ended.stderr


@pytest.mark.parametrize(
    ("part", "setting", "nowhere"),
    [
        ("kafka", "KAFKA_BOOTSTRAP", "127.0.0.1:9"),
        ("postgres:sync", "SYNC_DSN", "postgresql://nobody@127.0.0.1:9/sync"),
        ("netsuite", "NETSUITE_URL", "https://localhost:9"),
    ],
)
def test_a_part_away_at_the_start_is_waited_for_and_said_once(
    stack: Stack, desk: Desk, tmp_path: Path, part: str, setting: str, nowhere: str
) -> None:
    health, lines = tmp_path / "health.json", tmp_path / "lines"
    environment = settings_of(stack, desk, HEALTH_FILE=str(health), **{setting: nowhere})
    command = [sys.executable, "-m", "netsuite_writer"]
    with lines.open("wb") as log:
        process = subprocess.Popen(command, env=environment, stderr=log)
    try:
        address = json.loads(eventually(lambda: text_of(health)))["health"]
        eventually(lambda: ready(address)[1].get(part, "well") not in {"well", "starting"})
        time.sleep(1.5)  # several attempts
        process.terminate()
        assert process.wait(END_WITHIN_S) == 0
    finally:
        process.kill()
    told = [json.loads(line) for line in lines.read_text().splitlines()]
    assert sum(one["event"] == "part_waiting" and one["part"] == part for one in told) == 1


def text_of(path: Path) -> str:
    """Empty while the file is not there."""
    return path.read_text() if path.exists() else ""
