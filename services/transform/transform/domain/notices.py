"""Tells the people in Salesforce that a record is held or waits, on the record itself."""

from kernel.messages import Outcome, Result, WriteCommand
from kernel.records import RecordRef, System
from kernel.sentences import say
from kernel.values import Document, Sealed, Value
from transform.domain.decisions import changed_only, command, is_empty
from transform.domain.facts import Case, Facts, Policy

PART = "sync"
STATUS, MESSAGE, ASKED = "NS_Sync_Status__c", "NS_Sync_Message__c", "NS_Sync_Now__c"
MESSAGE_LENGTH_MAX = 2_000
PASSING = frozenset({"WAITS_FOR_CUSTOMER", "WAITS_FOR_REFERENCES"})
"""Codes of waits that end by themselves within moments: not worth a write."""
SAID = frozenset({Result.PARKED, Result.DEAD})
NOTICED = frozenset({"Account", "Opportunity"})
PERSONAL_WORDS = {"Account.Name": "this account", "Opportunity.Name": "this opportunity"}
"""How a sealed value reads on the very record it is about."""


def notice(
    case: Case, outcome: Outcome | None, facts: Facts, policy: Policy
) -> WriteCommand | None:
    """The command that shows how the record stands; None where nothing new is to be said."""
    ref = case.change.ref
    if ref.system is not System.SALESFORCE or ref.kind not in NOTICED:
        return None
    fields: dict[str, Value] = {}
    if outcome and outcome.result in SAID and outcome.code not in PASSING:
        fields[STATUS] = _status(outcome, ref)
        fields[MESSAGE] = say(outcome.code, outcome.params, _word)[:MESSAGE_LENGTH_MAX]
    to_write = changed_only(Document(fields), ref, facts)
    if _asked_for(case):
        to_write = Document({**to_write.fields, ASKED: False})
    return None if is_empty(to_write) else _command(case, ref, to_write, policy)


def _status(outcome: Outcome, ref: RecordRef) -> str:
    if outcome.result is Result.DEAD:
        return "Error"
    return "Held" if outcome.waits_on == ref else "Waiting"


def _asked_for(case: Case) -> bool:
    document = case.change.document
    return document is not None and document.fields.get(ASKED) is True


def _command(case: Case, ref: RecordRef, document: Document, policy: Policy) -> WriteCommand:
    return command(
        case.cause,
        source=ref,
        target=ref,
        part=PART,
        version=case.change.version,
        document=document,
        map_hash=policy.maps.hash,
    )


def _word(value: Sealed) -> str:
    return PERSONAL_WORDS.get(value.path, "(see the record)")
