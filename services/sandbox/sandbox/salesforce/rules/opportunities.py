"""What follows from an opportunity's stage, lines and close date."""

from decimal import ROUND_HALF_UP, Decimal

from sandbox.salesforce.errors import Refusal, integrity
from sandbox.salesforce.standard import stages
from sandbox.salesforce.values import Stored, scaled, unscaled
from sandbox.salesforce.work import Work

Record = dict[str, Stored]
CENT = Decimal("0.01")
CATEGORIES = {
    "Omitted": "Omitted",
    "Pipeline": "Pipeline",
    "Best Case": "BestCase",
    "Commit": "Forecast",
    "Closed": "Closed",
}


def before_save(work: Work, before: Record | None, row: Record, given: frozenset[str]) -> None:
    _keep_what_lines_decide(before, row, given)
    _follow_stage(work, before, row, given)
    _follow_close_date(before, row)
    row["ExpectedRevenue"] = expected_revenue(row)
    if before is None:
        row["HasOpportunityLineItem"] = 0
        row["PushCount"] = 0


def after_save(work: Work, before: Record | None, row: Record | None) -> None:
    """Line names begin with the opportunity's name."""
    if before is None or row is None or before["Name"] == row["Name"]:
        return
    work.org.connection.execute(
        'UPDATE "OpportunityLineItem" SET "Name" = substr(? || \' \' || coalesce((SELECT "Name"'
        ' FROM "Product2" p WHERE p."Id" = "Product2Id"), \'\'), 1, 376)'
        ' WHERE "OpportunityId" = ?',
        (row["Name"], row["Id"]),
    )


def expected_revenue(row: Record) -> Stored:
    if row["Amount"] is None:
        return None
    share = unscaled(row["Probability"], 0) / 100
    amount = (unscaled(row["Amount"], 2) * share).quantize(CENT, rounding=ROUND_HALF_UP)
    return scaled(amount, 2)


def before_account_delete(work: Work, account: Record) -> None:
    """An account with a deal that was won stays."""
    won = work.org.value(
        'SELECT "Name" FROM "Opportunity" WHERE "AccountId" = ? AND "IsWon" = 1'
        ' AND "IsDeleted" = 0 LIMIT 1',
        account["Id"],
    )
    if won is not None:
        message = (
            f"Your attempt to delete {account['Name']} could not be completed because some"
            " opportunities in this account were closed won. The opportunities that were closed"
            f" won are listed below.: {won}"
        )
        raise Refusal("DELETE_FAILED", message, fields=())


def _keep_what_lines_decide(before: Record | None, row: Record, given: frozenset[str]) -> None:
    """With lines the amount follows from them: a given one is ignored, without an error."""
    if before is None or not before["HasOpportunityLineItem"]:
        return
    if "Amount" in given:
        row["Amount"] = before["Amount"]
    for name, what in (("Pricebook2Id", "price book"), ("CurrencyIsoCode", "currency")):
        if name in given and row[name] != before[name]:
            why = f"{what} cannot be changed: the opportunity has line items"
            raise integrity(name, why, [name])


def _follow_stage(work: Work, before: Record | None, row: Record, given: frozenset[str]) -> None:
    moved = before is None or before["StageName"] != row["StageName"]
    stage = stages().get(str(row["StageName"]).lower())
    if moved:
        row["IsClosed"] = int(stage is not None and stage["closed"] == "yes")
        row["IsWon"] = int(stage is not None and stage["won"] == "yes")
        if stage is not None:
            row["StageName"] = stage["stage"]
        if "Probability" not in given or row["Probability"] is None:
            row["Probability"] = int(stage["probability"]) if stage else 0
        if "ForecastCategoryName" not in given or row["ForecastCategoryName"] is None:
            row["ForecastCategoryName"] = stage["category_name"] if stage else "Pipeline"
        if before is not None:
            row["LastStageChangeDate"] = work.at_s
    category = str(row["ForecastCategoryName"])
    row["ForecastCategory"] = CATEGORIES.get(category, "Pipeline")


def _follow_close_date(before: Record | None, row: Record) -> None:
    """Fiscal years are calendar years here."""
    year, month = (int(part) for part in str(row["CloseDate"]).split("-")[:2])
    quarter = (month + 2) // 3
    row["FiscalYear"], row["FiscalQuarter"] = year, quarter
    row["Fiscal"] = f"{year} {quarter}"
    if before is not None and str(row["CloseDate"])[:7] > str(before["CloseDate"])[:7]:
        row["PushCount"] = int(before["PushCount"] or 0) + 1
