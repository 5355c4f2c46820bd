"""A sales order is told twice: to the deal it came from, line by line where goods or bills moved,
and as a transaction's row."""

from dataclasses import replace

from kernel.messages import Result
from kernel.values import Document
from transform.domain import backwards, mirror, sold_lines, survivors
from transform.domain.decisions import Decision
from transform.domain.facts import Case, Facts, Policy, Wanted, with_link
from transform.domain.survivors import Survivor


def wanted(case: Case, policy: Policy) -> Wanted:
    lines = Wanted(targets=sold_lines.targets(case.change.document or Document()))
    return backwards.wanted(case, policy) | mirror.wanted(case, policy) | lines


def decide(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision:
    """A released order waited for its row alone: the rest was told in its first round."""
    survivor = survivors.by_order(case, document, facts, policy)
    if survivor.link:
        facts = with_link(facts, survivor.link)
    if case.round:
        return mirror.decide(case, document, facts, policy)
    told = backwards.decide(case, document, facts, policy)
    for link in told.links:
        facts = with_link(facts, link)
    lines = sold_lines.commands(case, document, facts, policy)
    told = replace(told, commands=(*told.commands, *lines))
    row = mirror.decide(case, document, facts, policy)
    return _with_survivor(_together(told, row), survivor)


def _with_survivor(told: Decision, survivor: Survivor) -> Decision:
    if survivor is survivors.NOTHING:
        return told
    commands = (*told.commands, *survivor.commands)
    waits = told.outcome is not None and not told.outcome.result.is_final
    return replace(
        told,
        commands=commands,
        links=(*told.links, *((survivor.link,) if survivor.link else ())),
        unlinks=(*told.unlinks, *survivor.unlinks),
        references=(*told.references, *survivor.references),
        closes=(*told.closes, *survivor.closes),
        merged=(*told.merged, *survivor.merged),
        outcome=None if survivor.commands and not waits else told.outcome,
    )


def _together(told: Decision, row: Decision) -> Decision:
    commands = (*told.commands, *row.commands)
    outcomes = [one.outcome for one in (told, row) if one.outcome]
    waits = next((outcome for outcome in outcomes if not outcome.result.is_final), None)
    ends = min(outcomes, key=lambda o: o.result is Result.FILTERED, default=None)
    return replace(
        row,
        commands=commands,
        links=(*told.links, *row.links),
        outcome=waits or (None if commands else ends),
    )
