"""JSON with exact numbers: decimals are written digit by digit and read as decimals."""

import json
from collections.abc import Mapping
from decimal import Decimal

from kernel.values import plain_number

Json = None | bool | int | Decimal | str | list["Json"] | dict[str, "Json"]


def dumps(value: Json) -> str:
    """Compact, with keys in the order given. ValueError for a number that is not finite."""
    match value:
        case dict():
            pairs = (f"{_quoted(key)}:{dumps(item)}" for key, item in value.items())
            return "{" + ",".join(pairs) + "}"
        case list():
            return "[" + ",".join(map(dumps, value)) + "]"
        case Decimal():
            if not value.is_finite():
                raise ValueError(f"{value} is not a number that JSON can hold")
            return plain_number(value)
        case str():
            return _quoted(value)
        case _:
            return json.dumps(value)


def loads(text: str | bytes) -> Json:
    """Control characters inside strings are let through, as some servers send them.

    ValueError where the text is not JSON.
    """
    read: Json = json.loads(text, parse_float=Decimal, parse_constant=_refused, strict=False)
    return read


def at_path(record: Mapping[str, Json], path: str) -> Json:
    """The value at a dotted path; None where any step is missing."""
    value: Json = dict(record)
    for name in path.split("."):
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _refused(constant: str) -> Json:
    raise ValueError(f"{constant} is not JSON")
