"""What kind of org and account the two systems pretend to be."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    name: str = "default"
    salesforce_api_version: str = "68.0"
    salesforce_multi_currency: bool = True
    multi_currency: bool = True
    """Of the NetSuite account."""
    one_world: bool = True
    suite_tax: bool = True
    account_date_format: str = "M/d/yyyy"
    concurrency_limit: int = 5
    netsuite_release: str = "2026.2"
    session_s: int = 7200
    daily_requests: int = 15000
    keep_alive_s: float = 270.0
    """An event stream with nothing to say says so after this time."""
    idle_end_s: float = 70.0
    """A stream whose client asks for nothing ends after this time."""


DEFAULT = Profile()
PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            DEFAULT,
            replace(DEFAULT, name="single-currency", salesforce_multi_currency=False),
            replace(DEFAULT, name="salesforce-v66", salesforce_api_version="66.0"),
            replace(DEFAULT, name="salesforce-v67", salesforce_api_version="67.0"),
            replace(DEFAULT, name="netsuite-2025.2", netsuite_release="2025.2"),
            replace(DEFAULT, name="netsuite-2026.1", netsuite_release="2026.1"),
            replace(DEFAULT, name="single-subsidiary", one_world=False),
            replace(DEFAULT, name="legacy-tax", suite_tax=False),
            replace(DEFAULT, name="german-dates", account_date_format="dd.MM.yyyy"),
            replace(DEFAULT, name="enterprise", concurrency_limit=15),
            replace(DEFAULT, name="impatient", keep_alive_s=1.0, idle_end_s=2.0, session_s=5),
        )
    }
)
