"""How the lines of an order that stands already are written anew, and when they must not be."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from kernel.exact_json import Json
from netsuite_writer.domain.comparing import LINE_ID, differences, lines_of

SUBLIST = "item"
PENDING = "A"
LOCKED_STATUSES = frozenset("CDEGH")
"""Letters of salesOrder.status: cancelled, partly fulfilled, partly billed, billed, closed. Pending
approval (A), fulfilment (B) and billing (F) are not among them."""
WORTH = ("item", "quantity", "rate", "amount")
"""What a line says about goods and money."""
WORTH_OF_ORDER = ("entity", "currency", "subsidiary", "exchangeRate")
APPROVED_WITH = (
    *WORTH_OF_ORDER, "tranDate", "terms", "startDate", "endDate", "discountItem", "discountRate",
)  # fmt: skip
"""What an approval covers of an order's head."""
REFERENCES = ("entity", "currency", "subsidiary", "terms", "discountItem")
GUARDED_FIELDS = frozenset({*APPROVED_WITH, *(f"{name}.id" for name in REFERENCES)})
"""The same by the paths of a document."""


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
    return _letter(record) in LOCKED_STATUSES or any(map(_is_fixed, lines_of(record, SUBLIST)))


def worth_differs(wanted: Mapping[str, Json], record: Mapping[str, Json]) -> bool:
    """Whether writing would change goods or money, and not only words."""
    return bool(differences(_worth(wanted), record))


def is_approved(record: Mapping[str, Json]) -> bool:
    return _letter(record) not in {PENDING, None}


def unapproved(wanted: Mapping[str, Json], record: Mapping[str, Json]) -> tuple[str, ...]:
    """What of an approved order would become something else than was approved: fields of its head,
    and its lines by what happens to them. A new line is no such thing."""
    head = {name: wanted[name] for name in APPROVED_WITH if name in wanted}
    found = list(differences(head, record))
    if SUBLIST not in wanted:
        return tuple(found)
    ours = {str(line.get(LINE_ID)): line for line in lines_of(wanted, SUBLIST)}
    standing = {str(line[LINE_ID]): line for line in lines_of(record, SUBLIST) if line.get(LINE_ID)}
    both = standing.keys() & ours.keys()
    changed = [line_id for line_id in both if _is_other(ours[line_id], standing[line_id])]
    removed = standing.keys() - ours.keys()
    return (
        *found,
        *([f"lines changed: {len(changed)}"] if changed else []),
        *([f"lines removed: {len(removed)}"] if removed else []),
    )


def _is_other(wanted: Mapping[str, Json], line: Mapping[str, Json]) -> bool:
    return bool(differences({name: wanted[name] for name in WORTH if name in wanted}, line))


def _letter(record: Mapping[str, Json]) -> Json:
    status = record.get("status")
    return status.get("id") if isinstance(status, dict) else status


def _worth(body: Mapping[str, Json]) -> dict[str, Json]:
    worth = {name: body[name] for name in WORTH_OF_ORDER if name in body}
    if SUBLIST in body:
        lines: list[Json] = [
            {name: line[name] for name in (LINE_ID, *WORTH) if name in line}
            for line in lines_of(body, SUBLIST)
        ]
        worth[SUBLIST] = {"items": lines}
    return worth


def is_touched(line: Mapping[str, Json]) -> bool:
    """Whether some of the line was billed or fulfilled."""
    amounts = (line.get("quantityBilled"), line.get("quantityFulfilled"))
    return any(isinstance(amount, int | Decimal) and amount > 0 for amount in amounts)


def _is_fixed(line: Mapping[str, Json]) -> bool:
    return line.get("isClosed") is True or is_touched(line)
