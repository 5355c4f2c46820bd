"""The names of the topics. What each is made of stands in schemas/topics."""

from kernel.messages import Alert, ChangeEvent, Message, Operation, Outcome, WriteCommand
from kernel.records import System

SALESFORCE_CHANGES = "salesforce.changes.v1"
NETSUITE_CHANGES = "netsuite.changes.v1"
NETSUITE_COMMANDS = "netsuite.commands.v1"
SALESFORCE_COMMANDS = "salesforce.commands.v1"
OUTCOMES = "sync.outcomes.v1"
OPERATIONS = "sync.operations.v1"
ALERTS = "sync.alerts.v1"

CHANGES = {System.SALESFORCE: SALESFORCE_CHANGES, System.NETSUITE: NETSUITE_CHANGES}
COMMANDS = {System.SALESFORCE: SALESFORCE_COMMANDS, System.NETSUITE: NETSUITE_COMMANDS}
ALL = (
    SALESFORCE_CHANGES, NETSUITE_CHANGES, NETSUITE_COMMANDS, SALESFORCE_COMMANDS,
    OUTCOMES, OPERATIONS, ALERTS,
)  # fmt: skip


def topic_of(message: Message) -> str:
    match message:
        case ChangeEvent():
            return CHANGES[message.ref.system]
        case WriteCommand():
            return COMMANDS[message.target.system]
        case Outcome():
            return OUTCOMES
        case Operation():
            return OPERATIONS
        case Alert():
            return ALERTS


def key_of(message: Message) -> str:
    """What gives order: everything about one document, one target, one subject in one partition."""
    match message:
        case ChangeEvent():
            return str(message.ref)
        case WriteCommand():
            return str(message.target)
        case Outcome():
            return str(message.ref or message.event_id)
        case Operation():
            return message.id
        case Alert():
            return message.subject
