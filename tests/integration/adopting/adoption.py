"""Both stand-ins with years of data, and the adoption as the process that a person would start."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient
from tests.contract.sandbox.salesforce_client import Rest

WITHIN_S = 120.0
Account = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """`environment` names both systems, the database and the directory."""

    environment: Mapping[str, str]
    directory: Path

    def start(self, mode: str, **settings: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "transform.adopting"],
            env={**os.environ, **self.environment, "ADOPT_MODE": mode, **settings},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, mode: str, **settings: str) -> list[dict[str, Any]]:
        """All that it told; it must end well."""
        process = self.start(mode, **settings)
        told, faults = process.communicate(timeout=WITHIN_S)
        assert process.returncode == 0, f"{told[-2000:]}\n{faults[-2000:]}"
        return [json.loads(line) for line in told.splitlines()]

    def by_command(self, mode: str) -> list[dict[str, Any]]:
        """The same by `tallystick adopt`, in a directory where no stack runs."""
        command = [sys.executable, "-m", "ops", "adopt", f"--{mode}", "--json"]
        command += ["--directory", str(self.directory)]
        done = subprocess.run(
            command,
            env={**os.environ, **self.environment},
            cwd=self.directory.parent,
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
        )
        assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return [json.loads(line) for line in done.stdout.splitlines()]

    def proposals(self) -> dict[str, dict[str, str]]:
        """Account → its row."""
        with (self.directory / "proposal.csv").open(encoding="utf-8") as file:
            return {row["account"]: row for row in csv.DictReader(file)}


def environment_of(
    sandbox: Sandbox, sync_dsn: str, kek_file: Path, directory: Path
) -> dict[str, str]:
    org, there = sandbox.salesforce, sandbox.netsuite
    return {
        "SYNC_DSN": sync_dsn,
        "KEK_FILE": str(kek_file),
        "ADOPT_DIRECTORY": str(directory),
        "TLS_CA_FILE": sandbox.ca_file,
        "OUTBOUND_HOSTS": "localhost,127.0.0.1",
        "SALESFORCE_URL": org["https"],
        "SALESFORCE_ORG_ID": org["org_id"],
        "SALESFORCE_API_VERSION": org["api_version"],
        "SALESFORCE_CONSUMER_KEY": org["consumer_key"],
        "SALESFORCE_USERNAME": org["username"],
        "SALESFORCE_PRIVATE_KEY_FILE": org["private_key_file"],
        "NETSUITE_URL": there["https"],
        "NETSUITE_ACCOUNT": there["account"],
        "NETSUITE_CLIENT_ID": there["client_id"],
        "NETSUITE_CERTIFICATE_ID": there["certificate_id"],
        "NETSUITE_PRIVATE_KEY_FILE": there["private_key_file"],
    }


def accounts_of(sandbox: Sandbox, count: int) -> Sequence[Account]:
    """The first of them by name, with what a customer is made of."""
    fields = "Id, Name, Phone, Website, BillingStreet, BillingCity, BillingPostalCode"
    rest = Rest(sandbox)
    return rest.query(f"SELECT {fields} FROM Account ORDER BY Id LIMIT {count}")


def make_customers(sandbox: Sandbox, bodies: Sequence[Mapping[str, Any]]) -> list[str]:
    """Ids of new customers, in order."""
    client = NetSuiteClient(sandbox)
    client.sign_in()
    return [client.customer(**body) for body in bodies]


def mutations(
    sandbox: Sandbox, system: str, after: int
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """What was written since then: record, operation, changed fields."""
    for entry in sandbox.journal(system, after):
        for mutation in entry["mutations"]:
            yield mutation["record"], mutation["operation"], mutation
