"""What a decision can say, and the small builders that every kind of decision uses."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from kernel.identity import command_id, outcome_id
from kernel.messages import Alert, Outcome, Result, Subject, Version, WriteCommand
from kernel.records import RecordRef, System
from kernel.values import Document, Fields, value_hash
from transform.domain.facts import LINES, Case, Cause, Facts, Link, Policy, RateUse, Reference
from transform.domain.likeness import Entry
from transform.domain.refunds.credits import Credit
from transform.domain.reviews import Review


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """All that follows from one change. Stored in one transaction, then produced."""

    case: Case
    commands: tuple[WriteCommand, ...] = ()
    outcome: Outcome | None = None
    """Final or waiting; None while commands are under way."""
    reserves: tuple[Link, ...] = ()
    """Links that must be ours before the first call. Lost to another: decide again."""
    links: tuple[Link, ...] = ()
    """Links that are known to be true now."""
    unlinks: tuple[RecordRef, ...] = ()
    references: tuple[Reference, ...] = ()
    credits: tuple[Credit, ...] = ()
    """What counts against billed documents from now on. Another was quicker: decide again."""
    uncredits: tuple[RecordRef, ...] = ()
    """Steps whose credits do not count any more: nothing was made of them."""
    voids: tuple[RecordRef, ...] = ()
    """Steps whose document was undone: it counts no more, and is not made again."""
    forgets: tuple[RecordRef, ...] = ()
    """Salesforce records that are removed: what was written to them counts no more."""
    keeps: bool = False
    """The document is kept for the decisions of others; where it is gone, so is what was kept."""
    seen: Mapping[tuple[RecordRef, str], str] = field(default_factory=dict)
    """What is to be remembered of a target beside what was written to it."""
    entries: tuple[Entry, ...] = ()
    """Who is to be recognised from now on."""
    reviews: tuple[Review, ...] = ()
    merged: tuple[str, ...] = ()
    """Reviews of two customers that NetSuite made one."""
    nudges: tuple[RecordRef, ...] = ()
    """What may hold now because of this; whoever waits on it is looked at again."""
    retries: tuple[RecordRef, ...] = ()
    """What was refused and is tried again: whoever waits on it is decided again in any case."""
    closes: tuple[Outcome, ...] = ()
    """Changes that waited and end now: older ones of the same document that are overtaken, or one
    whose question has answered itself."""
    raises: tuple[Alert, ...] = ()
    """Told once: an alert whose subject is raised already is not raised again."""
    clears: tuple[str, ...] = ()
    """Subjects of alerts that end, unless something still waits on what they are about."""
    rate_use: RateUse | None = None
    """The rate at which the document was booked."""


def ended(
    cause: Cause,
    result: Result,
    code: str,
    *,
    params: Fields | None = None,
    path: tuple[str, ...] = (),
    waits_on: RecordRef | None = None,
    map_hash: str = "",
) -> Outcome:
    """The outcome of a change: final, or `parked` with what it waits on."""
    return Outcome(
        id=outcome_id(Subject.CHANGE, cause.event_id, "", cause.round, result, code),
        subject=Subject.CHANGE,
        event_id=cause.event_id,
        origin=cause.origin,
        round=cause.round,
        ref=cause.ref,
        result=result,
        code=code,
        params=params or {},
        path=path,
        version=cause.version,
        waits_on=waits_on,
        map_hash=map_hash,
    )


def ends(case: Case, result: Result, code: str, params: Fields, policy: Policy) -> Decision:
    outcome = ended(case.cause, result, code, params=params, map_hash=policy.maps.hash)
    return Decision(case=case, outcome=outcome)


def command(
    cause: Cause,
    *,
    source: RecordRef,
    target: RecordRef,
    part: str,
    version: Version,
    document: Document,
    map_hash: str,
    reads_back: tuple[str, ...] = (),
) -> WriteCommand:
    return WriteCommand(
        id=command_id(cause.event_id, target, part, document, cause.round),
        event_id=cause.event_id,
        origin=cause.origin,
        round=cause.round,
        source=source,
        target=target,
        part=part,
        version=version,
        document=document,
        reads_back=reads_back,
        map_hash=map_hash,
    )


def news_for(
    target: RecordRef, document: Document, case: Case, facts: Facts, policy: Policy, *, part: str
) -> WriteCommand | None:
    """The command that brings the target up to date; None where it holds all of the document."""
    to_write = changed_only(document, target, facts)
    if is_empty(to_write):
        return None
    return command(
        case.cause,
        source=case.change.ref,
        target=target,
        part=part,
        version=case.change.version,
        document=to_write,
        map_hash=policy.maps.hash,
    )


def hashes(document: Document) -> dict[str, str]:
    """Field → hash of its value; the lines of a list count as one field."""
    fields = {name: value_hash(value) for name, value in document.fields.items()}
    lines = {f"{LINES}{name}": lines_hash(lines) for name, lines in document.lines.items()}
    return fields | lines


def names_of(document: Document) -> tuple[str, ...]:
    """Of its fields, and of its lists, which count as one field each."""
    return (*document.fields, *(f"{LINES}{name}" for name in document.lines))


def lines_hash(lines: tuple[Fields, ...]) -> str:
    joined = "|".join(
        ",".join(f"{name}={value_hash(line[name])}" for name in sorted(line)) for line in lines
    )
    return value_hash(joined)


def changed_only(document: Document, target: RecordRef, facts: Facts) -> Document:
    """The fields and lists that differ from what was last written to the target, or of which it
    is not known yet what will stand there."""
    wanted = hashes(document)
    differs = {
        name
        for name, digest in wanted.items()
        if facts.applied.get((target, name)) != digest or (target, name) in facts.under_way
    }
    return Document(
        {name: value for name, value in document.fields.items() if name in differs},
        {name: lines for name, lines in document.lines.items() if f"{LINES}{name}" in differs},
    )


def kept_refs(decision: Decision) -> tuple[RecordRef, ...]:
    """The NetSuite record whose document others may wait on and can read from now on."""
    change = decision.case.change
    is_there = decision.keeps and change.document is not None
    return (change.ref,) if is_there and change.ref.system is System.NETSUITE else ()


def is_empty(document: Document) -> bool:
    return not document.fields and not document.lines
