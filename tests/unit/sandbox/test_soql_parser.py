"""The SOQL parser on its own."""

import contextlib
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.soql.dates import RELATIVE, RELATIVE_N, relative_range
from sandbox.salesforce.soql.lexer import like_pattern, unquoted
from sandbox.salesforce.soql.parser import parse
from sandbox.salesforce.soql.tree import Both, Call, Comparison, Literal, Not, Path, Query

TUESDAY = date(2026, 11, 24)


def test_a_query_becomes_a_tree() -> None:
    query = parse(
        "SELECT Id, Account.Name, (SELECT Id FROM OpportunityLineItems) FROM Opportunity o"
        " WHERE NOT (Amount >= 10.5 AND StageName IN ('a', 'b')) ORDER BY CloseDate DESC NULLS LAST"
        " LIMIT 5 OFFSET 2"
    )
    assert [type(item.expression) for item in query.items] == [Path, Path, Query]
    assert (query.source.text, query.alias) == ("Opportunity", "o")
    assert isinstance(query.where, Not)
    assert isinstance(query.where.item, Both)
    amount, stage = query.where.item.items
    assert isinstance(amount, Comparison)
    assert isinstance(stage, Comparison)
    assert amount.value == Literal("number", "10.5", amount.value.at)  # type: ignore[union-attr]  # a literal
    assert stage.operator == "IN"
    assert (query.order_by[0].descending, query.order_by[0].nulls_last) == (True, True)
    assert (query.limit, query.offset) == (5, 2)


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT COUNT() FROM Account",
        "SELECT count(Id) c, max(CreatedDate) FROM Account GROUP BY Name HAVING count(Id) > 1",
        "SELECT Id FROM Account WHERE CreatedDate = LAST_N_DAYS:30 AND Amount > USD5000.50",
        "SELECT Id FROM Account WHERE Id NOT IN (SELECT AccountId FROM Contact) ALL ROWS",
        "SELECT Id FROM Account USING SCOPE mine WITH SECURITY_ENFORCED FOR VIEW",
        "SELECT Id FROM Account WHERE Name LIKE '50\\% off_' AND X__c INCLUDES ('a;b', 'c')",
        "SELECT toLabel(StageName), FIELDS(STANDARD) FROM Opportunity WHERE A = TRUE AND B != null",
        "select id from account where createddate >= 2026-10-01T00:00:00.000+00:00",
        "SELECT Id FROM Account WHERE (A = 1 OR B = 2) AND (NOT C = -3)",
    ],
)
def test_usual_forms_are_understood(soql: str) -> None:
    assert isinstance(parse(soql), Query)


@pytest.mark.parametrize(
    ("soql", "column"),
    [
        ("SELECT FROM Account", 8),
        ("SELECT Id FROM", 15),
        ("SELECT Id FROM Account WHERE", 29),
        ("SELECT Id FROM Account LIMIT x", 30),
        ("SELECT Id FROM Account WHERE A = 1 AND B = 2 OR C = 3", 46),
        ("SELECT Id FROM Account; DROP TABLE x", 23),
    ],
)
def test_an_error_knows_its_column(soql: str, column: int) -> None:
    with pytest.raises(Refusal) as refused:
        parse(soql)
    assert f"ERROR at Row:1:Column:{column}\n" in refused.value.message


WORDS = st.sampled_from(
    "SELECT FROM WHERE AND OR NOT ( ) , . Id Name Account 'x' = != LIKE IN null 5 -1.5 LIMIT ORDER"
    " BY GROUP HAVING COUNT ( ) TODAY LAST_N_DAYS : 3 2026-01-01 2026-01-01T00:00:00Z ' \\ ;"
    " é".split()
)


@given(st.lists(WORDS, max_size=25).map(" ".join))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with contextlib.suppress(Refusal):
        assert isinstance(parse(f"SELECT {text}"), Query)


def test_strings_are_unescaped_and_wildcards_stay_escaped() -> None:
    assert unquoted(r"'O\'Hara \n \\'") == "O'Hara \n \\"
    assert like_pattern(r"'50\% _\''") == r"50\% _'"


@pytest.mark.parametrize(
    ("word", "number", "first", "after"),
    [
        ("TODAY", 0, "2026-11-24", "2026-11-25"),
        ("YESTERDAY", 0, "2026-11-23", "2026-11-24"),
        ("THIS_WEEK", 0, "2026-11-22", "2026-11-29"),
        ("LAST_MONTH", 0, "2026-10-01", "2026-11-01"),
        ("THIS_QUARTER", 0, "2026-10-01", "2027-01-01"),
        ("NEXT_YEAR", 0, "2027-01-01", "2028-01-01"),
        ("LAST_N_DAYS", 3, "2026-11-21", "2026-11-25"),
        ("NEXT_N_DAYS", 2, "2026-11-25", "2026-11-27"),
        ("N_DAYS_AGO", 2, "2026-11-22", "2026-11-23"),
        ("LAST_N_MONTHS", 2, "2026-09-01", "2026-11-01"),
        ("LAST_90_DAYS", 0, "2026-08-26", "2026-11-25"),
        ("LAST_FISCAL_YEAR", 0, "2025-01-01", "2026-01-01"),
    ],
)
def test_a_relative_date_is_a_range_of_days(word: str, number: int, first: str, after: str) -> None:
    found = relative_range(word, number, TUESDAY)
    assert [day.isoformat() for day in found] == [first, after]


@given(
    st.sampled_from(sorted(RELATIVE | RELATIVE_N)),
    st.integers(0, 10**6),
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
)
def test_every_relative_date_has_a_range(word: str, number: int, today: date) -> None:
    first, after = relative_range(word, number, today)
    assert first <= after


def test_calls_keep_their_argument() -> None:
    (item,) = parse("SELECT convertCurrency(Amount) FROM Opportunity").items
    assert item.expression == Call("CONVERTCURRENCY", Path(("Amount",), 23), 7)
