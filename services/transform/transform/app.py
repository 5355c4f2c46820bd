"""The shell of this service: fetch facts for a batch, decide, store, send; then release."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from typing import TypeGuard, TypeVar

from kernel.codec import Codec
from kernel.errors import PermanentError, RetryableError
from kernel.headers import CORRELATION, SUBJECT_KIND
from kernel.identity import outcome_id, undecodable_event_id
from kernel.messages import (
    ChangeEvent,
    ChangeKind,
    Message,
    Operation,
    Outcome,
    Result,
    Subject,
    WriteCommand,
)
from kernel.records import RecordRef, System, netsuite
from kernel.topics import CHANGES
from runtime import logs, names
from runtime.records import Record
from runtime.telemetry import Telemetry
from transform.domain.decisions import Decision, ended, kept_refs
from transform.domain.endings import Conclusion, Ending, conclude
from transform.domain.facts import Case, Cause, Facts, Policy, Wanted, joined
from transform.domain.notices import notice_of_progress
from transform.domain.reviews import Ruling, ruling_of
from transform.pipeline import decide, questions, turns, wanted, wanted_later
from transform.ports import Due, EventLog, Likenesses, Outbox, Producer, State

DECISION_ROUNDS_MAX = 10
LATER_ROUNDS_MAX = 20
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    state: State
    outbox: Outbox
    producer: Producer
    events: EventLog
    likenesses: Likenesses
    codec: Codec
    policy: Policy
    telemetry: Telemetry


@dataclass(frozen=True, slots=True)
class Seen:
    """A record with the message in it."""

    record: Record
    message: Message


async def handle(parts: Parts, records: Sequence[Record]) -> None:
    """Every change of the batch decided, every ended command concluded, all of it sent."""
    news = [record for record in records if not _is_told_by_us(record)]
    seen = [Seen(record, parts.codec.decode(record.value)) for record in news]
    with ExitStack() as spans:
        parents = {_event_of(item.message): _step(parts, item, spans) for item in seen}
        await _handle(parts, seen, parents)


def _step(parts: Parts, item: Seen, spans: ExitStack) -> str:
    """The traceparent of this record's part in its change's story."""
    event_id, topic = _event_of(item.message), item.record.coordinates.topic
    span = parts.telemetry.span(names.SPAN_DECIDE, event_id, item.record.traceparent, topic=topic)
    return spans.enter_context(span).traceparent


async def _handle(parts: Parts, seen: Sequence[Seen], parents: Mapping[str, str]) -> None:
    outcomes = [m for m in (item.message for item in seen) if _ends_a_command(m)]
    for group in _apart(outcomes, lambda outcome: outcome.event_id):
        await _conclude(parts, group, parents)
    cases = [
        Case(change=item.message, origin=item.record.coordinates, record=item.record.value)
        for item in seen
        if isinstance(item.message, ChangeEvent)
    ]
    for some in (group for part in turns(cases) for group in _apart(part, _name_of)):
        await _decide(parts, some, parents)
    for message in (item.message for item in seen):
        if isinstance(message, Operation) and (ruling := ruling_of(message)):
            await _obey(parts, ruling, parents)


async def _obey(parts: Parts, ruling: Ruling, parents: Mapping[str, str]) -> None:
    """What waits for the account is decided again; a ruling that came too late changes nothing."""
    review = await parts.state.rule(ruling)
    if review is None or review.operation_id != ruling.operation.id:
        said = "there is no such review" if review is None else f"{review.actor} settled it before"
        logs.info(names.RULING_IGNORED, said, review=ruling.review, operation=ruling.operation.id)
        return
    await _again_all(parts, await parts.state.waiting([review.awaited]), parents)


async def recover(parts: Parts) -> None:
    """Send what an earlier life stored and did not send, then see what waits without need."""
    await _send(parts, await parts.outbox.due())
    await sweep(parts)


async def sweep(parts: Parts) -> None:
    """Release whatever waits on something that holds by now."""
    await _release(parts, await parts.state.awaited(), {})


async def tell_late(parts: Parts, after_s: float) -> None:
    """Records whose write takes long say so; how it ends is said over it."""
    say = partial(notice_of_progress, policy=parts.policy)
    await _send(parts, await parts.state.say_late(after_s, say))


async def broken(parts: Parts, record: Record, error: Exception) -> None:
    """A record that can never be handled ends as dead and points at itself in the log."""
    decision = _dead(parts, record, error)
    if isinstance(decision, Decision):
        stored = await parts.state.store([decision], {})
        await _send(parts, stored.due)
    else:
        await parts.producer.send([decision], parents={})


async def _conclude(parts: Parts, outcomes: Sequence[Outcome], parents: Mapping[str, str]) -> None:
    due = await parts.state.conclude(outcomes, partial(_conclusions, parts.policy), parents)
    await _send(parts, due)
    sources = [outcome.ref for outcome in outcomes if outcome.ref is not None]
    made = [outcome.target for outcome in outcomes if outcome.target and _is_made(outcome.target)]
    await _release(parts, [*sources, *made], parents)


def _is_made(target: RecordRef) -> bool:
    """A record that others may wait for by its external id: a Salesforce row by the id that
    NetSuite gave it, a sales order or an estimate whose deal was lost on the way."""
    is_row = target.system is System.SALESFORCE or target.kind in {"salesOrder", "estimate"}
    return is_row and target.external_id is not None


def _conclusions(policy: Policy, endings: Sequence[Ending], facts: Facts) -> Sequence[Conclusion]:
    return [conclude(ending, facts, policy) for ending in endings]


async def _decide(parts: Parts, cases: Sequence[Case], parents: Mapping[str, str]) -> None:
    """Decide until no fact moved between the reading and the storing."""
    pending = list(cases)
    for _ in range(DECISION_ROUNDS_MAX):
        if not pending:
            return
        asked = Wanted.of_all(wanted(case, parts.policy) for case in pending)
        facts = await parts.state.facts(asked)
        fresh = [case for case in pending if case.round or case.change.id not in facts.known]
        facts = await _with_later(parts, fresh, facts)
        facts = await _with_likenesses(parts, fresh, facts)
        decisions = [decide(case, facts, parts.policy) for case in fresh]
        if not decisions:
            return
        stored = await parts.state.store(decisions, parents)
        await _send(parts, stored.due, _backfill(fresh))
        _keep_waiting(parts.events, decisions)
        await _release(parts, _made_true(decisions), parents)
        await _retry(parts, [ref for one in decisions for ref in one.retries], parents)
        pending = [case for case in fresh if case.change.id in stored.refused]
    raise RetryableError(f"facts moved during {DECISION_ROUNDS_MAX} decisions on one batch")


async def _with_later(parts: Parts, cases: Sequence[Case], facts: Facts) -> Facts:
    before = Wanted()
    for _ in range(LATER_ROUNDS_MAX):
        asked = Wanted.of_all(wanted_later(case, facts) for case in cases)
        if asked in {Wanted(), before}:
            break
        facts, before = joined(facts, await parts.state.facts(asked)), asked
    return facts


async def _with_likenesses(parts: Parts, cases: Sequence[Case], facts: Facts) -> Facts:
    """What can be asked only once the links are known: who an account may be."""
    asked = {item.ref: item for case in cases for item in questions(case, facts)}
    if not asked:
        return facts
    known = await parts.likenesses.of(list(asked.values()))
    return replace(
        facts,
        likenesses=known.likenesses,
        reviews=known.reviews,
        knows_all_customers=known.all_customers,
    )


async def _release(parts: Parts, refs: Iterable[RecordRef], parents: Mapping[str, str]) -> None:
    """Decide again, with today's facts, on the changes that waited for the refs."""
    asked = frozenset(refs)
    if asked:
        await _again_all(parts, await parts.state.releasable(asked), parents)


async def _retry(parts: Parts, refs: Sequence[RecordRef], parents: Mapping[str, str]) -> None:
    if refs:
        await _again_all(parts, await parts.state.waiting(refs), parents)


async def _again_all(parts: Parts, causes: Sequence[Cause], parents: Mapping[str, str]) -> None:
    if not causes:
        return
    events = await parts.events.read([cause.origin for cause in causes])
    cases = [_again(cause, events[cause.origin]) for cause in causes]
    for group in _apart(cases, lambda case: str(case.change.ref)):
        await _decide(parts, group, parents)


def _keep_waiting(events: EventLog, decisions: Sequence[Decision]) -> None:
    """Most of what waits is released within moments; its event need not be fetched again."""
    for decision in decisions:
        if decision.outcome and not decision.outcome.result.is_final:
            events.keep(decision.case.origin, decision.case.change)


def _again(cause: Cause, change: ChangeEvent) -> Case:
    return Case(change=change, origin=cause.origin, round=cause.round + 1)


async def _send(parts: Parts, due: Sequence[Due], backfill: Collection[str] = ()) -> None:
    if not due:
        return
    parents = {_event_of(item.message): item.parent for item in due if item.parent}
    await parts.producer.send(
        [item.message for item in due],
        parents=parents,
        backfill=backfill,
        bodies=[item.body for item in due],
    )
    await parts.outbox.sent(due)


def _backfill(cases: Iterable[Case]) -> frozenset[str]:
    """Changes of Salesforce that no notice brought, such as a sweep after an overflow. What an
    earlier life left to send has lost this mark, and only waits for nothing."""
    return frozenset(
        case.change.id
        for case in cases
        if case.change.kind is ChangeKind.SNAPSHOT and case.change.ref.system is System.SALESFORCE
    )


def _made_true(decisions: Sequence[Decision]) -> Iterator[RecordRef]:
    for decision in decisions:
        linked = (link for link in (*decision.links, *decision.reserves) if link.netsuite_id)
        yield from (link.source for link in linked)
        yield from decision.nudges
        yield from (netsuite(item.kind, item.key) for item in decision.references)
        yield from kept_refs(decision)


def _is_told_by_us(record: Record) -> bool:
    """How a change stands is what this service itself says: nothing follows from it here."""
    return record.headers.get(SUBJECT_KIND) == Subject.CHANGE


def _ends_a_command(message: Message) -> TypeGuard[Outcome]:
    return isinstance(message, Outcome) and message.subject is Subject.COMMAND


def _event_of(message: Message) -> str:
    """The change a message belongs to; an operation stands for itself."""
    return message.event_id if isinstance(message, Outcome | WriteCommand) else message.id


def _name_of(case: Case) -> str:
    return str(case.change.ref)


def _apart(items: Sequence[Item], key: Callable[[Item], str]) -> list[list[Item]]:
    """Groups in which no key comes twice; the order of one key's items stays."""
    groups: list[list[Item]] = []
    seen: Counter[str] = Counter()
    for item in items:
        place = seen[key(item)]
        if place == len(groups):
            groups.append([])
        groups[place].append(item)
        seen[key(item)] += 1
    return groups


def _dead(parts: Parts, record: Record, error: Exception) -> Decision | Outcome:
    """What says that a record is dead: of its change where it can be read, else of the bytes."""
    place = record.coordinates
    try:
        message = parts.codec.decode(record.value)
    except PermanentError as unreadable:
        return _undecodable(record, str(unreadable))
    params = {"record": str(place), "detail": type(error).__name__}
    if isinstance(message, ChangeEvent):
        case = Case(change=message, origin=place)
        outcome = ended(case.cause, Result.DEAD, "UNEXPECTED", params=params)
        return Decision(case=case, outcome=outcome)
    return _undecodable(record, type(error).__name__)


def _undecodable(record: Record, detail: str) -> Outcome:
    place = record.coordinates
    numbers = (place.topic, place.partition, place.offset)
    own_id = undecodable_event_id(*numbers)
    is_change = place.topic in CHANGES.values()
    event_id = (record.headers.get(CORRELATION) if is_change else None) or own_id
    subject, code = (Subject.CHANGE if is_change else Subject.COMMAND), "UNDECODABLE"
    return Outcome(
        id=outcome_id(subject, event_id, "", 0, Result.DEAD, code),
        subject=subject,
        event_id=event_id,
        origin=place,
        ref=None,
        result=Result.DEAD,
        code=code,
        params={"coordinates": str(place), "detail": detail},
    )
