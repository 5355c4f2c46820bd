"""The exchange rate of a record's amounts as SQL: of the day a deal closes, else of today."""

RATE_SCALE = 10**6
CLOSE_DAYS = {
    "Opportunity": '{0}."CloseDate"',
    "OpportunityLineItem": (
        '(SELECT deal."CloseDate" FROM "Opportunity" deal WHERE deal."Id" = {0}."OpportunityId")'
    ),
}
"""Objects whose amounts follow dated rates, and the day that counts."""


def rate_of(table: str, owner: str, currency: str = "") -> str:
    """Millionths of a unit for one corporate unit; `owner` is the object behind the SQL alias
    `table`, `currency` the SQL of a code, else the record's own."""
    code = currency or f'{table}."CurrencyIsoCode"'
    today = f'(SELECT rate."ConversionRate" FROM "CurrencyType" rate WHERE rate."IsoCode" = {code})'
    if owner not in CLOSE_DAYS:
        return f"coalesce({today}, {RATE_SCALE})"
    day = CLOSE_DAYS[owner].format(table)
    dated = (
        '(SELECT rate."ConversionRate" FROM "DatedConversionRate" rate'
        f' WHERE rate."IsoCode" = {code} AND rate."StartDate" <= {day}'
        f" AND coalesce(rate.\"NextStartDate\", '9999-12-31') > {day})"
    )
    return f"coalesce({dated}, {today}, {RATE_SCALE})"
