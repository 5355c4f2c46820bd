"""Whether a record as NetSuite tells it holds what a body asks for."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation

from kernel.exact_json import Json

LINE_ID = "custcol_sf_line_id"
"""The field that says which line of the source a line is."""


def differences(wanted: Mapping[str, Json], record: Mapping[str, Json]) -> tuple[str, ...]:
    """Paths at which the record differs from what is wanted; other fields of it do not count."""
    return tuple(_differences(wanted, record, ""))


def same(wanted: Json, found: Json) -> bool:
    """Numbers by value, texts without the spaces around them, empty like missing, a reference
    like its id."""
    if wanted is None or wanted == "":
        return found is None or found == ""
    if isinstance(wanted, bool) or isinstance(found, bool):
        return wanted is found
    if isinstance(found, dict):
        return same(wanted, found.get("id"))
    if isinstance(wanted, int | Decimal):
        return _number(wanted) == _number(found)
    if isinstance(wanted, str) and isinstance(found, int | Decimal):
        return _number(wanted) == _number(found)
    if isinstance(wanted, str) and isinstance(found, str):
        return _text(wanted) == _text(found)
    return wanted == found


def lines_of(record: Mapping[str, Json], sublist: str) -> list[dict[str, Json]]:
    """The lines of an expanded sublist; none where the record has none."""
    collection = record.get(sublist)
    items = collection.get("items") if isinstance(collection, dict) else None
    return [line for line in items if isinstance(line, dict)] if isinstance(items, list) else []


def _differences(
    wanted: Mapping[str, Json], record: Mapping[str, Json], above: str
) -> Iterator[str]:
    for name, value in wanted.items():
        path, found = f"{above}{name}", record.get(name)
        if isinstance(value, dict) and "items" in value:
            if not _same_lines(lines_of(wanted, name), lines_of(record, name)):
                yield path
        elif isinstance(value, dict) and isinstance(found, dict):
            yield from _differences(value, found, f"{path}.")
        elif isinstance(value, dict):
            if any(not same(inner, None) for inner in value.values()) and not same(
                value.get("id"), found
            ):
                yield path
        elif not same(value, found):
            yield path


def _same_lines(wanted: Sequence[Mapping[str, Json]], found: Sequence[Mapping[str, Json]]) -> bool:
    """With line ids: each wanted line once and no other line of ours. Without: in order."""
    if any(LINE_ID in line for line in wanted) or any(LINE_ID in line for line in found):
        found = [line for line in found if line.get(LINE_ID)]
        ours = {str(line[LINE_ID]): line for line in found}
        if len(ours) != len(found):
            return False
        pairs = [(line, ours.get(str(line.get(LINE_ID)))) for line in wanted]
    else:
        pairs = [(line, found[index] if index < len(found) else None)
                 for index, line in enumerate(wanted)]  # fmt: skip
    return len(wanted) == len(found) and all(
        line is not None and not differences(want, line) for want, line in pairs
    )


def _number(value: Json) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None


def _text(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
