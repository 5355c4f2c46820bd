"""What a role can search: a table whose records it may not see is not found, and of a table that
several kinds share only the kinds that it sees have rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from sandbox.netsuite.kinds import ENTITY, ITEM, KINDS, TRANSACTION
from sandbox.netsuite.roles import Level, Rights
from sandbox.netsuite.tables import Tables

FAMILIES: Mapping[str, str] = MappingProxyType(
    {
        "transaction": TRANSACTION,
        "transactionline": TRANSACTION,
        "transactionaccountingline": TRANSACTION,
        "nexttransactionlink": TRANSACTION,
        "nexttransactionlinelink": TRANSACTION,
        "previoustransactionlink": TRANSACTION,
        "previoustransactionlinelink": TRANSACTION,
        "item": ITEM,
        "entity": ENTITY,
    }
)
"""Tables that hold several kinds of records: one visible kind opens them."""
OF_KIND: Mapping[str, str] = MappingProxyType(
    {
        "transaction": '"type" IN ({codes})',
        "transactionline": '"transaction" IN ({documents})',
        "transactionaccountingline": '"transaction" IN ({documents})',
        "nexttransactionlink": '"previoustype" IN ({codes}) AND "nexttype" IN ({codes})',
        "nexttransactionlinelink": '"previoustype" IN ({codes}) AND "nexttype" IN ({codes})',
        "previoustransactionlink": '"previoustype" IN ({codes}) AND "nexttype" IN ({codes})',
        "previoustransactionlinelink": '"previoustype" IN ({codes}) AND "nexttype" IN ({codes})',
        "item": '"itemtype" IN ({codes})',
        "entity": '"type" IN ({codes})',
    }
)
"""Which of their rows belong to kinds with certain codes."""
DOCUMENTS = 'SELECT "id" FROM "transaction" WHERE "type" IN ({codes})'
OWNERS: Mapping[str, str] = MappingProxyType(
    {
        "customeraddressbook": "customer",
        "customeraddressbookentityaddress": "customer",
        "customersubsidiaryrelationship": "customer",
        "consolidatedexchangerate": "currencyrate",
    }
)

TRAIL = "loginaudit"
"""Only for who may read who signed in."""
OF_CURRENCIES = frozenset({"currency", "currencyrate", "consolidatedexchangerate"})
RATE_COLUMNS = frozenset({"currency", "exchangerate"})
"""An account with one currency keeps them, and shows them to nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visible:
    """`hidden` exist, but not for this role."""

    tables: Tables
    hidden: frozenset[str]
    rows: Mapping[str, str] = field(default_factory=dict)
    """Table to the condition that the rows meet which this role sees; the others it sees whole."""


def visible(tables: Tables, rights: Rights, *, currencies: bool = True) -> Visible:
    hidden = frozenset(name for name in tables if not _reaches(name, rights))
    if currencies:
        return Visible(tables=tables, hidden=hidden, rows=_rows(rights))
    shown = {
        name: {column: held[column] for column in held if column not in RATE_COLUMNS}
        for name, held in tables.items()
    }
    return Visible(tables=shown, hidden=hidden | OF_CURRENCIES, rows=_rows(rights))


def _rows(rights: Rights) -> dict[str, str]:
    rows: dict[str, str] = {}
    for family in set(FAMILIES.values()):
        kinds = [kind for kind in KINDS.values() if kind.family == family]
        seen = [kind for kind in kinds if rights.level(kind.path) >= Level.VIEW]
        if len(seen) == len(kinds):
            continue
        codes = ", ".join(f"'{kind.code}'" for kind in seen)
        documents = DOCUMENTS.format(codes=codes)
        for table, owner in FAMILIES.items():
            if owner == family:
                rows[table] = OF_KIND[table].format(codes=codes, documents=documents)
    return rows


def _reaches(table: str, rights: Rights) -> bool:
    if table == TRAIL:
        return rights.trail
    family = FAMILIES.get(table)
    if family is not None:
        kinds = [kind.path for kind in KINDS.values() if kind.family == family]
        return any(rights.level(kind) >= Level.VIEW for kind in kinds)
    record_type = OWNERS.get(table, table)
    return record_type not in KINDS or rights.level(record_type) >= Level.VIEW
