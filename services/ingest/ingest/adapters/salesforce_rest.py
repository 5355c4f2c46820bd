"""Salesforce's records by simple-salesforce: as many calls at once as there are readers."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence

from ingest.ports import Row
from kernel.errors import FatalError, PermanentError, RetryableError, UnknownOutcomeError
from kernel.exact_json import Json
from runtime.blocking_calls import BlockingCalls
from runtime.fetching import Answer
from runtime.lean_salesforce import Salesforce, SalesforceError
from runtime.vendor_calls import VendorCalls

TIMEOUT_S = 60.0
PAGES_MAX = 500
MESSAGE_MAX = 300
DATA = "/services/data"
WAIT_CODES = frozenset(
    {"REQUEST_LIMIT_EXCEEDED", "API_CURRENTLY_DISABLED", "SERVER_UNAVAILABLE", "UNABLE_TO_LOCK_ROW"}
)
LIMIT_PAUSE_S = 30.0
GONE = 410
Call = Callable[[Salesforce], object]


class SalesforceRest:
    """`client` is the name under which Salesforce notes our calls. Answers never lead to another
    host: of the next page only the path is taken."""

    def __init__(self, calls: VendorCalls, *, version: str, client: str, readers: int) -> None:
        self._calls, self._version = calls, version
        self._headers = {"Sforce-Call-Options": f"client={client}", "X-PrettyPrint": "0"}
        self._readers = asyncio.Semaphore(readers)

    async def describe(self, kind: str) -> Row:
        path = f"sobjects/{kind}/describe"
        return await self._read("describe", lambda org: org.restful(path, headers=self._headers))

    async def query(self, soql: str, *, deleted: bool = False) -> Sequence[Row]:
        answer = await self._read(
            "query", lambda org: org.query(soql, include_deleted=deleted, headers=self._headers)
        )
        rows = [row async for row in self._pages(answer)]
        return [await self._with_all_lines(row) for row in rows]

    async def _with_all_lines(self, row: Row) -> Row:
        return {name: await self._whole(value) for name, value in row.items()}

    async def _whole(self, value: Json) -> Json:
        """A list of lines longer than a page with its other pages put to it."""
        if not isinstance(value, dict) or value.get("done", True):
            return value
        lines: list[Json] = [dict(line) async for line in self._pages(value)]
        return {"done": True, "records": lines}

    async def _pages(self, answer: Mapping[str, Json]) -> AsyncIterator[Mapping[str, Json]]:
        for _ in range(PAGES_MAX):
            records = answer.get("records")
            if not isinstance(records, list):
                raise RetryableError("Salesforce answered a query without records")
            for record in records:
                yield _object(record)
            if answer.get("done"):
                return
            path = str(answer.get("nextRecordsUrl"))
            if not path.startswith(f"{DATA}/"):
                raise PermanentError(f"Salesforce answers with a next page outside {DATA}/")
            answer = await self._next(path)
        raise PermanentError(f"a query of Salesforce has more than {PAGES_MAX} pages")

    async def _next(self, path: str) -> Mapping[str, Json]:
        return await self._read(
            "query",
            lambda org: org.query_more(path, identifier_is_url=True, headers=self._headers),
        )

    async def _read(self, operation: str, call: Call) -> Mapping[str, Json]:
        try:
            async with self._readers:
                line = BlockingCalls(self._calls, operation, TIMEOUT_S)
                return await asyncio.to_thread(self._sent, line, call)
        except UnknownOutcomeError as error:  # reading twice does no harm
            raise RetryableError(str(error)) from error

    def _sent(self, line: BlockingCalls, call: Call) -> Mapping[str, Json]:
        """In a thread."""
        try:
            return _object(call(line.salesforce(self._version)))
        except SalesforceError as error:
            if line.answer is None:
                raise
            raise _translated(line.answer) from error
        except ValueError as error:
            raise RetryableError("Salesforce answered something else than JSON") from error


def _translated(answer: Answer) -> Exception:
    code, message = _said(answer.json())
    text = f"Salesforce: HTTP {answer.status} {code} {message}".rstrip()
    if answer.is_redirect:
        return FatalError(f"{text}: the org has another address; set SALESFORCE_URL to it")
    if answer.status == GONE:
        return FatalError(f"{text}: the API version is retired; raise SALESFORCE_API_VERSION")
    if code in WAIT_CODES:
        return RetryableError(text, after_s=LIMIT_PAUSE_S if answer.status == 403 else None)
    if answer.status == 403:
        return FatalError(f"{text}: give the integration user access")
    if answer.status in {400, 404}:
        return PermanentError(text)
    return RetryableError(text, after_s=answer.after_s)


def _said(content: Json) -> tuple[str, str]:
    first = content[0] if isinstance(content, list) and content else {}
    if not isinstance(first, dict):
        return "", ""
    message = " ".join(str(first.get("message", "")).split())
    return str(first.get("errorCode", "")), message[:MESSAGE_MAX]


def _object(value: object) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise RetryableError("Salesforce answered something else than an object")
    return value
