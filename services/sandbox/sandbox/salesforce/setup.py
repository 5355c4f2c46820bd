"""What every org has from its first day: the organisation, its users, its currencies."""

from collections.abc import Mapping

from sandbox.salesforce.ids import make_id
from sandbox.salesforce.org import ORG_ID, Org
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.signin.credentials import Credentials
from sandbox.salesforce.values import Stored

CURRENCIES = (("USD", 1_000_000, 2), ("EUR", 970_874, 2), ("GBP", 800_000, 2),
              ("CAD", 1_360_000, 2), ("JPY", 150_000_000, 0))  # fmt: skip
"""Code, units for one US dollar in millionths, decimals."""
PEOPLE = {
    "integration": ("Tallystick", "Integration"),
    "sales": ("Sam", "Rivera"),
    "admin": ("Ada", "Keller"),
}
LOCALE = {
    "TimeZoneSidKey": "GMT",
    "LocaleSidKey": "en_US",
    "LanguageLocaleKey": "en_US",
    "EmailEncodingKey": "UTF-8",
    "UserType": "Standard",
    "DefaultCurrencyIsoCode": "USD",
    "CurrencyIsoCode": "USD",
}


def set_up(org: Org, credentials: Credentials) -> None:
    """Adds what is missing; a seed never takes these away."""
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
            **LOCALE,
        }
        _add(org, "User", person)
    if org.multi_currency:
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
