"""What an amount of the search tables is in: its currency, and how it becomes another."""

from sandbox.netsuite.suiteql.parse import unsupported
from sandbox.netsuite.suiteql.scope import Base, Piece
from sandbox.netsuite.tables import Type

BASE_AMOUNTS = {
    "transactionaccountingline": frozenset(
        "amount netamount debit credit amountpaid amountunpaid paymentamountused"
        " paymentamountunused amountlinked".split()
    ),
    "transactionline": frozenset({"netamount"}),
}
"""In the base currency of the line's subsidiary."""
OWN_AMOUNTS = {
    "transaction": frozenset("foreigntotal foreignamountpaid foreignamountunpaid".split()),
    "transactionline": frozenset(
        "foreignamount foreignamountpaid foreignamountunpaid creditforeignamount"
        " debitforeignamount rate".split()
    ),
}
"""In the currency of the transaction."""
RATES = {"CURRENT": "currentrate", "AVERAGE": "averagerate", "HISTORICAL": "historicalrate"}
ROOT = '(SELECT min(_r."id") FROM "subsidiary" AS _r WHERE _r."parent" IS NULL)'


def consolidated(
    amount: Piece, view: str, rate: str, target: Piece | None, period: Piece | None
) -> Piece:
    """At the rate of the period from the line's subsidiary to the target's."""
    base = _base(amount)
    if base.column not in BASE_AMOUNTS.get(base.table, ()) or view not in ("LEDGER", "INCOME"):
        raise unsupported()
    to = ROOT if target is None else target.sql
    when = _of_transaction(base, "postingperiod") if period is None else period.sql
    where = (
        f'_c."fromsubsidiary" = {_subsidiary(base)} AND _c."tosubsidiary" = {to}'
        f' AND _c."postingperiod" = {when}'
    )
    column = _rate_column(base, view, rate)
    found = f'(SELECT {column} FROM "consolidatedexchangerate" AS _c WHERE {where})'
    symbol = _symbol(f'(SELECT _t."currency" FROM "subsidiary" AS _t WHERE _t."id" = {to})')
    return Piece(sql=f"ns_multiply({amount.sql}, {found})", type=Type.NUMBER, currency=symbol)


def _rate_column(base: Base, view: str, rate: str) -> str:
    """By default an income account takes the average rate, others what the account says."""
    if rate in RATES:
        return f'_c."{RATES[rate]}"'
    if rate != "DEFAULT":
        raise unsupported()
    if view == "INCOME" or base.table != "transactionaccountingline":
        return '_c."averagerate"'
    general = (
        f'(SELECT upper(_a."generalrate") FROM "account" AS _a'
        f' WHERE _a."id" = "{base.alias}"."account")'
    )
    return (
        f"CASE {general} WHEN 'AVERAGE' THEN _c.\"averagerate\""
        ' WHEN \'HISTORICAL\' THEN _c."historicalrate" ELSE _c."currentrate" END'
    )


def converted(amount: Piece, target: Piece, day: Piece) -> Piece:
    """At the rate of the day, or the inverse of the one the other way round."""
    source = _currency(_base(amount))
    forward = _rate(source, target.sql, day.sql)
    backward = _rate(target.sql, source, day.sql)
    rate = (
        f"CASE WHEN {source} = {target.sql} THEN 1"
        f" ELSE coalesce({forward}, ns_divide(1, {backward})) END"
    )
    return Piece(
        sql=f"ns_multiply({amount.sql}, {rate})", type=Type.NUMBER, currency=_symbol(target.sql)
    )


def currency_of(amount: Piece) -> Piece:
    sql = amount.currency or _symbol(_currency(_base(amount)))
    return Piece(sql=sql, type=Type.TEXT)


def _base(amount: Piece) -> Base:
    if amount.base is None:
        raise unsupported()
    return amount.base


def _currency(base: Base) -> str:
    if base.column in OWN_AMOUNTS.get(base.table, ()):
        return _of_transaction(base, "currency")
    if base.column in BASE_AMOUNTS.get(base.table, ()):
        inner = f'SELECT _t."currency" FROM "subsidiary" AS _t WHERE _t."id" = {_subsidiary(base)}'
        return f"({inner})"
    raise unsupported()


def _subsidiary(base: Base) -> str:
    if base.table == "transactionline":
        return f'"{base.alias}"."subsidiary"'
    line = (
        f'_l."transaction" = "{base.alias}"."transaction"'
        f' AND _l."id" = "{base.alias}"."transactionline"'
    )
    return f'(SELECT _l."subsidiary" FROM "transactionline" AS _l WHERE {line})'


def _of_transaction(base: Base, column: str) -> str:
    if base.table == "transaction":
        return f'"{base.alias}"."{column}"'
    where = f'_x."id" = "{base.alias}"."transaction"'
    return f'(SELECT _x."{column}" FROM "transaction" AS _x WHERE {where})'


def _rate(source: str, target: str, day: str) -> str:
    where = (
        f'_e."transactioncurrency" = {source} AND _e."basecurrency" = {target}'
        f' AND _e."effectivedate" <= {day}'
    )
    order = 'ORDER BY _e."effectivedate" DESC, _e."id" DESC LIMIT 1'
    return f'(SELECT _e."exchangerate" FROM "currencyrate" AS _e WHERE {where} {order})'


def _symbol(currency: str) -> str:
    return f'(SELECT _y."symbol" FROM "currency" AS _y WHERE _y."id" = {currency})'
