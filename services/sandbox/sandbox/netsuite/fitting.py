"""What of the catalogue this kind of account shows: tax engine, subsidiaries, currencies.

A catalogue recorded in an account without SuiteTax has no tax field of either engine and no
`nexus`, while its tax lists are there; in such an account only scripts reach the legacy fields.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from sandbox.netsuite.catalog import Catalog, Property, RecordType
from sandbox.profile import Profile

TAX_LISTS = frozenset({"salestaxitem", "taxtype", "nexus"})
OF_SUITE_TAX = re.compile(
    "taxDetails|TaxDetailsReference|taxPoint|taxReg|TaxRegNum|defaultTaxReg|totalAfterTaxes"
)
OF_TAX = re.compile("tax|nexus|grossAmt", re.IGNORECASE)
NO_TAX_ENGINE = frozenset({"manufacturerTaxId", "taxFiscalCalendar"})
"""Named like it, and there without it."""
OF_ONE_WORLD = re.compile(
    "subsidiary|^consol|^interCo|^includeChildren$|isElimination", re.IGNORECASE
)
OF_CURRENCIES = re.compile("^(po)?currency(list|name)?$|^exchangeRate$|BaseCurrency$", re.I)
SUBSIDIARY = frozenset({"subsidiary", "consolidatedexchangerate"})
CURRENCIES = frozenset({"currency", "currencyrate", "consolidatedexchangerate"})


@dataclass(frozen=True, slots=True)
class Hidden:
    """Record types and property names that are not there."""

    records: frozenset[str]
    names: tuple[re.Pattern[str], ...]

    def hides(self, record: str, name: str) -> bool:
        if name in NO_TAX_ENGINE:
            return False
        in_tax_list = record in TAX_LISTS
        return any(
            pattern.search(name) is not None
            for pattern in self.names
            if not (in_tax_list and pattern in (OF_TAX, OF_SUITE_TAX))
        )


def fitted(catalog: Catalog, profile: Profile, *, scripts: bool = False) -> Catalog:
    """The record types of the account as the record service shows them, or as scripts see them."""
    hidden = _hidden(profile, scripts=scripts)
    if not hidden.names:
        return catalog
    return {
        name: _fitted(record, hidden)
        for name, record in catalog.items()
        if name not in hidden.records
    }


def _hidden(profile: Profile, *, scripts: bool) -> Hidden:
    records, names = frozenset[str](), list[re.Pattern[str]]()
    if not profile.suite_tax:
        names.append(OF_SUITE_TAX if scripts else OF_TAX)
    if not profile.one_world:
        records |= SUBSIDIARY
        names.append(OF_ONE_WORLD)
    if not (profile.multi_currency or scripts):
        records |= CURRENCIES
        names.append(OF_CURRENCIES)
    return Hidden(records, tuple(names))


def _fitted(record: RecordType, hidden: Hidden) -> RecordType:
    properties = _shown(record.properties, record.name.lower(), hidden)
    return replace(record, properties=properties)


def _shown(properties: Mapping[str, Property], record: str, hidden: Hidden) -> dict[str, Property]:
    return {
        name: replace(item, inner=_shown(item.inner, record, hidden)) if item.inner else item
        for name, item in properties.items()
        if item.custom or not hidden.hides(record, name)
    }
