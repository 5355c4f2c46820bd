"""What was deleted or changed in a span of time, for clients that keep a copy."""

from datetime import datetime, timedelta

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.rest.call import Answer, Call
from sandbox.salesforce.schema import SObject
from sandbox.salesforce.values import parse_datetime, seconds_of, show_datetime

SPAN_DAYS = 30
IDS_MAX = 600_000


def deleted(desk: Desk, call: Call) -> Answer:
    """Records in the recycle bin and those that are past it."""
    sobject = desk.sobject(call.parts["object"], call.user)
    first, last = _span(desk, call)
    found = [(str(row[0]), int(row[1])) for row in _deleted(desk, sobject, first, last)]
    if len(found) > IDS_MAX:
        raise _too_many()
    body = {
        "deletedRecords": [
            {"id": identifier, "deletedDate": show_datetime(at)} for identifier, at in found
        ],
        "earliestDateAvailable": show_datetime(
            seconds_of(desk.org.clock.now() - timedelta(days=SPAN_DAYS))
        ),
        "latestDateCovered": _covered(desk, last),
    }
    return Answer(body=body)


def updated(desk: Desk, call: Call) -> Answer:
    """Ids of living records that were made or changed."""
    sobject = desk.sobject(call.parts["object"], call.user)
    first, last = _span(desk, call)
    if not sobject.has("SystemModstamp"):
        return Answer(body={"ids": [], "latestDateCovered": _covered(desk, last)})
    alive = ' AND "IsDeleted" = 0' if sobject.has("IsDeleted") else ""
    rows = desk.org.connection.execute(
        f'SELECT "Id" FROM "{sobject.name}" WHERE "SystemModstamp" BETWEEN ? AND ?{alive}'
        f" ORDER BY _version LIMIT {IDS_MAX + 1}",
        (first, last),
    ).fetchall()
    if len(rows) > IDS_MAX:
        raise _too_many()
    return Answer(
        body={"ids": [str(row[0]) for row in rows], "latestDateCovered": _covered(desk, last)}
    )


def _deleted(desk: Desk, sobject: SObject, first: int, last: int) -> list[tuple[str, int]]:
    sql = "SELECT id, at FROM purged WHERE object = ?3 AND at BETWEEN ?1 AND ?2"
    if sobject.has("IsDeleted"):
        sql += (
            f' UNION SELECT "Id", "SystemModstamp" FROM "{sobject.name}"'
            ' WHERE "IsDeleted" = 1 AND "SystemModstamp" BETWEEN ?1 AND ?2'
        )
    return desk.org.connection.execute(
        f"{sql} ORDER BY 2, 1 LIMIT {IDS_MAX + 1}", (first, last, sobject.name)
    ).fetchall()


def _span(desk: Desk, call: Call) -> tuple[int, int]:
    start, end = (_moment(call, name) for name in ("start", "end"))
    if start < desk.org.clock.now() - timedelta(days=SPAN_DAYS, minutes=1):
        message = f"startDate cannot be more than {SPAN_DAYS} days ago"
        raise Refusal("INVALID_REPLICATION_DATE", message)
    if start >= end:
        raise Refusal("INVALID_REPLICATION_DATE", "startDate must be before endDate")
    return seconds_of(start), seconds_of(end)


def _moment(call: Call, name: str) -> datetime:
    """A plus that was not encoded arrives as a space."""
    text = call.query.get(name, "").strip().replace(" ", "+")
    if not text:
        raise Refusal("MISSING_ARGUMENT", f"The {name} parameter is required")
    try:
        return parse_datetime(text)
    except ValueError:
        message = f"{name}: invalid date and time: {text}"
        raise Refusal("INVALID_REPLICATION_DATE", message) from None


def _covered(desk: Desk, last: int) -> str:
    return show_datetime(min(last, desk.org.now_s()))


def _too_many() -> Refusal:
    return Refusal("EXCEEDED_ID_LIMIT", f"more than {IDS_MAX} ids; ask for a shorter span")
