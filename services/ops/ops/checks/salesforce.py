"""Salesforce lets us in, serves the version, knows the fields of the map, and lets us listen."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from kernel.exact_json import Json
from kernel.maps import Maps
from ops.checks.certificates import certificate_findings
from ops.checks.fields import CURRENCY, Wish, wishes_of
from ops.checks.finding import Area, Finding, StopLookingError
from ops.checks.pubsub import channel_findings
from ops.checks.settings import Salesforce
from ops.checks.vendor import Line, date_of, open_line, said_in, skew_findings
from ops.render.lines import counted
from runtime.clock import Clock
from runtime.fetching import Answer, with_query
from runtime.salesforce_sign_in import SalesforceSignIn, credential_of, granted
from runtime.salesforce_versions import fault_of, offered_in
from runtime.vendor_settings import JwtBearer, SalesforceConnection

AREA = Area("Salesforce")
DATA = "/services/data"
LEFT_LEAST = 0.05
"""The share of the day's API calls below which it gets tight."""

PACKAGE = (
    "Administrator: deploy deploy/salesforce to the org and assign the permission set"
    " Tallystick_Integration to the integration user."
)
CAPTURED = ("Account", "Opportunity", "OpportunityLineItem", "Product2")
SELECTED = (
    "SELECT SelectedEntity FROM PlatformEventChannelMember WHERE EventChannel = 'ChangeEvents'"
)
"""Of the channel that ingest listens to; what a channel of its own selects does not come there."""
"""Whose changes are listened to."""


def salesforce_findings(settings: Salesforce, maps: Maps) -> Iterator[Finding]:
    org = settings.connection
    with open_line(AREA, "Salesforce", "SALESFORCE_URL", org.hosts, settings.ca_file) as line:
        yield from certificate_findings(
            AREA,
            "SALESFORCE_CERTIFICATE_FILE",
            settings.certificate_file,
            org.sign_in.private_key_file if isinstance(org.sign_in, JwtBearer) else None,
            datetime.now(UTC),
        )
        answer = line.run(_asked(line, org))
        yield from skew_findings(AREA, date_of(answer), datetime.now(UTC))
        token = _token(org, answer)
        rest = _Rest(org, line, token)
        yield AREA.well(f"{_who(rest)} signs in at {org.url.partition('://')[2]}")
        yield from _version(org, rest)
        yield from _org_id(settings, rest)
        yield from _fields(settings, rest, maps)
        yield from _captured(settings, rest)
        yield from _limit(rest)
        yield from channel_findings(AREA, settings, token)


class _Rest:
    """Answers of the REST API under the version in use."""

    def __init__(self, org: SalesforceConnection, line: Line, token: str) -> None:
        self._url, self._version, self._line = org.url, org.api_version, line
        self._headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}

    def at(self, path: str) -> Answer:
        return self._line.ask("GET", f"{self._url}{path}", headers=self._headers)

    def get(self, path: str) -> Answer:
        return self.at(f"{DATA}/v{self._version}{path}")

    def query(self, soql: str, *, tooling: bool = False) -> list[Mapping[str, Json]] | None:
        """The rows; None where the question is refused."""
        base = "/tooling/query" if tooling else "/query"
        answer = self.get(with_query(f"{base}/", {"q": soql}))
        rows = answer.fields().get("records") if answer.is_success else None
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else None


async def _asked(line: Line, org: SalesforceConnection) -> Answer:
    return await SalesforceSignIn(line.fetching, Clock(), org).asked()


def _token(org: SalesforceConnection, answer: Answer) -> str:
    if token := granted(answer):
        return token.text
    raise StopLookingError(
        AREA.wrong(
            f"the sign-in is refused: {said_in(answer)}",
            f"Administrator and SRE: {credential_of(org)}.",
        )
    )


def _who(rest: _Rest) -> str:
    told = rest.at("/services/oauth2/userinfo").fields()
    return str(told.get("preferred_username") or "the integration user")


def _version(org: SalesforceConnection, rest: _Rest) -> Iterator[Finding]:
    offered = offered_in(rest.at(DATA).json())
    if fault := offered and fault_of(org.api_version, offered):
        why, _, remedy = fault.partition(": ")
        raise StopLookingError(AREA.wrong(why, f"SRE: {remedy}."))
    answer = rest.get("/limits")
    warning = answer.headers.get("warning", "")
    if answer.status == 410 or not offered:
        raise StopLookingError(
            AREA.wrong(
                f"API version {org.api_version} is not served: {said_in(answer)}",
                "SRE: set SALESFORCE_API_VERSION to a version that the org has.",
            )
        )
    if warning.startswith("299"):
        yield AREA.wrong(
            f"API version {org.api_version} is deprecated",
            f"SRE: set SALESFORCE_API_VERSION to {offered[-1]}, after a look at the release notes.",
        )
    else:
        yield AREA.well(f"API version {org.api_version} is served")


def _org_id(settings: Salesforce, rest: _Rest) -> Iterator[Finding]:
    rows = rest.query("SELECT Id, Name FROM Organization")
    found = str(rows[0].get("Id")) if rows else ""
    if found and found[:15] != settings.events.org_id[:15]:
        yield AREA.wrong(
            f"this is org {found}, not {settings.events.org_id}",
            "SRE: correct SALESFORCE_ORG_ID or SALESFORCE_URL.",
        )


def _fields(settings: Salesforce, rest: _Rest, maps: Maps) -> Iterator[Finding]:
    described: dict[str, Mapping[str, Mapping[str, Json]]] = {}
    has_currencies = CURRENCY in _described("Opportunity", rest, described)
    wishes = [wish for wish in wishes_of(maps) if has_currencies or not wish.is_currency]
    faults = [(wish, fault) for wish in wishes if (fault := _fault(wish, rest, described))]
    if not faults:
        count = len({(wish.sobject, wish.field) for wish in wishes})
        yield AREA.well(f"{counted(count, 'field')} of the map are there and visible")
    yield from (AREA.wrong(fault, PACKAGE) for _, fault in faults)
    if described.get("Opportunity"):
        yield from _currency(settings, has_currencies)


def _currency(settings: Salesforce, has_currencies: bool) -> Iterator[Finding]:
    own = settings.currency
    if has_currencies and own:
        yield AREA.wrong(
            f"the org has many currencies, and SALESFORCE_CURRENCY says {own}",
            "SRE: remove SALESFORCE_CURRENCY; each record names its own.",
        )
    elif has_currencies:
        yield AREA.well("many currencies: each record names its own")
    elif own:
        yield AREA.well(f"one currency: {own}, as SALESFORCE_CURRENCY says")
    else:
        yield AREA.wrong(
            "the org has one currency and its records do not say which",
            "SRE: set SALESFORCE_CURRENCY to its code, such as USD.",
        )


def _fault(wish: Wish, rest: _Rest, described: dict[str, Mapping[str, Mapping[str, Json]]]) -> str:
    """Empty where the field is there for us."""
    sobject, path = wish.sobject, wish.field.split(".")
    for relationship in path[:-1]:
        fields = _described(sobject, rest, described)
        if not fields:
            return f"object {sobject} is not there, or not visible"
        parents = {
            field.get("relationshipName"): field.get("referenceTo") for field in fields.values()
        }
        targets = parents.get(relationship)
        if not isinstance(targets, list) or not targets:
            return f"{sobject} has no parent {relationship} that we see, wanted for {wish.field}"
        sobject = str(targets[0])
    fields = _described(sobject, rest, described)
    if not fields:
        return f"object {sobject} is not there, or not visible"
    field = fields.get(path[-1])
    if field is None:
        return f"field {sobject}.{path[-1]} is not there, or not visible"
    if wish.is_written and not field.get("updateable"):
        return f"field {sobject}.{path[-1]} may not be edited"
    return ""


def _described(
    sobject: str, rest: _Rest, described: dict[str, Mapping[str, Mapping[str, Json]]]
) -> Mapping[str, Mapping[str, Json]]:
    """Field name → its description; empty where the object is hidden from us."""
    if sobject not in described:
        fields = rest.get(f"/sobjects/{sobject}/describe").fields().get("fields")
        rows = fields if isinstance(fields, list) else []
        described[sobject] = {str(row["name"]): row for row in rows if isinstance(row, dict)}
    return described[sobject]


def _captured(settings: Salesforce, rest: _Rest) -> Iterator[Finding]:
    """Only where the user may ask; listening itself shows nothing of what is left out."""
    rows = rest.query(SELECTED, tooling=True)
    if rows is None:
        return
    selected = {str(row.get("SelectedEntity")) for row in rows}
    missing = [name for name in CAPTURED if f"{name}ChangeEvent" not in selected]
    if missing:
        yield AREA.wrong(
            f"not selected for change data capture: {', '.join(missing)}",
            "Administrator: deploy deploy/salesforce, or select them under Change Data Capture.",
        )
    else:
        yield AREA.well(f"{counted(len(CAPTURED), 'object')} are selected for change data capture")


def _limit(rest: _Rest) -> Iterator[Finding]:
    daily = rest.get("/limits").fields().get("DailyApiRequests")
    told = daily if isinstance(daily, dict) else {}
    most, left = told.get("Max"), told.get("Remaining")
    if not isinstance(most, int) or not isinstance(left, int):
        yield AREA.wrong(
            "the API limit is not told", "Administrator: let the integration user read limits."
        )
    elif left < most * LEFT_LEAST:
        yield AREA.wrong(
            f"only {left:,} of {most:,} API calls are left today",
            "Administrator: find who uses them up, or buy more.",
        )
    else:
        yield AREA.well(f"{left:,} of {most:,} API calls are left today")
