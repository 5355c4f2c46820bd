"""Tells the people in Salesforce that a record is held or waits, on the record itself."""

from collections.abc import Collection, Mapping

from kernel.messages import Outcome, Result, WriteCommand
from kernel.records import RecordRef, System
from kernel.sentences import Owner, owner_of, say
from kernel.values import Document, Fields, Sealed, value_hash
from transform.domain.deals import OPPORTUNITY, QUOTE, step_of
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
IN_PROGRESS, NOT_ELIGIBLE = "In progress", "Not eligible"
NOTHING, SYNCED = value_hash(None), value_hash("Synced")
AGREED: Fields = {STATUS: "Synced", MESSAGE: None}
PROGRESS: Fields = {STATUS: IN_PROGRESS, MESSAGE: None}
SAID = frozenset({Result.PARKED, Result.REVIEW, Result.REJECTED, Result.DEAD})
AGREES = frozenset({Result.UNCHANGED, Result.APPLIED})
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
    if is_told and outcome and outcome.result is Result.REJECTED and _shows_hold(case.cause, facts):
        to_write = Document({STATUS: "Synced"})
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
    """That a rule keeps the record in Salesforce: said where somebody expects an order or asks, or
    where the record shows something else."""
    document = case.change.document or Document()
    is_expected = document.fields.get(WON) is True or _asked_for(case)
    is_expected = is_expected or _shows_other(case.change.ref, facts)
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


def notice_of_end(
    cause: Cause, outcome: Outcome, last: WriteCommand, facts: Facts, policy: Policy
) -> WriteCommand | None:
    """The change ended well with `last`, and its record may still show an earlier hold, or that a
    write is under way: where the numbers were told to another record, as an accepted quote's are,
    or where only what its author had edited went back."""
    latest, says = facts.latest.get(cause.ref), last.document.fields
    is_newest = latest is not None and latest <= cause.version and not facts.parked.get(cause.ref)
    is_gone = facts.applied.get((cause.ref, DELETED))
    if outcome.result not in AGREES | {Result.REJECTED} or not is_newest or is_gone:
        return None
    is_own = last.target == cause.ref
    shown = facts.applied.get((cause.ref, STATUS))
    if not _is_shown(cause) or (is_own and STATUS in says) or shown in {None, SYNCED}:
        return None
    said: Fields = {STATUS: "Synced"} if is_own and MESSAGE in says else AGREED
    return _command(cause, Document(said), policy)


def _is_shown(cause: Cause) -> bool:
    return cause.ref.system is System.SALESFORCE and cause.ref.kind in NOTICED


def _what_is_new(cause: Cause, outcome: Outcome | None, facts: Facts) -> Document:
    if outcome is None or not _is_said(outcome):
        return Document()
    message = say(outcome.code, outcome.params, _word)[:MESSAGE_LENGTH_MAX]
    fields = {STATUS: _status(outcome, cause.ref), MESSAGE: message}
    return changed_only(Document(fields), cause.ref, facts)


def _put_right(cause: Cause, outcome: Outcome | None, facts: Facts) -> Document:
    """A record whose counterpart holds all of it, or that does not travel any more, may still show
    what was said of an earlier version, or be about to show it. Where a write is under way, its end
    says how it went."""
    result = outcome.result if outcome else None
    is_linked, is_other = _is_linked(cause.ref, facts), _shows_other(cause.ref, facts)
    if result in AGREES | {Result.FILTERED} and is_linked and is_other:
        return Document(AGREED)
    status = facts.applied.get((cause.ref, STATUS))
    if outcome and result is Result.FILTERED and not is_linked and (is_other or status):
        return changed_only(_not_eligible(outcome), cause.ref, facts)
    shown = facts.applied.get((cause.ref, MESSAGE), NOTHING)
    is_outdated = result in AGREES | {None} and status == SYNCED and shown != NOTHING
    return Document({MESSAGE: None}) if is_outdated else Document()


def _is_linked(ref: RecordRef, facts: Facts) -> bool:
    link = facts.links.get(step_of(ref) if ref.kind == QUOTE else ref)
    return link is not None and link.status is LinkStatus.LINKED


def _shows_other(ref: RecordRef, facts: Facts) -> bool:
    """Whether the record shows, or soon may, that something is not as it should be."""
    status = facts.applied.get((ref, STATUS))
    return status not in {None, SYNCED} or (ref, STATUS) in facts.under_way


def _shows_hold(cause: Cause, facts: Facts) -> bool:
    """Of an earlier version: shown, or still on its way."""
    is_shown = facts.applied.get((cause.ref, STATUS)) not in {None, SYNCED}
    is_on_its_way = bool(facts.parked.get(cause.ref)) and (cause.ref, STATUS) in facts.under_way
    return is_shown or is_on_its_way


def _not_eligible(outcome: Outcome) -> Document:
    message = say(outcome.code, outcome.params, _word)[:MESSAGE_LENGTH_MAX]
    return Document({STATUS: NOT_ELIGIBLE, MESSAGE: message})


def _is_said(outcome: Outcome) -> bool:
    return (outcome.result in SAID and outcome.code not in PASSING) or outcome.code == BY_RULE


def _answer(cause: Cause, outcome: Outcome | None, facts: Facts) -> Fields:
    """Who asked reads why a record does not travel, or that both sides agree already."""
    if outcome is None or (outcome.result is Result.FILTERED and _is_linked(cause.ref, facts)):
        return {}
    if outcome.result is Result.FILTERED:
        return changed_only(_not_eligible(outcome), cause.ref, facts).fields
    if outcome.result not in AGREES:
        return {}
    return changed_only(Document(AGREED), cause.ref, facts).fields


def _is_under_way(outcome: Outcome | None, commands: Collection[WriteCommand]) -> bool:
    """Whether NetSuite is being written and nothing but that is waited for."""
    goes_out = any(sent.target.system is System.NETSUITE for sent in commands)
    return goes_out and (outcome is None or outcome.code in PASSING)


def _status(outcome: Outcome, ref: RecordRef) -> str:
    if outcome.code == BY_RULE:
        return NOT_ELIGIBLE
    if outcome.result is Result.DEAD:
        return "Error"
    if outcome.result in {Result.REVIEW, Result.REJECTED}:
        return "Held"
    if outcome.waits_on is not None and is_newer(outcome.waits_on):
        return "Waiting" if owner_of(outcome.code) is Owner.NOBODY else "Held"
    is_its_order = ref.kind == QUOTE and outcome.waits_on and outcome.waits_on.kind == OPPORTUNITY
    return "Held" if outcome.waits_on == ref or is_its_order else "Waiting"


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
