"""Whatever is asked of SuiteQL and `q`: rows or the vendor's refusal, and never SQLite itself."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.netsuite.errors import NetSuiteError
from sandbox.netsuite.suiteql import run
from tests.unit.sandbox.netsuite_account import Books

BOUNDED = settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
INSIDE = (
    "ATTACH DATABASE '/tmp/x' AS y",
    "PRAGMA table_info(_secret)",
    "VACUUM INTO '/tmp/x'",
    "SELECT load_extension('/tmp/x') FROM dual",
    "SELECT sqlite_version() FROM dual",
    "SELECT writefile('/tmp/x', 'y') FROM dual",
    "SELECT readfile('/etc/passwd') FROM dual",
    "SELECT hex(randomblob(4)) FROM dual",
    "SELECT ns_refuse('x') FROM dual",
    "SELECT value FROM _secret",
    'SELECT value FROM "_secret"',
    "SELECT sql FROM sqlite_master",
    "SELECT name FROM sqlite_schema",
    "SELECT * FROM pragma_table_list",
    "SELECT * FROM journal",
    "SELECT id FROM main.term",
    "SELECT id FROM temp.sqlite_temp_master",
    "SELECT rowid FROM term",
    "SELECT _rowid_ FROM term",
    "SELECT oid FROM term",
    "SELECT term FROM term",
    "SELECT id FROM term WHERE id = 1; DROP TABLE term",
    "SELECT id FROM term UNION SELECT value FROM _secret",
    "SELECT id FROM term WHERE name GLOB '*'",
    "SELECT id FROM term WHERE name MATCH 'x'",
    "SELECT id -> 'x' FROM term",
    "SELECT x'41' FROM dual",
    'SELECT id AS "a"" FROM _secret --" FROM term',
    'SELECT id FROM term "t"" JOIN _secret" ',
    "SELECT id FROM term WHERE name = 'x' || (SELECT value FROM _secret)",
    "WITH _secret AS (SELECT 1 AS value FROM dual) SELECT value FROM main._secret",
    "SELECT id FROM term ORDER BY (SELECT value FROM _secret)",
    "SELECT json_extract(body, '$') FROM _record",
)
NAMES = st.sampled_from(
    "id name trandate status type entity foreigntotal ROWNUM SYSDATE nope t.id a.b.c *".split()
)
VALUES = st.one_of(
    NAMES,
    st.integers(-(10**30), 10**30).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.text(max_size=8).map(lambda text: "'" + text.replace("'", "''") + "'"),
    st.sampled_from(
        ["NULL", "''", "?", "DATE '2026-01-01'", "DATE 'x'", "TRUE", "INTERVAL '1' DAY", ":p1"]
    ),
)
FUNCTIONS = (
    "UPPER SUBSTR INSTR LPAD TO_CHAR TO_DATE TO_NUMBER TRUNC ROUND NVL NVL2 DECODE COALESCE COUNT"
    " SUM MAX LISTAGG ADD_MONTHS LAST_DAY MONTHS_BETWEEN NEXT_DAY REGEXP_SUBSTR REGEXP_LIKE"
    " REGEXP_REPLACE GREATEST POWER SQRT CHR ASCII TRANSLATE REPLACE MOD MEDIAN BUILTIN.DF"
    " BUILTIN.CF BUILTIN.RELATIVE_RANGES BUILTIN.CONSOLIDATE GROUPING NOPE ns_text"
).split()
EXPRESSIONS = st.recursive(
    VALUES,
    lambda inner: st.one_of(
        st.tuples(st.sampled_from(FUNCTIONS), st.lists(inner, max_size=4)).map(
            lambda made: f"{made[0]}({', '.join(made[1])})"
        ),
        st.tuples(inner, st.sampled_from("+ - * / || = < IN LIKE AND".split()), inner).map(
            " ".join
        ),
        inner.map(lambda one: f"({one})"),
        inner.map(lambda one: f"CASE WHEN {one} IS NULL THEN {one} ELSE 1 END"),
        inner.map(lambda one: f"(SELECT {one} FROM dual)"),
        inner.map(lambda one: f"SUM({one}) OVER (PARTITION BY {one} ORDER BY {one})"),
        inner.map(lambda one: f"CAST({one} AS VARCHAR2(4))"),
    ),
    max_leaves=6,
)
TABLES = st.sampled_from(
    [
        "dual",
        "term",
        "term t",
        "transaction t",
        "customer t, term",
        "term a JOIN currency t USING (id)",
    ]
)
TAILS = st.sampled_from(
    [
        "",
        "GROUP BY {}",
        "GROUP BY ROLLUP({})",
        "ORDER BY {}",
        "HAVING {} > 1",
        "FETCH FIRST 2 ROWS ONLY",
        "UNION SELECT {} FROM dual",
        "CONNECT BY {}",
        "LIMIT 1",
    ]
)
QUERIES = st.builds(
    lambda item, table, condition, tail: (
        f"SELECT {item} FROM {table} WHERE {condition} = {condition} {tail.format(item)}"
    ),
    EXPRESSIONS,
    TABLES,
    EXPRESSIONS,
    TAILS,
)


@pytest.fixture(scope="module")
def books() -> Books:
    books = Books()
    books.customer(externalId="sf-1", email="ap@acme.example")
    return books


def asked(books: Books, query: str) -> None:
    """Rows of texts, or a refusal of a bad request."""
    try:
        rows = books.query(query)
    except NetSuiteError as error:
        answer: tuple[int, str] | list[str] = (error.status, error.code)
    else:
        answer = [value for row in rows for value in row.values()]
    told = isinstance(answer, list) and all(isinstance(value, str) for value in answer)
    assert told or answer == (400, "INVALID_PARAMETER")


@BOUNDED
@given(query=QUERIES)
def test_a_made_up_query_gets_rows_or_a_refusal(books: Books, query: str) -> None:
    asked(books, query)


@BOUNDED
@given(query=st.one_of(st.text(max_size=60), st.text("SELECT()*,'\"?;-/ fromdual1", max_size=40)))
def test_any_text_gets_rows_or_a_refusal(books: Books, query: str) -> None:
    asked(books, query)


@pytest.mark.parametrize("query", INSIDE)
def test_the_database_below_is_out_of_reach(books: Books, query: str) -> None:
    with pytest.raises(NetSuiteError) as error:
        books.query(query)
    assert error.value.code == "INVALID_PARAMETER"
    assert "sqlite" not in error.value.detail.replace(query, "").lower().replace(
        "invalid search type: sqlite_", ""
    )
    assert books.query("SELECT COUNT(*) AS n FROM term") == [{"n": "2"}]


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT {'-' * 5000}1 FROM dual",
        f"SELECT {'NOT ' * 3000}1 FROM dual",
        f"SELECT id FROM term WHERE {' OR '.join(['id = 1'] * 5000)}",
        f"SELECT {'+'.join(['1'] * 5000)} FROM dual",
        "SELECT LPAD('x', 1000000000) FROM dual",
        f"SELECT REPLACE('{'a' * 4000}', 'a', '{'b' * 4000}') FROM dual",
        "SELECT TO_NUMBER('1E-999999999') FROM dual",
        "SELECT 1E300 * 1E300 FROM dual",
        "SELECT 1E300 FROM dual",
        "SELECT TO_CHAR(POWER(10, 100)) FROM dual",
        "SELECT REGEXP_SUBSTR(LPAD('a', 4000, 'a'), 'a*a*a*a*a*b') FROM dual",
        "SELECT id FROM term ORDER BY id OFFSET 99999999999999999999 ROWS",
        "SELECT ADD_MONTHS(SYSDATE, 999999999) FROM dual",
        "SELECT SYSDATE + 99999999999 FROM dual",
        "WITH " + ", ".join(
            f"a{n} AS (SELECT {f'a{n - 1}.s || a{n - 1}.s' if n else repr('x' * 1000)} AS s"
            f" FROM {f'a{n - 1}' if n else 'dual'})" for n in range(30)
        ) + " SELECT LENGTH(s) AS n FROM a29",
    ],
    ids=range(15),
)  # fmt: skip
def test_what_could_grow_without_end_does_not(books: Books, query: str) -> None:
    asked(books, query)


def test_a_search_that_takes_too_long_ends(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "SECONDS_MAX", 0.2)
    with pytest.raises(NetSuiteError):
        books.query("SELECT COUNT(*) FROM currencyrate a, currencyrate b, currencyrate c")
    assert books.query("SELECT COUNT(*) AS n FROM term") == [{"n": "2"}]
