"""How the lines of an order that stands already are written anew, and when they must not be."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from kernel.exact_json import Json
from netsuite_writer.domain.comparing import LINE_ID, differences, lines_of

SUBLIST = "item"
LOCKED_STATUSES = frozenset("CDEFGH")
"""Letters of salesOrder.status from Cancelled on; A and B are pending approval and fulfilment."""
WORTH = ("item", "quantity", "rate", "amount")
"""What a line says about goods and money."""
WORTH_OF_ORDER = ("entity", "currency", "subsidiary", "exchangeRate")


def keyed_lines(wanted: Sequence[Mapping[str, Json]], record: Mapping[str, Json]) -> list[Json]:
    """Every wanted line with the key of the line it is, then the lines that are not ours by
    their key alone, so that replacing the sublist leaves those as they are."""
    found = lines_of(record, SUBLIST)
    keys = {str(line[LINE_ID]): line.get("line") for line in found if line.get(LINE_ID)}
    ours: list[Json] = []
    for line in wanted:
        key = keys.pop(str(line.get(LINE_ID)), None)
        ours.append({**({} if key is None else {"line": key}), **line})
    others: list[Json] = [{"line": line["line"]} for line in found
                          if not line.get(LINE_ID) and "line" in line]  # fmt: skip
    return ours + others


def is_locked(record: Mapping[str, Json]) -> bool:
    """Fulfilled, billed or closed, in part or as a whole."""
    status = record.get("status")
    letter = status.get("id") if isinstance(status, dict) else status
    return letter in LOCKED_STATUSES or any(map(_is_touched, lines_of(record, SUBLIST)))


def worth_differs(wanted: Mapping[str, Json], record: Mapping[str, Json]) -> bool:
    """Whether writing would change goods or money, and not only words."""
    return bool(differences(_worth(wanted), record))


def _worth(body: Mapping[str, Json]) -> dict[str, Json]:
    worth = {name: body[name] for name in WORTH_OF_ORDER if name in body}
    if SUBLIST in body:
        lines: list[Json] = [
            {name: line[name] for name in (LINE_ID, *WORTH) if name in line}
            for line in lines_of(body, SUBLIST)
        ]
        worth[SUBLIST] = {"items": lines}
    return worth


def _is_touched(line: Mapping[str, Json]) -> bool:
    amounts = (line.get("quantityBilled"), line.get("quantityFulfilled"))
    return line.get("isClosed") is True or any(
        isinstance(amount, int | Decimal) and amount > 0 for amount in amounts
    )
