"""Tells the people in Salesforce that a record is held or waits, on the record itself."""

from kernel.messages import Outcome, Result, WriteCommand
from kernel.records import RecordRef, System
from kernel.sentences import say
from kernel.values import Document, Sealed, value_hash
from transform.domain.decisions import changed_only, command, is_empty
from transform.domain.facts import Case, Cause, Facts, Policy

PART = "sync"
STATUS, MESSAGE, ASKED = "NS_Sync_Status__c", "NS_Sync_Message__c", "NS_Sync_Now__c"
MESSAGE_LENGTH_MAX = 2_000
PASSING = frozenset(
    {"WAITS_FOR_CUSTOMER", "WAITS_FOR_REFERENCES", "CREDIT_UNDER_WAY", "REFUND_UNDER_WAY"}
)
"""Codes of waits that end by themselves within moments: not worth a write."""
NOTHING, SYNCED = value_hash(None), value_hash("Synced")
SAID = frozenset({Result.PARKED, Result.REVIEW, Result.REJECTED, Result.DEAD})
NOTICED = frozenset({"Account", "Opportunity", "NS_Refund_Request__c"})
PERSONAL_WORDS = {
    "Account.Name": "this account",
    "Opportunity.Name": "this opportunity",
    "detail": "(the command `tallystick trace` with this record's id shows the reason)",
}
"""How a sealed value reads on the very record it is about."""


def notice(
    case: Case, outcome: Outcome | None, facts: Facts, policy: Policy, *, is_told: bool = False
) -> WriteCommand | None:
    """The command that shows how the record stands; None where nothing new is to be said.

    `is_told`: another command tells the record's author something already.
    """
    if not _is_shown(case.cause):
        return None
    to_write = _what_is_new(case.cause, outcome, facts)
    if not is_told and is_empty(to_write) and _is_outdated(case.cause, outcome, facts):
        to_write = Document({MESSAGE: None})
    if _asked_for(case):
        to_write = Document({**to_write.fields, ASKED: False})
    return _command(case.cause, to_write, policy)


def notice_of_stop(
    cause: Cause, outcome: Outcome, facts: Facts, policy: Policy
) -> WriteCommand | None:
    """The same once a command of the change was refused."""
    if not _is_shown(cause):
        return None
    return _command(cause, _what_is_new(cause, outcome, facts), policy)


def _is_shown(cause: Cause) -> bool:
    return cause.ref.system is System.SALESFORCE and cause.ref.kind in NOTICED


def _what_is_new(cause: Cause, outcome: Outcome | None, facts: Facts) -> Document:
    if outcome is None or outcome.result not in SAID or outcome.code in PASSING:
        return Document()
    message = say(outcome.code, outcome.params, _word)[:MESSAGE_LENGTH_MAX]
    fields = {STATUS: _status(outcome, cause.ref), MESSAGE: message}
    return changed_only(Document(fields), cause.ref, facts)


def _is_outdated(cause: Cause, outcome: Outcome | None, facts: Facts) -> bool:
    """A synced record still shows what its author was told of an earlier edit."""
    fine = outcome is None or outcome.result is Result.UNCHANGED
    shown = facts.applied.get((cause.ref, MESSAGE), NOTHING)
    return fine and shown != NOTHING and facts.applied.get((cause.ref, STATUS)) == SYNCED


def _status(outcome: Outcome, ref: RecordRef) -> str:
    if outcome.result is Result.DEAD:
        return "Error"
    if outcome.result in {Result.REVIEW, Result.REJECTED}:
        return "Held"
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
