"""Which object has which rules of its own; the rest has none."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.salesforce.rules import (
    agreements,
    currencies,
    lines,
    opportunities,
    orders,
    people,
    prices,
    quotes,
)
from sandbox.salesforce.values import Stored
from sandbox.salesforce.work import Work

Record = dict[str, Stored]
BeforeSave = Callable[[Work, Record | None, Record, frozenset[str]], None]
AfterSave = Callable[[Work, Record | None, Record | None], None]
BeforeDelete = Callable[[Work, Record], None]


def no_check(work: Work, before: Record | None, row: Record, given: frozenset[str]) -> None:
    """An object without rules before it is saved."""


def no_effect(work: Work, before: Record | None, row: Record | None) -> None:
    """An object without effects on others."""


def no_objection(work: Work, row: Record) -> None:
    """An object that may go."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """`before_save` completes the row or refuses; `after_save` has row None after a deletion."""

    before_save: BeforeSave = no_check
    after_save: AfterSave = no_effect
    before_delete: BeforeDelete = no_objection
    skips_recycle_bin: bool = False


NOTHING = Rules()
RULES: Mapping[str, Rules] = {
    "Opportunity": Rules(
        before_save=opportunities.before_save, after_save=opportunities.after_save
    ),
    "OpportunityLineItem": Rules(
        before_save=lines.before_save, after_save=lines.after_save, skips_recycle_bin=True
    ),
    "PricebookEntry": Rules(before_save=prices.before_save),
    "Pricebook2": Rules(before_save=prices.before_book),
    "Product2": Rules(after_save=prices.after_product),
    "Contact": Rules(before_save=people.compose_name),
    "PermissionSetAssignment": Rules(after_save=people.follow_assignment, skips_recycle_bin=True),
    "User": Rules(before_save=people.compose_name),
    "Account": Rules(before_delete=opportunities.before_account_delete),
    "Order": Rules(before_save=orders.before_save, before_delete=orders.before_delete),
    "OrderItem": Rules(
        before_save=orders.before_item,
        after_save=orders.after_item,
        before_delete=orders.before_item_delete,
        skips_recycle_bin=True,
    ),
    "Quote": Rules(before_save=quotes.before_save),
    "QuoteLineItem": Rules(
        before_save=quotes.before_line, after_save=quotes.after_line, skips_recycle_bin=True
    ),
    "Contract": Rules(
        before_save=agreements.before_contract, before_delete=agreements.before_contract_delete
    ),
    "Case": Rules(before_save=agreements.before_case),
    "CurrencyType": Rules(before_save=currencies.before_currency),
    "DatedConversionRate": Rules(
        before_save=currencies.before_rate, after_save=currencies.after_rate
    ),
}
