"""Requests that hold only for a record that has, or has not, changed since."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache

from sandbox.salesforce.errors import named
from sandbox.salesforce.rest.call import Answer, Call
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.values import Stored

TAGGED = frozenset({"Account"})
"""Objects whose records carry an ETag."""


def stamps(sobject: SObject, row: Mapping[str, Stored]) -> dict[str, str]:
    """The headers that tell the state of a record."""
    found: dict[str, str] = {}
    changed = _changed_s(row)
    if sobject.name in TAGGED:
        text = f"{row['Id']} {changed} {row.get('_version')}"
        digest = hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
        found["ETag"] = f'"{digest}"'
    if changed:
        found["Last-Modified"] = _written(changed)
    return found


@lru_cache(maxsize=1024)
def _written(seconds: int) -> str:
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True)


def unchanged(call: Call, sobject: SObject, row: Mapping[str, Stored]) -> Answer | None:
    """304 for a reader who has the record as it is."""
    known = call.headers.get("if-none-match", "")
    since = _date(call.headers.get("if-modified-since", ""))
    if not known and since is None:
        return None
    headers = stamps(sobject, row)
    same = bool(known) and _is_listed(headers.get("ETag", ""), known)
    if not known and since is not None:
        same = _changed_s(row) <= since.timestamp()
    return Answer(status=304, headers=headers) if same else None


def check_preconditions(call: Call, sobject: SObject, row: Mapping[str, Stored]) -> None:
    """412 for a writer who has seen another state."""
    known = call.headers.get("if-match", "")
    since = _date(call.headers.get("if-unmodified-since", ""))
    if known and sobject.name in TAGGED:
        if not _is_listed(stamps(sobject, row)["ETag"], known):
            raise named("PRECONDITION_FAILED")
    elif since is not None and _changed_s(row) > since.timestamp():
        raise named("PRECONDITION_FAILED")


def is_fresh(header: str, last_modified: str) -> bool:
    """Whether nothing is newer than what the caller of `If-Modified-Since` has."""
    since, changed = _date(header), _date(last_modified)
    return since is not None and changed is not None and changed <= since


def _changed_s(row: Mapping[str, Stored]) -> int:
    return int(row.get("LastModifiedDate") or row.get("SystemModstamp") or 0)


def _is_listed(tag: str, header: str) -> bool:
    plain = [entry.strip().removeprefix("W/").strip('"') for entry in header.split(",")]
    return "*" in plain or tag.strip('"') in plain


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
