"""An order whose deal is off: its lines are closed while nothing of it is fulfilled or billed."""

from kernel.exact_json import Json
from kernel.messages import WriteCommand
from kernel.parts import CANCEL
from netsuite_writer.domain.amending import SUBLIST, is_touched
from netsuite_writer.domain.comparing import lines_of
from netsuite_writer.domain.requests import JsonObject


def is_cancelling(command: WriteCommand) -> bool:
    """Every line that stands is meant, whoever added it."""
    return command.part == CANCEL


def is_cancelled(record: JsonObject) -> bool:
    return all(line.get("isClosed") is True for line in lines_of(record, SUBLIST))


def has_moved(record: JsonObject) -> bool:
    """Whether goods or an invoice went out: then closing lines undoes nothing."""
    return any(map(is_touched, lines_of(record, SUBLIST)))


def closing(record: JsonObject) -> JsonObject:
    lines: list[Json] = [
        {"line": line["line"], "isClosed": True}
        for line in lines_of(record, SUBLIST)
        if "line" in line
    ]
    return {SUBLIST: {"items": lines}}
