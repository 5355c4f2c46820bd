"""SuiteQL of the NetSuite stand-in: each query gives the right rows, or the refusal it deserves."""

import pytest

from sandbox.netsuite.errors import NetSuiteError
from sandbox.profile import PROFILES
from tests.unit.sandbox.netsuite_account import Books, books_of_a_deal, line

Rows = list[dict[str, str]]


@pytest.fixture(scope="module")
def books() -> Books:
    return books_of_a_deal()


ANSWERS: dict[str, tuple[str, Rows]] = {
    "columns come back in lower case and values as strings": (
        "SELECT ID, EntityId, isInactive FROM Customer WHERE id = 601",
        [{"id": "601", "entityid": "CUST-77", "isinactive": "F"}],
    ),
    "nulls are left out": ("SELECT id, phone FROM customer WHERE id = 601", [{"id": "601"}]),
    "aliases are lowered too": ("SELECT id AS TheId FROM term", [{"theid": "1"}, {"theid": "2"}]),
    "an expression without a name is numbered": (
        "SELECT COUNT(*), MAX(id) FROM term",
        [{"expr1": "2", "expr2": "2"}],
    ),
    "a name that occurs twice gets a number": (
        "SELECT t.id, c.id FROM transaction t JOIN customer c ON c.id = t.entity WHERE t.id = 801",
        [{"id": "801", "id_0": "601"}],
    ),
    "bare dates take the account's format and lose their clock": (
        "SELECT trandate, lastmodifieddate FROM transaction WHERE id = 802",
        [{"trandate": "11/2/2026", "lastmodifieddate": "11/24/2026"}],
    ),
    "TO_CHAR keeps its format, and stored times their minute": (
        "SELECT TO_CHAR(lastmodifieddate, 'YYYY-MM-DD HH24:MI:SS') AS m FROM transaction"
        " WHERE id = 802",
        [{"m": "2026-11-24 12:00:00"}],
    ),
    "the clocks of the server and the user are the account's": (
        "SELECT TO_CHAR(SYSDATE, 'YYYY-MM-DD HH24:MI') AS s, TO_CHAR(CURRENT_DATE, 'HH24') AS c,"
        " TO_CHAR(SYS_EXTRACT_UTC(SYSTIMESTAMP), 'YYYY-MM-DD\"T\"HH24:MI') AS u FROM dual",
        [{"s": "2026-11-24 12:00", "c": "12", "u": "2026-11-24T20:00"}],
    ),
    "a wall clock becomes UTC": (
        "SELECT TO_CHAR(SYS_EXTRACT_UTC(FROM_TZ(CAST(lastmodifieddate AS TIMESTAMP),"
        " 'America/Los_Angeles')), 'HH24:MI') AS u FROM transaction WHERE id = 801",
        [{"u": "20:00"}],
    ),
    "a plain text beside a date is read in the account's format": (
        "SELECT id FROM transaction WHERE trandate < '11/3/2026'",
        [{"id": "802"}],
    ),
    "TO_DATE reads its format": (
        "SELECT id FROM transaction WHERE trandate = TO_DATE('2026-11-02', 'YYYY-MM-DD')",
        [{"id": "802"}],
    ),
    "days are added to dates and counted between them": (
        "SELECT TRUNC(SYSDATE) - trandate AS d, trandate + 1 AS n FROM transaction WHERE id = 802",
        [{"d": "22", "n": "11/3/2026"}],
    ),
    "TRUNC cuts to the unit": (
        "SELECT TRUNC(trandate, 'MM') AS m, TRUNC(trandate, 'Q') AS q, TRUNC(12.78, 1) AS n"
        " FROM transaction WHERE id = 803",
        [{"m": "11/1/2026", "q": "10/1/2026", "n": "12.7"}],
    ),
    "months are added at the end of the month": (
        "SELECT TO_CHAR(ADD_MONTHS(TO_DATE('2026-01-31', 'YYYY-MM-DD'), 1), 'YYYY-MM-DD') AS d,"
        " TO_CHAR(LAST_DAY(DATE '2028-02-03'), 'DD') AS l FROM dual",
        [{"d": "2026-02-28", "l": "29"}],
    ),
    "NVL, DECODE and CASE": (
        "SELECT NVL(phone, 'none') AS p, DECODE(isperson, 'F', 'company', 'person') AS k,"
        " CASE WHEN email IS NULL THEN 0 ELSE 1 END AS e FROM customer WHERE id = 601",
        [{"p": "none", "k": "company", "e": "1"}],
    ),
    "the empty text is null": (
        "SELECT NVL('', 'null') AS n, 'a' || '' || NULL || 'b' AS c FROM dual",
        [{"n": "null", "c": "ab"}],
    ),
    "decimals are exact": (
        "SELECT 0.1 + 0.2 AS a, 1.005 * 100 AS b, ROUND(2.345, 2) AS r, 7 / 2 AS d FROM dual",
        [{"a": "0.3", "b": "100.5", "r": "2.35", "d": "3.5"}],
    ),
    "sums are exact": (
        "SELECT SUM(debit) - SUM(credit) AS d FROM transactionaccountingline WHERE posting = 'T'",
        [{"d": "0"}],
    ),
    "every transaction balances": (
        "SELECT transaction FROM transactionaccountingline GROUP BY transaction"
        " HAVING SUM(NVL(debit, 0)) <> SUM(NVL(credit, 0))",
        [],
    ),
    "sales lines carry the credit sign": (
        "SELECT id, quantity, rate, foreignamount, netamount FROM transactionline"
        " WHERE transaction = 802 ORDER BY id DESC FETCH FIRST 2 ROWS ONLY",
        [
            {
                "id": "3",
                "quantity": "-1",
                "rate": "1500",
                "foreignamount": "-1500",
                "netamount": "-1545",
            },
            {
                "id": "2",
                "quantity": "-1",
                "rate": "1250",
                "foreignamount": "-1250",
                "netamount": "-1287.5",
            },
        ],
    ),
    "BUILTIN.DF shows names": (
        "SELECT BUILTIN.DF(entity) AS e, BUILTIN.DF(currency) AS c, BUILTIN.DF(status) AS s,"
        " BUILTIN.DF(type) AS t, BUILTIN.CF(status) AS f FROM transaction WHERE id = 801",
        [
            {
                "e": "CUST-77 Acme GmbH",
                "c": "Euro",
                "s": "Sales Order : Billed",
                "t": "Sales Order",
                "f": "SalesOrd:G",
            }
        ],
    ),
    "a status may be written with its type": (
        "SELECT id FROM transaction WHERE status IN ('SalesOrd:G', 'CustInvc:B') ORDER BY id",
        [{"id": "801"}],
    ),
    "an outer join of Oracle keeps the rows without a partner": (
        "SELECT c.id, t.id AS t FROM customer c, transaction t"
        " WHERE c.id = t.entity(+) AND t.type(+) = 'SalesOrd' ORDER BY c.id",
        [{"id": "601", "t": "801"}, {"id": "602"}],
    ),
    "LEFT JOIN does the same": (
        "SELECT c.id, t.id AS t FROM customer c LEFT OUTER JOIN transaction t"
        " ON c.id = t.entity AND t.type = 'SalesOrd' ORDER BY c.id",
        [{"id": "601", "t": "801"}, {"id": "602"}],
    ),
    "chains of outer joins stand in the order of their needs": (
        "SELECT c.id, p.id AS p FROM transaction p, transaction i, customer c"
        " WHERE i.entity(+) = c.id AND i.type(+) = 'CustInvc' AND p.entity(+) = i.entity"
        " AND p.type(+) = 'CustPymt' AND c.id = 602",
        [{"id": "602"}],
    ),
    "ROWNUM counts before the order is made": (
        "SELECT id FROM term WHERE ROWNUM <= 1 ORDER BY name",
        [{"id": "1"}],
    ),
    "ROWNUM of a query inside": (
        "SELECT name FROM term WHERE id IN (SELECT id FROM term WHERE ROWNUM <= 1)",
        [{"name": "Net 30"}],
    ),
    "the page idiom of the query tools": (
        "SELECT * FROM (SELECT ROWNUM AS rn, * FROM (SELECT id FROM currency ORDER BY id DESC))"
        " WHERE (rn BETWEEN 2 AND 3)",
        [{"rn": "2", "id": "4"}, {"rn": "3", "id": "3"}],
    ),
    "OFFSET and FETCH": (
        "SELECT symbol FROM currency ORDER BY symbol OFFSET 1 ROWS FETCH NEXT 2 ROWS ONLY",
        [{"symbol": "EUR"}, {"symbol": "GBP"}],
    ),
    "TOP": ("SELECT TOP 1 symbol FROM currency ORDER BY symbol DESC", [{"symbol": "USD"}]),
    "nulls are largest": (
        "SELECT id, email FROM customer ORDER BY email, id",
        [{"id": "601", "email": "ap@acme.example"}, {"id": "602"}],
    ),
    "LISTAGG in order": (
        "SELECT transaction, LISTAGG(item, '+') WITHIN GROUP (ORDER BY item DESC) AS i"
        " FROM transactionline WHERE mainline = 'F' AND transaction = 802 GROUP BY transaction",
        [{"transaction": "802", "i": "103+102+101"}],
    ),
    "WITH, UNION ALL and a query under FROM": (
        "WITH open AS (SELECT id, foreignamountunpaid AS u FROM transaction"
        " WHERE type = 'CustInvc') SELECT * FROM (SELECT id FROM open WHERE u > 0 UNION ALL"
        " SELECT id FROM term WHERE id = 2) ORDER BY id",
        [{"id": "2"}, {"id": "802"}, {"id": "803"}],
    ),
    "MINUS": (
        "SELECT id FROM currency MINUS SELECT currency FROM transaction WHERE currency IS NOT NULL",
        [{"id": "1"}, {"id": "2"}, {"id": "3"}, {"id": "5"}],
    ),
    "window functions": (
        "SELECT id, SUM(foreigntotal) OVER (ORDER BY id) AS s, ROW_NUMBER() OVER"
        " (PARTITION BY type ORDER BY id DESC) AS r FROM transaction WHERE type = 'CustInvc'"
        " ORDER BY id",
        [{"id": "802", "s": "8750", "r": "2"}, {"id": "803", "s": "10000", "r": "1"}],
    ),
    "a correlated query": (
        "SELECT c.id, (SELECT COUNT(*) FROM transaction t WHERE t.entity = c.id) AS n"
        " FROM customer c WHERE EXISTS (SELECT 1 FROM transaction x WHERE x.entity = c.id)",
        [{"id": "601", "n": "4"}],
    ),
    "links lead from the order to its invoices and on to the payment": (
        "SELECT previousdoc, nextdoc, linktype FROM nexttransactionlink"
        " WHERE previousdoc IN (801, 802) ORDER BY nextdoc",
        [
            {"previousdoc": "801", "nextdoc": "802", "linktype": "OrdBill"},
            {"previousdoc": "801", "nextdoc": "803", "linktype": "OrdBill"},
            {"previousdoc": "802", "nextdoc": "804", "linktype": "Payment"},
        ],
    ),
    "the applied amount stands on the line link": (
        "SELECT foreignamount, nexttype FROM previoustransactionlinelink WHERE nextdoc = 804",
        [{"foreignamount": "750.5", "nexttype": "CustPymt"}],
    ),
    "paid and unpaid": (
        "SELECT foreignamountpaid, foreignamountunpaid FROM transactionline"
        " WHERE transaction = 802 AND mainline = 'T'",
        [{"foreignamountpaid": "750.5", "foreignamountunpaid": "7999.5"}],
    ),
    "keyset paging": (
        "SELECT id FROM transaction WHERE (lastmodifieddate > TO_DATE('2026-11-24 12:00',"
        " 'YYYY-MM-DD HH24:MI') OR (lastmodifieddate = TO_DATE('2026-11-24 12:00',"
        " 'YYYY-MM-DD HH24:MI') AND id > 802)) ORDER BY lastmodifieddate, id",
        [{"id": "803"}, {"id": "804"}],
    ),
    "text is compared with regard to case": (
        "SELECT COUNT(*) AS n FROM item WHERE itemid = 'sub-plat' OR itemid LIKE 'Sub%'",
        [{"n": "0"}],
    ),
    "umlauts have capitals": (
        "SELECT UPPER(companyname) AS u, INSTR(companyname, '&') AS i, SUBSTR(companyname, 0, 3)"
        " AS s FROM customer WHERE id = 602",
        [{"u": "BÖRNER & SÖHNE", "i": "8", "s": "Bör"}],
    ),
    "numbers in pictures": (
        "SELECT TO_CHAR(1234.5, 'FM999,990.00') AS a, TO_CHAR(7, '000') AS b,"
        " TO_CHAR(foreigntotal) AS c FROM transaction WHERE id = 802",
        [{"a": "1,234.50", "b": " 007", "c": "8750"}],
    ),
    "NOT LIKE, NOT IN and NOT BETWEEN mean what they say": (
        "SELECT id FROM currency WHERE symbol NOT LIKE 'U%' AND id NOT IN (2, 3)"
        " AND id NOT BETWEEN 5 AND 9",
        [{"id": "4"}],
    ),
    "a number may be written as text": ("SELECT id FROM term WHERE id = '2'", [{"id": "2"}]),
    "custom fields have their columns": (
        "SELECT custbody_sf_opportunity_id AS o, id FROM transaction WHERE id = 801",
        [{"id": "801"}],
    ),
    "a share of the whole": (
        "SELECT type, COUNT(*) AS n, SUM(COUNT(*)) OVER () AS a FROM transaction GROUP BY type"
        " ORDER BY type",
        [
            {"type": "CustInvc", "n": "2", "a": "4"},
            {"type": "CustPymt", "n": "1", "a": "4"},
            {"type": "SalesOrd", "n": "1", "a": "4"},
        ],
    ),
    "nothing is cut out": (
        "SELECT NVL(SUBSTR('abc', 1, -1), 'null') AS a, SUBSTR('abc', -2) AS b FROM dual",
        [{"a": "null", "b": "bc"}],
    ),
    "pairs": (
        "SELECT id FROM transaction WHERE (type, entity) IN (('SalesOrd', 601), ('X', 1))",
        [{"id": "801"}],
    ),
    "aggregates of nothing": (
        "SELECT SUM(foreigntotal) AS s, COUNT(*) AS n FROM transaction WHERE id < 0",
        [{"n": "0"}],
    ),
}


@pytest.mark.parametrize(("query", "rows"), ANSWERS.values(), ids=ANSWERS.keys())
def test_a_query_gives_the_right_rows(books: Books, query: str, rows: Rows) -> None:
    assert books.query(query) == rows


UNSUPPORTED = "Search error occurred: Invalid or unsupported search."
REFUSALS: dict[str, tuple[str, str]] = {
    "an unknown column": (
        "SELECT nope FROM customer",
        "Unknown identifier 'nope'. Available identifiers are: {customer=customer}.",
    ),
    "an unknown column of a join": (
        "SELECT t.nope FROM transaction t JOIN customer c ON c.id = t.entity",
        "Unknown identifier 't.nope'. Available identifiers are: {t=transaction, c=customer}.",
    ),
    "an unknown table": ("SELECT id FROM Email", "follows. Invalid search type: Email."),
    "an internal table": ("SELECT * FROM _record", "Invalid search type: _record."),
    "the database's own table": ("SELECT * FROM sqlite_master", "search type: sqlite_master."),
    "a table that this account lacks": (
        "SELECT id FROM partner",
        "Search error occurred: Record 'partner' was not found.",
    ),
    "too long a list": (
        f"SELECT id FROM term WHERE id IN ({', '.join(map(str, range(1001)))})",
        "maximum number of expressions in a list is 1000",
    ),
    "parentheses without end": (f"SELECT {'(' * 3000}1{')' * 3000} FROM dual", "error"),
    "an unknown function": ("SELECT SOUNDEX(email) FROM customer", UNSUPPORTED),
    "a function of SQLite": ("SELECT sqlite_version() FROM dual", UNSUPPORTED),
    "LIMIT": ("SELECT id FROM customer LIMIT 5", "near: LIMIT(1,25, token code:0)."),
    "not a query": ("DELETE FROM customer", "near: DELETE(1,1, token"),
    "two statements": ("SELECT 1 FROM dual; SELECT 2 FROM dual", "syntax error"),
    "nonsense": ("SELECT FROM WHERE", "syntax error"),
    "a date in the wrong format": (
        "SELECT id FROM transaction WHERE trandate > '2026-11-02'",
        'Parse of date/time "2026-11-02" failed with date format "M/d/yy" in time zone '
        "America/Los_Angeles",
    ),
    "a text that is no number": ("SELECT id FROM term WHERE id = 'x'", "invalid number: x"),
    "a text column that holds no number": (
        "SELECT id FROM transaction WHERE tranid = 1001",
        "invalid number",
    ),
    "a date beside a number": ("SELECT trandate + SYSDATE FROM transaction", UNSUPPORTED),
    "a date in place of a number": (
        "SELECT ABS(trandate) FROM transaction",
        "inconsistent datatypes: expected NUMBER got DATE",
    ),
    "division by zero": ("SELECT 1 / 0 FROM dual", "divisor is equal to zero"),
    "an unknown date picture": (
        "SELECT TO_CHAR(SYSDATE, 'YYYY-QQ-xx') FROM dual",
        "date format not recognized",
    ),
    "a column that is not grouped": (
        "SELECT tranid, COUNT(*) FROM transaction GROUP BY type",
        UNSUPPORTED,
    ),
    "a window over what is not grouped": (
        "SELECT type, COUNT(*), SUM(foreigntotal) OVER () FROM transaction GROUP BY type",
        UNSUPPORTED,
    ),
    "HAVING without a group": ("SELECT id FROM term HAVING id > 1", UNSUPPORTED),
    "an order that the distinct rows do not have": (
        "SELECT DISTINCT type FROM transaction ORDER BY id",
        UNSUPPORTED,
    ),
    "a name that breaks out of its quotes": (
        'SELECT id AS "x"", (SELECT value FROM _secret) AS ""y" FROM term',
        UNSUPPORTED,
    ),
    "a source that breaks out of its quotes": (
        'SELECT 1 FROM term "t"" JOIN _secret AS ""s" ',
        UNSUPPORTED,
    ),
    "an aggregate under WHERE": ("SELECT id FROM term WHERE COUNT(*) > 1", UNSUPPORTED),
    "an aggregate in an aggregate": ("SELECT SUM(COUNT(*)) FROM term GROUP BY id", UNSUPPORTED),
    "more rows than one in place of a value": (
        "SELECT (SELECT id FROM term) FROM dual",
        "single-row subquery returns more than one row",
    ),
    "an outer join mixed from both dialects": (
        "SELECT c.id FROM customer c JOIN term m ON m.id = c.terms, transaction t"
        " WHERE t.entity(+) = c.id",
        UNSUPPORTED,
    ),
    "an outer join under OR": (
        "SELECT c.id FROM customer c, transaction t WHERE (t.entity(+) = c.id OR c.id = 1)",
        UNSUPPORTED,
    ),
    "ROWNUM under a group": (
        "SELECT type, COUNT(*) FROM transaction WHERE ROWNUM < 5 GROUP BY type",
        UNSUPPORTED,
    ),
    "WITH TIES": ("SELECT id FROM term ORDER BY id FETCH FIRST 1 ROWS WITH TIES", UNSUPPORTED),
    "an ambiguous column": (
        "SELECT id FROM transaction t JOIN customer c ON c.id = t.entity",
        UNSUPPORTED,
    ),
    "a natural join": ("SELECT name FROM term NATURAL JOIN currency", UNSUPPORTED),
    "a recursive query": (
        "WITH RECURSIVE x AS (SELECT 1 AS a FROM dual) SELECT a FROM x",
        UNSUPPORTED,
    ),
    "unions of different widths": (
        "SELECT id, name FROM term UNION SELECT id FROM currency",
        "same datatype",
    ),
    "a built-in that needs what is not here": (
        "SELECT BUILTIN.CONSOLIDATE(foreigntotal, 'LEDGER') FROM transaction",
        UNSUPPORTED,
    ),
    "a name from another database": ("SELECT a.b.c.d FROM term", UNSUPPORTED),
    "a pragma": ("PRAGMA table_info(_secret)", "syntax error"),
    "a filtered aggregate": ("SELECT COUNT(*) FILTER (WHERE id = 1) FROM term", UNSUPPORTED),
}


@pytest.mark.parametrize(("query", "words"), REFUSALS.values(), ids=REFUSALS.keys())
def test_a_query_is_refused_and_not_answered_wrongly(books: Books, query: str, words: str) -> None:
    with pytest.raises(NetSuiteError) as error:
        books.query(query)
    assert (error.value.status, error.value.code) == (400, "INVALID_PARAMETER")
    assert error.value.where == {"errorQueryParam": "q"}
    assert words in error.value.detail


def test_bound_values_take_the_places_of_the_question_marks_in_the_order_of_the_text(
    books: Books,
) -> None:
    query = (
        "SELECT CASE WHEN id = ? THEN ? ELSE ? END AS x FROM term WHERE id IN (?, ?) ORDER BY id"
    )
    rows = books.query(query, "2", "two", "other", "1", "2")
    assert rows == [{"x": "other"}, {"x": "two"}]


def test_the_number_of_bound_values_must_fit(books: Books) -> None:
    with pytest.raises(NetSuiteError, match="1 placeholders, not 2"):
        books.query("SELECT id FROM term WHERE id = ?", "1", "2")


def test_a_single_company_account_does_not_know_subsidiaries() -> None:
    """In the recorded wording of such an account."""
    books = Books(PROFILES["single-subsidiary"])
    with pytest.raises(NetSuiteError) as error:
        books.query("SELECT subsidiary FROM transaction")
    assert error.value.detail == (
        "Invalid search query. Detailed unprocessed description follows. Search error occurred: "
        "Unknown identifier 'subsidiary'. Available identifiers are: {transaction=transaction}."
    )
    customer = books.create("customer", companyName="Alone Inc")
    books.invoice(customer, line(101, 1, 5))
    assert books.query("SELECT foreigntotal AS f FROM transaction") == [{"f": "5"}]


def test_dates_follow_the_accounts_format() -> None:
    books = Books(PROFILES["german-dates"])
    books.order(books.customer(), line(101, 1, 5), tranDate="2026-11-02")
    rows = books.query("SELECT trandate FROM transaction WHERE trandate >= '02.11.2026'")
    assert rows == [{"trandate": "02.11.2026"}]
    with pytest.raises(NetSuiteError, match=r'failed with date format "dd\.MM\.yy"'):
        books.query("SELECT id FROM transaction WHERE trandate >= '11/2/2026'")
