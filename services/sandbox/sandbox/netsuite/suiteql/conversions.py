"""Conversions between text, numbers and dates, as Oracle makes them, never silently."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sandbox.netsuite.errors import search_error
from sandbox.netsuite.suiteql.formats import FormatError
from sandbox.netsuite.suiteql.parse import unsupported
from sandbox.netsuite.suiteql.scope import Piece
from sandbox.netsuite.suiteql.udf import bad_date, exact
from sandbox.netsuite.tables import Type
from sandbox.netsuite.timing import parse_account

WORDS = {Type.TEXT: "CHAR", Type.NUMBER: "NUMBER", Type.DATE: "DATE"}


@dataclass(frozen=True, slots=True)
class Converter:
    date_format: str
    today: str
    """What a date that is read takes from the day it is read on."""

    def to(self, wanted: Type, piece: Piece) -> Piece:
        if piece.is_predicate:
            raise unsupported()
        if piece.type is wanted or Type.UNKNOWN in (piece.type, wanted):
            return piece
        match wanted:
            case Type.DATE:
                return self._date(piece)
            case Type.NUMBER:
                return _number(piece)
            case _:
                return self._text(piece)

    def common(self, pieces: Sequence[Piece]) -> tuple[Type, list[Piece]]:
        """One type for all: a date or a number draws text to itself."""
        types = {piece.type for piece in pieces} - {Type.UNKNOWN}
        if types == {Type.DATE, Type.NUMBER} or types == {Type.DATE, Type.NUMBER, Type.TEXT}:
            raise search_error("inconsistent datatypes: expected DATE got NUMBER")
        chosen = next((t for t in (Type.DATE, Type.NUMBER, Type.TEXT) if t in types), Type.UNKNOWN)
        return chosen, [self.to(chosen, piece) for piece in pieces]

    def same(self, pieces: Sequence[Piece]) -> tuple[Type, list[Piece]]:
        """The type of the first decides (NVL, DECODE); numbers become text beside text."""
        types = {piece.type for piece in pieces} - {Type.UNKNOWN}
        if len(types) <= 1:
            return (types.pop() if types else Type.UNKNOWN), list(pieces)
        first = next(piece.type for piece in pieces if piece.type is not Type.UNKNOWN)
        if Type.DATE in types and first is not Type.DATE and Type.NUMBER in types:
            raise search_error("inconsistent datatypes: expected NUMBER got DATE")
        return first, [self.to(first, piece) for piece in pieces]

    def alike(self, pieces: Sequence[Piece]) -> tuple[Type, list[Piece]]:
        """CASE and COALESCE convert nothing: all are of the first one's type."""
        kind = next((p.type for p in pieces if p.type is not Type.UNKNOWN), Type.UNKNOWN)
        other = next((p.type for p in pieces if p.type not in (kind, Type.UNKNOWN)), kind)
        if other is not kind:
            message = f"expected {WORDS[kind]} got {WORDS[other]}"
            raise search_error(f"inconsistent datatypes: {message}")
        return kind, list(pieces)

    def _date(self, piece: Piece) -> Piece:
        if piece.type is Type.NUMBER:
            raise search_error("inconsistent datatypes: expected DATE got NUMBER")
        if piece.literal is not None:
            moment = parse_account(piece.literal, self.date_format)
            if moment is None:
                raise search_error(bad_date(piece.literal, self.date_format))
            held = moment.isoformat(sep=" ")[:19]
            return Piece(sql=f"'{held}'", type=Type.DATE, nullable=False)
        return Piece(sql=f"ns_account_date({piece.sql})", type=Type.DATE)

    def _text(self, piece: Piece) -> Piece:
        function = "ns_date_shown" if piece.type is Type.DATE else "ns_text"
        return Piece(sql=f"{function}({piece.sql})", type=Type.TEXT, nullable=piece.nullable)


def _number(piece: Piece) -> Piece:
    if piece.type is Type.DATE:
        raise search_error("inconsistent datatypes: expected NUMBER got DATE")
    if piece.literal is None:
        return replace(piece, sql=f"ns_to_number({piece.sql})", type=Type.NUMBER, base=None)
    try:
        number = exact(piece.literal)
    except FormatError as error:
        raise search_error(str(error)) from error
    return Piece(sql=format(number, "f"), type=Type.NUMBER, nullable=False)
