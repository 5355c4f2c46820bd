"""Runs a search: compiled once, paged, every value a string."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sandbox.netsuite.account import Account
from sandbox.netsuite.errors import NetSuiteError, bad_parameter, search_error
from sandbox.netsuite.roles import EVERYTHING, Rights
from sandbox.netsuite.suiteql.formats import FormatError
from sandbox.netsuite.suiteql.joins import refuse_mixed
from sandbox.netsuite.suiteql.limits import KEEP_ORDER
from sandbox.netsuite.suiteql.parse import UNSUPPORTED, parse, placeholders
from sandbox.netsuite.suiteql.query import compiler_for
from sandbox.netsuite.suiteql.register import SearchFailure
from sandbox.netsuite.suiteql.scope import Output
from sandbox.netsuite.suiteql.udf import text_of
from sandbox.netsuite.suiteql.visibility import Visible, visible
from sandbox.netsuite.tables import Tables, Type
from sandbox.netsuite.timing import local, shown

ROWS_MAX = 100_000
PAGE_MAX = 1000
SECONDS_MAX = 15.0
STEPS_BETWEEN_LOOKS = 20_000
VALUE_BYTES_MAX = 2_000_000
PARAMETERS_SINCE = "2026.2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    rows: list[dict[str, str]]
    total: int
    offset: int
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """SQLite's SQL, ready for a LIMIT; how to count its rows; what comes out of it."""

    sql: str
    counts: str
    outputs: tuple[Output, ...]


def search(
    account: Account,
    failure: SearchFailure,
    query: str,
    parameters: Sequence[str],
    limit: int,
    offset: int,
    *,
    tables: Tables | None = None,
    rights: Rights | None = None,
) -> Page:
    """`tables` as they are at this moment, `rights` of who asks; without them all there is."""
    known = visible(
        account.tables if tables is None else tables,
        rights or EVERYTHING,
        currencies=account.profile.multi_currency,
    )
    try:
        found = compile_search(account, query, parameters, known)
    except RecursionError as error:
        raise search_error(UNSUPPORTED) from error
    failure.reason = ""
    bound = [value or None for value in parameters]
    try:
        with _bounded(account.connection):
            total = account.connection.execute(found.counts, bound).fetchone()[0]
            rows = account.connection.execute(
                f"{found.sql} LIMIT {limit} OFFSET {offset}", bound
            ).fetchall()
    except sqlite3.Error as error:
        raise _failed(failure) from error
    date_format = account.profile.account_date_format
    try:
        shown_rows = _rows(rows, found.outputs, date_format)
    except FormatError as error:
        raise search_error(str(error)) from error
    return Page(rows=shown_rows, total=total, offset=offset, limit=limit)


@contextmanager
def _bounded(connection: sqlite3.Connection) -> Iterator[None]:
    """A search ends after some seconds, and no value in it grows without end."""
    ends = time.monotonic() + SECONDS_MAX
    connection.set_progress_handler(lambda: int(time.monotonic() > ends), STEPS_BETWEEN_LOOKS)
    length = connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX)
    try:
        yield
    finally:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, length)
        connection.set_progress_handler(None, 0)


def compile_search(
    account: Account, query: str, parameters: Sequence[str], tables: Visible
) -> Search:
    node = parse(query)
    if placeholders(node) != len(parameters):
        raise bad_parameter(
            "params", f"The query has {placeholders(node)} placeholders, not {len(parameters)}."
        )
    refuse_mixed(node)
    now = account.clock.now()
    compiler = compiler_for(
        tables,
        account.profile.account_date_format,
        local(now),
        _utc(now),
        len(parameters),
    )
    sql, outputs = compiler.query(node, None)
    if compiler.counts and not parameters:
        return Search(sql=sql.removesuffix(KEEP_ORDER), counts=compiler.counts, outputs=outputs)
    return Search(
        sql=f"SELECT * FROM ({sql})", counts=f"SELECT count(*) FROM ({sql})", outputs=outputs
    )


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(sep=" ")[:19]


def _failed(failure: SearchFailure) -> NetSuiteError:
    return search_error(failure.reason or UNSUPPORTED)


def _rows(
    rows: Sequence[sqlite3.Row], outputs: Sequence[Output], date_format: str
) -> list[dict[str, str]]:
    """Nulls are left out; names come back in lower case and in the order of the alphabet.

    Column by column, as most columns of a wide table are empty.
    """
    if not rows:
        return []
    columns = [list(column) for column in zip(*rows, strict=True)]
    ordered = sorted(zip(outputs, columns, strict=True), key=lambda pair: pair[0].name)
    filled = [
        (output.name, _texts(column, date_format if output.type is Type.DATE else ""))
        for output, column in ordered
        if column.count(None) < len(column)
    ]
    names = [name for name, _ in filled]
    if not filled:
        return [{} for _ in rows]
    return [
        {name: text for name, text in zip(names, texts, strict=True) if text is not None}
        for texts in zip(*(column for _, column in filled), strict=True)
    ]


def _texts(column: list[str | int | float | None], date_format: str) -> list[str | None]:
    """Each value is written once; a whole number and its float read the same."""
    known = {
        value: shown(str(value), date_format) if date_format else text_of(value)
        for value in set(column)
        if value is not None
    }
    return [None if value is None else known[value] for value in column]
