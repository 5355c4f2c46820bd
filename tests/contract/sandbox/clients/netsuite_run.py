"""Runs the story of the public client `netsuite` in an environment of its own.

It pins another HTTP library than this project does, so its environment stands beside the
project's; made once, from a lock with hashes, however many test runs want it at once.
"""

import json
import os
import subprocess
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.contract.conftest import Sandbox
from tests.own_environment import python_of

LOCK, STORY = (Path(__file__).parent / name for name in ("netsuite.txt", "netsuite_story.py"))
STORY_S = 120
SECRETS = ("consumer_key", "consumer_secret", "token_id", "token_secret")
ONE_WORLD = {"subsidiary": {"id": "1"}}


def interpreter() -> Path:
    """Of the client's environment."""
    return python_of(LOCK)


def through_relay(
    python: Path, sandbox: Sandbox, required: Mapping[str, Any] = ONE_WORLD
) -> dict[str, Any]:
    """What the client saw that was told nothing but the account; checked."""
    environment = {"HTTPS_PROXY": sandbox.proxy, "SSL_CERT_FILE": sandbox.ca_file}
    saw = _told_by(python, sandbox, "", required, environment)
    assert saw["token"]["companyId"] == "1234567"
    assert saw["get"]["links"][0]["href"].startswith(
        "https://1234567.suitetalk.api.netsuite.com/services/rest/record/v1/customer/eid:"
    )
    return saw


def over_http(
    python: Path, sandbox: Sandbox, required: Mapping[str, Any] = ONE_WORLD
) -> dict[str, Any]:
    """What the client saw that was told the address; checked."""
    return _told_by(python, sandbox, str(sandbox.netsuite["http"]), required, {})


def _told_by(
    python: Path,
    sandbox: Sandbox,
    base: str,
    required: Mapping[str, Any],
    environment: Mapping[str, str],
) -> dict[str, Any]:
    told = {
        "account": sandbox.netsuite["account"],
        "auth": {name: sandbox.netsuite[name] for name in SECRETS},
        "base": base,
        "external_id": uuid.uuid4().hex,
        "required": required,
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
    _check(saw, str(told["external_id"]))
    return saw


def _check(saw: Mapping[str, Any], external_id: str) -> None:
    held = saw["get"]
    assert saw["put"] is None
    assert (held["externalId"], held["phone"]) == (external_id, "42")
    assert [one["id"] for one in saw["list"]["items"]] == [held["id"]]
    assert saw["location"].rsplit("/", 1)[1].isdigit()
    assert saw["suiteql"]["items"] == [{"links": [], "id": held["id"], "companyname": "Client"}]
    assert saw["schema"] == ["properties", "type", "x-ns-filterable"]
    assert saw["openapi"] == "3.0.1"
    assert saw["restlet"] == {"id": held["id"], "type": "customer", "created": False}
    assert saw["refused"] == [400, "nosuch"]
