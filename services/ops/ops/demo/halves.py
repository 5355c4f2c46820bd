"""Both halves of one deal, line by line, and whether they meet."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from ops.demo.people import Record
from ops.demo.stage import money, side_by_side, spread

Line = tuple[str, Decimal, Decimal]
NAME = 17


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """How NetSuite calls its items, and the ISO codes of its currencies, by id."""

    items: Mapping[str, str]
    currencies: Mapping[str, str]


def halves(opportunity: Record, order: Record, names: Names) -> Iterator[str]:
    """The opportunity on the left, the sales order on the right."""
    currency, theirs_is = opportunity["CurrencyIsoCode"], names.currencies[order["currency"]["id"]]
    left, right = lines_of_opportunity(opportunity), lines_of_order(order, names.items)
    yield side_by_side("Salesforce opportunity", "NetSuite sales order")
    yield side_by_side(opportunity["Name"], f"{order['tranId']} ({order['status']['refName']})")
    yield side_by_side(opportunity["Account"]["Name"], order["entity"]["refName"])
    for ours, theirs in zip(left, right, strict=True):
        mark = "=" if ours[1:] == theirs[1:] else "!"
        yield side_by_side(_line(ours, currency), _line(theirs, theirs_is), mark)
    total, ordered = (
        money(opportunity["Amount"], currency),
        money(order["total"], theirs_is),
    )
    mark = "=" if total == ordered else "!"
    yield side_by_side(spread("total", total), spread("total", ordered), mark)


def meet(opportunity: Record, order: Record) -> bool:
    """Whether amount and every line agree."""
    left = [line[1:] for line in lines_of_opportunity(opportunity)]
    right = [line[1:] for line in lines_of_order(order, {})]
    return left == right and Decimal(opportunity["Amount"]) == Decimal(order["total"])


def lines_of_opportunity(opportunity: Record) -> list[Line]:
    rows = opportunity["OpportunityLineItems"]["records"]
    return [
        (row["Product2"]["Name"], Decimal(row["Quantity"]), Decimal(row["TotalPrice"]))
        for row in rows
    ]


def lines_of_order(order: Record, items: Mapping[str, str]) -> list[Line]:
    rows = order["item"]["items"]
    return [
        (
            items.get(row["item"]["id"], row["item"]["id"]),
            Decimal(row["quantity"]),
            Decimal(row["amount"]),
        )
        for row in rows
    ]


def _line(line: Line, currency: str) -> str:
    name, quantity, amount = line
    return spread(name[:NAME], f"{quantity.normalize():f} x {money(amount, currency)}")
