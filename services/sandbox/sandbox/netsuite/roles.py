"""What a role may see and do: record permissions, SuiteAnalytics, ways of signing in."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from types import MappingProxyType

from sandbox.netsuite.kinds import KINDS, TRANSACTION
from sandbox.netsuite.principals import (
    ADMINISTRATOR_ROLE,
    INTEGRATION_ROLE,
    KIOSK_ROLE,
    RECEIVABLES_ROLE,
    VIEWER_ROLE,
    User,
)


class Level(IntEnum):
    """Each level holds the ones before it."""

    NONE = 0
    VIEW = 1
    CREATE = 2
    EDIT = 3
    FULL = 4


NEEDED: Mapping[str, Level] = MappingProxyType(
    {
        "GET": Level.VIEW,
        "POST": Level.CREATE,
        "PATCH": Level.EDIT,
        "PUT": Level.EDIT,
        "DELETE": Level.FULL,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """`records` by lower-case record type; `others` for the types that it does not name."""

    others: Level = Level.NONE
    records: Mapping[str, Level] = field(default_factory=dict)
    searches: bool = True
    """The SuiteAnalytics Workbook permission."""
    tokens: bool = True
    """May sign in with access tokens."""
    web_services: bool = True
    trail: bool = False
    """May read the login audit trail."""
    certificates: bool = True
    """May manage its own certificates."""

    def level(self, record_type: str) -> Level:
        return self.records.get(record_type.lower(), self.others)


def _levels(**named: str) -> dict[str, Level]:
    return {
        record_type: Level[name.upper()]
        for name, types in named.items()
        for record_type in types.split()
    }


_LISTS = (
    "currency currencyrate term account accountingperiod subsidiary location department"
    " classification pricelevel paymentmethod servicesaleitem noninventorysaleitem inventoryitem"
    " discountitem kititem consolidatedexchangerate"
)
RIGHTS: Mapping[int, Rights] = MappingProxyType(
    {
        ADMINISTRATOR_ROLE: Rights(others=Level.FULL, trail=True),
        INTEGRATION_ROLE: Rights(others=Level.FULL, records=_levels(view="employee")),
        RECEIVABLES_ROLE: Rights(others=Level.FULL, records=_levels(none="employee", view=_LISTS)),
        VIEWER_ROLE: Rights(
            records=_levels(view=f"customer contact salesorder {_LISTS}", none="account"),
            searches=False,
            certificates=False,
        ),
        KIOSK_ROLE: Rights(tokens=False, searches=False, certificates=False),
    }
)
EVERYTHING = Rights(others=Level.FULL, trail=True)
TRANSACTIONS = tuple(kind for kind in KINDS.values() if kind.family == TRANSACTION)


def rights_of(user: User) -> Rights:
    return RIGHTS.get(user.role_id, EVERYTHING if user.administrator else Rights())
