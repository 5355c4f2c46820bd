"""What kind of org and account the two systems pretend to be."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Seconds that a request takes beside the sandbox's own work; its slot stays taken."""

    read_s: float = 0.0
    write_s: float = 0.0
    search_s: float = 0.0
    restlet_s: float = 0.0
    submit_s: float = 0.0
    """Taking down an asynchronous request."""
    task_s: float = 0.0
    """Each task of an asynchronous request."""

    def of_task(self, method: str) -> float:
        return self.read_s if method == "GET" and not self.task_s else self.task_s


REAL_LIFE = Latency(
    read_s=0.35, write_s=0.65, search_s=0.5, restlet_s=0.6, submit_s=2.0, task_s=0.1
)
"""As integrators report it: 50 single creates in 25 to 40 s, a batch submitted in 2 s."""


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
    netsuite_latency: Latency = Latency()
    netsuite_request_max_s: float = 900.0
    """A request dies after this time."""
    netsuite_token_login: bool = True
    """The feature Token-based Authentication."""
    application_touches_target: bool = False
    """Does applying a payment or credit move the invoice's last-modified time?"""
    repeated_key_status: int = 409
    """Of an idempotency key that was used before: 400 in the documents, 409 in practice."""
    relative_job_location: bool = False
    reversing_voids: bool = False
    """The NetSuite preference to void by a reversing journal."""
    session_s: int = 7200
    rotates_refresh_tokens: bool = False
    """Each Salesforce refresh token serves once; the next comes with the answer."""
    app_requests: int = 0
    """Daily Salesforce requests of the connected app; 0 tells of no such limit."""
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
            replace(DEFAULT, name="salesforce-v68", salesforce_api_version="68.0"),
            replace(
                DEFAULT,
                name="salesforce-strict",
                rotates_refresh_tokens=True,
                app_requests=250,
            ),
            replace(DEFAULT, name="netsuite-2025.2", netsuite_release="2025.2"),
            replace(DEFAULT, name="netsuite-2026.1", netsuite_release="2026.1"),
            replace(DEFAULT, name="netsuite-2026.2", netsuite_release="2026.2"),
            replace(DEFAULT, name="single-subsidiary", one_world=False),
            replace(
                DEFAULT, name="netsuite-single-currency", multi_currency=False, one_world=False
            ),
            replace(DEFAULT, name="legacy-tax", suite_tax=False),
            replace(DEFAULT, name="german-dates", account_date_format="dd.MM.yyyy"),
            replace(DEFAULT, name="tier-2", concurrency_limit=10),
            replace(DEFAULT, name="premium", concurrency_limit=15),
            replace(DEFAULT, name="enterprise", concurrency_limit=20),
            replace(DEFAULT, name="standard-suitecloud-plus", concurrency_limit=15),
            replace(DEFAULT, name="enterprise-suitecloud-plus", concurrency_limit=30),
            replace(DEFAULT, name="real-life", netsuite_latency=REAL_LIFE),
            replace(DEFAULT, name="touching-applications", application_touches_target=True),
            replace(
                DEFAULT,
                name="as-documented",
                repeated_key_status=400,
                relative_job_location=True,
            ),
            replace(DEFAULT, name="reversing-voids", reversing_voids=True),
            replace(DEFAULT, name="no-token-login", netsuite_token_login=False),
            replace(
                DEFAULT,
                name="impatient",
                keep_alive_s=1.0,
                idle_end_s=2.0,
                session_s=5,
                netsuite_request_max_s=2.0,
            ),
        )
    }
)


class ProfileError(ValueError):
    """No such profile, or two that contradict each other; the message names them."""


def profile_of(names: str) -> Profile:
    """One profile, or several joined by commas: `salesforce-v66,legacy-tax,german-dates`."""
    changes: dict[str, object] = {}
    told_by: dict[str, str] = {}
    for name in [part.strip() for part in names.split(",") if part.strip()]:
        if name not in PROFILES:
            raise ProfileError(f"{name!r} is no profile; use {', '.join(sorted(PROFILES))}")
        for axis, value in _differences(PROFILES[name]).items():
            if changes.setdefault(axis, value) != value:
                raise ProfileError(f"{told_by[axis]} and {name} contradict each other: {axis}")
            told_by.setdefault(axis, name)
    return replace(DEFAULT, **{"name": names, **changes})  # type: ignore[arg-type]  # by field name


def _differences(profile: Profile) -> dict[str, object]:
    """What a profile says; one that names an axis' usual value says so too."""
    said = {
        field.name: getattr(profile, field.name)
        for field in fields(Profile)
        if field.name != "name" and getattr(profile, field.name) != getattr(DEFAULT, field.name)
    }
    for prefix, axis in (
        ("salesforce-v", "salesforce_api_version"),
        ("netsuite-2", "netsuite_release"),
    ):
        if profile.name.startswith(prefix):
            said[axis] = getattr(profile, axis)
    return said
