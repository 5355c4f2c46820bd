"""Double entry: what a transaction writes into the accounts, line by line."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.store import Entry
from sandbox.netsuite.timing import local_minute
from sandbox.netsuite.values import ZERO, number, rounded

PRIMARY_BOOK = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """A debit is positive. `amount` is in transaction currency, `base` in the books' currency."""

    line: int
    account: int
    amount: Decimal
    base: Decimal


class UnbalancedError(AssertionError):
    """A mistake of ours: nothing unbalanced may ever be stored."""


def write_postings(work: Work, entry: Entry, postings: Sequence[Posting]) -> None:
    if sum((posting.amount for posting in postings), ZERO) != ZERO:
        raise UnbalancedError(f"{entry.kind.name} {entry.id} in transaction currency")
    if sum((posting.base for posting in postings), ZERO) != ZERO:
        raise UnbalancedError(f"{entry.kind.name} {entry.id} in base currency")
    clear_postings(work, entry.id)
    modified = local_minute(entry.modified)
    rate = float(number(entry.document, "exchangeRate"))
    work.connection.executemany(
        'INSERT INTO transactionaccountingline ("transaction", transactionline, accountingbook,'
        " account, amount, netamount, debit, credit, exchangerate, posting, lastmodifieddate)"
        " VALUES (?,?,?,?,?,?,?,?,?,?,?)",
        [
            (
                entry.id,
                posting.line,
                PRIMARY_BOOK,
                posting.account,
                float(posting.base),
                float(posting.base),
                float(posting.base) if posting.base > 0 else None,
                float(-posting.base) if posting.base < 0 else None,
                rate,
                "T" if entry.kind.posting else "F",
                modified,
            )
            for posting in postings
        ],
    )


def clear_postings(work: Work, identifier: int) -> None:
    work.connection.execute(
        'DELETE FROM transactionaccountingline WHERE "transaction" = ?', (identifier,)
    )


def spread(
    base_total: Decimal, amounts: Sequence[Decimal], rate: Decimal, precision: int
) -> list[Decimal]:
    """The base amounts of lines: each at the rate, the cents left over on the largest line."""
    bases = [rounded(amount * rate, precision) for amount in amounts]
    left = base_total - sum(bases, ZERO)
    if left:
        largest = max(range(len(bases)), key=lambda at: abs(bases[at]))
        bases[largest] += left
    return bases
