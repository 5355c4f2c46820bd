"""What is said to Salesforce: collections of up to 200, in order, with exact values."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from kernel.errors import PermanentError
from kernel.exact_json import Json, loads
from kernel.records import salesforce
from kernel.values import Document, Value
from salesforce_writer.domain.comparing import differences, records_of, same
from salesforce_writer.domain.readings import document_of
from salesforce_writer.domain.requests import (
    Row,
    calls_of,
    json_of,
    key_of,
    queries_of,
    query_of,
    row_of,
    saving_of,
    waves,
)
from tests.unit.salesforce_writer.commands import opportunity_id, told

EXTERNAL = salesforce("Opportunity", "eid:NS_SO_Id__c:812")


def rows(*kinds_and_ids: tuple[str, str]) -> list[Row]:
    commands = [told(target=salesforce(kind, record_id)) for kind, record_id in kinds_and_ids]
    return [row_of(command, Document({"NS_X__c": 1})) for command in commands]


def test_updates_by_id_of_several_kinds_are_one_call_kind_by_kind() -> None:
    mixed = rows(("Opportunity", "006a"), ("Account", "001a"), ("Opportunity", "006b"))
    [call] = calls_of(mixed)
    saving = saving_of(call)
    assert (saving.kind, saving.external) == ("", "")
    assert loads(saving.body) == {
        "allOrNone": False,
        "records": [
            {"attributes": {"type": "Account"}, "id": "001a", "NS_X__c": 1},
            {"attributes": {"type": "Opportunity"}, "id": "006a", "NS_X__c": 1},
            {"attributes": {"type": "Opportunity"}, "id": "006b", "NS_X__c": 1},
        ],
    }


def test_an_external_id_names_its_field_and_gets_a_call_of_its_own() -> None:
    command = told(target=EXTERNAL)
    by_external = row_of(command, Document({"NS_X__c": 1}))
    calls = calls_of([by_external, *rows(("Opportunity", "006a"))])
    assert [len(call) for call in calls] == [1, 1]
    saving = saving_of(calls[0])
    assert (saving.kind, saving.external) == ("Opportunity", "NS_SO_Id__c")
    assert loads(saving.body) == {
        "allOrNone": False,
        "records": [
            {"attributes": {"type": "Opportunity"}, "NS_SO_Id__c": "812", "NS_X__c": 1},
        ],
    }


def test_a_call_holds_at_most_two_hundred_records() -> None:
    many = rows(*(("Account", f"001{at}") for at in range(401)))
    assert [len(call) for call in calls_of(many)] == [200, 200, 1]


def test_a_call_holds_at_most_ten_kinds() -> None:
    many = rows(*((f"Thing{at}__c", f"a0{at}") for at in range(11)))
    assert [len(call) for call in calls_of(many)] == [10, 1]


def test_an_external_id_without_its_field_names_no_record() -> None:
    with pytest.raises(PermanentError, match="write eid:Field__c:value"):
        key_of(salesforce("Account", "eid:812"))


def test_lines_are_not_for_salesforce() -> None:
    with pytest.raises(PermanentError, match="takes no lines"):
        row_of(told(), Document({}, {"item": ({"a": 1},)}))


def test_several_commands_of_one_record_go_one_after_the_other() -> None:
    a, b = salesforce("Account", "001a"), salesforce("Account", "001b")
    assert waves([a, b, a, a, b]) == [[0, 1], [2, 4], [3]]
    assert waves([]) == []


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (Decimal("0.10"), Decimal("0.10")),
        (date(2026, 11, 20), "2026-11-20"),
        (datetime(2026, 11, 20, 9, 14, 3, 120_000, UTC), "2026-11-20T09:14:03.120Z"),
        (None, None),
        (True, True),
        ("Ärger", "Ärger"),
    ],
)
def test_values_are_written_as_salesforce_reads_them(value: Value, written: Json) -> None:
    assert json_of(value) == written


def test_a_query_asks_each_field_once_and_quotes_what_it_looks_for() -> None:
    commands = [told(target=salesforce("Account", f"eid:Key__c:{key}")) for key in ("a'b", "c\\d")]
    asked = [row_of(command, Document({})) for command in commands]
    assert query_of(asked, ["Name", "Name", "Id"]) == (
        "SELECT Id, Key__c, Name FROM Account WHERE Key__c IN ('a\\'b', 'c\\\\d')"
    )


def test_one_query_is_of_one_kind_and_one_key() -> None:
    groups = queries_of(rows(("Account", "001a"), ("Opportunity", "006a"), ("Account", "001b")))
    assert [len(group) for group in groups] == [2, 1]


def test_a_query_stays_within_the_length_of_an_address() -> None:
    commands = [told(target=salesforce("Account", f"eid:Key__c:{at:0255}")) for at in range(200)]
    asked = [row_of(command, Document({})) for command in commands]
    groups = queries_of(asked)
    assert sum(map(len, groups)) == 200
    assert max(len(query_of(group, ["Name"])) for group in groups) < 6_000


@pytest.mark.parametrize(
    ("wanted", "found", "equal"),
    [
        (Decimal("100.5"), Decimal("100.50"), True),
        (Decimal("100.5"), 100, False),
        (3, Decimal("3.0"), True),
        (Decimal(0), None, False),
        (None, None, True),
        ("", None, True),
        (None, "x", False),
        (False, None, False),
        (True, 1, False),
        ("Paid ", "Paid", True),
        ("2026-11-20T09:14:03.120Z", "2026-11-20T09:14:03.120+0000", True),
        ("2026-11-20T09:14:03.000Z", "2026-11-20T09:14:04.000+0000", False),
        ("2026-11-20", "2026-11-20", True),
    ],
)
def test_values_are_compared_by_what_they_mean(wanted: Json, found: Json, equal: bool) -> None:
    assert same(wanted, found) is equal


def test_only_the_wanted_fields_are_compared() -> None:
    assert differences({"a": 1, "b": None}, {"a": Decimal("1.0"), "c": 2}) == ()
    assert differences({"a": 1, "b": 2}, {"a": 1}) == ("b",)


def test_records_are_found_by_short_and_long_ids() -> None:
    asked = rows(("Opportunity", opportunity_id(1)[:15]), ("Opportunity", opportunity_id(2)))
    record: dict[str, Json] = {"Id": opportunity_id(1)}
    assert records_of(asked, [record]) == [record, None]


def test_what_is_read_back_has_its_types() -> None:
    fields = ("NS_Rate_Date__c", "SystemModstamp", "Amount", "Account.Name", "Name")
    record: dict[str, Json] = {
        "NS_Rate_Date__c": "2026-11-20",
        "SystemModstamp": "2026-11-20T09:14:03.000+0000",
        "Amount": Decimal("10.50"),
        "Account": {"Name": "Acme"},
        "Name": "2026-11-20",
    }
    assert document_of(fields, record).fields == {
        "NS_Rate_Date__c": date(2026, 11, 20),
        "SystemModstamp": datetime(2026, 11, 20, 9, 14, 3, tzinfo=UTC),
        "Amount": Decimal("10.5"),
        "Account.Name": "Acme",
        "Name": "2026-11-20",
    }
