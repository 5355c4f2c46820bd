"""What an answer of NetSuite means for us. Every status, code and text it goes by stands here."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from kernel.exact_json import Json
from kernel.messages import WriteCommand
from kernel.records import RecordRef
from kernel.verdicts import Verdict, held, in_review, target_text
from netsuite_writer.domain.places import place_of, value_at
from netsuite_writer.domain.procedures import is_void
from netsuite_writer.domain.unapplying import is_unapplying
from netsuite_writer.ports import Reply

ANY = ""
FIELD = re.compile(r"for the following field: (?P<label>[\w .]+?)\.?$", re.IGNORECASE)
MISSING_FIELD = re.compile(r"please enter value\(s\) for: (?P<label>[^,.]+)", re.IGNORECASE)


class Kind(StrEnum):
    DONE = "done"
    BUSY = "busy"
    """Did nothing, and is asked again soon."""
    AWAY = "away"
    """Did nothing, because all of NetSuite is away."""
    UNKNOWN = "unknown"
    """It may have worked."""
    EXISTS = "exists"
    """Another record stands in the way, or this very one was made at the same moment."""
    GONE = "gone"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    kind: Kind
    code: str = ""
    """Of the sentence, where it was refused."""
    error: str = ""
    """NetSuite's own code, such as USER_ERROR; safe to show."""
    status: int = 0
    detail: str = field(default="", repr=False)
    pointer: str = ""

    def __str__(self) -> str:
        return f"{self.status} {self.error}".strip()


@dataclass(frozen=True, slots=True)
class Rule:
    """One row: an answer with this status, error code and these words means that."""

    status: int
    error: str
    says: str
    kind: Kind
    code: str = ""

    def covers(self, status: int, error: str, detail: str) -> bool:
        return (
            self.status == status
            and self.error in {ANY, error}
            and (not self.says or re.search(self.says, detail, re.IGNORECASE) is not None)
        )


RULES = (
    Rule(429, ANY, ANY, Kind.BUSY),
    Rule(400, "CONCURRENCY_LIMIT_EXCEEDED", ANY, Kind.BUSY),
    Rule(400, "SSS_REQUEST_LIMIT_EXCEEDED", ANY, Kind.BUSY),
    Rule(400, ANY, r"concurrent request limit exceeded", Kind.BUSY),
    Rule(400, "RCRD_HAS_BEEN_CHANGED", ANY, Kind.BUSY),
    Rule(400, ANY, r"record has been changed", Kind.BUSY),
    Rule(409, ANY, ANY, Kind.BUSY),
    Rule(503, ANY, ANY, Kind.AWAY),
    Rule(404, "NONEXISTENT_ID", ANY, Kind.GONE),
    Rule(404, ANY, r"record (instance )?does not exist", Kind.GONE),
    Rule(400, ANY, r"\b(entity|record|customer|transaction) already exists", Kind.EXISTS),
    Rule(400, "DUP_ENTITY", ANY, Kind.EXISTS),
    Rule(400, "DUP_RCRD", ANY, Kind.EXISTS),
    Rule(403, ANY, ANY, Kind.REFUSED, "PERMISSION_MISSING"),
    Rule(400, "INSUFFICIENT_PERMISSION", ANY, Kind.REFUSED, "PERMISSION_MISSING"),
    Rule(400, ANY, r"does not have permission", Kind.REFUSED, "PERMISSION_MISSING"),
    Rule(400, ANY, r"period\b.*\b(closed|locked)|(closed|locked)\b.*\bperiod",
         Kind.REFUSED, "PERIOD_CLOSED"),
    Rule(400, ANY, r"\b(customer|entity)\b.*\binactive|inactive\b.*\b(customer|entity)",
         Kind.REFUSED, "CUSTOMER_INACTIVE"),
    Rule(400, ANY, r"currency\b.*\b(entity|customer)|for the following field: currency",
         Kind.REFUSED, "CUSTOMER_CURRENCY"),
    Rule(400, ANY, r"\b(fulfilled|billed|invoiced|closed)\b.*\b(line|order|item)s?\b"
         r"|\b(line|order|item)s?\b.*\b(fulfilled|billed|invoiced|closed)\b",
         Kind.REFUSED, "ORDER_LOCKED"),
    Rule(400, ANY, r"invalid field value", Kind.REFUSED, "VALUE_REFUSED"),
    Rule(400, ANY, r"please enter value\(s\) for", Kind.REFUSED, "VALUE_REFUSED"),
)  # fmt: skip
"""Read from the top; the first row that covers an answer gives its meaning. The texts on periods,
inactive customers and locked lines are assumed: no recording of them is public."""
REFUSED_OTHERWISE, TWICE = "NETSUITE_REFUSED", "MARK_TWICE"
SAY_WHY = frozenset({"PERMISSION_MISSING", "PERIOD_CLOSED"})
"""Sentences that name their remedy themselves, whatever was to be done."""
TWINS = frozenset({TWICE, "CONTACT_TWICE", "CONTACT_TAKEN"})
"""Found by us, not said by NetSuite: a person says which record is meant."""


def meaning_of(reply: Reply) -> Meaning:
    if 200 <= reply.status < 300:
        return Meaning(kind=Kind.DONE, status=reply.status)
    error, detail, pointer = _told(reply.body)
    for rule in RULES:
        if rule.covers(reply.status, error, detail):
            kind, code = rule.kind, rule.code
            break
    else:
        kind = Kind.REFUSED if reply.status < 500 else Kind.UNKNOWN
        code = REFUSED_OTHERWISE if reply.status < 500 else ""
    return Meaning(
        kind=kind, code=code, error=error, status=reply.status, detail=detail, pointer=pointer
    )


def several(target: RecordRef, found: Sequence[str]) -> Meaning:
    """More than one record bears a mark that only one may bear."""
    field = target.mark[0] if target.mark else ""
    return Meaning(kind=Kind.REFUSED, code=TWICE, error=", ".join(found), pointer=field)


def ids_of(reply: Reply) -> tuple[str, ...]:
    """What a search for records has found."""
    items = reply.body.get("items") if isinstance(reply.body, dict) else None
    rows = items if isinstance(items, list) else []
    return tuple(str(row["id"]) for row in rows if isinstance(row, dict) and "id" in row)


def refusal(command: WriteCommand, meaning: Meaning) -> Verdict:
    """The verdict of a refused command, with the value it speaks of as it came: sealed values
    stay sealed."""
    code = meaning.code or REFUSED_OTHERWISE
    undone = _not_undone(command)
    if undone and code not in SAY_WHY:
        return held(
            command, undone, told=meaning.detail or str(meaning), target=target_text(command)
        )
    if code in TWINS:
        return in_review(command, code, field=meaning.pointer, found=meaning.error)
    place = place_of(command.document, meaning.pointer, _label(meaning.detail))
    if code == "VALUE_REFUSED" and place is not None:
        value = value_at(command.document, place)
        return held(command, code, field=str(place), value=value, told=meaning.detail)
    if code == "PERIOD_CLOSED":
        return held(command, code, value=command.document.fields.get("tranDate"))
    if code == "CUSTOMER_CURRENCY":
        return held(
            command, code, currency=f"currency {command.document.fields.get('currency.id')}"
        )
    if code in {"CUSTOMER_INACTIVE", "ORDER_LOCKED"}:
        return held(command, code)
    if code == "VALUE_REFUSED":
        code = REFUSED_OTHERWISE
    return held(command, code, told=meaning.detail or str(meaning))


def _not_undone(command: WriteCommand) -> str:
    """The code of a command that takes something back; empty for one that makes something."""
    if is_unapplying(command):
        return "UNAPPLY_REFUSED"
    return "VOID_REFUSED" if is_void(command) else ""


def _label(detail: str) -> str:
    found = FIELD.search(detail) or MISSING_FIELD.search(detail)
    return found["label"] if found else ""


def _told(body: Json) -> tuple[str, str, str]:
    """Error code, words and pointer of the first detail of an error's body."""
    script = body.get("error") if isinstance(body, dict) else None
    if isinstance(script, dict):  # as a RESTlet answers
        return _text(script, "code"), _text(script, "message"), ""
    details = body.get("o:errorDetails") if isinstance(body, dict) else None
    first = details[0] if isinstance(details, list) and details else None
    told: Mapping[str, Json] = first if isinstance(first, dict) else {}
    code = told.get("o:errorCode", "")
    return (
        code if isinstance(code, str) else "",
        _text(told, "detail"),
        _text(told, "o:errorPath"),
    )


def _text(told: Mapping[str, Json], name: str) -> str:
    value = told.get(name)
    return value if isinstance(value, str) else ""
