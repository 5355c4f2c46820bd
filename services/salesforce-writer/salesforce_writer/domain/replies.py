"""What an answer of Salesforce means for us. Every status and code it goes by stands here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from kernel.exact_json import Json
from kernel.messages import WriteCommand
from kernel.verdicts import Verdict, gone, held
from salesforce_writer.ports import Reply


class Kind(StrEnum):
    DONE = "done"
    BUSY = "busy"
    """Did nothing, and is asked again soon."""
    AWAY = "away"
    """Did nothing, because all of Salesforce is away or closed to us for now."""
    UNKNOWN = "unknown"
    """It may have worked."""
    GONE = "gone"
    REFUSED = "refused"
    CLOSED = "closed"
    """No call will ever work with these settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    kind: Kind
    code: str = ""
    """Of the sentence, where it was refused."""
    error: str = ""
    """Salesforce's own code, such as UNABLE_TO_LOCK_ROW; safe to show."""
    status: int = 0
    """Of the call; 0 where one record is meant."""
    detail: str = field(default="", repr=False)
    record_id: str = ""

    def __str__(self) -> str:
        return " ".join(filter(None, (str(self.status or ""), self.error))) or self.kind


ERRORS = {
    **dict.fromkeys(
        "UNABLE_TO_LOCK_ROW CONCURRENT_PROCESSING_CONFLICT ROW_LOCKED"
        " TXN_SECURITY_METERING_ERROR".split(),
        (Kind.BUSY, ""),
    ),
    **dict.fromkeys(
        "REQUEST_LIMIT_EXCEEDED SERVER_UNAVAILABLE API_CURRENTLY_DISABLED"
        " REQUEST_RUNNING_TOO_LONG_RETRY".split(),
        (Kind.AWAY, ""),
    ),
    **dict.fromkeys("UNKNOWN_EXCEPTION REQUEST_RUNNING_TOO_LONG".split(), (Kind.UNKNOWN, "")),
    "ENTITY_IS_DELETED": (Kind.GONE, ""),
    **dict.fromkeys(
        "INSUFFICIENT_ACCESS INSUFFICIENT_ACCESS_OR_READONLY"
        " INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY INVALID_FIELD_FOR_INSERT_UPDATE"
        " FORBIDDEN".split(),
        (Kind.REFUSED, "PERMISSION_MISSING"),
    ),
    **dict.fromkeys("GONE UNSUPPORTED_API_VERSION API_DISABLED_FOR_ORG".split(), (Kind.CLOSED, "")),
}
"""Error code → meaning. Every other code is a refusal with Salesforce's own words."""
STANDS_BY_NOW = frozenset({"DUPLICATE_VALUE"})
"""Somebody made the record since it was looked for."""
NO_RECORD = "INVALID_CROSS_REFERENCE_KEY"
"""Without a field it speaks of the record itself, with one of the field's value."""
STATUSES = {
    **dict.fromkeys((406, 420, 429), Kind.BUSY),  # the edge in front, or too many calls
    503: Kind.AWAY,
    410: Kind.CLOSED,
}
REFUSED = "SALESFORCE_REFUSED"


def meaning_of_call(reply: Reply) -> Meaning:
    """Of the call as a whole; its records have meanings of their own where it is done."""
    if 200 <= reply.status < 300:
        return Meaning(kind=Kind.DONE)
    first = reply.body[0] if isinstance(reply.body, list) and reply.body else None
    told = first if isinstance(first, dict) else {}
    error = str(told.get("errorCode") or "")
    if error not in ERRORS and reply.status in STATUSES:
        return Meaning(kind=STATUSES[reply.status], error=error, status=reply.status)
    return replace(_meaning(error, told, reply.status), status=reply.status)


def meanings_of_records(reply: Reply, count: int) -> list[Meaning] | None:
    """Of each record in the order of the call; None where the answer does not fit the call."""
    results = reply.body if isinstance(reply.body, list) else []
    if len(results) != count or not all(isinstance(result, dict) for result in results):
        return None
    return [_of_record(result) for result in results if isinstance(result, dict)]


def refusal(command: WriteCommand, meaning: Meaning) -> Verdict:
    if meaning.kind is Kind.GONE:
        return gone(command)
    return held(command, meaning.code or REFUSED, told=meaning.detail or str(meaning))


def told_records(reply: Reply) -> list[Json]:
    """What a query told."""
    records = reply.body.get("records") if isinstance(reply.body, dict) else None
    return records if isinstance(records, list) else []


def _of_record(result: Mapping[str, Json]) -> Meaning:
    record_id = result.get("id")
    if result.get("success") is True:
        return Meaning(kind=Kind.DONE, record_id=record_id if isinstance(record_id, str) else "")
    errors = result.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    told = first if isinstance(first, dict) else {}
    return _meaning(str(told.get("statusCode", "")), told, 400)


def _meaning(error: str, told: Mapping[str, Json], status: int) -> Meaning:
    fields = _names(told.get("fields"))
    if error == NO_RECORD and not fields:
        return Meaning(kind=Kind.GONE, error=error)
    otherwise = (Kind.UNKNOWN, "") if status >= 500 else (Kind.REFUSED, REFUSED)
    kind, code = ERRORS.get(error, otherwise)
    message = told.get("message")
    words = f"{', '.join(fields)}: {message}" if fields else str(message or "")
    return Meaning(kind=kind, code=code, error=error, detail=words.strip())


def _names(fields: Json) -> Sequence[str]:
    return [str(name) for name in fields] if isinstance(fields, list) else []
