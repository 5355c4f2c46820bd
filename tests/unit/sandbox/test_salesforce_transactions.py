"""What all writes of one transaction have in common."""

from pathlib import Path

from sandbox.salesforce.records import change, create
from sandbox.salesforce.work import Work
from tests.unit.sandbox.salesforce_org import org_in_memory


def test_all_writes_of_a_transaction_carry_its_one_time(tmp_path: Path) -> None:
    org = org_in_memory(tmp_path)
    user = str(org.value('SELECT "Id" FROM "User" LIMIT 1'))
    account = org.schema.of("Account")
    work = Work(org, user=user)
    first = create(work, account, {"Name": "First"})
    org.clock.advance(5)
    second = create(work, account, {"Name": "Second"})
    change(work, account, first, {"Phone": "7"})
    stamps = [(row.after or {})["SystemModstamp"] for row in work.changes()]
    assert [row.id for row in work.changes()] == [first, second]
    assert stamps == [work.at_s, work.at_s]
    assert Work(org, user=user).at_s >= work.at_s + 5
