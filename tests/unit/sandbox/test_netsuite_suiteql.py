"""The documented dialect of SuiteQL, query by query, against answers reckoned by hand."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from sandbox.netsuite.errors import NetSuiteError
from tests.unit.sandbox.netsuite_account import Books, books_of_a_deal

QUERIES = tomllib.loads(Path(__file__).with_name("netsuite_suiteql.toml").read_text("utf-8"))
ANSWERED = [one for one in QUERIES["query"] if "rows" in one]
REFUSED = [one for one in QUERIES["query"] if "error" in one]
THOUSAND = ", ".join(str(number) for number in range(1, 1001))


def titled(one: dict[str, Any]) -> str:
    return str(one["title"])


@pytest.fixture(scope="module")
def books() -> Books:
    """The documents that the file of queries speaks of."""
    return books_of_a_deal()


@pytest.mark.parametrize("one", ANSWERED, ids=titled)
def test_a_query_of_the_dialect_is_answered(books: Books, one: dict[str, Any]) -> None:
    assert books.query(one["q"].replace("@thousand@", THOUSAND)) == one["rows"]


@pytest.mark.parametrize("one", REFUSED, ids=titled)
def test_what_the_dialect_lacks_is_refused(books: Books, one: dict[str, Any]) -> None:
    with pytest.raises(NetSuiteError) as error:
        books.query(one["q"])
    assert (error.value.status, error.value.code) == (400, "INVALID_PARAMETER")
    assert one["error"] in error.value.detail


def test_the_dialect_is_measured_on_enough_queries() -> None:
    assert len(QUERIES["query"]) >= 80
    assert len({titled(one) for one in QUERIES["query"]}) == len(QUERIES["query"])
