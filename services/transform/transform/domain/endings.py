"""How the end of a command moves its change on: told back, waiting, or ended."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from kernel.messages import Outcome, Result, WriteCommand
from kernel.records import RecordRef, System
from transform.domain import notices, quotes, vanished
from transform.domain.backwards import read_back_version, telling
from transform.domain.deals import step_of
from transform.domain.decisions import ended, hashes
from transform.domain.facts import Cause, Facts, Link, Policy
from transform.domain.last_sync import remembered
from transform.domain.mirror_rows import GONE, ROW, ROW_KEY, row_link
from transform.domain.newer import newer_than
from transform.domain.ownership import (
    in_part,
    known_refused,
    labels,
    refused_fields,
    refused_in_part,
    rejected,
)
from transform.domain.prices import PRODUCT, sold_link
from transform.domain.refunds import telling as refunds

STOPPED = frozenset({Result.DEAD, Result.PARKED, Result.REVIEW})
WORKED = frozenset({Result.APPLIED, Result.UNCHANGED})
BEST_FIRST = (Result.APPLIED, Result.UNCHANGED, Result.SUPERSEDED)
CODES = {
    Result.APPLIED: "APPLIED",
    Result.UNCHANGED: "UNCHANGED",
    Result.SUPERSEDED: "SUPERSEDED",
}


class ChangeState(StrEnum):
    OPEN = "open"
    PARKED = "parked"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A command that ended, and how its change and its siblings stand at that moment."""

    outcome: Outcome
    command: WriteCommand
    cause: Cause
    state: ChangeState
    open_siblings: int
    """Other commands of the change that are still under way."""
    sibling_results: frozenset[Result]
    """How the others ended; notices do not count."""
    waiting: tuple[Cause, ...] = ()
    """Other changes that wait for the record this command was to make."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """What follows. Stored in the transaction that read the ending, then produced."""

    ending: Ending
    applied: Mapping[str, str]
    """Field of the command's target → hash of what was written there."""
    seen: Mapping[tuple[RecordRef, str], str] = field(default_factory=dict)
    """What is to be remembered of the target beside what was written to it."""
    forgets: RecordRef | None = None
    """Removed: what was written to it counts no more."""
    link: Link | None = None
    follow_up: WriteCommand | None = None
    """What is told to the record the change came from: the numbers, or why it is held."""
    outcome: Outcome | None = None
    """The change's own, where it ended or waits now."""
    refusal: Outcome | None = None
    """To be kept with the link: why the counterpart could not be made."""
    voided: RecordRef | None = None
    """The step of a refund whose credit was undone."""
    others: tuple[Outcome, ...] = ()
    """Of the changes that wait for the same record: they wait on, and now it is known why."""
    notices: tuple[WriteCommand, ...] = ()
    """What is told to the records of those others."""


def in_turns(outcomes: Sequence[Outcome]) -> list[list[Outcome]]:
    """Groups in which no change comes twice. Those of one target stay in the order in which they
    were written: the last one says what stands there."""
    groups: list[list[Outcome]] = []
    changes: dict[str, int] = {}
    targets: dict[RecordRef | None, int] = {}
    for outcome in outcomes:
        place = max(changes.get(outcome.event_id, -1) + 1, targets.get(outcome.target, 0))
        if place == len(groups):
            groups.append([])
        groups[place].append(outcome)
        changes[outcome.event_id] = targets[outcome.target] = place
    return groups


def conclude(ending: Ending, facts: Facts, policy: Policy) -> Conclusion:
    outcome, command = ending.outcome, ending.command
    worked = outcome.result in WORKED
    applied = hashes(command.document) if worked else {}
    seen = _remembered(ending, applied) if worked else {}
    told = _told(ending, facts, policy) if worked else None
    told = told or vanished.without_deals(ending.cause, outcome, command, facts, policy)
    end = _change_outcome(ending, told, facts, policy)
    others = tuple(_waits_on(cause, ending, policy) for cause in ending.waiting)
    said = (
        notices.notice_of_stop(cause, other, facts, policy)
        for cause, other in zip(ending.waiting, others, strict=True)
    )
    return Conclusion(
        ending=ending,
        applied=applied,
        seen=seen,
        forgets=command.target if worked and command.part.endswith(GONE) else None,
        link=_link(outcome, command) if worked else None,
        follow_up=told or _said(ending, end, facts, policy),
        outcome=end,
        voided=refunds.voided_by(command) if worked else None,
        refusal=outcome if refuses_a_record(outcome, command) else None,
        others=others,
        notices=tuple(notice for notice in said if notice),
    )


def _said(
    ending: Ending, end: Outcome | None, facts: Facts, policy: Policy
) -> WriteCommand | None:  # fmt: skip
    """What its record is told of how the change stands now."""
    if ending.outcome.result is Result.SUPERSEDED:
        return notices.notice_of_overtaken(ending.cause, ending.command, facts, policy)
    if end is None:
        return None
    said = notices.notice_of_stop(ending.cause, end, facts, policy)
    is_stop = end.result in STOPPED
    if said or not is_stop:
        return said or notices.notice_of_end(ending.cause, end, ending.command, facts, policy)
    return refunds.told_of_stop(ending.cause, end, ending.command, facts, policy)


def _remembered(ending: Ending, applied: Mapping[str, str]) -> Mapping[tuple[RecordRef, str], str]:
    """Beside what was written to the target: the same under the name it has from now on."""
    outcome, command = ending.outcome, ending.command
    target = _named_from_now_on(outcome, command)
    renamed = {} if target == command.target else {(target, n): h for n, h in applied.items()}
    refused = refused_in_part(ending.cause, refused_fields(ending.cause, command, outcome))
    return {**renamed, **remembered(target, command.document), **refused}


def refuses_a_record(outcome: Outcome, command: WriteCommand) -> bool:
    """Whether others may be waiting for what this command could not make."""
    target = command.target
    to_netsuite = target.system is System.NETSUITE and target.external_id is not None
    return outcome.result in STOPPED and to_netsuite


def _waits_on(cause: Cause, ending: Ending, policy: Policy) -> Outcome:
    outcome = ending.outcome
    return ended(
        cause,
        Result.PARKED,
        outcome.code,
        params=outcome.params,
        path=(f"{ending.command.source} was refused: {outcome.code}",),
        waits_on=ending.command.source,
        map_hash=policy.maps.hash,
    )


def _link(outcome: Outcome, command: WriteCommand) -> Link | None:
    if command.target.system is System.SALESFORCE:
        return _row_link(command)
    external_id = command.target.external_id
    if external_id is None or outcome.written is None:
        return None
    return Link(
        source=command.source,
        kind=command.target.kind,
        external_id="" if command.target.mark else external_id,
        netsuite_id=outcome.written.id,
    )


def _named_from_now_on(outcome: Outcome, command: WriteCommand) -> RecordRef:
    """A field that bears a mark can be emptied or copied by anybody: once the id is known, it
    alone counts."""
    return outcome.written if command.target.mark and outcome.written else command.target


def _row_link(command: WriteCommand) -> Link | None:
    """A transaction's row or an item's product stands now, and what waits for it can follow."""
    if command.target.kind == PRODUCT:
        return sold_link(command.target, command.source)
    found = command.target.kind == ROW and not command.part.endswith(GONE)
    key = (command.target.external_id or "").removeprefix(f"{ROW_KEY}:")
    return row_link(key, stands=True) if found else None


def _told(ending: Ending, facts: Facts, policy: Policy) -> WriteCommand | None:
    """What NetSuite said of the record it wrote is told to the record it came from."""
    outcome, command = ending.outcome, ending.command
    if outcome.written is None or outcome.read_back is None:
        return None
    if command.target.system is not System.NETSUITE:
        return None
    version = read_back_version(outcome.read_back)
    if refunds.tells(command):
        return refunds.told(ending.cause, command, outcome.read_back, version, facts, policy)
    if command.target.kind == quotes.ESTIMATE:
        return quotes.told(ending.cause, command, outcome.read_back, version, facts, policy)
    return telling(
        ending.cause,
        outcome.written,
        command.source,
        outcome.read_back,
        version,
        facts,
        policy,
        confirms=True,
    )


def _change_outcome(
    ending: Ending, told: WriteCommand | None, facts: Facts, policy: Policy
) -> Outcome | None:
    is_notice = ending.command.part == notices.PART
    if ending.state is ChangeState.ENDED or is_notice:
        is_last = is_notice and not ending.open_siblings
        return _last(ending, facts, policy) if is_last else None
    is_gone = vanished.is_gone(ending.outcome, ending.command)
    if ending.outcome.result in STOPPED and not told and not is_gone:
        return _overtaken(ending, facts, policy) or _stopped(ending, facts, policy)
    if told or ending.open_siblings or ending.state is ChangeState.PARKED:
        return None
    return _last(ending, facts, policy)


def _overtaken(ending: Ending, facts: Facts, policy: Policy) -> Outcome | None:
    """A newer version was decided on meanwhile: nobody has to help this one."""
    cause, latest = ending.cause, facts.latest.get(ending.cause.ref)
    if latest is None or latest <= cause.version:
        return None
    path = (f"command {ending.command.id} ended: {ending.outcome.code}", f"{latest} came meanwhile")
    return ended(cause, Result.SUPERSEDED, "SUPERSEDED", path=path, map_hash=policy.maps.hash)


def _stopped(ending: Ending, facts: Facts, policy: Policy) -> Outcome:
    """A command that a person must help stops its change, with the command's own sentence."""
    command, outcome = ending.command, ending.outcome
    is_told = command.target.system is System.SALESFORCE
    is_own = is_told or command.source == step_of(ending.cause.ref)
    return ended(
        ending.cause,
        outcome.result,
        outcome.code,
        params=outcome.params,
        path=(f"command {command.id} to {command.target} ended: {outcome.code}",),
        waits_on=ending.cause.ref if is_own else _awaited(ending, facts),
        map_hash=policy.maps.hash,
    )


def _awaited(ending: Ending, facts: Facts) -> RecordRef:
    """What was to be undone may be undone by hand, which is a newer reading of it."""
    target = ending.command.target
    if not refunds.undoes(ending.command) or target not in facts.latest:
        return ending.command.source
    return newer_than(target, facts.latest[target])


def _put_right(ending: Ending) -> bool:
    """Whether the owner's values went back to the very NetSuite record that was changed."""
    outcome, ref = ending.outcome, ending.cause.ref
    return (
        outcome.result is Result.APPLIED
        and ref.system is System.NETSUITE
        and outcome.written == ref
    )


def _last(ending: Ending, facts: Facts, policy: Policy) -> Outcome | None:
    """The change's end once its last command has ended: as well as its best command."""
    if ending.state is not ChangeState.OPEN:
        return None
    results = set(ending.sibling_results)
    if ending.command.part != notices.PART:
        results.add(ending.outcome.result)
    best = next((result for result in BEST_FIRST if result in results), None)
    if best is None:
        is_gone = Result.PARKED in results
        return vanished.end(ending.cause, ending.command.target, policy) if is_gone else None
    if _put_right(ending) and not ending.sibling_results:
        return rejected(ending.cause, ending.command.document.fields, policy)
    now = labels(refused_fields(ending.cause, ending.command, ending.outcome))
    refused = now or known_refused(ending.cause, facts)
    if refused and best is Result.APPLIED:
        return in_part(ending.cause, refused, policy)
    return ended(ending.cause, best, CODES[best], map_hash=policy.maps.hash)
