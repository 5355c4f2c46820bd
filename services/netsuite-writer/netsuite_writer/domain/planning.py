"""What a command asks NetSuite to do, given what stands there: save, leave or refuse."""

from kernel.exact_json import Json, dumps
from kernel.messages import WriteCommand
from kernel.records import netsuite
from kernel.values import Document
from kernel.verdicts import Verdict, dead, gone, held, stands
from netsuite_writer.domain.addresses import BOOK, kept_addresses
from netsuite_writer.domain.amending import (
    SUBLIST,
    is_approved,
    is_locked,
    keyed_lines,
    unapproved,
    worth_differs,
)
from netsuite_writer.domain.cancelling import closing, has_moved, is_cancelled, is_cancelling
from netsuite_writer.domain.comparing import differences, lines_of
from netsuite_writer.domain.fields import Fault, faults
from netsuite_writer.domain.places import value_at
from netsuite_writer.domain.procedures import is_void, is_voided, source_of, undoing
from netsuite_writer.domain.readings import document_of
from netsuite_writer.domain.requests import JsonObject, body_of
from netsuite_writer.ports import Saving

ORDER = "salesOrder"


def plan_of(command: WriteCommand, opened: Document, record: JsonObject | None) -> Saving | Verdict:
    """`opened` is the command's document with its seals opened, `record` the target with its
    lines as NetSuite tells it, None where it does not stand there or was not looked at."""
    fault = next(faults(command.target.kind, opened), None)
    if fault is not None:
        return _faulty(command, fault)
    if is_void(command):
        return _undoing(command, record)
    if is_cancelling(command):
        return _cancelling(command, record)
    if record is not None and source_of(command):
        return landed(command, record, "ALREADY_SO")
    body = body_of(opened)
    if record is None:
        return _saving(command, body)
    if not differences(body, record):
        return landed(command, record, "ALREADY_SO")
    if SUBLIST in body and is_locked(record) and worth_differs(body, record):
        return held(command, "ORDER_LOCKED")
    if command.target.kind == ORDER and is_approved(record):
        others = unapproved(body, record)
        if others:
            return held(command, "AMENDMENT_NEEDS_APPROVAL", what=", ".join(others))
    return _saving(command, _amended(body, record), str(record.get("id", "")))


def holds(command: WriteCommand, opened: Document, record: JsonObject) -> bool:
    """Whether the record holds exactly what the command wants."""
    if is_void(command):
        return is_voided(record)
    if is_cancelling(command):
        return is_cancelled(record)
    if source_of(command):
        return True
    return not differences(body_of(opened), record)


def landed(command: WriteCommand, record: JsonObject, code: str) -> Verdict:
    """The record was looked up and holds what is wanted."""
    record_id = str(record.get("id", ""))
    read_back = document_of(command.reads_back, record, record_id) if command.reads_back else None
    return stands(command, code, record_id, read_back)


def _undoing(command: WriteCommand, record: JsonObject | None) -> Saving | Verdict:
    if record is None:
        return gone(command)
    if is_voided(record):
        return landed(command, record, "ALREADY_SO")
    return undoing(command, record)


def _cancelling(command: WriteCommand, record: JsonObject | None) -> Saving | Verdict:
    if record is None:
        return gone(command)
    if is_cancelled(record):
        return landed(command, record, "ALREADY_SO")
    if has_moved(record):
        return held(command, "CANCEL_AFTER_BILLING")
    return _saving(command, closing(record))


def _amended(body: JsonObject, record: JsonObject) -> JsonObject:
    """Sublists that differ in nothing are left out; lines of an order keep their keys."""
    amended: JsonObject = {}
    for name, value in body.items():
        if not _is_sublist(value):
            amended[name] = value
        elif differences({name: value}, record):
            lines: list[Json] = (
                keyed_lines(lines_of(body, name), record)
                if name == SUBLIST
                else kept_addresses(lines_of(body, name), record)
                if name == BOOK
                else list(lines_of(body, name))
            )
            amended[name] = {"items": lines}
    return amended


def _saving(command: WriteCommand, body: JsonObject, record_id: str = "") -> Saving:
    """A sublist is always replaced: lines sent a second time are not added a second time. A record
    that was found by a mark is written by its id, and one that is made bears the mark."""
    target, mark = command.target, command.target.mark
    if mark and record_id:
        target = netsuite(target.kind, record_id)
    elif mark:
        body = {**body, mark[0]: mark[1]}
    replaces = tuple(name for name, value in body.items() if _is_sublist(value))
    if mark and not record_id:
        replaces = ()
    return Saving(target=target, body=dumps(body), replaces=replaces)


def _is_sublist(value: Json) -> bool:
    return isinstance(value, dict) and "items" in value


def _faulty(command: WriteCommand, fault: Fault) -> Verdict:
    value = value_at(command.document, fault.place)
    if fault.length:
        return held(
            command,
            "TEXT_TOO_LONG",
            field=str(fault.place),
            value=value,
            length=fault.length,
            limit=fault.rule.limit,
        )
    return dead(
        command,
        "WRONG_TYPE",
        field=str(fault.place),
        value=value,
        expected=fault.rule.takes.value,
    )
