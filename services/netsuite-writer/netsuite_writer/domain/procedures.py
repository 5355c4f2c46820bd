"""Documents that NetSuite makes from others, and credits that are undone: more than one saving.

A document that starts from another one is made once, by its external id: where it stands, it is
the one that was wanted, and the accounts are NetSuite's from then on.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from kernel.exact_json import Json, dumps
from kernel.messages import WriteCommand
from kernel.money import MINOR_UNITS_DEFAULT
from kernel.records import RecordRef, netsuite
from kernel.values import Document, Fields
from netsuite_writer.domain.comparing import lines_of
from netsuite_writer.domain.requests import JsonObject, body_of
from netsuite_writer.ports import Saving

START_ID, START_KIND, START_LINE = "createdFrom.id", "createdFrom.type", "createdFrom.line"
TAX = "taxAmount"
"""Of a line: how much tax it has. The codes are those of the line it starts from."""
VOIDED, VOIDED_STATUS = "voided", "V"
ITEMS, APPLIED, TAXES, TAX_LINE = "item", "apply", "taxDetails", "taxDetailsReference"
TAX_FIELDS = ("taxType", "taxCode", "taxRate")
NEW_LINE = "NEW_ITEM_"
UNIT = Decimal(1).scaleb(-MINOR_UNITS_DEFAULT)
ZERO = Decimal(0)


def source_of(command: WriteCommand) -> RecordRef | None:
    """The document that the target starts from; None for one that is saved by itself."""
    source, kind = (command.document.fields.get(name) for name in (START_ID, START_KIND))
    if not isinstance(source, str) or not isinstance(kind, str):
        return None
    return netsuite(kind, source)


def is_void(command: WriteCommand) -> bool:
    return command.document.fields.get(VOIDED) is True


def starting(
    command: WriteCommand, opened: Document, start: RecordRef, source: Mapping[str, Json]
) -> Saving:
    """The call that makes the target from `source`, which is `start` as NetSuite tells it."""
    fields = {
        name: value for name, value in opened.fields.items() if name not in {START_ID, START_KIND}
    }
    lists = {name: tuple(map(_sent, lines)) for name, lines in opened.lines.items()}
    body = body_of(Document(fields, lists))
    body["externalId"] = command.target.external_id
    taxes = list(_taxes(opened.lines.get(ITEMS, ()), source))
    if taxes:
        body |= {"taxDetailsOverride": True, TAXES: {"items": taxes}}
    return Saving(target=command.target, body=dumps(body), starts_from=start)


def undoing(command: WriteCommand, record: Mapping[str, Json]) -> Saving:
    """First the credit settles nothing any more, then it is void."""
    lines: list[Json] = [
        {"doc": {"id": _id_of(line.get("doc"))}, "apply": False}
        for line in lines_of(record, APPLIED)
        if line.get("apply") is True
    ]
    if not lines:
        return Saving(target=command.target, body="", voids=True)
    body: JsonObject = {APPLIED: {"items": lines}}
    return Saving(target=command.target, body=dumps(body), is_step=True)


def is_voided(record: Mapping[str, Json]) -> bool:
    return _id_of(record.get("status")) == VOIDED_STATUS


def _sent(line: Fields) -> Fields:
    return {name: value for name, value in line.items() if name not in {START_LINE, TAX}}


def _taxes(lines: Sequence[Fields], source: Mapping[str, Json]) -> Iterator[Json]:
    """For each line the tax details of the line it starts from, with its own amounts.

    None where the source has none: then there is no tax, or an engine of the account's reckons it.
    """
    references = {
        str(line.get("line")): _id_of(line.get(TAX_LINE)) for line in lines_of(source, ITEMS)
    }
    for place, line in enumerate(lines):
        reference = references.get(str(line.get(START_LINE)), "")
        details = [
            detail
            for detail in lines_of(source, TAXES)
            if reference and _id_of(detail.get(TAX_LINE)) == reference
        ]
        yield from _details(place, line, details)


def _details(
    place: int, line: Fields, details: Sequence[Mapping[str, Json]]
) -> Iterator[JsonObject]:
    """Several taxes of one line share its tax in their own proportion; the last takes the rest."""
    tax = _number(line.get(TAX))
    whole = sum((_number(detail.get(TAX)) for detail in details), ZERO)
    left = tax
    for number, detail in enumerate(details, start=1):
        share = tax * _number(detail.get(TAX)) / whole if whole else ZERO
        amount = left if number == len(details) else share.quantize(UNIT)
        left -= amount
        yield {
            TAX_LINE: {"id": f"{NEW_LINE}{place}"},
            **{name: detail[name] for name in TAX_FIELDS if detail.get(name) is not None},
            "taxBasis": _number(line.get("amount")),
            TAX: amount,
        }


def _id_of(value: Json) -> str:
    found = value.get("id") if isinstance(value, dict) else value
    return "" if found is None else str(found)


def _number(value: object) -> Decimal:
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    return Decimal(str(value)) if is_number else ZERO
