"""The search table's lines of a journal entry: no head, one line an account."""

from collections.abc import Mapping

from sandbox.netsuite.account import Work
from sandbox.netsuite.ledger.open_items import OpenItem
from sandbox.netsuite.rules.journals import signed
from sandbox.netsuite.search.rows import Row, put, remove
from sandbox.netsuite.store import Entry
from sandbox.netsuite.values import ZERO, lines, ref_id, text, whole


def replace_journal_lines(
    work: Work,
    entry: Entry,
    item: OpenItem | None,
    posted: Mapping[int, tuple[int, float]],
    common: Row,
) -> None:
    remove(work, "transactionline", "transaction", entry.id)
    for at, line in enumerate(lines(entry.document, "line")):
        number_of_line = whole(line, "line")
        amount = signed(line)
        account, base = posted.get(number_of_line, (None, 0.0))
        row: Row = {
            **common,
            "id": number_of_line,
            "linesequencenumber": at,
            "mainline": "T" if number_of_line == 0 else "F",
            "uniquekey": whole(line, "_key"),
            "entity": ref_id(line, "entity") or None,
            "memo": text(line, "memo") or None,
            "foreignamount": float(amount),
            "netamount": base,
            "debitforeignamount": float(amount) if amount > ZERO else None,
            "creditforeignamount": float(-amount) if amount < ZERO else None,
            "account": account,
            "expenseaccount": account,
        }
        if item is not None and line.get("_receivable") is True:
            row["foreignamountpaid"] = float(item.settled)
            row["foreignamountunpaid"] = float(item.remaining)
        put(work, "transactionline", row)


def journal_line(entry: Entry) -> int:
    """The line that stands in receivables."""
    for line in lines(entry.document, "line"):
        if line.get("_receivable") is True:
            return whole(line, "line")
    return 0
