"""A payment that settles less than it did, so that money of it can be paid back.

Each line of the command says how much may settle one document at most: carried out twice, or after
somebody else did, it takes no more off.
"""

from collections.abc import Iterator
from decimal import Decimal

from kernel.exact_json import Json, dumps
from kernel.messages import WriteCommand
from kernel.parts import UNAPPLY
from kernel.values import Document
from netsuite_writer.domain.comparing import lines_of
from netsuite_writer.domain.requests import JsonObject
from netsuite_writer.ports import Saving

APPLIED, DOC, AMOUNT = "apply", "doc.id", "amount"
ZERO = Decimal(0)


def is_unapplying(command: WriteCommand) -> bool:
    return command.part == UNAPPLY


def is_unapplied(wanted: Document, record: JsonObject) -> bool:
    return not list(_too_much(wanted, record))


def unapplied(command: WriteCommand, wanted: Document, record: JsonObject) -> Saving:
    """Without replacing the list: what else the payment settles is not touched."""
    lines: list[Json] = [
        {"doc": {"id": doc}, "apply": True, "amount": most}
        if most
        else {"doc": {"id": doc}, "apply": False}
        for doc, most in _too_much(wanted, record)
    ]
    return Saving(target=command.target, body=dumps({APPLIED: {"items": lines}}))


def _too_much(wanted: Document, record: JsonObject) -> Iterator[tuple[str, Decimal]]:
    """The documents of which more is settled than may be, and how much may be."""
    most = {str(line[DOC]): Decimal(str(line[AMOUNT])) for line in wanted.lines.get(APPLIED, ())}
    for line in lines_of(record, APPLIED):
        doc = line.get("doc")
        record_id = str(doc.get("id")) if isinstance(doc, dict) else str(doc)
        settles = Decimal(str(line.get(AMOUNT) or 0)) if line.get("apply") is True else ZERO
        if record_id in most and settles > most[record_id]:
            yield record_id, most[record_id]
