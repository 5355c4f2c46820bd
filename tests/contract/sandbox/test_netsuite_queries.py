"""SuiteQL over HTTP, on the data that every seed has."""

import pytest

from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient

Rows = list[dict[str, str]]

ANSWERS: list[tuple[str, Rows]] = [
    ("SELECT Symbol FROM Currency WHERE id = 4", [{"symbol": "EUR"}]),
    ("SELECT COUNT(*) AS n FROM currency", [{"n": "5"}]),
    (
        "SELECT currencyprecision AS p, COUNT(*) AS n FROM currency GROUP BY currencyprecision"
        " ORDER BY p",
        [{"p": "0", "n": "1"}, {"p": "2", "n": "4"}],
    ),
    (
        "SELECT itemid, itemtype, subtype FROM item WHERE id IN (101, 104) ORDER BY id",
        [
            {"itemid": "SUB-PLAT", "itemtype": "Service", "subtype": "Sale"},
            {"itemid": "HW-GATE", "itemtype": "NonInvtPart", "subtype": "Sale"},
        ],
    ),
    (
        "SELECT s.name, c.symbol, BUILTIN.DF(s.currency) AS d, BUILTIN.DF(s.parent) AS p"
        " FROM subsidiary s JOIN currency c ON c.id = s.currency WHERE s.id < 3 ORDER BY s.id",
        [
            {"name": "Tallystick Demo Inc.", "symbol": "USD", "d": "US Dollar"},
            {
                "name": "Tallystick Demo GmbH",
                "symbol": "EUR",
                "d": "Euro",
                "p": "Tallystick Demo Inc.",
            },
        ],
    ),
    (
        "SELECT exchangerate FROM currencyrate WHERE basecurrency = 1 AND transactioncurrency = 4"
        " AND effectivedate = TO_DATE('2026-11-20', 'YYYY-MM-DD')",
        [{"exchangerate": "1.03"}],
    ),
    (
        "SELECT MIN(effectivedate) AS d FROM currencyrate WHERE transactioncurrency = 5",
        [{"d": "1/1/1970"}],
    ),
    (
        "SELECT periodname, startdate, enddate, closed FROM accountingperiod"
        " WHERE periodname = 'Feb 2028' OR startdate = '2/1/2027'",
        [
            {
                "periodname": "Feb 2027",
                "startdate": "2/1/2027",
                "enddate": "2/28/2027",
                "closed": "F",
            }
        ],
    ),
    (
        "SELECT acctnumber, accttype, BUILTIN.DF(id) AS i FROM account WHERE sspecacct = 'AcctRec'",
        [{"acctnumber": "1100", "accttype": "AcctRec", "i": "119"}],
    ),
    (
        "SELECT name FROM term WHERE daysuntilnetdue BETWEEN 20 AND 40",
        [{"name": "Net 30"}],
    ),
    (
        "SELECT entityid FROM employee WHERE email LIKE 'frieda%'",
        [{"entityid": "Frieda Finance"}],
    ),
    ("SELECT type FROM entity WHERE id = 11", [{"type": "Employee"}]),
    ("SELECT NVL(NULL, 'x') || LPAD(TO_CHAR(7), 3, '0') AS v FROM dual", [{"v": "x007"}]),
    (
        "SELECT TO_CHAR(DATE '2026-02-03', 'FMMonth DD, YYYY') AS v FROM dual",
        [{"v": "February 3, 2026"}],
    ),
    ("SELECT EXTRACT(YEAR FROM DATE '2026-02-03') AS v FROM dual", [{"v": "2026"}]),
    ("SELECT GREATEST(1, 3, 2) AS g, LEAST('b', 'a') AS l FROM dual", [{"g": "3", "l": "a"}]),
]


@pytest.fixture
def netsuite(sandbox: Sandbox) -> NetSuiteClient:
    return NetSuiteClient(sandbox)


@pytest.mark.parametrize(("query", "rows"), ANSWERS)
def test_a_query_is_answered(netsuite: NetSuiteClient, query: str, rows: Rows) -> None:
    assert netsuite.query(query) == rows


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("SELECT x FROM term", "Unknown identifier 'x'. Available identifiers are: {term=term}."),
        ("SELECT id FROM unicorn", "Invalid search type: unicorn."),
        ("SELECT id FROM budgets", "Record 'budgets' was not found."),
        ("SELECT id FROM term ORDER BY", "Failed to parse SQL"),
        ("SELECT id FROM term LIMIT 1", "Failed to parse SQL"),
        ("INSERT INTO term VALUES (1)", "Failed to parse SQL"),
        ("SELECT name, COUNT(*) FROM term GROUP BY id", "Invalid or unsupported search."),
        ("SELECT SOUNDEX(name) FROM term", "Invalid or unsupported search."),
        ("SELECT id FROM accountingperiod WHERE startdate > '2026-01-01'", "Parse of date/time"),
        ("SELECT id FROM term WHERE name = 5", "invalid number"),
        ("SELECT 1 / 0 FROM dual", "divisor is equal to zero"),
    ],
)
def test_a_query_is_refused(netsuite: NetSuiteClient, query: str, words: str) -> None:
    answer = netsuite.search(query)
    assert answer.status_code == 400
    (error,) = answer.json()["o:errorDetails"]
    assert (error["o:errorCode"], error["o:errorQueryParam"]) == ("INVALID_PARAMETER", "q")
    assert words in error["detail"]
