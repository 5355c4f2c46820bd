"""Contracts and cases: what follows from their status and term."""

from calendar import monthrange
from datetime import date, timedelta

from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.values import Stored
from sandbox.salesforce.work import Work

Record = dict[str, Stored]
ACTIVATED = "Activated"
CODES = {"In Approval Process": "InApproval"}
YEAR_MONTHS = 12


def before_contract(work: Work, before: Record | None, row: Record, given: frozenset[str]) -> None:
    status = str(row["Status"] or "Draft")
    row["StatusCode"] = CODES.get(status, status)
    row["EndDate"] = _end(row["StartDate"], row["ContractTerm"])
    if status != ACTIVATED:
        return
    if before is None:
        message = "Choose a valid contract status and save your changes."
        raise Refusal("FAILED_ACTIVATION", message, fields=())
    if before["Status"] != ACTIVATED:
        row["ActivatedDate"], row["ActivatedById"] = work.at_s, work.user


def before_contract_delete(work: Work, row: Record) -> None:
    if row["Status"] == ACTIVATED:
        raise Refusal("DELETE_FAILED", "You can't delete an activated contract.", fields=())


def before_case(work: Work, before: Record | None, row: Record, given: frozenset[str]) -> None:
    row["IsClosed"] = int(row["Status"] == "Closed")
    if not row["IsClosed"]:
        row["ClosedDate"] = None
    elif before is None or not before["IsClosed"]:
        row["ClosedDate"] = work.at_s


def _end(start: Stored, months: Stored) -> Stored:
    """The last day of a term that begins on `start`."""
    if start is None or months is None:
        return None
    first = date.fromisoformat(str(start))
    years, month = divmod(first.month - 1 + int(months), YEAR_MONTHS)
    year = first.year + years
    if not date.min.year < year < date.max.year:
        return None
    day = min(first.day, monthrange(year, month + 1)[1])
    return (date(year, month + 1, day) - timedelta(days=1)).isoformat()
