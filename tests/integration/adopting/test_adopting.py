"""Adopting two systems with years of data: what is proposed, what is written, what is kept."""

import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping

import psycopg
import pytest

from kernel.records import external_id_of, salesforce
from tests.integration.adopting.adoption import Adoption, mutations
from tests.integration.adopting.conftest import ACCOUNTS, FOREIGN, SAME, Old

Adopting = Callable[[str], Adoption]
IDENTITY_OF_CUSTOMER = {"externalId", "custentity_sf_account_id"}
IDENTITY_OF_ACCOUNT = {"NS_Customer_Id__c", "NS_Customer_Number__c"}
STAMPS = {"lastModifiedDate", "LastModifiedDate", "SystemModstamp", "LastModifiedById"}


@pytest.fixture(scope="module")
def proposed(adopting: Adopting) -> Adoption:
    """Broken off in the middle by a kill, and gone on with."""
    adoption = adopting("first")
    process = adoption.start("dry-run")
    assert process.stdout is not None
    for line in process.stdout:
        if '"step": "customers"' in line:
            process.send_signal(signal.SIGKILL)
            break
    process.wait()
    process.stdout.close()
    assert process.stderr is not None
    process.stderr.close()
    told = adoption.run("dry-run")
    assert [item for item in told if item["step"] == "customers"] == []  # these stayed read
    return adoption


def test_a_dry_run_proposes_and_writes_nothing(proposed: Adoption, old: Old) -> None:
    rows = proposed.proposals()
    assert len(rows) == ACCOUNTS
    assert {a: rows[a]["customer"] for a in old.same} == dict(old.same)
    assert {rows[a]["proposal"] for a in old.same} == {"to link"}
    assert {a: rows[a]["customer"] for a in old.alike} == dict(old.alike)
    assert {rows[a]["proposal"] for a in old.alike} == {"to review"}
    rest = Counter(row["proposal"] for a, row in rows.items() if a not in {**old.same, **old.alike})
    assert rest == {"to create": ACCOUNTS - len(old.same) - len(old.alike)}
    changed = [*mutations(old.sandbox, "salesforce", 0)]
    assert changed == []
    made = {operation for _, operation, _ in mutations(old.sandbox, "netsuite", 0)}
    assert made == {"create"}


def test_neither_the_workbook_nor_the_proposal_holds_a_name(proposed: Adoption) -> None:
    for path in proposed.directory.iterdir():
        content = path.read_bytes().lower()
        assert b"foods" not in content, path
        assert b"kestrel" not in content, path
    assert not (proposed.directory / "workbook.db").stat().st_mode & 0o077


def test_what_is_applied_is_the_identity_and_nothing_else(
    proposed: Adoption, old: Old, postgres: Mapping[str, str]
) -> None:
    before = {system: old.sandbox.end_of_journal(system) for system in ("salesforce", "netsuite")}
    process = proposed.start("apply")
    assert process.stdout is not None
    for line in process.stdout:
        if '"step": "linking"' in line:
            process.send_signal(signal.SIGKILL)  # in the middle of writing, too
            break
    process.communicate()
    told = proposed.run("apply")
    assert told[-1]["to link"] == 0
    assert told[-1]["linked"] == SAME
    org_id = old.sandbox.salesforce["org_id"]
    marked = _changes(old, "netsuite", before)
    assert set(marked) == set(old.same.values())
    foreign = list(old.same)[FOREIGN]
    for account, customer in old.same.items():
        own = external_id_of(org_id, salesforce("Account", account))
        wanted = {"custentity_sf_account_id": account} if account == foreign else {}
        assert marked[customer] == (wanted or {"externalId": own})
    shown = _changes(old, "salesforce", before)
    assert set(shown) == set(old.same)
    assert all(set(fields) == IDENTITY_OF_ACCOUNT for fields in shown.values())
    assert {a: fields["NS_Customer_Id__c"] for a, fields in shown.items()} == dict(old.same)
    with psycopg.connect(postgres["sync_service"]) as connection:
        links = connection.execute("SELECT source, netsuite_id FROM transform.links").fetchall()
        handed = connection.execute("SELECT channel FROM handover.watermarks").fetchall()
    assert dict(links) == {f"salesforce:Account:{a}": c for a, c in old.same.items()}
    assert {channel.partition(":")[0] for (channel,) in handed} == {"salesforce", "netsuite"}


def test_a_second_time_writes_nothing_here_or_from_another_directory(
    adopting: Adopting, old: Old
) -> None:
    """The systems themselves say what was adopted; the directory may be lost."""
    before = {system: old.sandbox.end_of_journal(system) for system in ("salesforce", "netsuite")}
    for told in (adopting("first").run("apply"), adopting("second").by_command("apply")):
        assert [item["writes"] for item in told if item["step"] == "applied"] == [0]
        assert told[-1]["linked"] == SAME
    for system, after in before.items():
        assert [*mutations(old.sandbox, system, after)] == []


def test_two_accounts_of_one_customer_go_to_a_person(adopting: Adopting, old: Old) -> None:
    """The second one comes when the customer is linked already."""
    account = next(iter(old.alike))
    rows = adopting("second").proposals()
    assert rows[account]["proposal"] == "to review"
    with sqlite3.connect(adopting("second").directory / "workbook.db") as book:
        kept = book.execute("SELECT COUNT(*) FROM proposals").fetchone()
    assert kept == (ACCOUNTS,)


def _changes(old: Old, system: str, before: Mapping[str, int]) -> dict[str, dict[str, object]]:
    """Record id → the fields that were changed since then, with their new values."""
    found: dict[str, dict[str, object]] = {}
    for _, operation, mutation in mutations(old.sandbox, system, before[system]):
        assert operation == "update"
        was, now = mutation["before"], mutation["after"]
        fields = {name for name in {*was, *now} if was.get(name) != now.get(name)} - STAMPS
        found.setdefault(mutation["id"], {}).update({name: now.get(name) for name in fields})
    return found
