"""What we say to Salesforce: commands as records of collection calls, and the queries after them.

A target is named by its Salesforce id, or by an external id as `eid:Field__c:value`: such a
record is found by that field and made where it is missing.
A parent is named the same way, as `Parent__r.Field__c`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal

from kernel.errors import PermanentError
from kernel.exact_json import Json, dumps
from kernel.messages import WriteCommand
from kernel.money import Money
from kernel.records import RecordRef
from kernel.values import Document, Sealed, Value
from salesforce_writer.ports import Saving

JsonObject = dict[str, Json]
RECORDS_MAX = 200
KINDS_MAX = 10
"""Kinds that may stand in one call of updates by id."""
KEYS_LENGTH_MAX, KEY_MARKS = 5_000, 10
"""Characters of keys in one query, each with its quotes and comma as they stand in a URL: an
address holds at most 16,384."""
BY_ID = "Id"
TAKEN_OVER = {"Product2": "ProductCode"}
"""Kinds of which people may have made records before we knew them, and the field that tells."""
LISTED = frozenset({"PricebookEntry", "DatedConversionRate"})
"""Kinds of which a command names many records at once, as lines: they are kept apart by their
own fields, and a second one of the same is refused."""
GONE = ":gone"
"""Ends the part of a command that removes its target."""
CURRENCY = "CurrencyIsoCode"
"""A field that only an org with several currencies has."""
ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A command with what it writes, its seals opened."""

    command: WriteCommand
    key: tuple[str, str]
    """Field and value that find the target."""
    values: JsonObject
    foreign: str = ""
    """A currency that the org does not keep."""
    records: tuple[JsonObject, ...] = ()
    """Of a kind of which a command names many."""

    @property
    def may_exist(self) -> bool:
        """Whether people may have made its record before."""
        return self.command.target.kind in TAKEN_OVER and self.key[0] != BY_ID

    @property
    def is_list(self) -> bool:
        return self.command.target.kind in LISTED

    @property
    def removes(self) -> bool:
        return self.command.part.endswith(GONE)


def row_of(command: WriteCommand, opened: Document, currency: str = "") -> Row:
    """PermanentError for a command that no call can say. `currency` is that of an org that has
    one: its records do not say theirs."""
    kind = command.target.kind
    if kind in LISTED:
        named = {name: json_of(value) for name, value in opened.fields.items()}
        key, records = key_of(command.target), _listed(opened)
        return Row(command=command, key=key, values=named, records=records)
    if opened.lines:
        raise PermanentError(f"{kind} takes no lines: {', '.join(opened.lines)}")
    values = {name: json_of(value) for name, value in opened.fields.items()}
    told = values.pop(CURRENCY, None) if currency else None
    foreign = str(told) if told not in (None, currency) else ""
    return Row(command=command, key=key_of(command.target), values=values, foreign=foreign)


def _listed(opened: Document) -> tuple[JsonObject, ...]:
    return tuple(
        {name: json_of(value) for name, value in line.items()}
        for lines in opened.lines.values()
        for line in lines
    )


def taking_over(row: Row, told: Sequence[Json]) -> Row | None:
    """The row with the id of a record that people made before: it carries the key, or none and
    the same code. The row itself where there is none; None where the code's record carries
    another key: it is linked elsewhere, and stays so."""
    field, value = row.key
    records = [record for record in told if isinstance(record, dict)]
    code_field = TAKEN_OVER[_kind(row)]
    code = row.values.get(code_field)
    same_code = [r for r in records if code and r.get(code_field) == code]
    keyed = [r for r in records if r.get(field) == value]
    free = [r for r in same_code if not r.get(field)]
    for record in [*(r for r in keyed if r in same_code), *keyed, *free]:
        values = {**row.values, field: value}
        return replace(row, key=(BY_ID, str(record[BY_ID])), values=values)
    return None if same_code else row


def query_before(rows: Sequence[Row]) -> str:
    """Tells the records that some of these rows, of one kind and found by one field, may mean."""
    kind, by = _kind(rows[0]), rows[0].key[0]
    code = TAKEN_OVER[kind]
    keys = ", ".join(quoted(row.key[1]) for row in rows)
    codes = ", ".join(quoted(str(row.values[code])) for row in rows if row.values.get(code))
    either = f"{by} IN ({keys})" + (f" OR {code} IN ({codes})" if codes else "")
    return f"SELECT {BY_ID}, {by}, {code} FROM {kind} WHERE {either} ORDER BY {BY_ID}"


def quoted(text: str) -> str:
    return f"'{text.translate(ESCAPES)}'"


def key_of(target: RecordRef) -> tuple[str, str]:
    """PermanentError for an external id without its field."""
    if target.external_id is None:
        return BY_ID, target.id
    field, colon, value = target.external_id.partition(":")
    if not (field and colon and value):
        raise PermanentError(f"{target} names no record: write eid:Field__c:value")
    return field, value


def json_of(value: Value) -> Json:
    match value:
        case Sealed():
            raise PermanentError(f"a sealed {value.path} reached the request")
        case Money():
            return value.amount
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case None | bool() | int() | str() | Decimal():
            return value


def waves(targets: Sequence[RecordRef]) -> list[list[int]]:
    """Positions of the first of each target, then of the second where there is one, and so on: a
    call may name a record once, and what comes later must be written later."""
    seen: dict[RecordRef, int] = {}
    ordered: list[list[int]] = []
    for at, target in enumerate(targets):
        turn = seen.get(target, 0)
        seen[target] = turn + 1
        if turn == len(ordered):
            ordered.append([])
        ordered[turn].append(at)
    return ordered


def calls_of(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows that fit into one call each: by id of at most ten kinds, by external id of one kind
    and field."""
    groups: dict[tuple[str, str], list[Row]] = {}
    kinds = list(dict.fromkeys(row.command.target.kind for row in rows))
    for row in rows:
        field, _ = row.key
        kind = row.command.target.kind
        share = str(kinds.index(kind) // KINDS_MAX) if field == BY_ID else kind
        groups.setdefault((field, share), []).append(row)
    return [list(part) for group in groups.values() for part in _parts(sorted(group, key=_kind))]


def saving_of(rows: Sequence[Row]) -> Saving:
    """The call for rows that `calls_of` put together."""
    field = rows[0].key[0]
    body = _collection([_record(row) for row in rows])
    if field == BY_ID:
        return Saving(body=body)
    return Saving(kind=_kind(rows[0]), external=field, body=body)


def saving_of_records(
    kind: str, records: Iterable[JsonObject], *, external: str = "", creates: bool = False
) -> Saving:
    """Records that carry their id or external id, or, where they are to be made, neither."""
    named: list[Json] = [{"attributes": {"type": kind}, **record} for record in records]
    body = _collection(named)
    return Saving(kind=kind if external else "", external=external, creates=creates, body=body)


def _collection(records: list[Json]) -> str:
    return dumps({"allOrNone": False, "records": records})


def query_of(rows: Sequence[Row], fields: Iterable[str]) -> str:
    """Tells these fields of the rows' records. All rows are of one kind and found by one field."""
    by = rows[0].key[0]
    names = ", ".join(dict.fromkeys((BY_ID, by, *fields)))
    keys = ", ".join(dict.fromkeys(f"'{row.key[1].translate(ESCAPES)}'" for row in rows))
    return f"SELECT {names} FROM {_kind(rows[0])} WHERE {by} IN ({keys})"


def queries_of(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows whose records one query can tell: of one kind, found by one field, of bounded length."""
    groups: dict[tuple[str, str, int], list[Row]] = {}
    lengths: dict[tuple[str, str], int] = {}
    for row in rows:
        what = (_kind(row), row.key[0])
        lengths[what] = lengths.get(what, 0) + len(row.key[1]) + KEY_MARKS
        groups.setdefault((*what, lengths[what] // KEYS_LENGTH_MAX), []).append(row)
    return list(groups.values())


def _record(row: Row) -> JsonObject:
    field, value = row.key
    name = "id" if field == BY_ID else field
    return {"attributes": {"type": _kind(row)}, name: value, **_nested(row.values)}


def _nested(values: JsonObject) -> JsonObject:
    """A parent named by an external id is a record in the record; without one there is none."""
    found: JsonObject = {}
    for path, value in values.items():
        name, _, field = path.partition(".")
        found[name] = {field: value} if field and value is not None else value
    return found


def _kind(row: Row) -> str:
    return row.command.target.kind


def _parts(rows: Sequence[Row]) -> Iterable[Sequence[Row]]:
    return (rows[at : at + RECORDS_MAX] for at in range(0, len(rows), RECORDS_MAX))
