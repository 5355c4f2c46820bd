"""Reads a golden file, decides on its event, and says what follows as the file says it."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from kernel.exact_json import Json, dumps, loads
from kernel.maps import Reading, readings_of
from kernel.messages import ChangeKind, Outcome, WriteCommand
from kernel.money import Money
from kernel.records import RecordRef, System
from kernel.sentences import say
from kernel.values import Document, Fields, Sealed, Value
from netsuite_writer.domain.fields import without
from netsuite_writer.domain.planning import plan_of
from netsuite_writer.ports import Saving
from runtime.maps import load_reasons
from runtime.netsuite_account import SUBSIDIARY
from tests.builders import POLICY, case, change, facts
from tests.fakes import opened
from transform.domain.facts import Facts, Link, Reference
from transform.pipeline import decide

GOLDEN = Path(__file__).parent
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?\+00:00")
MARK = b"sealed:"
ABSENT = {"single-subsidiary": frozenset({SUBSIDIARY})}
"""What an account of a profile does not have; the writer asks the account and leaves it out."""

Given = Mapping[str, Any]  # a file's shape is this module's to know
Then = dict[str, Json]

MAPS = replace(POLICY.maps, maps=tuple(replace(one, enabled=True) for one in POLICY.maps.maps))
"""Also those that ship switched off."""


@dataclass(frozen=True, slots=True)
class Golden:
    path: Path
    given: Given
    then: Json
    about: str

    @property
    def name(self) -> str:
        return str(self.path.relative_to(GOLDEN))

    @property
    def absent(self) -> frozenset[str]:
        found = (fields for ending, fields in ABSENT.items() if self.path.stem.endswith(ending))
        return next(found, frozenset())


def golden_files() -> list[Golden]:
    return [read(path) for path in sorted(GOLDEN.glob("*/*.json"))]


def read(path: Path) -> Golden:
    whole: Any = json.loads(path.read_text(), parse_float=Decimal, parse_int=Decimal)
    return Golden(path, whole["given"], whole.get("then"), whole["about"])


def what_follows(golden: Golden) -> Then:
    """In the file's own form, so that it can be compared and written."""
    given = golden.given
    ref = RecordRef.parse(given["event"]["ref"])
    event = change(ref, _document(ref, given["event"]), kind=ChangeKind(given["event"]["kind"]))
    decision = decide(
        case(event), _facts(given), replace(POLICY, maps=MAPS, reasons=load_reasons())
    )
    then: Then = {"commands": [_command(command, golden.absent) for command in decision.commands]}
    then["outcome"] = _outcome(decision.outcome) if decision.outcome else None
    then["links"] = [f"{link.source} = {link.kind} {link.netsuite_id}" for link in decision.links]
    return then


def write(golden: Golden) -> None:
    told: Then = {"about": golden.about, "given": dict(golden.given), "then": what_follows(golden)}
    text = dumps(told)
    pretty = json.dumps(json.loads(text, parse_float=_Exact), indent=2, ensure_ascii=False)
    golden.path.write_text(pretty + "\n")


class _Exact(float):
    """A number that is written as it was read."""

    def __new__(cls, text: str) -> "_Exact":
        return super().__new__(cls, text)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def _document(ref: RecordRef, event: Given) -> Document:
    reading = readings_of(MAPS, ref.system)[ref.kind]
    fields = _fields(event["fields"])
    subject = f"{reading.subject.kind}:{fields.get(reading.subject.id)}" if reading.subject else ""
    return Document(
        _sealed(fields, _personal(reading), subject, ref.kind),
        {
            name: tuple(
                _sealed(_fields(line), reading.personal_lines.get(name, ()), subject, name)
                for line in some
            )
            for name, some in event.get("lines", {}).items()
        },
    )


def _personal(reading: Reading) -> set[str]:
    found = set(reading.personal)
    for path, inner in reading.embedded.items():
        found |= {f"{path}.{name}" for name in _personal(inner)}
    return found


def _sealed(fields: Fields, personal: Iterable[str], subject: str, kind: str) -> Fields:
    return {
        name: Sealed(subject, _path(kind, name), 1, MARK + str(value).encode())
        if name in personal and value is not None
        else value
        for name, value in fields.items()
    }


def _path(kind: str, name: str) -> str:
    return name if "." in name else f"{kind}.{name}"


def _fields(items: Given) -> dict[str, Value]:
    return {name: _value(item) for name, item in items.items()}


def _value(item: Any) -> Value:
    if isinstance(item, str) and DAY.fullmatch(item):
        return date.fromisoformat(item)
    if isinstance(item, str) and MOMENT.fullmatch(item):
        return datetime.fromisoformat(item)
    if item is None or isinstance(item, bool | str | Decimal):
        return item
    raise ValueError(f"{item!r} is not a value of a golden file")


def _facts(given: Given) -> Facts:
    links = [
        Link(
            source=RecordRef.parse(item["source"]),
            kind=item["kind"],
            external_id=item.get("external_id", ""),
            netsuite_id=item["netsuite_id"],
        )
        for item in given.get("links", ())
    ]
    known = facts(*links)
    bodies = {
        (ref := RecordRef.parse(item["ref"])): _document(ref, item)
        for item in given.get("bodies", ())
    }
    more = {
        (item["kind"], item["key"]): Reference(
            kind=item["kind"], id=item["id"], key=item["key"], fields=item.get("fields", {})
        )
        for item in given.get("references", ())
    }
    return replace(known, references={**known.references, **more}, bodies=bodies)


def _command(command: WriteCommand, absent: frozenset[str]) -> Then:
    told: Then = {
        "target": str(command.target),
        "part": command.part,
        "fields": _told(command.document.fields),
        "lines": {
            name: [_told(line) for line in some] for name, some in command.document.lines.items()
        },
        "reads_back": list(command.reads_back),
    }
    if command.target.system is System.NETSUITE:
        told["body"] = _body(command, absent)
    return told


def _body(command: WriteCommand, absent: frozenset[str]) -> Json:
    """What NetSuite gets where the record does not stand there yet."""
    document = Document(
        {name: opened(value) for name, value in command.document.fields.items()},
        {
            name: tuple({key: opened(value) for key, value in line.items()} for line in some)
            for name, some in command.document.lines.items()
        },
    )
    plan = plan_of(command, without(document, absent), None)
    return loads(plan.body) if isinstance(plan, Saving) else {"held": plan.code}


def _outcome(outcome: Outcome) -> Then:
    return {
        "result": outcome.result,
        "code": outcome.code,
        "says": say(outcome.code, outcome.params, lambda sealed: str(opened(sealed))),
        "waits_on": str(outcome.waits_on) if outcome.waits_on else None,
    }


def _told(fields: Fields) -> Then:
    return {name: _plain(value) for name, value in fields.items()}


def _plain(value: Value) -> Json:
    match value:
        case Sealed():
            return {"sealed": str(opened(value))}
        case Money():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case _:
            return value
