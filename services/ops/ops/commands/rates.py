"""`tallystick rates …`: why base amounts differ, and whether a month agrees in both systems."""

import asyncio
import re
from dataclasses import asdict
from datetime import date
from typing import Annotated

import typer

from kernel.rate_reports import Booked, Month, Step, explained, month_of
from ops.checks.settings import NetSuite, Salesforce, Settings, settings_of
from ops.commands.up import State
from ops.commands.verify import Json as AsJson
from ops.local.errors import WrongUsageError
from ops.rates.reading import NetSuiteBooks, open_books, shown_in_salesforce
from ops.reach import NotWellError, find_place
from ops.render.page import ending_with_codes, tell, tell_json, width
from ops.render.rates import explanation, month_lines

app = typer.Typer(no_args_is_help=True, help="Explain rates and base amounts.")
NUMBER = re.compile(r"[A-Za-z0-9_.#/-]{1,60}")
OPPORTUNITY = re.compile(r"006[A-Za-z0-9]{15}")
PERIOD = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@app.command()
def explain(
    ref: Annotated[
        str,
        typer.Argument(
            metavar="REF",
            help="An order or invoice by its number or internal id, or the opportunity's id.",
        ),
    ],
    state: State = None,
    as_json: AsJson = False,
) -> None:
    """Print the rates of an order and its invoices, and what the difference of them explains.

    Reads NetSuite. Exit code 1: some of a base amount is not explained by its rate.
    """
    with ending_with_codes():
        order, steps = asyncio.run(_explained(_netsuite(_settings(state)), ref))
        if as_json:
            tell_json({"order": asdict(order), "invoices": [_facts(step) for step in steps]})
        else:
            tell(explanation(order, steps, width()))
        if order.unexplained or any(step.invoice.unexplained for step in steps):
            raise NotWellError


@app.command()
def month(
    period: Annotated[str, typer.Option(help="The month, such as 2026-11.")],
    state: State = None,
    as_json: AsJson = False,
) -> None:
    """Compare the invoices of a month in both systems, by currency and rate.

    Exit code 1: they do not agree to the cent, or a base amount is not explained by its rate.
    """
    with ending_with_codes():
        first, last = _span(period)
        settings = _settings(state)
        found = asyncio.run(_month(_netsuite(settings), _salesforce(settings), first, last))
        if as_json:
            tell_json({"period": period, "agrees": found.agrees, **asdict(found)})
        else:
            tell(month_lines(period, found, width()))
        if not found.agrees:
            raise NotWellError


async def _explained(netsuite: NetSuite, ref: str) -> tuple[Booked, tuple[Step, ...]]:
    async with open_books(netsuite) as books:
        found = await books.documents(_condition(ref))
        if not found:
            raise WrongUsageError(f"NetSuite has no order or invoice {ref}")
        orders = await books.orders_of(found[0])
        order = await books.with_rate_day(orders[0] if orders else found[0])
        invoices = [await books.with_rate_day(item) for item in await books.invoices_of(order)]
        return order, explained(order, invoices)


async def _month(netsuite: NetSuite, salesforce: Salesforce, first: date, last: date) -> Month:
    async with open_books(netsuite) as books:
        ours = await _invoices(books, first, last)
    where = f"Type__c = 'Invoice' AND Date__c >= {first} AND Date__c < {last}"
    return month_of(ours, await shown_in_salesforce(salesforce, where))


async def _invoices(books: NetSuiteBooks, first: date, last: date) -> list[Booked]:
    day = "TO_DATE('{}', 'YYYY-MM-DD')"
    span = f"t.trandate >= {day.format(first)} AND t.trandate < {day.format(last)}"
    return await books.documents(f"t.type = 'CustInvc' AND {span}")


def _condition(ref: str) -> str:
    """What is asked for, with nothing in it that a search could take for something else."""
    name = ref.rpartition(":")[2]
    if not NUMBER.fullmatch(name):
        raise WrongUsageError(f"{ref!r} is no number, id or opportunity of ours")
    kinds = "t.type IN ('SalesOrd', 'CustInvc')"
    if OPPORTUNITY.fullmatch(name):
        return f"{kinds} AND t.externalid LIKE '%-Opportunity-{name}'"
    by_id = f" OR t.id = {name}" if name.isdigit() else ""
    return f"{kinds} AND (t.tranid = '{name}'{by_id})"


def _span(period: str) -> tuple[date, date]:
    """First day of the month, first day of the next one."""
    found = PERIOD.fullmatch(period)
    if not found:
        raise WrongUsageError(f"'{period}' is not a month: write it as 2026-11")
    year, number = int(found[1]), int(found[2])
    return date(year, number, 1), date(year + number // 12, number % 12 + 1, 1)


def _facts(step: Step) -> dict[str, object]:
    return {
        **asdict(step.invoice),
        "at_order_rate": step.at_order_rate,
        "by_rate": step.by_rate,
        "unexplained": step.invoice.unexplained,
    }


def _settings(state: State) -> Settings:
    return settings_of(find_place(state))


def _netsuite(settings: Settings) -> NetSuite:
    if settings.netsuite is None:
        raise WrongUsageError("the settings of NetSuite are incomplete: see `tallystick doctor`")
    if settings.netsuite.currency:
        raise WrongUsageError(
            f"the account keeps everything in {settings.netsuite.currency}: there are no rates"
        )
    return settings.netsuite


def _salesforce(settings: Settings) -> Salesforce:
    if settings.salesforce is None:
        raise WrongUsageError("the settings of Salesforce are incomplete: see `tallystick doctor`")
    return settings.salesforce
