"""Fills the account: reference data, exchange rates, periods, people; a seed file on top."""

import calendar
import math
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from sandbox.netsuite import demo
from sandbox.netsuite.account import Account, Work, begin
from sandbox.netsuite.catalog import DATA
from sandbox.netsuite.errors import NetSuiteError
from sandbox.netsuite.kinds import KINDS, Kind
from sandbox.netsuite.principals import SYSTEM, USERS
from sandbox.netsuite.records.service import Write, create
from sandbox.netsuite.rules.lists import refresh_current_rate
from sandbox.netsuite.schema import KEPT
from sandbox.netsuite.timing import local
from sandbox.netsuite.values import Document, dump, load_document

RATE_DAYS = 400
EPOCH = date(1970, 1, 1)
EURO_DAY = date(2026, 11, 20)
EURO_RATE = Decimal("1.03")
USD, GBP, CAD, EUR, JPY = 1, 2, 3, 4, 5
WORTH = {USD: 1.0, GBP: 1.3037, CAD: 0.7312, EUR: 1.0412, JPY: 0.0067}
"""In US dollars, around which the rates of the past swing."""
SWING, WAVE_DAYS = 0.02, 29.0
ORDER = (
    "currency subsidiary account term priceLevel paymentMethod location department"
    " classification accountingPeriod currencyRate taxType salesTaxItem nexus employee"
    " customer contact serviceSaleItem nonInventorySaleItem inventoryItem discountItem kitItem"
    " salesOrder invoice cashSale customerPayment creditMemo customerDeposit journalEntry message"
).split()
"""What others refer to comes first."""


def seed_account(account: Account, name: str) -> None:
    """Wipe and load `demo`, `empty` or a JSON file. Raises ValueError for what does not fit."""
    file = None if name in ("demo", "empty") else _read(Path(name))
    _wipe(account)
    work = begin(account.in_script, SYSTEM)
    work.quiet = True
    _load(work, load_document((DATA / "reference.json").read_text(encoding="utf-8")))
    _periods(work)
    _rates(work)
    _people(work)
    account.connection.execute("INSERT INTO accountingbook VALUES (1, 'Primary Book', 'F', 'T')")
    if name == "demo":
        old = demo.founded(work)
        _load(old, demo.records_of(old))
        demo.tell(work)
    if file is not None:
        _load(work, file)


def _read(path: Path) -> Document:
    try:
        whole = load_document(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError) as error:
        raise ValueError(f"{path}: not a readable JSON object ({error})") from error
    part = whole.get("netsuite", {})
    if not isinstance(part, dict):
        raise ValueError(f"{path}: netsuite: use an object of record type to list of records")
    for kind in part:
        if kind not in ORDER:
            raise ValueError(f"{path}: netsuite.{kind}: unknown; use one of {', '.join(ORDER)}")
    return part


def _wipe(account: Account) -> None:
    tables = account.connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        " AND name <> 'journal'"
    ).fetchall()
    for row in tables:
        if row[0] not in KEPT:
            account.connection.execute(f'DELETE FROM "{row[0]}"')
    account.store.forget()


def _load(work: Work, part: Mapping[str, object]) -> None:
    profile = work.account.profile
    for name in ORDER:
        bodies = part.get(name, [])
        if not isinstance(bodies, list):
            raise ValueError(f"netsuite.{name}: use a list of records")
        for at, body in enumerate(bodies):
            if name == "subsidiary" and not profile.one_world:
                continue
            if name == "currency" and not profile.multi_currency and body.get("id") != USD:
                continue
            _one(work, KINDS[name.lower()], body, f"netsuite.{name}[{at}]")


def _one(work: Work, kind: Kind, body: object, where: str) -> None:
    if not isinstance(body, dict):
        raise ValueError(f"{where}: use an object")
    identifier = body.get("id")
    is_number = str(identifier or "").lstrip("-").isdigit()
    whole = int(str(identifier)) if is_number else None
    if whole is not None:
        work.store.reserve(kind.family, whole)
    try:
        create(work, kind, body, Write(), identifier=whole)
    except NetSuiteError as error:
        raise ValueError(f"{where}: {error.detail}") from error


def _periods(work: Work) -> None:
    kind = KINDS["accountingperiod"]
    years = range(work.today.year - 1, work.today.year + 2)
    for at, (year, month) in enumerate((year, month) for year in years for month in range(1, 13)):
        last = calendar.monthrange(year, month)[1]
        body: Document = {
            "id": at + 1,
            "periodName": f"{calendar.month_abbr[month]} {year}",
            "startDate": date(year, month, 1).isoformat(),
            "endDate": date(year, month, last).isoformat(),
        }
        _one(work, kind, body, f"period {year}-{month:02}")


def _people(work: Work) -> None:
    for user in USERS.values():
        body: Document = {
            "id": user.id,
            "entityId": user.name,
            "firstName": user.first_name,
            "lastName": user.last_name,
            "email": user.email,
            "giveAccess": True,
        }
        if work.account.profile.one_world:
            body["subsidiary"] = "1"
        _one(work, KINDS["employee"], body, user.name)


def _rates(work: Work) -> None:
    """In bulk: one row a day and pair for the last 400 days, and one for the beginning of time."""
    if not work.account.profile.multi_currency:
        return
    bases = (USD, EUR) if work.account.profile.one_world else (USD,)
    days = [EPOCH, *(work.today - timedelta(days=back) for back in range(RATE_DAYS, -1, -1))]
    if work.today < EURO_DAY:
        days.append(EURO_DAY)
    rows = [
        (base, foreign, _rate(base, foreign, day), day)
        for day in days
        for base in bases
        for foreign in WORTH
        if foreign != base
    ]
    _insert_rates(work, rows)
    for foreign in WORTH:
        if foreign != USD:
            refresh_current_rate(work, foreign)


def _insert_rates(work: Work, rows: list[tuple[int, int, Decimal, date]]) -> None:
    moment, stamp = local(work.now.replace(second=0)), work.stamp
    work.store.reserve("currencyrate", len(rows))
    work.connection.executemany(
        "INSERT INTO _record (family, id, kind, externalid, name, body, created, modified,"
        " creator, modifier) VALUES ('currencyrate', ?, 'currencyRate', NULL, ?, ?, ?, ?, ?, ?)",
        [
            (at, str(at), _body(row), stamp, stamp, SYSTEM.id, SYSTEM.id)
            for at, row in enumerate(rows, start=1)
        ],
    )
    work.connection.executemany(
        "INSERT INTO currencyrate (id, basecurrency, transactioncurrency, exchangerate,"
        " effectivedate, lastmodifieddate) VALUES (?,?,?,?,?,?)",
        [
            (at, base, foreign, float(rate), f"{day.isoformat()} 00:00:00", moment)
            for at, (base, foreign, rate, day) in enumerate(rows, start=1)
        ],
    )


def _body(row: tuple[int, int, Decimal, date]) -> str:
    base, foreign, rate, day = row
    return dump(
        {
            "baseCurrency": {"id": str(base)},
            "transactionCurrency": {"id": str(foreign)},
            "exchangeRate": rate,
            "effectiveDate": day.isoformat(),
            "isInactive": False,
        }
    )


def _rate(base: int, foreign: int, day: date) -> Decimal:
    return (_dollars(foreign, day) / _dollars(base, day)).quantize(Decimal("1.00000000"))


def _dollars(currency: int, day: date) -> Decimal:
    if currency == USD:
        return Decimal(1)
    if currency == EUR and day >= EURO_DAY:
        return EURO_RATE
    swing = 1 + SWING * math.sin((day.toordinal() + currency * 7) / WAVE_DAYS)
    return Decimal(f"{WORTH[currency] * swing:.6f}")
