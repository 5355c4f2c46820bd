"""The `q` of a collection: every operator by the type of its field, grammar, dates, refusals."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.netsuite.errors import NetSuiteError
from sandbox.netsuite.records.filters import filter_sql
from sandbox.profile import PROFILES
from tests.unit.sandbox.netsuite_account import Books, line

CUSTOMERS = {601: "one", 602: "two", 603: "three"}


@pytest.fixture(scope="module")
def books() -> Books:
    """Three customers, the last without almost everything; an order and its invoice."""
    books = Books()
    one = books.customer(
        companyName="Acme One",
        email="ap@acme.example",
        phone="1",
        creditLimit=100,
        externalId="x-1",
    )
    books.customer(
        companyName="Acme 100% Two",
        email="ar@acme.example",
        creditLimit=2500.5,
        externalId="A|B",
        currency=1,
        isInactive=True,
    )
    books.customer(companyName='"Quoted" Three', subsidiary=2)
    order = books.order(one, line(101, 1, 50), tranDate="2026-11-02", memo="rush")
    books.transform(order, "invoice", tranDate="2026-11-23")
    return books


def found(books: Books, query: str, kind: str = "customer") -> list[int]:
    work = books.work()
    condition, values = filter_sql(work, books.account.catalog[kind.lower()], query)
    rows = books.account.connection.execute(
        f"SELECT id FROM _record WHERE kind = ? AND {condition} ORDER BY id", [kind, *values]
    ).fetchall()
    return [row[0] for row in rows]


ANSWERS: dict[str, list[str]] = {
    # any type
    "phone EMPTY": ["two", "three"],
    "phone EMPTY_NOT": ["one"],
    "terms EMPTY": ["one", "two", "three"],
    # texts
    "companyName CONTAIN acme": ["one", "two"],
    "companyName CONTAIN_NOT acme": ["three"],
    'companyName IS "acme one"': ["one"],
    'companyName IS_NOT "Acme One"': ["two", "three"],
    "companyName START_WITH Acme": ["one", "two"],
    "companyName START_WITH_NOT Acme": ["three"],
    "companyName ENDWITH Two": ["two"],
    "companyName END_WITH_NOT Two": ["one", "three"],
    'companyName CONTAIN "0%"': ["two"],
    "companyName CONTAIN _": [],
    'companyName START_WITH "\\"Quoted\\""': ["three"],
    'externalId IS "A|B"': ["two"],
    # booleans
    "isInactive IS true": ["two"],
    "isInactive IS false": ["one", "three"],
    "isInactive IS_NOT true": ["one", "three"],
    # numbers
    "creditLimit EQUAL 100": ["one"],
    "creditLimit EQUAL_NOT 100": ["two", "three"],
    "creditLimit GREATER 100": ["two"],
    "creditLimit GREATER_NOT 100": ["one", "three"],
    "creditLimit GREATER_OR_EQUAL 100": ["one", "two"],
    "creditLimit GREATER_OR_EQUAL_NOT 2500.5": ["one", "three"],
    "creditLimit LESS 2500.5": ["one"],
    "creditLimit LESS_NOT 2500.5": ["two", "three"],
    "creditLimit LESS_OR_EQUAL 2500.5": ["one", "two"],
    "creditLimit LESS_OR_EQUAL_NOT 100": ["two", "three"],
    "creditLimit BETWEEN [50, 150]": ["one"],
    "creditLimit BETWEEN_NOT [50, 150]": ["two", "three"],
    "creditLimit WITHIN [50, 150]": ["one"],
    "creditLimit WITHIN_NOT [50, 150]": ["two", "three"],
    "creditLimit ANY_OF [100, 7]": ["one"],
    "creditLimit ANY_OF_NOT [100, 7]": ["two", "three"],
    # the id is a number
    "id ANY_OF [601, 603]": ["one", "three"],
    "id BETWEEN_NOT [602, 602]": ["one", "three"],
    "id GREATER 602": ["three"],
    "id EQUAL 602": ["two"],
    # references
    "currency ANY_OF [1, 5]": ["two"],
    "currency ANY_OF_NOT 1": ["one", "three"],
    "currency EMPTY": [],
    # times
    'dateCreated ON "11/24/2026"': ["one", "two", "three"],
    'dateCreated ON_NOT "11/24/2026"': [],
    'dateCreated ON "11/24/2026 12:00 pm"': ["one", "two", "three"],
    'dateCreated ON "11/24/2026 12:01 pm"': [],
    'dateCreated AFTER "11/24/2026"': ["one", "two", "three"],
    'dateCreated AFTER "11/24/2026 11:39 pm"': [],
    'dateCreated AFTER_NOT "11/24/2026 11:39 pm"': ["one", "two", "three"],
    'dateCreated BEFORE "11/25/2026"': ["one", "two", "three"],
    'dateCreated BEFORE_NOT "11/25/2026"': [],
    'lastModifiedDate ON_OR_AFTER "1/1/2019"': ["one", "two", "three"],
    'lastModifiedDate ON_OR_BEFORE "11/24/2026 12:00 PM"': ["one", "two", "three"],
    'dateCreated ON_OR_AFTER "11/24/2026" AND dateCreated ON_OR_BEFORE "11/24/2026"': [],
    # grammar
    "email START_WITH ap OR email START_WITH ar AND creditLimit GREATER 5000": ["one"],
    "(email START_WITH ap OR email START_WITH ar) AND creditLimit GREATER 1000": ["two"],
    "((email EMPTY))": ["three"],
    "COMPANYNAME contain ACME and email is ap@acme.example": ["one"],
    "creditlimit GREATER_OR_EQUAL 1000 OR creditlimit LESS_OR_EQUAL 10": ["two"],
}


@pytest.mark.parametrize(("query", "names"), ANSWERS.items(), ids=ANSWERS.keys())
def test_a_filter_finds_what_it_says(books: Books, query: str, names: list[str]) -> None:
    assert [CUSTOMERS[one] for one in found(books, query)] == names


@pytest.mark.parametrize(
    ("query", "kind", "count"),
    [
        ('tranDate ON "11/2/2026"', "salesOrder", 1),
        ('tranDate BEFORE "11/2/2026"', "salesOrder", 0),
        ('tranDate ON_OR_BEFORE "11/2/2026"', "salesOrder", 1),
        ("entity ANY_OF [601]", "salesOrder", 1),
        ("memo IS rush", "salesOrder", 1),
        ("entity ANY_OF [602]", "invoice", 0),
    ],
)
def test_transactions_are_filtered_by_their_body_fields(
    books: Books, query: str, kind: str, count: int
) -> None:
    assert len(found(books, query, kind)) == count


PROVIDE = "Invalid search query. Provide a valid search query."
REFUSALS: dict[str, str] = {
    "companyName IS 'A'": PROVIDE,
    "companyName": PROVIDE,
    "companyName LIKE x": PROVIDE,
    "companyName EQUAL x": PROVIDE,
    "companyName IS": PROVIDE,
    "creditLimit CONTAIN 1": PROVIDE,
    "creditLimit EQUAL much": PROVIDE,
    "creditLimit EQUAL NaN": PROVIDE,
    "creditLimit BETWEEN [1]": PROVIDE,
    "creditLimit BETWEEN [1, 2, 3]": PROVIDE,
    "creditLimit BETWEEN [1, 2": PROVIDE,
    "isInactive IS maybe": PROVIDE,
    "isInactive EQUAL true": PROVIDE,
    "dateCreated EQUAL 5": PROVIDE,
    "(companyName IS A": PROVIDE,
    "companyName IS A)": PROVIDE,
    "companyName IS A AND": PROVIDE,
    "companyName IS A B": PROVIDE,
    "AND": PROVIDE,
    "()": PROVIDE,
    f"{'(' * 4000}id EQUAL 1": PROVIDE,
    " OR ".join(["id EQUAL 1"] * 500): PROVIDE,
    "createdFrom ANY_OF 1": "Unknown field name 'createdFrom' in the search query.",
    "addressBook EMPTY": "Unknown field name 'addressBook' in the search query.",
    "balance GREATER 0": "Unknown field name 'balance' in the search query.",
    "email.domain IS x": "Unknown field name 'email.domain' in the search query.",
    'dateCreated AFTER "8/5/2026 23:53"': (
        'Invalid search query. Search error occurred: Parse of date/time "8/5/2026 23:53" failed'
        ' with date format "M/d/yy" in time zone America/Los_Angeles'
    ),
    "dateCreated AFTER 2026-08-05": 'failed with date format "M/d/yy"',
    'dateCreated AFTER "2026-08-05T00:00:00Z"': 'failed with date format "M/d/yy"',
    'dateCreated AFTER "13/1/2026"': 'failed with date format "M/d/yy"',
    'dateCreated AFTER "15.01.2026"': 'failed with date format "M/d/yy"',
}


@pytest.mark.parametrize(("query", "words"), REFUSALS.items(), ids=range(len(REFUSALS)))
def test_a_filter_that_cannot_be_read_is_refused(books: Books, query: str, words: str) -> None:
    with pytest.raises(NetSuiteError) as error:
        found(books, query)
    assert (error.value.status, error.value.code) == (400, "INVALID_PARAMETER")
    assert error.value.where == {"errorQueryParam": "q"}
    assert words in error.value.detail


def test_a_client_that_tries_the_formats_in_turn_arrives() -> None:
    """As connectors do that are not told the account's format."""
    books = Books(PROFILES["german-dates"])
    books.customer()
    taken: list[str] = []
    for written in ("01/15/2019", "2019-01-15", "15/01/2019", "15.01.2019"):
        try:
            count = len(found(books, f'dateCreated ON_OR_AFTER "{written}"'))
        except NetSuiteError as error:
            taken.append(error.detail)
        else:
            taken.append(str(count))
    assert taken[-1] == "1"
    assert all('failed with date format "dd.MM.yy" in time zone' in one for one in taken[:-1])


def test_a_bare_date_is_midnight_of_the_account() -> None:
    books = Books()
    books.clock.set(books.clock.now().replace(day=24, hour=7, minute=30))
    books.customer(companyName="Late")
    assert found(books, 'dateCreated ON "11/23/2026"') == [601]
    assert found(books, 'dateCreated ON "11/24/2026"') == []


NAMES = "companyName creditLimit dateCreated isInactive currency id nope".split()
OPERATORS = "IS EQUAL BETWEEN ANY_OF ON AFTER_NOT CONTAIN EMPTY START_WITH_NOT AND OR".split()
MARKS = ["(", ")", "[", "]", ",", '"', "'", "\\", "%", ";", "--", "\x00"]
VALUES = ["1", "-2.5", "true", "x", "1/1/2026", '"1/1/2026"', '"a b"']
WORDS = st.sampled_from([*NAMES, *OPERATORS, *MARKS, *VALUES])


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(query=st.one_of(st.lists(WORDS, max_size=9).map(" ".join), st.text(max_size=30)))
def test_any_filter_finds_records_or_is_refused(books: Books, query: str) -> None:
    try:
        answer: list[int] | str = found(books, query)
    except NetSuiteError as error:
        answer = error.code
    assert isinstance(answer, list) or answer == "INVALID_PARAMETER"
