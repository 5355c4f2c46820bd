"""The people who share a deal: their shares add up to the whole, and one of them comes first."""

from collections.abc import Iterator
from decimal import Decimal

from kernel.values import Document, Fields, Value
from transform.domain.checks import Fault

SPLITS, TEAM = "OpportunitySplits", "salesTeam"
KIND, REVENUE = "SplitType.DeveloperName", "Revenue"
SHARE, EMPLOYEE, NAME = "SplitPercentage", "SplitOwner.NS_Employee_Id__c", "SplitOwner.Name"
WHOLE, ZERO = Decimal(100), Decimal(0)


def with_shared_revenue(deal: Document) -> Document:
    """Splits of other kinds, such as overlays, are nobody's revenue; the largest share first."""
    if SPLITS not in deal.lines:
        return deal
    shared = (one for one in deal.lines[SPLITS] if one.get(KIND, REVENUE) == REVENUE)
    ordered = tuple(sorted(shared, key=_place))
    return Document(deal.fields, {**deal.lines, SPLITS: ordered})


def faults_of_team(deal: Document, named: Fields) -> Iterator[Fault]:
    """`deal` with its shared revenue alone; where nobody shares it, there is nothing to add up."""
    splits = deal.lines.get(SPLITS, ())
    total = sum((_share(one) for one in splits), ZERO)
    if splits and total != WHOLE:
        yield Fault(code="SPLITS_WRONG", params={**named, "value": total})
    for one in splits:
        if not one.get(EMPLOYEE):
            yield Fault(code="SELLER_UNMAPPED", params={**named, "seller": one.get(NAME)})


def with_primary(order: Document) -> Document:
    """NetSuite wants one of the team to be the primary: the first."""
    if TEAM not in order.lines:
        return order
    team = tuple({**one, "isPrimary": place == 0} for place, one in enumerate(order.lines[TEAM]))
    return Document(order.fields, {**order.lines, TEAM: team})


def _place(split: Fields) -> tuple[Decimal, str]:
    return -_share(split), str(split.get(EMPLOYEE))


def _share(split: Fields) -> Decimal:
    value: Value = split.get(SHARE)
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return Decimal(str(value)) if is_number else ZERO
