"""DISTANCE between addresses and points: how far as the crow flies, in miles or kilometres."""

from sandbox.salesforce.schema import COMPOUND_TYPES
from sandbox.salesforce.soql.scope import Scope
from sandbox.salesforce.soql.tree import Call, Literal, Path

Place = tuple[str, str]
"""SQL of the latitude and the longitude, in degrees."""
KM = {"km": 6371.0088, "mi": 3958.7613}
"""The mean radius of the earth, by unit."""
LIMITS = (90, 180)


def distance_sql(scope: Scope, call: Call) -> str:
    arguments = (call.argument, *call.more)
    if len(arguments) != 3:
        raise _wrong(scope, call, "DISTANCE needs two places and a unit")
    one, other, unit = arguments
    if not isinstance(unit, Literal) or unit.text.strip("'").lower() not in KM:
        raise _wrong(scope, call, "the unit of DISTANCE must be 'mi' or 'km'")
    radius = scope.bind(KM[unit.text.strip("'").lower()])
    places = ", ".join((*_place(scope, call, one), *_place(scope, call, other)))
    return f"distance_between({radius}, {places})"


def _place(scope: Scope, call: Call, argument: Path | Call | Literal | None) -> Place:
    if isinstance(argument, Path):
        return _of_field(scope, call, argument)
    if isinstance(argument, Call) and argument.name == "GEOLOCATION":
        return _point(scope, argument)
    raise _wrong(scope, call, "DISTANCE needs two places and a unit")


def _of_field(scope: Scope, call: Call, path: Path) -> Place:
    column = scope.column(path)
    if column.field.type not in COMPOUND_TYPES:
        message = f"field {path.text} does not support the function {call.name}"
        raise _wrong(scope, call, message)
    parts = [part for part in column.sobject.fields if part.compound == column.field.name]
    found = {
        kind: f'{column.table}."{part.name}" / {10**part.scale}.0'
        for part in parts
        for kind in ("Latitude", "Longitude")
        if kind in part.name
    }
    return found["Latitude"], found["Longitude"]


def _point(scope: Scope, call: Call) -> Place:
    degrees = [
        float(entry.text)
        for entry in (call.argument, *call.more)
        if isinstance(entry, Literal) and entry.kind == "number"
    ]
    fits = all(abs(found) <= limit for found, limit in zip(degrees, LIMITS, strict=False))
    if len(degrees) != 2 or len(call.more) != 1 or not fits:
        raise _wrong(scope, call, "GEOLOCATION needs a latitude and a longitude in degrees")
    return scope.bind(degrees[0]), scope.bind(degrees[1])


def _wrong(scope: Scope, call: Call, message: str) -> Exception:
    return scope.refuse(call.at, "MALFORMED_QUERY", message)
