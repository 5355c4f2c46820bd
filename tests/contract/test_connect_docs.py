"""The pages that connect real systems: their commands run, their settings read, doctor says so."""

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from runtime.assertions import signing_key
from runtime.settings import Reader
from runtime.vendor_settings import (
    netsuite_connection,
    salesforce_connection,
    salesforce_currency,
    salesforce_events,
)
from tests.contract.conftest import Sandbox
from tests.contract.test_doctor import as_person, environment

REPOSITORY = Path(__file__).parents[2]
PAGES = {
    name: (REPOSITORY / "docs" / f"connect-{name}.md").read_text()
    for name in ("salesforce", "netsuite")
}
COMMANDS = {
    name: [line for block in re.findall(r"^```sh\n(.*?)^```", page, re.M | re.S)
           for line in block.splitlines()]
    for name, page in PAGES.items()
}  # fmt: skip
ELSEWHERE = re.compile(r"^(sf (org|project)|suitecloud) ")
"""Need the vendor's own tool and an account; what they send is checked by other tests."""

PLACEHOLDER = re.compile(r"<\w+>")
EXAMPLES = {
    "acme.my.salesforce.com": r"localhost:\d+",
    "tallystick@acme.example": r"\S+@\S+",
    "1234567": r"\d+",
    "49 fields": r"\d+ fields",
    "the certificate holds for": "the certificate holds for",
}


def settings_in(page: str, kind: str = "env") -> dict[str, str]:
    [block] = re.findall(rf"^```{kind}\n(.*?)^```", page, re.M | re.S)
    return dict(line.split("=", 1) for line in block.splitlines())


def promises_of(page: str) -> list[re.Pattern[str]]:
    """Lines that the page says doctor prints, examples standing for anything of their kind."""
    blocks = re.findall(r"^```text\n(.*?)^```", page, re.M | re.S)
    return [pattern_of(line) for block in blocks for line in block.splitlines()]


def pattern_of(line: str) -> re.Pattern[str]:
    text = re.escape(line)
    for example, like in EXAMPLES.items():
        text = text.replace(re.escape(example), like)
    return re.compile(PLACEHOLDER.sub(r"[\\d,]+", text))


def ran(command: str, directory: Path, env: Mapping[str, str]) -> str:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        command,
        shell=True,
        cwd=directory,
        env={"PATH": path, "HOME": str(directory), **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == (1 if command == "tallystick doctor" else 0), done.stderr
    return " ".join(done.stdout.split())


@pytest.mark.parametrize("name", PAGES)
def test_every_command_of_the_page_is_run_or_needs_the_vendors_own_tool(name: str) -> None:
    ours = [one for one in COMMANDS[name] if not ELSEWHERE.match(one)]
    assert [one.split()[0] for one in ours] == ["openssl", "chmod", "tallystick"]
    for folder in re.findall(r"From `(deploy/\w+)`", PAGES[name]):
        assert (REPOSITORY / folder).is_dir()
    assert (
        "--source-dir force-app" not in PAGES[name]
        or (REPOSITORY / "deploy" / "salesforce" / "force-app").is_dir()
    )


@pytest.mark.parametrize(("name", "bits"), [("salesforce", 2048), ("netsuite", 3072)])
def test_the_key_that_the_page_makes_is_one_that_the_vendor_takes(
    tmp_path: Path, name: str, bits: int
) -> None:
    for command in COMMANDS[name]:
        if command.startswith(("openssl", "chmod")):
            ran(command, tmp_path, {})
    key_file = tmp_path / f"{name}.pem"
    key = signing_key(key_file, "A_FILE", rsa="PS256", bits_least=bits, curves=False)
    assert key.key.key_size >= bits
    assert key_file.stat().st_mode & 0o777 == 0o600


def test_the_settings_of_the_pages_are_complete(tmp_path: Path) -> None:
    text = settings_in(PAGES["salesforce"]) | settings_in(PAGES["netsuite"])
    token = settings_in(PAGES["netsuite"], "env token")
    by_token = {k: v for k, v in text.items() if not k.startswith("NETSUITE_C")}
    for env in (text, {**by_token, **token, "NETSUITE_PRIVATE_KEY_FILE": ""}):
        given = {
            name: str(kept(tmp_path, value)) if name.endswith("_FILE") and value else value
            for name, value in env.items()
        }
        reader = Reader(given)
        salesforce_connection(reader), salesforce_events(reader), salesforce_currency(reader)
        netsuite_connection(reader)
        reader.finish()


def kept(directory: Path, name: str) -> Path:
    path = directory / Path(name).name
    path.write_text("something")
    return path


@pytest.mark.parametrize("name", PAGES)
def test_doctor_says_what_the_page_promises(sandbox: Sandbox, tmp_path: Path, name: str) -> None:
    env = environment(sandbox) if name == "salesforce" else as_person(sandbox, "integration")
    certificate = tmp_path / "certificate"
    key = env[f"{name.upper()}_PRIVATE_KEY_FILE"]
    ran(f"openssl req -x509 -key {key} -days 365 -subj /CN=x -out {certificate}", tmp_path, {})
    told = ran(
        "tallystick doctor",
        tmp_path,
        {**env, f"{name.upper()}_CERTIFICATE_FILE": str(certificate), "NETSUITE_WRITER_SLOTS": "3"},
    )
    for promise in promises_of(PAGES[name]):
        assert promise.search(told), (promise.pattern, told)
