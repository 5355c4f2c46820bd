"""The SOQL parser against another one: what that said of many queries stands in a file."""

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.soql.parser import parse
from tests.unit.sandbox.soql_digest import digest

CORPUS = Path(__file__).parent / "soql_oracle" / "corpus.jsonl"
ROWS = [json.loads(line) for line in CORPUS.read_text().splitlines()]
DIFFERENT = {
    "SELECT a.Id FROM Account AS a": "the documents write aliases with AS too",
    "SELECT FORMAT(MIN(CloseDate)) first FROM Opportunity": "documented for FORMAT",
    "SELECT Id FROM Account ALL ROWS": "documented, the other parser lacks it",
    "SELECT Id FROM Account WHERE IsDeleted = TRUE ALL ROWS": "documented",
    "SELECT Id FROM Account WHERE Name = 'a' AND Type = 'b' OR Site = 'c'": (
        "the vendor wants parentheses between AND and OR"
    ),
    "SELECT count() FROM Contact c, c.Account a WHERE a.Name = 'x'": "documented for aliases",
    "SELECT Id FROM Account WHERE Name IN 'a'": "a list has parentheses",
    "SELECT Account. FROM Contact": "a path ends with a name",
}
"""Queries that we read otherwise on purpose, and why."""


def test_the_corpus_is_large_and_has_both_kinds() -> None:
    assert len(ROWS) >= 120
    assert sum(not row["valid"] for row in ROWS) >= 30
    assert set(DIFFERENT) <= {row["soql"] for row in ROWS}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["soql"])
def test_both_parsers_read_the_query_alike(row: dict[str, Any]) -> None:
    try:
        found: dict[str, Any] | None = digest(parse(row["soql"]))
    except Refusal:
        found = None
    agrees = found == row.get("tree") if row["valid"] else found is None
    assert agrees is (row["soql"] not in DIFFERENT), found
