"""The search tables and their columns: what SuiteQL may name, and how it is stored."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from sandbox.netsuite.catalog import DATA
from sandbox.profile import Profile


class Type(Enum):
    """What an expression of the search language is."""

    NUMBER = "number"
    TEXT = "text"
    DATE = "date"
    UNKNOWN = "unknown"


TYPES = {
    "INTEGER": (Type.NUMBER, "INTEGER"),
    "FLOAT": (Type.NUMBER, "REAL"),
    "CURRENCY": (Type.NUMBER, "REAL"),
    "PERCENT": (Type.NUMBER, "REAL"),
    "DATE": (Type.DATE, "TEXT"),
    "DATETIME": (Type.DATE, "TEXT"),
}
"""Everything else is text; a BOOLEAN is the text T or F."""
COMPUTED: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("customer", "balancesearch"): "ns_customer_balance",
        ("customer", "overduebalancesearch"): "ns_customer_overdue",
        ("customer", "unbilledorderssearch"): "ns_customer_unbilled",
        ("customer", "daysoverduesearch"): "ns_customer_days_overdue",
        ("transaction", "daysopen"): "ns_days_open",
        ("transaction", "daysoverduesearch"): "ns_days_overdue",
    }
)
"""Columns whose value follows from others and from the day: a function of the row's id."""
NEVER_NULL = frozenset(
    "id transaction lastmodifieddate createddate datecreated linelastmodifieddate".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    name: str
    type: Type
    storage: str
    joins: str = ""
    """The table whose row it names."""
    never_null: bool = False


Tables = Mapping[str, Mapping[str, Column]]


def load_tables(profile: Profile) -> Tables:
    """What this kind of account has; a single-subsidiary one does not know the word."""
    tables: dict[str, dict[str, Column]] = {}
    for row in _rows():
        table, name = row["table"], row["column"]
        if not profile.one_world and _of_one_world(table, name):
            continue
        if not profile.suite_tax and name in OF_SUITE_TAX:
            continue
        kind, storage = TYPES.get(row["type"], (Type.TEXT, "TEXT"))
        tables.setdefault(table, {})[name] = Column(
            name=name,
            type=kind,
            storage=storage,
            joins=row["joins"].partition(".")[0],
            never_null=name in NEVER_NULL and table not in VIEWED,
        )
    for table, name in _custom_columns():
        tables[table][name] = Column(name=name, type=Type.TEXT, storage="TEXT")
    return tables


LINKS = frozenset(
    "nexttransactionlink previoustransactionlink"
    " nexttransactionlinelink previoustransactionlinelink".split()
)

VIEWED = LINKS | {"consolidatedexchangerate"}
"""Not written but reckoned."""
OF_SUITE_TAX = frozenset(
    "taxdetailsoverride taxpointdate taxpointdateoverride taxregoverride defaulttaxreg".split()
)
OF_ONE_WORLD = frozenset(
    {"subsidiary", "customersubsidiaryrelationship", "consolidatedexchangerate"}
)


def _of_one_world(table: str, column: str) -> bool:
    named = column.endswith("subsidiary") or column.startswith(("consol", "interco"))
    return named or column == "includechildren" or table in OF_ONE_WORLD


def _rows() -> list[dict[str, str]]:
    with (DATA / "suiteql.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _custom_columns() -> set[tuple[str, str]]:
    with (DATA / "custom_fields.csv").open(newline="", encoding="utf-8") as file:
        return {(row["table"], row["scriptid"]) for row in csv.DictReader(file)}
