"""The org: its schema, its store and the facts about it that rules ask for."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.profile import Profile
from sandbox.salesforce.metadata import Metadata
from sandbox.salesforce.package_rules import ValidationRule
from sandbox.salesforce.schema import Schema, SObject
from sandbox.salesforce.storage import Counters
from sandbox.salesforce.values import Stored, seconds_of, unscaled

ORG_ID = "00Ddx0000000001EAA"
MY_DOMAIN = "tallystick.my.salesforce.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Org:
    metadata: Metadata
    connection: sqlite3.Connection
    counters: Counters
    clock: Clock
    profile: Profile
    faults: Faults
    validations: Mapping[str, tuple[ValidationRule, ...]]
    """By object."""

    @property
    def schema(self) -> Schema:
        """Everything there is, as the platform itself sees it."""
        return self.metadata.schema

    def now_s(self) -> int:
        return seconds_of(self.clock.now())

    def row(self, sobject: SObject | str, identifier: Stored) -> dict[str, Stored] | None:
        """A record as stored, deleted ones too."""
        name = sobject if isinstance(sobject, str) else sobject.name
        found = self.connection.execute(
            f'SELECT * FROM "{name}" WHERE "Id" = ?', (identifier,)
        ).fetchone()
        # By place: a row looks up each name from its first column on.
        return None if found is None else dict(zip(found.keys(), found, strict=True))

    def value(self, sql: str, *parameters: Stored) -> Stored:
        found = self.connection.execute(sql, parameters).fetchone()
        return None if found is None else found[0]

    @property
    def multi_currency(self) -> bool:
        return self.profile.salesforce_multi_currency

    def active_currencies(self) -> Mapping[str, bool]:
        rows = self.connection.execute('SELECT "IsoCode", "IsActive" FROM "CurrencyType"')
        return {row[0]: bool(row[1]) for row in rows}

    def user_currency(self, user: str) -> Stored:
        if not self.multi_currency:
            return None
        return self.value('SELECT "DefaultCurrencyIsoCode" FROM "User" WHERE "Id" = ?', user)

    def conversion_rate(self, iso_code: str) -> float | None:
        """Units of the currency for one unit of the corporate currency."""
        rate = self.value(
            'SELECT "ConversionRate" FROM "CurrencyType" WHERE "IsoCode" = ?', iso_code
        )
        return None if rate is None else float(unscaled(rate, 6))
