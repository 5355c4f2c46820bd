"""The order of a start, told with small programs in the place of the sandbox and the services."""

import json
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from ops.local.errors import PartFailedError
from ops.local.options import Options, callers_environment
from ops.local.process import identity_of
from ops.local.stack import Stack, running_stack
from tests.unit.local.test_environment import SANDBOX
from tests.unit.local.test_options import GIVEN

SANDBOX_PROGRAM = f"""
import pathlib, sys, time
words = dict(zip(sys.argv[1::2], sys.argv[2::2]))
pathlib.Path(words["--state"]).mkdir(exist_ok=True)
pathlib.Path(words["--state"], "seed").write_text(words.get("--seed", "none named"))
pathlib.Path(words["--endpoints"]).write_text({json.dumps(json.dumps(SANDBOX))})
time.sleep(60)
"""
SERVICE_PROGRAM = """
import http.server, json, os, pathlib, sys
if os.environ.get("BROKEN"):
    sys.exit("no settings") if os.environ["BROKEN"] == "1" else sys.exit(2)
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/ready" else 404)
        self.end_headers()
        self.wfile.write(json.dumps(dict(os.environ)).encode())
server = http.server.HTTPServer(("127.0.0.1", int(os.environ["HEALTH_PORT"])), Ready)
address = {"pid": os.getpid(), "health": f"http://127.0.0.1:{server.server_address[1]}"}
pathlib.Path(os.environ["HEALTH_FILE"]).write_text(json.dumps(address))
server.serve_forever()
"""


@pytest.fixture
def programs(tmp_path: Path) -> Path:
    """Found before the real ones."""
    texts = {"sandbox": SANDBOX_PROGRAM, "ingest": SERVICE_PROGRAM, "transform": SERVICE_PROGRAM}
    for package, text in texts.items():
        directory = tmp_path / "programs" / package
        directory.mkdir(parents=True)
        (directory / "__init__.py").touch()
        (directory / "__main__.py").write_text(text)
    return tmp_path / "programs"


def options(programs: Path, **changes: Any) -> Options:
    given = {"KAFKA_BOOTSTRAP": "127.0.0.1:9", **GIVEN, "PYTHONPATH": str(programs)}
    wanted: dict[str, Any] = {
        "state": programs.parent / "state",
        "only": frozenset({"sandbox", "ingest", "transform"}),
        "environment": {**callers_environment(), **given},
    }
    return Options(**{**wanted, **changes})


def seen_by(service: str, stack: Stack) -> Mapping[str, str]:
    """The environment as the service has it."""
    services = stack.endpoints["services"]
    assert isinstance(services, dict)
    with urlopen(f"{services[service]['health']}/ready", timeout=10) as answer:
        found: dict[str, str] = json.load(answer)
    return found


async def test_services_start_after_the_sandbox_and_are_told_what_it_says(programs: Path) -> None:
    said: list[str] = []
    extra_of = {"ingest": {"INGEST_PAUSE_S": "1"}}
    wanted = options(programs, say=said.append, seed="empty", extra_of=extra_of)
    async with running_stack(wanted) as stack:
        ingest, transform = seen_by("ingest", stack), seen_by("transform", stack)
        assert ingest["SALESFORCE_URL"] == SANDBOX["salesforce"]["https"]
        assert (ingest["SYNC_DSN"], ingest["KAFKA_BOOTSTRAP"]) == (
            GIVEN["TALLYSTICK_SYNC_DSN"],
            "127.0.0.1:9",
        )
        assert ingest["INGEST_PAUSE_S"] == "1"
        assert "INGEST_PAUSE_S" not in transform
        assert (stack.state.directory / "sandbox" / "seed").read_text() == "empty"
    assert [line.split()[0] for line in said[:1]] == ["sandbox"]
    assert {line.split()[0] for line in said[1:3]} == {"ingest", "transform"}
    assert said[3].startswith("All parts ready in ")


async def test_the_endpoints_follow_a_service_that_was_killed(programs: Path) -> None:
    async with running_stack(options(programs)) as stack:
        before = seen_by("ingest", stack)
        old_pid = stack.pid("ingest")
        stack.kill("ingest", signal.SIGKILL)
        await stack.until_ready("ingest")
        kept = json.loads(stack.state.endpoints.read_text())
        assert kept == stack.endpoints
        assert kept["services"]["ingest"]["pid"] == stack.pid("ingest") != old_pid
        assert seen_by("ingest", stack)["SYNC_DSN"] == before["SYNC_DSN"]
        assert {name: kept[name] for name in SANDBOX} == SANDBOX


@pytest.mark.parametrize(
    ("broken", "words"), [("1", r"(?s)ingest ended \(exit 1\).*no settings"), ("2", "exit 2")]
)
async def test_a_service_that_does_not_start_ends_the_start_and_all_parts(
    programs: Path, monkeypatch: pytest.MonkeyPatch, broken: str, words: str
) -> None:
    monkeypatch.setattr("ops.local.python_parts.SERVICE_READY_WITHIN_S", 1.0)
    pids: list[int] = []

    def remember(_: str) -> None:
        run = programs.parent / "state" / "run"
        pids.extend(json.loads(path.read_text())["pid"] for path in run.glob("*.pid.json"))

    wanted = options(programs, extra_of={"ingest": {"BROKEN": broken}}, say=remember)
    with pytest.raises(PartFailedError, match=words):
        async with running_stack(wanted):
            pass
    assert pids
    assert [identity_of(pid) for pid in pids] == [None] * len(pids)
    assert not (programs.parent / "state" / "endpoints.json").exists()
