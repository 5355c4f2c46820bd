"""Everything that may differ between two deployments of this service."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from runtime.settings import CommonSettings, Reader, Stores, common, environment, stores

SERVICE = "transform"
LOST, GONE = ("close", "hold"), ("keep", "inactivate")
IDENTITIES = ("externalId", "field", "both")


DAYS = "monday tuesday wednesday thursday friday saturday sunday".split()
OFF = "off"
AGE_MAX_DAYS = 20
"""Rates are read five weeks back; an older one is not seen."""
PAIR = re.compile(r"[A-Z]{3}/[A-Z]{3}")
CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneySettings:
    """Ages in business days; None is not judged."""

    rate_age_max_days: int | None
    rate_age_max_by_pair: Mapping[str, int | None]
    rate_weekend: frozenset[int]
    closed_period: str
    header_discount: str
    discount_item: str
    customer_currency: str
    pinned_rates: bool
    corporate_currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    common: CommonSettings
    stores: Stores
    org_id: str
    """Salesforce organisation, 18 characters: part of every external id."""
    maps_overlay: Path | None
    batch_max: int
    sweep_s: float
    """How often to look whether something waits on what holds by now."""
    late_after_s: float
    """From when on a write to NetSuite takes long: its record then shows that it is under way."""
    money: MoneySettings
    lost_orders: str
    """What becomes of the order of a lost deal: `close` or `hold`."""
    deleted_accounts: str
    """What becomes of the customer of a deleted account: `keep` or `inactivate`."""
    identity: str
    """Where a customer bears the mark of its account: externalId, field or both."""
    checks_duplicates: bool

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> "Settings":
        reader = Reader(environment() if env is None else env)
        settings = cls(
            common=common(reader, SERVICE),
            stores=stores(reader),
            org_id=reader.text("SALESFORCE_ORG_ID", "the organisation's id, 18 characters"),
            maps_overlay=reader.optional_path(
                "MAPS_OVERLAY_DIR", "a directory of map tables", must_exist=True
            ),
            batch_max=reader.integer(
                "TRANSFORM_BATCH_MAX", "records decided at once", 500, at_least=1, at_most=5_000
            ),
            sweep_s=reader.number(
                "TRANSFORM_SWEEP_S", "seconds between looks at what waits", 30.0, at_least=1.0
            ),
            late_after_s=reader.number(
                "SYNC_LATE_AFTER_S",
                "seconds after which a record shows that its write is under way",
                60.0,
                at_least=1.0,
            ),
            lost_orders=reader.choice(
                "LOST_ORDERS", "what becomes of the order of a lost deal", LOST, "close"
            ),
            deleted_accounts=reader.choice(
                "DELETED_ACCOUNTS", "what becomes of a deleted account's customer", GONE, "keep"
            ),
            money=_money(reader),
            identity=reader.choice(
                "IDENTITY_STRATEGY",
                "where a customer bears its account's mark",
                IDENTITIES,
                IDENTITIES[0],
            ),
            checks_duplicates=reader.flag(
                "DUPLICATE_CHECK", "whether an account is compared with all customers first", True
            ),
        )
        if settings.org_id and len(settings.org_id) != 18:
            about = "the organisation's id, 18 characters"
            reader.wrong("SALESFORCE_ORG_ID", about, f"it has {len(settings.org_id)} characters")
        reader.finish()
        return settings


def _money(reader: Reader) -> MoneySettings:
    settings = MoneySettings(
        rate_age_max_days=_age(reader, "RATE_AGE_MAX_DAYS", _optional(reader, "RATE_AGE_MAX_DAYS")),
        rate_age_max_by_pair=_ages(reader, "RATE_AGE_MAX_BY_PAIR"),
        rate_weekend=_weekend(reader, "RATE_WEEKEND"),
        closed_period=reader.choice(
            "CLOSED_PERIOD", "what becomes of an order dated into one", ("today", "hold"), "today"
        ),
        header_discount=reader.choice(
            "HEADER_DISCOUNT", "how an opportunity's discount is sent", ("split", "item"), "split"
        ),
        discount_item=_optional(reader, "DISCOUNT_ITEM", ""),
        customer_currency=reader.choice(
            "CUSTOMER_CURRENCY", "what an order in another currency does", ("add", "hold"), "add"
        ),
        pinned_rates=reader.choice(
            "PINNED_RATES", "whether approved contract rates are sent", (OFF, "approved"), OFF
        )
        == "approved",
        corporate_currency=_corporate_currency(reader),
    )
    if settings.header_discount == "item" and not settings.discount_item.isdigit():
        about = "the internal id of NetSuite's discount item"
        reader.wrong("DISCOUNT_ITEM", about, "HEADER_DISCOUNT is item, which needs one")
    return settings


def _optional(reader: Reader, name: str, default: str = "1") -> str:
    return reader.text(name, name, default)


def _corporate_currency(reader: Reader) -> str:
    text = _optional(reader, "RATES_TO_SALESFORCE", OFF)
    if text == OFF:
        return ""
    if not CURRENCY.fullmatch(text):
        about = "the org's corporate currency, such as USD, or off"
        reader.wrong("RATES_TO_SALESFORCE", about, f"'{text}' is neither")
    return text


def _age(reader: Reader, name: str, text: str) -> int | None:
    if text == OFF:
        return None
    if not (text.isascii() and text.isdigit() and int(text) <= AGE_MAX_DAYS):
        reader.wrong(name, f"business days up to {AGE_MAX_DAYS}, or off", f"'{text}' is neither")
        return None
    return int(text)


def _ages(reader: Reader, name: str) -> Mapping[str, int | None]:
    """`EUR/USD=3, JPY/USD=off`."""
    found: dict[str, int | None] = {}
    for entry in filter(None, map(str.strip, _optional(reader, name, "").split(","))):
        pair, _, age = entry.partition("=")
        if not PAIR.fullmatch(pair.strip()):
            reader.wrong(name, "pairs as EUR/USD=3", f"'{entry}' does not begin with a pair")
        found[pair.strip()] = _age(reader, name, age.strip())
    return found


def _weekend(reader: Reader, name: str) -> frozenset[int]:
    text = _optional(reader, name, "saturday,sunday").lower()
    days = [] if text == "none" else [day.strip() for day in text.split(",")]
    unknown = [day for day in days if day not in DAYS]
    if unknown or len(set(days)) == len(DAYS):
        reader.wrong(name, "days of the week, or none", f"'{text}' is not that")
    return frozenset(DAYS.index(day) for day in days if day in DAYS)
