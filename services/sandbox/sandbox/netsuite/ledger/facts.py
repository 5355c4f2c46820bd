"""What the ledger looks up: currencies, rates, periods, special accounts."""

from dataclasses import dataclass
from decimal import Decimal

from sandbox.netsuite.account import Work
from sandbox.netsuite.errors import NetSuiteError, user_error
from sandbox.netsuite.timing import day
from sandbox.netsuite.values import ONE

RECEIVABLE = "AcctRec"
UNDEPOSITED = "UnDepFunds"
BANK = "Bank"
TAX_PAYABLE = "SalesTaxPay"
EXCHANGE_GAIN = "RealizedGainLoss"
DEPOSITS = "CustDep"
INVENTORY = "InvtAsset"
COST_OF_GOODS = "COGS"
RETURNS = "RtnAuth"
SALES_ORDERS = "SalesOrd"
ESTIMATES = "Estimate"
SALES = "Income"
CLOSED_PERIOD = "You cannot create or change a posting transaction in a closed accounting period."
LOCKED_PERIOD = "You cannot create or change a posting transaction in a locked accounting period."
"""Our own words: no recorded answer of the vendor is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Currency:
    id: int
    symbol: str
    precision: int


def currency(work: Work, identifier: int) -> Currency:
    return work.store.remembered(
        ("currency", identifier, "facts"), lambda: _money(work, identifier)
    )


def _money(work: Work, identifier: int) -> Currency:
    row = work.connection.execute(
        "SELECT symbol, currencyprecision FROM currency WHERE id = ?", (identifier,)
    ).fetchone()
    if row is None:
        raise user_error(f"Currency {identifier} does not exist.", "currency")
    return Currency(id=identifier, symbol=row["symbol"], precision=row["currencyprecision"])


def base_currency(work: Work, subsidiary: int) -> int:
    """The currency in which this subsidiary keeps its books."""
    return work.store.remembered(("books", subsidiary), lambda: _books_in(work, subsidiary))


def _books_in(work: Work, subsidiary: int) -> int:
    table = "subsidiary" if work.account.profile.one_world else "currency"
    if table == "currency":
        row = work.connection.execute("SELECT id FROM currency WHERE isbasecurrency = 'T'")
    else:
        row = work.connection.execute("SELECT currency FROM subsidiary WHERE id = ?", (subsidiary,))
    found = row.fetchone()
    return int(found[0])


def exchange_rate(work: Work, base: int, foreign: int, iso_day: str) -> Decimal:
    """Units of base for one of foreign: the newest rate effective on or before the day.

    Of several on one day the last one entered counts.
    """
    if base == foreign:
        return ONE
    row = work.connection.execute(
        "SELECT exchangerate FROM currencyrate WHERE transactioncurrency = ? AND basecurrency = ?"
        " AND effectivedate <= ? ORDER BY effectivedate DESC, id DESC LIMIT 1",
        (foreign, base, day(iso_day)),
    ).fetchone()
    if row is None:
        raise user_error(
            f"No exchange rate is effective on {iso_day} for currency {foreign}.", "exchangeRate"
        )
    return Decimal(str(row[0]))


def period_on(work: Work, iso_day: str) -> int:
    row = work.connection.execute(
        "SELECT id FROM accountingperiod WHERE startdate <= ? AND enddate >= ?"
        " AND isquarter = 'F' AND isyear = 'F'",
        (day(iso_day), day(iso_day)),
    ).fetchone()
    if row is None:
        raise user_error(f"No accounting period covers {iso_day}.", "postingPeriod")
    return int(row[0])


def check_period(work: Work, period: int, *, receivables: bool = True) -> None:
    """Closed stops everybody; locked stops who may not override the restriction.

    `receivables` says whether what is posted belongs to that module.
    """
    row = work.connection.execute(
        "SELECT closed, arlocked, alllocked FROM accountingperiod WHERE id = ?", (period,)
    ).fetchone()
    if row is None or row["closed"] == "T":
        raise period_closed(CLOSED_PERIOD)
    locked = row["alllocked"] == "T" or (receivables and row["arlocked"] == "T")
    if locked and not work.user.administrator:
        raise period_closed(LOCKED_PERIOD)


def period_closed(detail: str) -> NetSuiteError:
    return user_error(detail, "postingPeriod")


def special_account(work: Work, role: str) -> int:
    row = work.connection.execute(
        "SELECT id FROM account WHERE sspecacct = ? ORDER BY id LIMIT 1", (role,)
    ).fetchone()
    if row is None:
        raise user_error(f"The account has no general ledger account for {role}.")
    return int(row[0])
