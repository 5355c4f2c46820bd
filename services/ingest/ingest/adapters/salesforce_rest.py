"""Salesforce's records by REST: simple-salesforce in a few threads, its errors as ours."""

import asyncio
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

import requests
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError, SalesforceExpiredSession

from ingest.ports import Row
from kernel.errors import FatalError, PermanentError, RetryableError
from runtime import names
from runtime.telemetry import Telemetry
from runtime.tokens import HeldToken

T = TypeVar("T")
CONNECT_TIMEOUT_S, READ_TIMEOUT_S = 5.0, 60.0
RENEWALS_MAX, REFUSED_CALLS_MAX = 3, 5
"""Sessions tried for one call, and calls in a row that may be refused in every one of them."""

PAGES_MAX = 500
MESSAGE_MAX = 300
SYSTEM = "salesforce"
PATHS = "/services/data/"
WAIT_CODES = frozenset(
    {"REQUEST_LIMIT_EXCEEDED", "API_CURRENTLY_DISABLED", "SERVER_UNAVAILABLE", "UNABLE_TO_LOCK_ROW"}
)
LIMIT_PAUSE_S = 30.0


class SalesforceRest:
    """`url` is the org's own address; answers never lead to another host."""

    def __init__(
        self,
        tokens: HeldToken,
        telemetry: Telemetry,
        *,
        url: str,
        version: str,
        ca_file: Path | None,
        client: str,
        threads: int,
    ) -> None:
        self._tokens, self._telemetry = tokens, telemetry
        self._url, self._version, self._ca_file = url, version, ca_file
        self._arguments: dict[str, Any] = {
            "headers": {"Sforce-Call-Options": f"client={client}", "X-PrettyPrint": "0"},
            "timeout": (CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
            "allow_redirects": False,
        }
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="salesforce")
        self._local = threading.local()
        self._refused_calls = 0

    async def describe(self, kind: str) -> Row:
        path = f"sobjects/{kind}/describe"
        answer = await self._call("describe", lambda org: org.restful(path, **self._arguments))
        return _object(answer)

    async def query(self, soql: str, *, deleted: bool = False) -> Sequence[Row]:
        return await self._call("query", lambda org: list(self._rows(org, soql, deleted)))

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _call(self, operation: str, call: Callable[[Salesforce], T]) -> T:
        token = await self._tokens.current()
        loop = asyncio.get_running_loop()
        for _ in range(RENEWALS_MAX):
            try:
                result = await loop.run_in_executor(
                    self._threads, self._timed, operation, token, call
                )
            except SalesforceExpiredSession:
                token = await self._tokens.renewed(token)
            else:
                self._refused_calls = 0
                return result
        self._refused_calls += 1
        if self._refused_calls < REFUSED_CALLS_MAX:
            raise RetryableError("Salesforce refuses new sessions")
        raise FatalError(
            "Salesforce refuses every new session of the integration user:"
            " check its profile and the connected app's policies"
        )

    def _timed(self, operation: str, token: str, call: Callable[[Salesforce], T]) -> T:
        """Runs in a thread of the pool, each with a session of its own."""
        started, status = time.monotonic(), "none"
        try:
            result = call(self._org(token))
            status = "2xx"
            return result
        except SalesforceExpiredSession:
            status = "4xx"
            raise
        except SalesforceError as error:
            status = f"{error.status // 100}xx"
            raise _translated(error) from error
        except (requests.RequestException, ValueError) as error:
            raise RetryableError(f"Salesforce: {type(error).__name__}") from error
        finally:
            took_s = time.monotonic() - started
            self._telemetry.observe(names.API_SECONDS, took_s, system=SYSTEM, operation=operation)
            self._telemetry.count(
                names.API_CALLS, system=SYSTEM, operation=operation, status=status
            )

    def _org(self, token: str) -> Salesforce:
        if not hasattr(self._local, "session"):
            self._local.session = session = requests.Session()
            session.trust_env = False  # neither proxies nor .netrc change where a token goes
            session.verify = str(self._ca_file) if self._ca_file else True
        return Salesforce(
            instance_url=self._url,
            session_id=token,
            session=self._local.session,
            version=self._version,
            parse_float=Decimal,
            object_pairs_hook=None,
        )

    def _rows(self, org: Salesforce, soql: str, deleted: bool) -> Iterator[Row]:
        answer = org.query(soql, include_deleted=deleted, **self._arguments)
        for row in self._pages(org, answer):
            yield {name: self._whole(org, value) for name, value in row.items()}

    def _whole(self, org: Salesforce, value: Any) -> Any:
        """A list of lines longer than a page with its other pages put to it."""
        if not isinstance(value, dict) or value.get("done", True):
            return value
        return {"done": True, "records": list(self._pages(org, value))}

    def _pages(self, org: Salesforce, answer: Any) -> Iterator[dict[str, Any]]:
        for _ in range(PAGES_MAX):
            yield from answer["records"]
            if answer["done"]:
                return
            path = str(answer["nextRecordsUrl"])
            if not path.startswith(PATHS):
                raise PermanentError(f"Salesforce answers with a next page outside {PATHS}")
            answer = org.query_more(path, identifier_is_url=True, **self._arguments)
        raise PermanentError(f"a query of Salesforce has more than {PAGES_MAX} pages")


def _translated(error: SalesforceError) -> Exception:
    code, message = _said(error.content)
    text = f"Salesforce: HTTP {error.status} {code} {message}".rstrip()
    if 300 <= error.status < 400:
        return FatalError(f"{text}: the org has another address; set SALESFORCE_URL to it")
    if code in WAIT_CODES:
        return RetryableError(text, after_s=LIMIT_PAUSE_S if error.status == 403 else None)
    if error.status == 403:
        return FatalError(f"{text}: give the integration user access")
    if error.status in {400, 404}:
        return PermanentError(text)
    return RetryableError(text)


def _said(content: object) -> tuple[str, str]:
    first = content[0] if isinstance(content, list) and content else {}
    if not isinstance(first, dict):
        return "", ""
    message = " ".join(str(first.get("message", "")).split())
    return str(first.get("errorCode", "")), message[:MESSAGE_MAX]


def _object(answer: object) -> Row:
    if not isinstance(answer, dict):
        raise RetryableError("Salesforce answered something else than an object")
    return answer
