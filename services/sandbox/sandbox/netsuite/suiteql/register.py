"""Makes the search functions known to a connection."""

import sqlite3
from collections.abc import Callable

from sandbox.netsuite.search.rows import Cell
from sandbox.netsuite.suiteql import reckoning, regular, units
from sandbox.netsuite.suiteql.formats import FormatError
from sandbox.netsuite.suiteql.udf import PLAIN_FUNCTIONS, bad_date
from sandbox.netsuite.suiteql.udf_aggregates import (
    Deviation,
    Joined,
    Kept,
    Mean,
    Median,
    PopulationDeviation,
    PopulationVariance,
    SampleDeviation,
    SampleVariance,
    Spread,
    Total,
    Variance,
)
from sandbox.netsuite.timing import parse_account, shown

MORE_FUNCTIONS: dict[str, Callable[..., Cell]] = {
    "ns_trunc_date": units.truncate_date,
    "ns_round_date": units.round_date,
    "ns_regexp_like": regular.like,
    "ns_regexp_substr": regular.substring,
    "ns_regexp_instr": regular.position,
    "ns_regexp_replace": regular.replaced,
    "ns_regexp_count": regular.count,
    **reckoning.FUNCTIONS,
}
AGGREGATES: dict[str, Callable[[], Total | Spread]] = {
    "ns_sum": Total,
    "ns_avg": Mean,
    "ns_median": Median,
    "ns_variance": Variance,
    "ns_var_samp": SampleVariance,
    "ns_var_pop": PopulationVariance,
    "ns_stddev": Deviation,
    "ns_stddev_samp": SampleDeviation,
    "ns_stddev_pop": PopulationDeviation,
}


class SearchFailure:
    """SQLite swallows what a function raises; the reason is kept here for the one who asked."""

    def __init__(self) -> None:
        self.reason = ""


def register(connection: sqlite3.Connection, date_format: str, failure: SearchFailure) -> None:
    def told(function: Callable[..., Cell]) -> Callable[..., Cell]:
        def call(*values: Cell) -> Cell:
            try:
                return function(*values)
            except (FormatError, ArithmeticError, ValueError, OverflowError) as error:
                failure.reason = str(error)
                raise

        return call

    def account_date(value: Cell) -> Cell:
        if value is None:
            return None
        moment = parse_account(str(value), date_format)
        if moment is None:
            raise FormatError(bad_date(str(value), date_format))
        return moment.isoformat(sep=" ")[:19]

    def date_shown(value: Cell) -> Cell:
        return None if value is None else shown(str(value), date_format)

    functions = {
        **PLAIN_FUNCTIONS,
        **MORE_FUNCTIONS,
        "ns_account_date": account_date,
        "ns_date_shown": date_shown,
    }
    for name, function in functions.items():
        connection.create_function(name, -1, told(function), deterministic=True)
    for name, kind in AGGREGATES.items():
        connection.create_window_function(name, 1, kind)
    connection.create_window_function("ns_listagg", -1, Joined)
    connection.create_aggregate("ns_keep", -1, Kept)  # type: ignore[arg-type]  # any cell, not int
    connection.execute("PRAGMA case_sensitive_like = ON")
