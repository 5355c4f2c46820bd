"""Salesforce lets us in, knows the fields of the map, and lets us listen."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jwt

from kernel.maps import Maps
from ops.checks.fields import Wish, wishes_of
from ops.checks.finding import Area, Finding, StopLookingError
from ops.checks.pubsub import channel_findings
from ops.checks.settings import Salesforce
from ops.checks.vendor import body_of, open_client, said_in, sent
from ops.render.lines import counted
from runtime.vendor_settings import SalesforceConnection

AREA = Area("Salesforce")
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
ASSERTION_LIFE = timedelta(minutes=3)
LEFT_LEAST = 0.05
"""The share of the day's API calls below which it gets tight."""

PACKAGE = (
    "Administrator: deploy deploy/salesforce to the org and assign the permission set"
    " Tallystick_Integration to the integration user."
)


def salesforce_findings(settings: Salesforce, maps: Maps) -> Iterator[Finding]:
    org = settings.connection
    with open_client(settings.ca_file) as client:
        token = _token(org, client)
        yield AREA.well(f"{org.username} signs in at {httpx.URL(org.url).host}")
        rest = _Rest(org, client, token)
        yield from _version(org, rest)
        yield from _fields(rest, maps)
        yield from _limit(rest)
        yield from channel_findings(AREA, settings, token)


class _Rest:
    """Answers of the REST API under the version in use."""

    def __init__(self, org: SalesforceConnection, client: httpx.Client, token: str) -> None:
        self._base = f"{org.url}/services/data"
        self._version, self._client = org.api_version, client
        self._headers = {"Authorization": f"Bearer {token}"}

    def get(self, path: str, *, versioned: bool = True) -> httpx.Response:
        base = f"{self._base}/v{self._version}" if versioned else self._base
        request = self._client.build_request("GET", f"{base}{path}", headers=self._headers)
        return sent(AREA, "SALESFORCE_URL", self._client, request)


def _token(org: SalesforceConnection, client: httpx.Client) -> str:
    claims = {
        "iss": org.consumer_key,
        "sub": org.username,
        "aud": org.audience,
        "exp": datetime.now(UTC) + ASSERTION_LIFE,
    }
    try:
        assertion = jwt.encode(claims, org.private_key_file.read_bytes(), algorithm="RS256")
    except (OSError, ValueError, TypeError, jwt.PyJWTError):
        raise StopLookingError(
            AREA.wrong(
                "the file holds no RSA private key in PEM form",
                "SRE: put the connected app's private key where SALESFORCE_PRIVATE_KEY_FILE says.",
            )
        ) from None
    form = {"grant_type": GRANT, "assertion": assertion}
    request = client.build_request("POST", f"{org.url}/services/oauth2/token", data=form)
    answer = sent(AREA, "SALESFORCE_URL", client, request)
    token = body_of(answer).get("access_token") if answer.is_success else None
    if not isinstance(token, str):
        raise StopLookingError(
            AREA.wrong(
                f"the sign-in is refused: {said_in(answer)}",
                "Administrator: check the connected app, its certificate and that it is approved"
                " for the integration user; SRE: SALESFORCE_CONSUMER_KEY, SALESFORCE_USERNAME,"
                " SALESFORCE_AUDIENCE.",
            )
        )
    return token


def _version(org: SalesforceConnection, rest: _Rest) -> Iterator[Finding]:
    known = [str(item.get("version")) for item in body_of(rest.get("", versioned=False))]
    if org.api_version in known:
        yield AREA.well(f"API version {org.api_version} is served")
        return
    raise StopLookingError(
        AREA.wrong(
            f"API version {org.api_version} is not served, only {', '.join(known)}",
            "SRE: set SALESFORCE_API_VERSION to a version that the org has.",
        )
    )


def _fields(rest: _Rest, maps: Maps) -> Iterator[Finding]:
    wishes = wishes_of(maps)
    described: dict[str, Mapping[str, Any]] = {}
    missing = [fault for wish in wishes if (fault := _fault(wish, rest, described))]
    if not missing:
        count = len({(wish.sobject, wish.field) for wish in wishes})
        yield AREA.well(f"{counted(count, 'field')} of the map are there and visible")
    for fault in missing:
        yield AREA.wrong(fault, PACKAGE)


def _fault(wish: Wish, rest: _Rest, described: dict[str, Mapping[str, Any]]) -> str:
    """Empty where the field is there for us."""
    sobject, path = wish.sobject, wish.field.split(".")
    for relationship in path[:-1]:
        fields = _described(sobject, rest, described)
        parents = {
            field.get("relationshipName"): field.get("referenceTo") for field in fields.values()
        }
        if not parents.get(relationship):
            return f"{sobject} has no parent {relationship} that we see, wanted for {wish.field}"
        sobject = str(parents[relationship][0])
    field = _described(sobject, rest, described).get(path[-1])
    if field is None:
        return f"field {sobject}.{path[-1]} is not there, or not visible"
    if wish.is_written and not field.get("updateable"):
        return f"field {sobject}.{path[-1]} may not be edited"
    return ""


def _described(
    sobject: str, rest: _Rest, described: dict[str, Mapping[str, Any]]
) -> Mapping[str, Any]:
    """Field name → its description; empty where the object is hidden from us."""
    if sobject not in described:
        answer = rest.get(f"/sobjects/{sobject}/describe")
        fields = body_of(answer).get("fields", []) if answer.is_success else []
        described[sobject] = {field["name"]: field for field in fields}
    return described[sobject]


def _limit(rest: _Rest) -> Iterator[Finding]:
    body = body_of(rest.get("/limits"))
    daily = body.get("DailyApiRequests", {}) if isinstance(body, dict) else {}
    most, left = daily.get("Max"), daily.get("Remaining")
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
