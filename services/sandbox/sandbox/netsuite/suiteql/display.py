"""BUILTIN.DF: what a stored id is called."""

from sandbox.netsuite.kinds import CODES, STATIC_NAMES, STATUS_NAMES
from sandbox.netsuite.suiteql.parse import unsupported
from sandbox.netsuite.suiteql.scope import Base, Piece
from sandbox.netsuite.tables import Type

NAMES = {
    "currency": "name",
    "customer": "entitytitle",
    "entity": "entitytitle",
    "employee": "entitytitle",
    "contact": "entitytitle",
    "vendor": "entitytitle",
    "item": "fullname",
    "subsidiary": "fullname",
    "term": "name",
    "account": "accountsearchdisplayname",
    "accountingperiod": "periodname",
    "location": "fullname",
    "department": "fullname",
    "classification": "fullname",
    "transaction": "trandisplayname",
    "pricelevel": "name",
    "accountingbook": "name",
}
"""Which column of a table names its rows."""


def display(piece: Piece) -> Piece:
    base = piece.base
    if base is None:
        raise unsupported()
    if base.table == "transaction" and base.column == "status":
        return _text(_status(base))
    if base.table == "transaction" and base.column == "type":
        return _text(_choice(piece.sql, {code: kind.title for code, kind in CODES.items()}))
    if base.joins in NAMES:
        name = NAMES[base.joins]
        return _text(f'(SELECT _d."{name}" FROM "{base.joins}" AS _d WHERE _d."id" = {piece.sql})')
    if base.joins in STATIC_NAMES:
        return _text(_choice(f"CAST({piece.sql} AS TEXT)", dict(STATIC_NAMES[base.joins])))
    return piece


def status_code(piece: Piece) -> Piece:
    """BUILTIN.CF: type and letter, as in SalesOrd:B."""
    base = piece.base
    if base is None or (base.table, base.column) != ("transaction", "status"):
        raise unsupported()
    return _text(f'("{base.alias}"."type" || \':\' || {piece.sql})')


def _status(base: Base) -> str:
    names = {
        f"{code}:{letter}": f"{kind.title} : {label}"
        for code, kind in CODES.items()
        for letter, label in STATUS_NAMES[kind.name].items()
    }
    return _choice(f'"{base.alias}"."type" || \':\' || "{base.alias}"."status"', names)


def _choice(sql: str, names: dict[str, str]) -> str:
    whens = " ".join(f"WHEN '{key}' THEN '{name}'" for key, name in names.items())
    return f"(CASE {sql} {whens} ELSE {sql} END)"


def _text(sql: str) -> Piece:
    return Piece(sql=sql, type=Type.TEXT)
