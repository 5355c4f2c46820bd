"""NetSuite lets us in, its role reads the tables and writes the records, and slots are enough."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from kernel.exact_json import Json
from ops.checks.certificates import certificate_findings
from ops.checks.currencies import currency_findings
from ops.checks.finding import Area, Finding, StopLookingError
from ops.checks.netsuite_needs import FIELDS, PROBE, RECORDS, TABLES, Need
from ops.checks.settings import NetSuite
from ops.checks.vendor import Line, date_of, open_line, said_in, skew_findings
from ops.render.lines import counted
from runtime.access import Access
from runtime.clock import Clock
from runtime.fetching import Answer
from runtime.netsuite_sign_in import NetSuiteSignIn, credential_of, granted, netsuite_access
from runtime.vendor_settings import Certificate, NetSuiteConnection

AREA = Area("NetSuite")
QUERY = "/services/rest/query/v1/suiteql?limit=5"
LIMITS = "/services/rest/system/v1/governanceLimits"
SERVER_TIME = "/services/rest/system/v1/serverTime"
RECORD = "/services/rest/record/v1"
READER_SLOTS = 1
"""What reading takes beside the writer's slots."""


def netsuite_findings(settings: NetSuite) -> Iterator[Finding]:
    there = settings.connection
    with open_line(AREA, "NetSuite", "NETSUITE_URL", there.hosts, settings.ca_file) as line:
        yield from certificate_findings(
            AREA,
            "NETSUITE_CERTIFICATE_FILE",
            settings.certificate_file,
            there.sign_in.private_key_file if isinstance(there.sign_in, Certificate) else None,
            datetime.now(UTC),
        )
        yield from _signed_in(there, line)
        rest = _Rest(there, line, line.run(_access(line, there)))
        yield from _time(settings, rest)
        yield from _tables(rest, settings.currency)
        yield from _one_currency(rest, settings.currency)
        yield from _fields(rest)
        yield from _records(rest)
        yield from _kind(rest, settings.currency)
        yield from _slots(settings, rest)


class _Rest:
    """Each call with an Authorization of its own, as the chosen way wants it."""

    def __init__(self, there: NetSuiteConnection, line: Line, access: Access) -> None:
        self._url, self._line, self._access = there.url, line, access
        self.credential = credential_of(there)

    def send(
        self, method: str, path: str, body: Mapping[str, object] | None = None, **more: str
    ) -> Answer:
        url = f"{self._url}{path}"
        headers = {
            "Authorization": self._line.run(self._header(method, url)),
            "Accept": "application/json",
            **more,
        }
        if body is None:
            return self._line.ask(method, url, headers=headers)
        headers["Content-Type"] = "application/json"
        return self._line.ask(method, url, headers=headers, body=json.dumps(body).encode())

    def query(self, sql: str, *parameters: str) -> Answer:
        body: dict[str, object] = {"q": sql}
        if parameters:
            body["params"] = list(parameters)
        return self.send("POST", QUERY, body, Prefer="transient")

    async def _header(self, method: str, url: str) -> str:
        return await self._access.header(method, url)


async def _access(line: Line, there: NetSuiteConnection) -> Access:
    return netsuite_access(line.fetching, Clock(), there)


def _signed_in(there: NetSuiteConnection, line: Line) -> Iterator[Finding]:
    """The token endpoint's own words, where there is one."""
    if not isinstance(there.sign_in, Certificate):
        return
    answer = line.run(_asked(line, there.url, there.sign_in))
    clocks = skew_findings(AREA, date_of(answer), datetime.now(UTC))
    yield from (one for one in clocks if not one.is_well)  # that they agree the account says later
    if not granted(answer):
        raise StopLookingError(_refused(there, answer))


async def _asked(line: Line, url: str, way: Certificate) -> Answer:
    return await NetSuiteSignIn(line.fetching, Clock(), url, way).asked()


def _refused(there: NetSuiteConnection, answer: Answer) -> Finding:
    return AREA.wrong(
        f"the sign-in is refused: {said_in(answer)}",
        f"Administrator: see the login audit trail and the integration's role; SRE:"
        f" {credential_of(there)}.",
    )


def _time(settings: NetSuite, rest: _Rest) -> Iterator[Finding]:
    answer = rest.send("GET", SERVER_TIME)
    if answer.status == 401:
        raise StopLookingError(_refused(settings.connection, answer))
    yield AREA.well(f"the integration signs in at account {settings.account}")
    try:
        told = datetime.fromisoformat(str(answer.fields()["serverTime"])).astimezone(UTC)
    except (KeyError, ValueError):
        yield AREA.wrong(
            f"the account does not tell its time: {said_in(answer)}",
            "Administrator: Tallystick needs release 2025.2 or later, and the feature REST Web"
            " Services.",
        )
        return
    yield from skew_findings(AREA, told, datetime.now(UTC))
    is_newest = rest.query("SELECT id FROM customer WHERE id = ?", "1").is_success
    yield AREA.well("release 2026.2 or later" if is_newest else "release 2025.2 or 2026.1")


def _tables(rest: _Rest, currency: str) -> Iterator[Finding]:
    hidden = []
    for need in TABLES:
        answer = rest.query(f"SELECT {need.column} FROM {need.table}")
        if not answer.is_success and not _needs_none(rest, need, currency):
            hidden.append(
                AREA.wrong(
                    f"the role may not read {need.table}: {said_in(answer)}",
                    f"Administrator: give the integration's role the permission {need.granted}.",
                )
            )
    yield from hidden or [AREA.well(f"the role reads {counted(len(TABLES), 'table')}")]


def _one_currency(rest: _Rest, currency: str) -> Iterator[Finding]:
    """An account with one does not say which."""
    if currency and _currencies(rest):
        yield AREA.wrong(
            f"the account has a table of currencies, and NETSUITE_CURRENCY says {currency}",
            "SRE: remove NETSUITE_CURRENCY; each record names its own.",
        )


def _needs_none(rest: _Rest, need: Need, currency: str) -> bool:
    """Whether this kind of account has no such table."""
    if currency and need.table in {"currency", "currencyrate"}:
        return True
    if need.is_many_currencies:
        return len(_currencies(rest)) == 1
    return need.is_one_world and _is_single(rest)


def _currencies(rest: _Rest) -> list[Mapping[str, Json]]:
    answer = rest.query("SELECT symbol, currencyprecision FROM currency WHERE isinactive = 'F'")
    rows = answer.fields().get("items")
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _is_single(rest: _Rest) -> bool:
    return not rest.query("SELECT subsidiary FROM transactionline").is_success


def _fields(rest: _Rest) -> Iterator[Finding]:
    """Of the project that is shipped."""
    missing = [need for need in FIELDS if _lacks(rest, need)]
    for need in missing:
        yield AREA.wrong(
            f"field {need.column} of {need.table} is not there, or not visible",
            "Administrator: deploy deploy/netsuite to the account.",
        )
    if not missing:
        yield AREA.well(f"{counted(len(FIELDS), 'field')} of the project are there")


def _lacks(rest: _Rest, need: Need) -> bool:
    answer = rest.query(f"SELECT {need.column} FROM {need.table}")
    return not answer.is_success and need.column.lower() in said_in(answer).lower()


def _records(rest: _Rest) -> Iterator[Finding]:
    """Changes a record that is not there: nothing happens, and the refusal tells of what."""
    shut = []
    for need in RECORDS:
        answer = rest.send("PATCH", f"{RECORD}/{need.table}/eid:{PROBE}", {})
        if "permission" in said_in(answer).lower() or answer.status == 403:
            shut.append(
                AREA.wrong(
                    f"the role may not edit {need.table}: {said_in(answer)}",
                    f"Administrator: give the integration's role {need.granted}.",
                )
            )
    yield from shut or [AREA.well(f"the role is not kept from {counted(len(RECORDS), 'record')}")]


def _kind(rest: _Rest, currency: str) -> Iterator[Finding]:
    """What kind of account it is; all of them will do."""
    world = "one company" if _is_single(rest) else "OneWorld"
    currencies = _currencies(rest)
    many = "one currency" if currency or len(currencies) == 1 else "many currencies"
    yield AREA.well(f"{world}, {many}, {_tax(rest)}")
    kept = {str(row.get("symbol")): str(row.get("currencyprecision", "")) for row in currencies}
    yield from currency_findings(AREA, kept)


def _tax(rest: _Rest) -> str:
    path = f"{RECORD}/metadata-catalog/salesorder"
    answer = rest.send("GET", path, Accept="application/schema+json")
    properties = answer.fields().get("properties")
    if not isinstance(properties, dict):
        return "tax engine not told"
    has_details = {name.lower() for name in properties} & {"taxdetails", "taxdetailsoverride"}
    return "SuiteTax" if has_details else "legacy tax"


def _slots(settings: NetSuite, rest: _Rest) -> Iterator[Finding]:
    answer = rest.send("GET", LIMITS)
    limits = [number for number in _told(answer.fields()) if number > 0]
    wanted = settings.slots + READER_SLOTS
    if not answer.is_success or not limits:
        yield AREA.well(f"takes {wanted} calls at once; the account's limit is told to admins only")
    elif wanted > min(limits):
        yield AREA.wrong(
            f"{wanted} calls at once, but the limit is {min(limits)}",
            f"SRE: set NETSUITE_WRITER_SLOTS to {max(1, min(limits) - READER_SLOTS)} or less.",
        )
    else:
        yield AREA.well(f"takes {wanted} of {min(limits)} calls at once")


def _told(body: Mapping[str, Json]) -> Iterator[int]:
    for name in ("integrationConcurrencyLimit", "accountConcurrencyLimit"):
        if isinstance(number := body.get(name), int):
            yield number
