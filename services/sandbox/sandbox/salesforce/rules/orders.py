"""Orders: what their products cost, when they may be activated, and what is fixed then."""

from sandbox.salesforce.errors import Refusal, integrity
from sandbox.salesforce.rules.pricing import (
    cents,
    keep_with_lines,
    needs_quantity,
    take_from_price,
    times,
)
from sandbox.salesforce.values import Stored
from sandbox.salesforce.work import Work

Record = dict[str, Stored]
ACTIVATED = "Activated"
FIXED = ("AccountId", "Pricebook2Id", "CurrencyIsoCode", "ContractId")
PRICED = ("Quantity", "UnitPrice")


def before_save(work: Work, before: Record | None, row: Record, given: frozenset[str]) -> None:
    _keep_within_contract(work, row)
    row["StatusCode"] = row["Status"]
    if before is None:
        row["TotalAmount"] = 0
        if row["Status"] == ACTIVATED:
            raise _not_activated("Choose a valid order status and save your changes.")
        return
    keep_with_lines(before, row, _count(work, row))
    if before["Status"] == ACTIVATED == row["Status"]:
        for name in FIXED:
            if row.get(name) != before.get(name):
                raise integrity(name, "an activated order cannot be changed", [name])
    if row["Status"] == ACTIVATED != before["Status"]:
        _activate(work, row)
    if row["Status"] != ACTIVATED:
        row["ActivatedDate"] = row["ActivatedById"] = None


def before_delete(work: Work, row: Record) -> None:
    if row["Status"] == ACTIVATED:
        raise Refusal("DELETE_FAILED", "You can't delete an activated order.", fields=())


def before_item(work: Work, before: Record | None, row: Record, given: frozenset[str]) -> None:
    order = work.row("Order", row["OrderId"])
    if order is None:
        raise integrity("OrderId", "order ID is not valid", ["OrderId"])
    is_priced = before is None or any(row[name] != before[name] for name in PRICED)
    if order["Status"] == ACTIVATED and is_priced:
        raise integrity("unknown", "products of an activated order cannot be changed")
    if before is None:
        if order["Pricebook2Id"] is None:
            raise integrity("Pricebook2Id", "the order has no price book", ["Pricebook2Id"])
        take_from_price(work, order, row, owner_name="order")
        if row["UnitPrice"] is None:
            row["UnitPrice"] = row["ListPrice"]
    needs_quantity(row)
    row["AvailableQuantity"] = row["Quantity"]
    row["TotalPrice"] = cents(times(row["Quantity"], row["UnitPrice"]))


def after_item(work: Work, before: Record | None, row: Record | None) -> None:
    """The order's total is the sum of its products."""
    item = row or before or {}
    order = work.row("Order", item.get("OrderId"))
    if order is None:
        return
    total = work.org.value(
        'SELECT sum("TotalPrice") FROM "OrderItem" WHERE "OrderId" = ? AND "IsDeleted" = 0',
        order["Id"],
    )
    if order["TotalAmount"] != (total or 0):
        work.update(work.org.schema.of("Order"), order, order | {"TotalAmount": total or 0})


def before_item_delete(work: Work, row: Record) -> None:
    order = work.row("Order", row["OrderId"])
    if order is not None and order["Status"] == ACTIVATED:
        message = "You can't delete the products of an activated order."
        raise Refusal("DELETE_FAILED", message, fields=())


def _activate(work: Work, row: Record) -> None:
    if row["AccountId"] is None:
        raise _not_activated("An order needs an account before it can be activated.")
    if not _count(work, row):
        raise _not_activated("An order must have at least one product.")
    row["ActivatedDate"], row["ActivatedById"] = work.at_s, work.user


def _count(work: Work, row: Record) -> int:
    found = work.org.value(
        'SELECT count(*) FROM "OrderItem" WHERE "OrderId" = ? AND "IsDeleted" = 0', row["Id"]
    )
    return int(found or 0)


def _not_activated(message: str) -> Refusal:
    return Refusal("FAILED_ACTIVATION", message, fields=())


def _keep_within_contract(work: Work, row: Record) -> None:
    contract = work.row("Contract", row["ContractId"]) if row["ContractId"] else None
    if contract is None or row["EffectiveDate"] is None:
        return
    day = str(row["EffectiveDate"])
    fields = ["EffectiveDate"]
    if contract["EndDate"] and day > str(contract["EndDate"]):
        message = "Order Start Date can't be later than its contract's end date.: Order Start Date"
        raise Refusal("FIELD_INTEGRITY_EXCEPTION", message, fields=fields)
    if contract["StartDate"] and day < str(contract["StartDate"]):
        message = (
            "Order Start Date can't be earlier than the contract's start date.: Order Start Date"
        )
        raise Refusal("FIELD_INTEGRITY_EXCEPTION", message, fields=fields)
