"""Reads the tables of reasons, the shipped one first and a deployment's own after.

Every fault of every table is found in one go, each with its place and the remedy.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

from kernel.errors import FatalError
from kernel.nodes import Node
from kernel.refunds import Rate, Reason, Reasons, Rest, Undo

KEYS = frozenset(
    "reason rate rest undo item payment_method needs_item returns_goods unapplies"
    " auto_limit".split()
)
BANK_KEYS = frozenset({"bank"})
Choice = TypeVar("Choice", bound=StrEnum)


class ReasonsError(FatalError):
    """The tables cannot be used; the message lists every fault."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(["the reasons of refunds cannot be used:", *faults]))
        self.faults = tuple(faults)


@dataclass(slots=True)
class _Reading:
    found: list[str] = field(default_factory=list)

    def add(self, node: Node, what: str) -> None:
        self.found.append(f"{node.place}: {what}")

    def text(self, values: Mapping[str, Node], key: str) -> str | None:
        node = values.get(key)
        if node is None:
            return None
        if not isinstance(node.value, str | int) or isinstance(node.value, bool):
            self.add(node, f"'{key}' is {node.value!r}: write a text")
            return None
        return str(node.value)

    def flag(self, values: Mapping[str, Node], key: str, default: bool) -> bool:
        node = values.get(key)
        if node is not None and not isinstance(node.value, bool):
            self.add(node, f"'{key}' is {node.value!r}: write yes or no")
        return default if node is None else node.value is True

    def choice(
        self, entry: Node, values: Mapping[str, Node], key: str, default: Choice | None,
        kind: type[Choice],
    ) -> Choice:  # fmt: skip
        text = self.text(values, key)
        known = [str(one) for one in kind]
        if text is None and default is None:
            self.add(entry, f"'{key}' is missing: use one of {', '.join(known)}")
        elif text is not None and text not in known:
            self.add(values[key], f"{key} '{text}' is unknown: use one of {', '.join(known)}")
        return kind(text) if text in known else default or next(iter(kind))

    def amount(self, values: Mapping[str, Node], key: str, default: Decimal) -> Decimal:
        text = self.text(values, key)
        if text is None:
            return default
        try:
            amount = Decimal(text)
        except InvalidOperation:
            amount = Decimal(-1)
        if not amount.is_finite() or amount < 0:
            self.add(values[key], f"'{key}' is '{text}': write an amount of zero or more")
            return default
        return amount


def parse_reasons(tables: Iterable[Node]) -> Reasons:
    """ReasonsError lists all faults of all tables."""
    reading = _Reading()
    reasons: dict[str, Reason] = {}
    bank = ""
    for entry in tables:
        values = entry.value if isinstance(entry.value, dict) else {}
        is_bank = values.keys() == BANK_KEYS
        for key in sorted(values.keys() - (BANK_KEYS if is_bank else KEYS)):
            reading.add(values[key], f"'{key}' is unknown: use one of {', '.join(sorted(KEYS))}")
        name = reading.text(values, "reason")
        if is_bank:
            bank = reading.text(values, "bank") or bank
        elif not name:
            reading.add(entry, "'reason' is missing: name it as in the picklist of the request")
        else:
            reasons[name] = _reason(reading, entry, values, name, reasons.get(name))
    if reading.found:
        raise ReasonsError(reading.found)
    return Reasons(by_name=reasons, bank=bank)


def _reason(
    reading: _Reading, entry: Node, values: Mapping[str, Node], name: str, held: Reason | None
) -> Reason:
    """What an entry does not say stays as an earlier one said it."""
    start = held or Reason(name=name, rate=Rate.CREDIT_DATE, rest=Rest.LEAVE_OPEN)
    item = reading.text(values, "item")
    method = reading.text(values, "payment_method")
    return replace(
        start,
        rate=reading.choice(entry, values, "rate", held.rate if held else None, Rate),
        rest=reading.choice(entry, values, "rest", held.rest if held else None, Rest),
        undo=reading.choice(entry, values, "undo", start.undo, Undo),
        item=start.item if item is None else item,
        payment_method=start.payment_method if method is None else method,
        needs_item=reading.flag(values, "needs_item", start.needs_item),
        returns_goods=reading.flag(values, "returns_goods", start.returns_goods),
        unapplies=reading.flag(values, "unapplies", start.unapplies),
        auto_limit=reading.amount(values, "auto_limit", start.auto_limit),
    )
