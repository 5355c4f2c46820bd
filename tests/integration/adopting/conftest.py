"""Two systems with years of data that know nothing of each other."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

from tests.contract.conftest import Sandbox
from tests.integration.adopting.adoption import (
    Account,
    Adoption,
    accounts_of,
    environment_of,
    make_customers,
)

ACCOUNTS, CUSTOMERS = 2_000, 400
SAME, ALIKE, STRANGE = 200, 100, 100
"""Customers that are an account with more than the name to tell, with the name alone, and with
neither."""
FOREIGN = 0
"""Of the first ones: which customer bears another application's external id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Old:
    """The two systems before anything was adopted. `same` and `alike` are account → customer."""

    sandbox: Sandbox
    same: Mapping[str, str]
    alike: Mapping[str, str]


@pytest.fixture(scope="module")
def old(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Old]:
    state = tmp_path_factory.mktemp("old") / "state"
    running = Sandbox(state, "--seed", f"size:accounts={ACCOUNTS},opportunities=0")
    running.start()
    try:
        accounts = accounts_of(running, SAME + ALIKE)
        bodies = [*(_same(one, place) for place, one in enumerate(accounts[:SAME]))]
        bodies += [{"companyName": one["Name"]} for one in accounts[SAME:]]
        bodies += [{"companyName": f"Kestrel Joinery {number}"} for number in range(STRANGE)]
        made = make_customers(running, bodies)
        ids = [one["Id"] for one in accounts]
        yield Old(
            sandbox=running,
            same=dict(zip(ids[:SAME], made[:SAME], strict=True)),
            alike=dict(zip(ids[SAME:], made[SAME : SAME + ALIKE], strict=True)),
        )
    finally:
        running.stop()
        running.http.close()


def _same(account: Account, place: int) -> dict[str, object]:
    """As finance would have entered it: capitals, no legal form."""
    name = str(account["Name"]).rpartition(" ")[0].upper()
    body = {"companyName": name, "url": account["Website"], "phone": account["Phone"]}
    return body | ({"externalId": "ERP-1"} if place == FOREIGN else {})


@pytest.fixture(scope="module")
def adopting(
    old: Old,
    postgres: Mapping[str, str],
    kek_file: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[str], Adoption]:
    """An adoption of these systems in a directory of that name. They share the database."""
    root = tmp_path_factory.mktemp("adoptions")
    dsn = postgres["sync_service"]
    with psycopg.connect(dsn) as connection:
        connection.execute("DROP TABLE IF EXISTS handover.watermarks")
        found = connection.execute("SELECT to_regclass('transform.links')").fetchone()
        if found and found[0]:
            connection.execute("TRUNCATE transform.links, transform.reference_data")

    def named(name: str) -> Adoption:
        directory = root / name
        environment = environment_of(old.sandbox, dsn, kek_file, directory)
        return Adoption(environment=environment, directory=directory)

    return named
