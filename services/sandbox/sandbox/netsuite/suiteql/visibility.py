"""Which tables a role can search: a table whose records it may not see is not found."""

from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Visible:
    """`hidden` exist, but not for this role."""

    tables: Tables
    hidden: frozenset[str]


def visible(tables: Tables, rights: Rights) -> Visible:
    return Visible(
        tables=tables, hidden=frozenset(name for name in tables if not _reaches(name, rights))
    )


def _reaches(table: str, rights: Rights) -> bool:
    if table == TRAIL:
        return rights.trail
    family = FAMILIES.get(table)
    if family is not None:
        kinds = [kind.path for kind in KINDS.values() if kind.family == family]
        return any(rights.level(kind) >= Level.VIEW for kind in kinds)
    record_type = OWNERS.get(table, table)
    return record_type not in KINDS or rights.level(record_type) >= Level.VIEW
