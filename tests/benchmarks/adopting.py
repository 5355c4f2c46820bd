"""How long adopting takes to read two big systems and compare them, and what it holds in memory.

`python -m tests.benchmarks.adopting 1000000 200000` prints it for so many accounts and customers:
the sizes that the target is for. A tenth of each is what `make bench` has time for.
"""

import base64
import json
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tests.benchmarks.results import Result, table
from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient
from tests.contract.sandbox.salesforce_client import Rest
from tests.integration.adopting.adoption import Adoption, environment_of

ACCOUNTS, CUSTOMERS = 100_000, 20_000
TARGET_ACCOUNTS = 1_000_000
TARGET_S, TARGET_MB = 600, 500
FIRST_ID = 1_000_000
BATCH, PAGE_ROWS, SUITEQL_ROWS = 10_000, 10_000, 1_000
LOOK_EVERY_S = 0.2
FILLED_WITHIN_S = 600.0
CUSTOMER = """
    INSERT INTO customer (id, companyname, entityid, isperson, isinactive, url, phone,
        defaultbillingaddress, lastmodifieddate, datecreated)
    VALUES (?, ?, ?, 'F', 'F', ?, ?, ?, '2025-01-01 00:00:00', '2025-01-01 00:00:00')
"""
ADDRESS = """
    INSERT INTO customeraddressbookentityaddress (nkey, addr1, city, zip, country)
    VALUES (?, ?, ?, ?, ?)
"""
COUNTRIES = {"USA": "US", "Germany": "DE", "United Kingdom": "GB", "Japan": "JP"}
FIELDS = ", ".join(
    f'"{name}"'
    for name in (
        "Name Website Phone BillingStreet BillingCity BillingPostalCode BillingCountry".split()
    )
)


def adopting(directory: Path, accounts: int = ACCOUNTS, customers: int = CUSTOMERS) -> list[Result]:
    """Half of the customers are an account by more than its name, a quarter by its name alone."""
    sandbox = Sandbox(directory / "state", "--seed", f"size:accounts={accounts},opportunities=0")
    sandbox.start(FILLED_WITHIN_S)
    try:
        _fill(sandbox, customers)
        bare_s = _read_alone(sandbox)
        kek = directory / "kek"
        kek.write_text(base64.b64encode(b"k" * 32).decode())
        unused = "postgresql://nobody@localhost/none"  # a dry run asks no database
        place = directory / "adoption"
        adoption = Adoption(
            environment=environment_of(sandbox, unused, kek, place), directory=place
        )
        taken_s, peak_mb, counts = _measured(adoption)
    finally:
        sandbox.stop()
        sandbox.http.close()
    assert sum(counts.values()) == accounts, counts
    assert counts["to link"] == customers // 2, counts
    assert counts["to review"] >= customers // 4, counts
    return [
        Result(
            name=f"adopt --dry-run of {accounts:,} accounts against {customers:,} customers",
            measured=f"{taken_s:.0f} s, at most {peak_mb:.0f} MB in all its processes;"
            f" {counts['to link']:,} to link, {counts['to review']:,} to review",
            target=f"<= {TARGET_S} s for {TARGET_ACCOUNTS:,}, <= {TARGET_MB} MB",
            compared=f"the same pages read and thrown away: {bare_s:.0f} s",
            ratio=f"{taken_s / bare_s:.1f} x",
        )
    ]


def _measured(adoption: Adoption) -> tuple[float, float, dict[str, int]]:
    started = time.monotonic()
    process = adoption.start("dry-run")
    peak = [0.0]
    watching = threading.Thread(target=_watch, args=(process, peak))
    watching.start()
    told, faults = process.communicate()
    taken_s = time.monotonic() - started
    watching.join()
    assert process.returncode == 0, faults[-2000:]
    last = json.loads(told.splitlines()[-1])
    return taken_s, peak[0], {k: v for k, v in last.items() if isinstance(v, int)}


def _watch(process: "subprocess.Popen[str]", peak: list[float]) -> None:
    """The most that the process and its children held at one moment, in MB."""
    while process.poll() is None:
        peak[0] = max(peak[0], _tree_mb(process.pid))
        time.sleep(LOOK_EVERY_S)


def _tree_mb(pid: int) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return 0.0
    held = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    own = int(held[0].split()[1]) * 1.024 / 1_000 if held else 0.0
    return own + sum(_tree_mb(int(child)) for child in children)


def _fill(sandbox: Sandbox, customers: int) -> None:
    """Straight into the stand-in's tables: by its API it would take the longest of all."""
    with (
        sqlite3.connect(sandbox.state / "salesforce.db") as org,
        sqlite3.connect(sandbox.state / "netsuite.sqlite", timeout=30) as account,
    ):
        select = f'SELECT {FIELDS} FROM "Account" ORDER BY "Id" LIMIT ?'
        rows = enumerate(org.execute(select, [customers]))
        while batch := list(islice(rows, BATCH)):
            made = [_customer(number, row, customers) for number, row in batch]
            account.executemany(CUSTOMER, [customer for customer, _ in made])
            account.executemany(ADDRESS, [address for _, address in made])
            account.commit()


def _customer(number: int, row: tuple[str, ...], customers: int) -> tuple[tuple[object, ...], ...]:
    name, site, phone, street, city, code, country = row
    if number >= customers * 3 // 4:
        name = f"Kestrel Joinery {number}"
    has_more = number < customers // 2
    key = FIRST_ID + number
    reach = (site, phone) if has_more else (f"https://k-{number}.example", "")
    customer = (key, name.rpartition(" ")[0].upper(), f"CUST-{key}", *reach, key)
    place = (street, city, code) if has_more else (f"{number} Other Road", "Elsewhere", "00000")
    return customer, (key, *place, COUNTRIES.get(country, ""))


def _read_alone(sandbox: Sandbox) -> float:
    """Every page of both systems, read by a bare client and thrown away."""
    started = time.monotonic()
    for _ in _bulk_pages(Rest(sandbox)):
        pass
    netsuite = NetSuiteClient(sandbox)
    netsuite.sign_in()
    last, count = 0, SUITEQL_ROWS
    while count == SUITEQL_ROWS:
        query = (
            "SELECT t.id, t.companyname, t.url, t.phone, a.addr1, a.city, a.zip, a.country"
            " FROM customer t LEFT JOIN customeraddressbookentityaddress a"
            f" ON a.nkey = t.defaultbillingaddress WHERE t.id > {last} ORDER BY t.id"
        )
        items = netsuite.search(query, page=f"?limit={SUITEQL_ROWS}").json()["items"]
        count, last = len(items), int(items[-1]["id"]) if items else last
    return time.monotonic() - started


def _bulk_pages(rest: Rest) -> Iterator[bytes]:
    soql = (
        "SELECT Id, Name, Website, Phone, BillingStreet, BillingCity, BillingPostalCode,"
        " BillingCountry, NS_Customer_Id__c, NS_Customer_Number__c FROM Account"
    )
    job = rest.call("POST", "/jobs/query", {"operation": "query", "query": soql}).json()["id"]
    while rest.call("GET", f"/jobs/query/{job}").json()["state"] != "JobComplete":
        time.sleep(0.2)
    place = ""
    while place != "null":
        more = {"maxRecords": PAGE_ROWS, **({"locator": place} if place else {})}
        answer = rest.call("GET", f"/jobs/query/{job}/results", params=more)
        yield answer.content
        place = answer.headers["Sforce-Locator"]


def main() -> None:
    sizes = [int(text) for text in sys.argv[1:3]]
    with tempfile.TemporaryDirectory(prefix="tallystick-adopt-") as directory:
        print("\n".join(table(adopting(Path(directory), *sizes))))


if __name__ == "__main__":
    main()
