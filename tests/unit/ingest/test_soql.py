"""Statements: allow-listed paths, checked ids, addresses that are short enough."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.domain import soql
from tests.unit.ingest.samples import LINE, OPPORTUNITY, OTHER_OPPORTUNITY, shapes

SINCE = datetime(2026, 11, 20, 9, 14, 3, 250_000, tzinfo=UTC)


def test_a_document_is_one_query_with_parents_and_lines() -> None:
    statement = soql.documents(shapes()["Opportunity"], [OPPORTUNITY, OTHER_OPPORTUNITY])
    assert statement.startswith("SELECT Account.BillingCity, ")
    assert "Account.CurrencyIsoCode, Account.Fax, Account.Id, " in statement
    assert "SystemModstamp, (SELECT Description, Discount, Id, Product2.NS_Item_Id__c," in statement
    assert "FROM OpportunityLineItems) FROM Opportunity" in statement
    assert statement.endswith(f"WHERE Id IN ('{OPPORTUNITY}', '{OTHER_OPPORTUNITY}')")
    assert "NextStep" not in statement


def test_what_is_no_id_never_reaches_a_statement() -> None:
    for text in ("", "006", "006') OR (Name != '", "006xx000001Sv7t'AC", OPPORTUNITY + "x"):
        with pytest.raises(ValueError, match="not a Salesforce id"):
            soql.documents(shapes()["Opportunity"], [text])


def test_a_sweep_goes_on_behind_the_last_row_of_a_page() -> None:
    first = soql.changed_since("Opportunity", "", SINCE, None)
    assert first == (
        "SELECT Id, SystemModstamp FROM Opportunity"
        " WHERE SystemModstamp >= 2026-11-20T09:14:03.250Z ORDER BY SystemModstamp, Id LIMIT 2000"
    )
    later = soql.changed_since("OpportunityLineItem", "OpportunityId", SINCE, (SINCE, LINE))
    moment = "2026-11-20T09:14:03.250Z"
    assert "SELECT Id, OpportunityId, SystemModstamp FROM OpportunityLineItem" in later
    assert f"(SystemModstamp > {moment} OR (SystemModstamp = {moment} AND Id > '{LINE}'))" in later


def test_the_document_of_a_line_is_asked_for_by_its_parent_field() -> None:
    line = shapes()["Opportunity"].lines["OpportunityLineItems"]
    assert soql.parents(line, [LINE]) == (
        f"SELECT Id, OpportunityId FROM OpportunityLineItem WHERE Id IN ('{LINE}')"
    )


@given(count=st.integers(0, 700), fields=st.integers(1, 400))
def test_every_id_is_asked_for_once_in_statements_that_fit(count: int, fields: int) -> None:
    ids = [f"006xx{number:010}AAC" for number in range(count)]
    seen: list[str] = []

    def statement(some: list[str]) -> str:
        return "SELECT " + "LongFieldName__c, " * fields + ",".join(f"'{one}'" for one in some)

    for text in soql.batches(ids, statement):  # type: ignore[arg-type]  # a list is a sequence
        found = [one for one in ids if one in text]
        assert len(found) <= soql.IDS_MAX
        seen += found
    assert seen == ids
