"""Tells the people in Salesforce that a record is held or waits, on the record itself."""

from collections.abc import Collection, Mapping

from kernel.messages import Outcome, Result, WriteCommand
from kernel.records import RecordRef, System
from kernel.sentences import Owner, owner_of, say
from kernel.values import Document, Fields, Sealed, value_hash
from transform.domain.decisions import changed_only, command, is_empty
from transform.domain.facts import Case, Cause, Facts, LinkStatus, Policy
from transform.domain.lifecycle import DELETED
from transform.domain.newer import is_newer

PART = "sync"
STATUS, MESSAGE, ASKED = "NS_Sync_Status__c", "NS_Sync_Message__c", "NS_Sync_Now__c"
WON = "IsWon"
MESSAGE_LENGTH_MAX = 2_000
PASSING = frozenset(
    {
        "CONTACT_WAITS",
        "PARENT_WAITS",
        "WAITS_FOR_CUSTOMER",
        "WAITS_FOR_REFERENCES",
        "CREDIT_UNDER_WAY",
        "EDIT_UNJUDGED",
        "ORDER_UNDER_WAY",
        "REFUND_UNDER_WAY",
        "QUOTE_UNDER_WAY",
    }
)
"""Codes of waits that end by themselves within moments: not worth a write."""
MOVING = PASSING - {"CONTACT_WAITS", "WAITS_FOR_REFERENCES"}
"""Those of them in which a write to NetSuite is under way."""
IN_PROGRESS = "In progress"
NOTHING, SYNCED = value_hash(None), value_hash("Synced")
PROGRESS: Fields = {STATUS: IN_PROGRESS, MESSAGE: None}
SAID = frozenset({Result.PARKED, Result.REVIEW, Result.REJECTED, Result.DEAD})
BY_RULE = "FILTERED_BY_RULE"
NOTICED = frozenset(
    {"Account", "Contact", "Opportunity", "Order", "Product2", "Quote", "NS_Refund_Request__c"}
)
PERSONAL_WORDS = {
    "Account.Name": "this account",
    "Opportunity.Name": "this opportunity",
    "Quote.Name": "this quote",
    "customer.companyName": "its name stands in the review",
    "customer.lastName": "its name stands in the review",
    "detail": "(the command `tallystick trace` with this record's id shows the reason)",
}
"""How a sealed value reads on the very record it is about."""


def notice(
    case: Case,
    outcome: Outcome | None,
    facts: Facts,
    policy: Policy,
    *,
    commands: Collection[WriteCommand] = (),
) -> WriteCommand | None:
    """The command that shows how the record stands; None where nothing new is to be said.

    `commands`: what else follows from the change. Nothing is said where one of them tells the
    record's author something already. That a write is under way is said to who asked for it: the
    box that was ticked is taken back in the same write.
    """
    if not _is_shown(case.cause):
        return None
    is_told = any(MESSAGE in sent.document.fields for sent in commands)
    to_write = Document() if is_told else _what_is_new(case.cause, outcome, facts)
    if not is_told and is_empty(to_write):
        to_write = _put_right(case.cause, outcome, facts)
    if _asked_for(case):
        is_moving = not is_told and _is_under_way(outcome, commands)
        fields = PROGRESS if is_moving else to_write.fields or _answer(case.cause, outcome, facts)
        to_write = Document({**fields, ASKED: False})
    return _command(case.cause, to_write, policy)


def notice_of_progress(cause: Cause, policy: Policy) -> WriteCommand:
    """That a write has been under way for long."""
    return command(
        cause,
        source=cause.ref,
        target=cause.ref,
        part=PART,
        version=cause.version,
        document=Document(PROGRESS),
        map_hash=policy.maps.hash,
    )


def shown_by(said: WriteCommand) -> Mapping[tuple[RecordRef, str], str]:
    """What is known to be shown from now on, before the write has ended: whatever ends the write
    that is under way compares with it, and says how it ended."""
    if said.document.fields.get(STATUS) != IN_PROGRESS:
        return {}
    return {(said.target, name): value_hash(value) for name, value in PROGRESS.items()}


def notice_of_stop(
    cause: Cause, outcome: Outcome, facts: Facts, policy: Policy
) -> WriteCommand | None:
    """The same once a command of the change was refused."""
    if not _is_shown(cause) or facts.applied.get((cause.ref, DELETED)):
        return None
    return _command(cause, _what_is_new(cause, outcome, facts), policy)


def notice_of_rule(
    case: Case, outcome: Outcome | None, facts: Facts, policy: Policy
) -> WriteCommand | None:
    """That a rule keeps the record in Salesforce: said where somebody expects an order or asks."""
    document = case.change.document or Document()
    is_expected = document.fields.get(WON) is True or _asked_for(case)
    return notice(case, outcome, facts, policy) if is_expected else None


def notice_of_overtaken(
    cause: Cause, told: WriteCommand, facts: Facts, policy: Policy
) -> WriteCommand | None:
    """What `told` had to say of the change. Newer values of its record had gone before it, so none
    of it was written; of the change itself it was the newest word."""
    latest = facts.latest.get(cause.ref)
    is_about_it = told.target == cause.ref and told.part != PART and _is_shown(cause)
    if not is_about_it or (latest is not None and latest > cause.version):
        return None
    said = {
        name: value for name, value in told.document.fields.items() if name in {STATUS, MESSAGE}
    }
    return _command(cause, changed_only(Document(said), cause.ref, facts), policy)


def _is_shown(cause: Cause) -> bool:
    return cause.ref.system is System.SALESFORCE and cause.ref.kind in NOTICED


def _what_is_new(cause: Cause, outcome: Outcome | None, facts: Facts) -> Document:
    if outcome is None or not _is_said(outcome):
        return Document()
    message = say(outcome.code, outcome.params, _word)[:MESSAGE_LENGTH_MAX]
    fields = {STATUS: _status(outcome, cause.ref), MESSAGE: message}
    return changed_only(Document(fields), cause.ref, facts)


def _put_right(cause: Cause, outcome: Outcome | None, facts: Facts) -> Document:
    """A record whose counterpart holds all of it may still show what was said of an earlier
    version, or be about to show it. Where a write is under way, its end says how it went."""
    link = facts.links.get(cause.ref)
    is_same = outcome is not None and outcome.result is Result.UNCHANGED
    status = facts.applied.get((cause.ref, STATUS))
    is_linked = link is not None and link.status is LinkStatus.LINKED
    is_other = status not in {None, SYNCED} or (cause.ref, STATUS) in facts.under_way
    if is_same and is_linked and is_other:
        return Document({STATUS: "Synced", MESSAGE: None})
    shown = facts.applied.get((cause.ref, MESSAGE), NOTHING)
    is_outdated = (outcome is None or is_same) and status == SYNCED and shown != NOTHING
    return Document({MESSAGE: None}) if is_outdated else Document()


def _is_said(outcome: Outcome) -> bool:
    return (outcome.result in SAID and outcome.code not in PASSING) or outcome.code == BY_RULE


def _answer(cause: Cause, outcome: Outcome | None, facts: Facts) -> Fields:
    """Who asked reads why a record does not travel, or that both sides agree already."""
    if outcome is None or (outcome.result is Result.FILTERED and cause.ref in facts.links):
        return {}
    match outcome.result:
        case Result.FILTERED:
            message = say(outcome.code, outcome.params, _word)[:MESSAGE_LENGTH_MAX]
            said = Document({STATUS: "Not eligible", MESSAGE: message})
        case Result.UNCHANGED | Result.APPLIED:
            said = Document({STATUS: "Synced", MESSAGE: None})
        case _:
            return {}
    return changed_only(said, cause.ref, facts).fields


def _is_under_way(outcome: Outcome | None, commands: Collection[WriteCommand]) -> bool:
    """Whether NetSuite is being written and nothing but that is waited for."""
    goes_out = any(sent.target.system is System.NETSUITE for sent in commands)
    return goes_out and (outcome is None or outcome.code in PASSING)


def _status(outcome: Outcome, ref: RecordRef) -> str:
    if outcome.code == BY_RULE:
        return "Not eligible"
    if outcome.result is Result.DEAD:
        return "Error"
    if outcome.result in {Result.REVIEW, Result.REJECTED}:
        return "Held"
    if outcome.waits_on is not None and is_newer(outcome.waits_on):
        return "Waiting" if owner_of(outcome.code) is Owner.NOBODY else "Held"
    return "Held" if outcome.waits_on == ref else "Waiting"


def _asked_for(case: Case) -> bool:
    document = case.change.document
    return document is not None and document.fields.get(ASKED) is True


def _command(cause: Cause, document: Document, policy: Policy) -> WriteCommand | None:
    if is_empty(document):
        return None
    return command(
        cause,
        source=cause.ref,
        target=cause.ref,
        part=PART,
        version=cause.version,
        document=document,
        map_hash=policy.maps.hash,
    )


def _word(value: Sealed) -> str:
    return PERSONAL_WORDS.get(value.path, "(see the record)")
