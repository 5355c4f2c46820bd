"""What we say to NetSuite: a document as the nested JSON of its REST record service."""

from datetime import UTC, date, datetime
from decimal import Decimal

from kernel.errors import PermanentError
from kernel.exact_json import Json
from kernel.money import Money
from kernel.values import Document, Fields, Sealed, Value

JsonObject = dict[str, Json]
WEB_ADDRESS = "url"


def body_of(document: Document) -> JsonObject:
    """`entity.id` becomes `{"entity": {"id": …}}`, the lines of `item` `{"item": {"items": […]}}`.

    The document must be open. An empty field is sent as null, which clears it; an empty field of
    a line is left out, for NetSuite to fill: it takes a line's description from the item.
    """
    body = nested({name: _complete(name, value) for name, value in document.fields.items()})
    for sublist, lines in document.lines.items():
        body[sublist] = {"items": [nested(_filled(line)) for line in lines]}
    return body


def nested(fields: Fields) -> JsonObject:
    body: JsonObject = {}
    for path, value in fields.items():
        _put(body, path, value)
    return body


def json_of(value: Value) -> Json:
    match value:
        case Sealed():
            raise PermanentError(f"a sealed {value.path} reached the request")
        case Money():
            return value.amount
        case datetime():
            return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        case date():
            return value.isoformat()
        case None | bool() | int() | str() | Decimal():
            return value


def _complete(name: str, value: Value) -> Value:
    """NetSuite wants a scheme before a web address; nobody could add it while it was sealed."""
    if name != WEB_ADDRESS or not isinstance(value, str) or not value or "://" in value:
        return value
    return f"https://{value}"


def _filled(line: Fields) -> Fields:
    return {name: value for name, value in line.items() if value is not None}


def _put(body: JsonObject, path: str, value: Value) -> None:
    *parents, name = path.split(".")
    if name == "id" and value is None and parents:
        *parents, name = parents  # a reference is cleared as a whole
    for parent in parents:
        inner = body.setdefault(parent, {})
        if not isinstance(inner, dict):
            raise PermanentError(f"{path} is below {parent}, which has a value of its own")
        body = inner
    body[name] = json_of(value)
