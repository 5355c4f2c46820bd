"""The public client `netsuite`, unmodified: over TLS through the relay, and over plain HTTP.

It pins another HTTP library than this project does, so it lives in an environment of its own
beside the project's; made once, from a lock with hashes.
"""

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.contract.conftest import Sandbox

CLIENTS = Path(__file__).parent / "clients"
LOCK, STORY = CLIENTS / "netsuite.txt", CLIENTS / "netsuite_story.py"
INSTALL_S, STORY_S = 300, 120
SECRETS = ("consumer_key", "consumer_secret", "token_id", "token_secret")


@pytest.fixture(scope="module")
def python() -> Path:
    """The interpreter of the client's environment; several test runs make it only once."""
    mark = hashlib.sha256(LOCK.read_bytes()).hexdigest()[:16]
    home = Path(sys.prefix) / "clients" / f"netsuite-{mark}"
    home.parent.mkdir(exist_ok=True)
    with (home.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "set-up").exists():
            shutil.rmtree(home, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", str(home)], check=True, timeout=INSTALL_S)
            pip = [str(home / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps"]
            locked = ["--require-hashes", "--only-binary", ":all:", "--requirement", str(LOCK)]
            subprocess.run([*pip, *locked], check=True, timeout=INSTALL_S)
            (home / "set-up").touch()
    return home / "bin" / "python"


def told_by(
    python: Path, sandbox: Sandbox, base: str, environment: Mapping[str, str]
) -> dict[str, Any]:
    told = {
        "account": sandbox.netsuite["account"],
        "auth": {name: sandbox.netsuite[name] for name in SECRETS},
        "base": base,
        "external_id": uuid.uuid4().hex,
    }
    done = subprocess.run(
        [str(python), str(STORY)],
        input=json.dumps(told),
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        timeout=STORY_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    saw: dict[str, Any] = json.loads(done.stdout)
    return {**saw, "external_id": told["external_id"]}


def check(saw: dict[str, Any]) -> None:
    held = saw["get"]
    assert saw["put"] is None
    assert (held["externalId"], held["phone"]) == (saw["external_id"], "42")
    assert [one["id"] for one in saw["list"]["items"]] == [held["id"]]
    assert saw["location"].rsplit("/", 1)[1].isdigit()
    assert saw["suiteql"]["items"] == [{"links": [], "id": held["id"], "companyname": "Client"}]
    assert saw["schema"] == ["properties", "type", "x-ns-filterable"]
    assert saw["openapi"] == "3.0.1"
    assert saw["restlet"] == {"id": held["id"], "type": "customer", "created": False}
    assert saw["refused"] == [400, "nosuch"]


def test_the_client_finds_the_vendors_hosts_through_the_relay(
    python: Path, sandbox: Sandbox
) -> None:
    environment = {"HTTPS_PROXY": sandbox.proxy, "SSL_CERT_FILE": sandbox.ca_file}
    saw = told_by(python, sandbox, "", environment)
    check(saw)
    assert saw["token"]["companyId"] == "1234567"
    assert saw["get"]["links"][0]["href"].startswith(
        "https://1234567.suitetalk.api.netsuite.com/services/rest/record/v1/customer/eid:"
    )


def test_the_client_works_over_plain_http(python: Path, sandbox: Sandbox) -> None:
    check(told_by(python, sandbox, str(sandbox.netsuite["http"]), {}))
