"""Turns a request's JSON into typed values, or says which property is wrong and how."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum

from sandbox.netsuite.account import Work
from sandbox.netsuite.catalog import Property, Shape
from sandbox.netsuite.errors import bad_body, invalid_content, user_error
from sandbox.netsuite.records.references import resolve
from sandbox.netsuite.timing import stamp
from sandbox.netsuite.values import Document, Value

LINES_MAX = 10_000
DEFAULT_LENGTH_MAX = 4000
LENGTHS_MAX = {
    "companyName": 83,
    "entityId": 83,
    "firstName": 32,
    "lastName": 32,
    "email": 254,
    "phone": 32,
    "fax": 32,
    "url": 100,
    "externalId": 255,
    "otherRefNum": 45,
    "tranId": 45,
    "memo": 4000,
    "addr1": 150,
    "addr2": 150,
    "addr3": 150,
    "addressee": 83,
    "attention": 83,
    "city": 50,
    "zip": 36,
    "label": 150,
    "itemId": 250,
}
CUSTOM_LENGTH_MAX = 300
PERCENT_RATES = frozenset({"rate", "discountRate"})
SILENT = frozenset({"links", "refName", "id", "totalResults", "count", "hasMore", "offset"})
"""What every answer carries and a client may send back."""


class Level(Enum):
    ERROR = "error"
    WARNING = "warning"
    IGNORE = "ignore"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checks:
    names: Level = Level.WARNING
    values: Level = Level.ERROR


class UnreadableError(Exception):
    """The value is not of its property's type."""


@dataclass(frozen=True, slots=True)
class Cleaner:
    work: Work
    checks: Checks
    percentages: bool = False
    """May a rate be sent as `-10%`?"""

    def record(self, properties: dict[str, Property], body: Document, path: str = "") -> Document:
        """Only known properties; null stays null."""
        clean: Document = {}
        for name, value in body.items():
            item = properties.get(name)
            where = f"{path}.{name}" if path else name
            if name in SILENT and not (name == "id" and path):
                continue
            if item is None:
                self._unknown(name, where, clean, value, open_ended=not properties)
            elif value is None:
                clean[name] = None
            else:
                self._value(item, value, where, clean)
        return clean

    def _unknown(
        self, name: str, where: str, clean: Document, value: Value, *, open_ended: bool
    ) -> None:
        if open_ended:
            clean[name] = value
        elif self.checks.names is Level.ERROR:
            raise bad_body(f"Unknown property '{name}'.", where)
        elif self.checks.names is Level.WARNING:
            self.work.warnings.append(where)

    def _value(self, item: Property, value: Value, where: str, clean: Document) -> None:
        try:
            clean[item.name] = self._read(item, value, where)
        except UnreadableError as error:
            if self.checks.values is Level.ERROR:
                raise invalid_content(_shown(value), item.name, where) from error
            if self.checks.values is Level.WARNING:
                self.work.warnings.append(where)

    def _read(self, item: Property, value: Value, where: str) -> Value:
        match item.shape:
            case Shape.SUBLIST:
                return self._lines(item, value, where)
            case Shape.SUBRECORD:
                if not isinstance(value, dict):
                    raise UnreadableError
                return self.record(item.inner, value, where)
            case Shape.MULTISELECT:
                return self._choices(item, value)
            case Shape.REFERENCE:
                found = resolve(self.work, item, value)
                if found is None:
                    raise UnreadableError
                return found
            case _:
                percentage = _percentage(item, value) if self.percentages else None
                return percentage or _scalar(item, value, where)

    def _lines(self, item: Property, value: Value, where: str) -> Value:
        items = value.get("items") if isinstance(value, dict) else value
        if items is None:
            return None
        if not isinstance(items, list) or len(items) > LINES_MAX:
            raise UnreadableError
        lines: list[Value] = []
        for at, line in enumerate(items):
            if not isinstance(line, dict):
                raise UnreadableError
            lines.append(self.record(item.inner, line, f"{where}.items[{at}]"))
        return lines

    def _choices(self, item: Property, value: Value) -> Value:
        items = value.get("items") if isinstance(value, dict) else value
        if not isinstance(items, list):
            raise UnreadableError
        chosen: list[Value] = []
        for one in items:
            found = resolve(self.work, item, one)
            if found is None:
                raise UnreadableError
            chosen.append(found)
        return {"items": chosen}


def _scalar(item: Property, value: Value, where: str) -> Value:
    match item.shape:
        case Shape.BOOLEAN:
            return _boolean(value)
        case Shape.INTEGER:
            return int(_decimal(value).to_integral_value())
        case Shape.NUMBER:
            return _decimal(value)
        case Shape.DATE:
            return _date(value)
        case Shape.DATETIME:
            return _datetime(value)
        case Shape.ENUMERATION:
            return _enumeration(item, value)
        case _:
            return _text(item, value, where)


def _boolean(value: Value) -> bool:
    if isinstance(value, bool):
        return value
    known = {"t": True, "true": True, "f": False, "false": False}
    if isinstance(value, str) and value.lower() in known:
        return known[value.lower()]
    raise UnreadableError


def _decimal(value: Value) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise UnreadableError
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise UnreadableError from error
    if not number.is_finite() or abs(number) >= Decimal(10) ** 15:
        raise UnreadableError
    return number


def _percentage(item: Property, value: Value) -> str | None:
    """A rate of a discount may be one; it stays text until the discount is reckoned."""
    if item.name not in PERCENT_RATES or not isinstance(value, str) or value[-1:] != "%":
        return None
    return f"{_decimal(value[:-1].strip()):f}%"


def _date(value: Value) -> str:
    if not isinstance(value, str):
        raise UnreadableError
    try:
        return date.fromisoformat(value[:10]).isoformat()
    except ValueError as error:
        raise UnreadableError from error


def _datetime(value: Value) -> str:
    if not isinstance(value, str):
        raise UnreadableError
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise UnreadableError from error
    if moment.tzinfo is None:
        raise UnreadableError
    return stamp(moment)


def _enumeration(item: Property, value: Value) -> Document:
    chosen = value.get("id") if isinstance(value, dict) else value
    if isinstance(chosen, bool) or not isinstance(chosen, str | int):
        raise UnreadableError
    if item.values and str(chosen) not in item.values:
        raise UnreadableError
    return {"id": str(chosen)}


def _text(item: Property, value: Value, where: str) -> str | None:
    if isinstance(value, bool | dict | list):
        raise UnreadableError
    text = str(value)
    limit = LENGTHS_MAX.get(item.name, CUSTOM_LENGTH_MAX if item.custom else DEFAULT_LENGTH_MAX)
    if len(text) > limit:
        raise user_error(
            f"The field {item.name.lower()} contained more than the maximum number ( {limit} ) "
            "of characters allowed.",
            where,
        )
    return text or None


def _shown(value: Value) -> str:
    """What the message repeats of a wrong value, cut to a readable length."""
    if isinstance(value, dict):
        value = value.get("id", value.get("externalId", "{}"))
    return str(value)[:200]
