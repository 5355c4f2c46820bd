"""How long NetSuite's stand-in takes for one page of 1,000 rows of SuiteQL, over HTTP."""

import tempfile
import time
from pathlib import Path

from tests.benchmarks.results import Result, median, percentile, table
from tests.contract.conftest import Sandbox
from tests.contract.sandbox.netsuite_client import NetSuiteClient, line

ORDERS = 350
ROUNDS = 40
ROWS = 1000
KEYSET = (
    "SELECT tl.transaction, tl.id, t.tranid, BUILTIN.DF(t.entity) AS entity, tl.item, tl.quantity,"
    " tl.foreignamount * -1 AS amount,"
    " TO_CHAR(t.lastmodifieddate, 'YYYY-MM-DD HH24:MI:SS') AS modified"
    " FROM transactionline tl JOIN transaction t ON t.id = tl.transaction"
    " WHERE t.id > 0 ORDER BY t.lastmodifieddate, t.id, tl.id"
)
WIDE = "SELECT * FROM transactionline ORDER BY transaction, id"


def suiteql_page(directory: Path) -> list[Result]:
    sandbox = Sandbox(directory, "--seed", "empty")
    sandbox.start()
    try:
        netsuite = NetSuiteClient(sandbox)
        netsuite.sign_in()
        customer = netsuite.customer()
        for _ in range(ORDERS):
            netsuite.order(customer, line(101, 1, 100), line(102, 2, 50))
        one_ms = _taken_ms(netsuite, "SELECT id FROM term WHERE id = 1", 1)
        return [
            _result("joined, with names and formatted times", netsuite, KEYSET, one_ms),
            _result("all columns of transactionline", netsuite, WIDE, one_ms),
        ]
    finally:
        sandbox.stop()
        sandbox.http.close()


def _result(what: str, netsuite: NetSuiteClient, query: str, one_ms: list[float]) -> Result:
    taken_ms = _taken_ms(netsuite, query, ROWS)
    return Result(
        name=f"NetSuite stand-in, SuiteQL page of {ROWS} rows: {what}",
        measured=f"p50 {median(taken_ms):.0f} ms, p95 {percentile(taken_ms, 0.95):.0f} ms",
        target="p50 <= 50 ms",
        compared=f"a query with one row: {median(one_ms):.1f} ms",
        ratio=f"{median(taken_ms) / median(one_ms):.0f} x",
    )


def _taken_ms(netsuite: NetSuiteClient, query: str, rows: int) -> list[float]:
    taken: list[float] = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        answer = netsuite.search(query, page=f"?limit={ROWS}&offset=0")
        taken.append((time.perf_counter() - begun) * 1000)
        assert answer.json()["count"] == rows, answer.text[:500]
    return taken


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="tallystick-bench-") as place:
        print("\n".join(table(suiteql_page(Path(place)))))
