"""What every org has from its first day: the organisation, its users, its currencies."""

from collections.abc import Mapping

from sandbox.salesforce.grants import PermissionSet
from sandbox.salesforce.ids import make_id
from sandbox.salesforce.org import ORG_ID, Org
from sandbox.salesforce.package import Package
from sandbox.salesforce.schema import RecordType, SObject
from sandbox.salesforce.signin.credentials import Credentials
from sandbox.salesforce.values import Stored

CURRENCIES = (("USD", 1_000_000, 2), ("EUR", 970_874, 2), ("GBP", 800_000, 2),
              ("CAD", 1_360_000, 2), ("JPY", 150_000_000, 0))  # fmt: skip
"""Code, units for one US dollar in millionths, decimals."""
RATE_DAYS = ("2000-01-01", "2026-01-01", "2026-07-01", "2026-10-01", "9999-12-31")
"""Each dated rate holds from one of these days to the day before the next."""
RATE_DRIFT = (1040, 1020, 990, 1000)
"""Thousandths of today's rate in each of these spans."""
PEOPLE = {
    "integration": ("Tallystick", "Integration"),
    "sales": ("Sam", "Rivera"),
    "admin": ("Ada", "Keller"),
}
SET_UP = (
    "User",
    "CurrencyType",
    "DatedConversionRate",
    "Profile",
    "PermissionSet",
    "PermissionSetAssignment",
    "RecordType",
)
PROFILES = ("System Administrator", "Standard User")
LOCALE = {
    "TimeZoneSidKey": "GMT",
    "LocaleSidKey": "en_US",
    "LanguageLocaleKey": "en_US",
    "EmailEncodingKey": "UTF-8",
    "UserType": "Standard",
    "DefaultCurrencyIsoCode": "USD",
    "CurrencyIsoCode": "USD",
}


SERIALS_KEPT = 1000
"""Ids below are for what set-up makes; records of people begin above."""


def set_up(org: Org, credentials: Credentials, package: Package) -> None:
    """Adds what is missing; a seed never takes these away."""
    org.metadata.grant(package.permission_sets)
    for name in SET_UP:
        org.counters.at_least(f"id {name}", SERIALS_KEPT)
    org.connection.execute(
        "INSERT OR IGNORE INTO refresh_token (token, user) VALUES (?, ?)",
        (credentials.refresh_token, INTEGRATION_USER),
    )
    _add_profiles(org)
    _add_permission_sets(org, package)
    for made in org.schema.objects.values():
        for found in made.record_types:
            _add(org, "RecordType", _record_type(made, found))
    _add_organization(org)
    _add_people(org, credentials)
    if org.multi_currency:
        _add_currencies(org)


def _add_organization(org: Org) -> None:
    organization: dict[str, Stored] = {
        "Id": ORG_ID,
        "Name": "Tallystick Demo Inc.",
        "OrganizationType": "Developer Edition",
        "InstanceName": "DX0",
        "DefaultLocaleSidKey": "en_US",
        "TimeZoneSidKey": "GMT",
        "LanguageLocaleKey": "en_US",
        "DefaultCurrencyIsoCode": "USD",
        "FiscalYearStartMonth": 1,
    }
    _add(org, "Organization", organization)


def _add_people(org: Org, credentials: Credentials) -> None:
    for serial, (role, (first, last)) in enumerate(PEOPLE.items(), start=1):
        username = credentials.users[role].username
        person: dict[str, Stored] = {
            "Id": user_id(serial),
            "Username": username,
            "FirstName": first,
            "LastName": last,
            "Name": f"{first} {last}",
            "Email": username,
            "Alias": role[:8],
            "CommunityNickname": role,
            "IsActive": 1,
            "ProfileId": make_id("00e", 2 if role == "sales" else 1),
            **LOCALE,
        }
        _add(org, "User", person)


def _add_currencies(org: Org) -> None:
    for serial, (code, rate, decimals) in enumerate(CURRENCIES, start=1):
        currency: dict[str, Stored] = {
            "Id": make_id("01L", serial),
            "IsoCode": code,
            "ConversionRate": rate,
            "DecimalPlaces": decimals,
            "IsActive": 1,
            "IsCorporate": int(code == "USD"),
        }
        _add(org, "CurrencyType", currency)
    _add_dated_rates(org)


def _add_dated_rates(org: Org) -> None:
    serial = 0
    for code, rate, _ in CURRENCIES:
        for start, end, drift in zip(RATE_DAYS, RATE_DAYS[1:], RATE_DRIFT, strict=False):
            serial += 1
            row: dict[str, Stored] = {
                "Id": make_id("04w", serial),
                "IsoCode": code,
                "StartDate": start,
                "NextStartDate": end,
                "ConversionRate": rate if code == "USD" else rate * drift // 1000,
            }
            _add(org, "DatedConversionRate", row)


def _is_for(role: str, permissions: PermissionSet) -> bool:
    """A set named after a role, such as Tallystick_Sales, is given to the user of that role."""
    return permissions.name.lower().endswith(f"_{role}")


def _add_profiles(org: Org) -> None:
    for serial, name in enumerate(PROFILES, start=1):
        profile: dict[str, Stored] = {
            "Id": make_id("00e", serial),
            "Name": name,
            "UserType": "Standard",
        }
        _add(org, "Profile", profile)


def _add_permission_sets(org: Org, package: Package) -> None:
    for serial, found in enumerate(package.permission_sets, start=1):
        known = org.value('SELECT "Id" FROM "PermissionSet" WHERE "Name" = ?', found.name)
        if known is not None:
            continue
        made: dict[str, Stored] = {
            "Id": make_id("0PS", serial),
            "Name": found.name,
            "Label": found.label,
            "IsCustom": 1,
        }
        _add(org, "PermissionSet", made)
        for place, role in enumerate(PEOPLE, start=1):
            if _is_for(role, found):
                assignment: dict[str, Stored] = {
                    "Id": make_id("0Pa", serial),
                    "PermissionSetId": made["Id"],
                    "AssigneeId": user_id(place),
                }
                _add(org, "PermissionSetAssignment", assignment)


def _record_type(made: SObject, found: RecordType) -> dict[str, Stored]:
    return {
        "Id": found.id,
        "Name": found.label,
        "DeveloperName": found.name,
        "Description": found.description or None,
        "SobjectType": made.name,
        "IsActive": int(found.active),
    }


def user_id(serial: int) -> str:
    return make_id("005", serial)


INTEGRATION_USER, SALES_USER, ADMIN_USER = (user_id(serial) for serial in (1, 2, 3))


def _add(org: Org, name: str, facts: Mapping[str, Stored]) -> None:
    sobject = org.schema.of(name)
    row = _blank(org, sobject) | {key: facts[key] for key in facts if sobject.has(key)}
    columns = ", ".join(f'"{column}"' for column in row)
    marks = ", ".join("?" * len(row))
    org.connection.execute(
        f'INSERT OR IGNORE INTO "{name}" ({columns}, _version) VALUES ({marks}, 0)',
        list(row.values()),
    )


def _blank(org: Org, sobject: SObject) -> dict[str, Stored]:
    now = org.now_s()
    row: dict[str, Stored] = {
        field.name: 0 if field.type == "boolean" else None for field in sobject.stored
    }
    stamps: dict[str, Stored] = {
        "CreatedDate": now,
        "LastModifiedDate": now,
        "SystemModstamp": now,
        "CreatedById": ADMIN_USER,
        "LastModifiedById": ADMIN_USER,
    }
    return row | {name: value for name, value in stamps.items() if name in row}
