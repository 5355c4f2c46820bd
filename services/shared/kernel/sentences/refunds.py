"""Why a refund or credit waits or is held."""

from collections.abc import Mapping

from kernel.sentences.model import Kind, Owner, Sentence

SENTENCES: Mapping[str, Sentence] = {
    # ended
    "REFUND_DRAFT": Sentence("Refund {name} is not submitted (status {status}); nothing to do."),
    "REFUND_WITHDRAWN": Sentence(
        "Refund {name} was withdrawn (status {status}) before anything was entered in NetSuite."
    ),
    "REFUND_DONE": Sentence("Refund {name} is done; NetSuite and the request agree."),
    # under way
    "CREDIT_UNDER_WAY": Sentence(
        "Refund {name}: its credit is being entered in NetSuite; it goes on by itself.",
        Owner.NOBODY,
        Kind.DEPENDENCY,
    ),
    "REFUND_UNDER_WAY": Sentence(
        "Refund {name}: the money is being paid back in NetSuite; it goes on by itself.",
        Owner.NOBODY,
        Kind.DEPENDENCY,
    ),
    "PAYMENT_UNAPPLYING": Sentence(
        "Refund {name}: {billed} is taken off {invoices} first, by {value}, which is then open"
        " again; the money is paid back after that by itself.",
        Owner.NOBODY,
        Kind.DEPENDENCY,
    ),
    "WAITS_FOR_CREDIT": Sentence(
        "Refund {name} waits until another credit on {billed} has its number; it follows by"
        " itself.",
        Owner.NOBODY,
        Kind.DEPENDENCY,
    ),
    "INVOICE_UNKNOWN": Sentence(
        "Refund {name} waits: NetSuite {kind} {id} has not been seen yet. It follows by itself"
        " once it has been read; finance: check the number if it does not.",
        Owner.NOBODY,
        Kind.DEPENDENCY,
    ),
    "RETURN_AWAITS_RECEIPT": Sentence(
        "Refund {name} waits for goods: {back} of {whole} have come back and are credited."
        " Each receipt in NetSuite is credited by itself; nothing is credited before.",
        Owner.NOBODY,
        Kind.DEPENDENCY,
    ),
    # held for approval
    "AWAITS_APPROVAL": Sentence(
        "Refund {name} awaits approval. Finance: set Approved By and the status Approved;"
        " it follows by itself.",
        Owner.FINANCE,
        Kind.POLICY,
    ),
    "OVER_LIMIT": Sentence(
        "Refund {name} awaits approval: {worth}; for the reason {reason} no more than {limit} is"
        " given back without one. Finance: set Approved By and the status Approved; it follows by"
        " itself.",
        Owner.FINANCE,
        Kind.POLICY,
    ),
    "LIMIT_WITHOUT_RATE": Sentence(
        "Refund {name} awaits approval: NetSuite has no rate of {currency} that is fresh enough to"
        " compare it with the limit of the reason {reason}. Finance: set Approved By and the"
        " status Approved; it follows by itself.",
        Owner.FINANCE,
        Kind.POLICY,
    ),
    "REQUESTER_IS_APPROVER": Sentence(
        "Refund {name} is held: whoever asks for a refund cannot approve it."
        " Finance: let somebody else approve it; it follows by itself.",
        Owner.FINANCE,
        Kind.POLICY,
    ),
    "APPROVAL_OUTDATED": Sentence(
        "Refund {name} awaits approval anew: it was changed after it was approved, and nothing is"
        " entered for what nobody approved. Finance: set its status back to Submitted and then to"
        " Approved, or put back what it said; it follows by itself.",
        Owner.FINANCE,
        Kind.POLICY,
    ),
    "REFUND_CHANGED": Sentence(
        "Refund {name} is held: it was changed after its credit had been entered in NetSuite as it"
        " was asked for before; the change leads to nothing. Sales: put back what it said and make"
        " another request for the rest; it follows by itself.",
        Owner.SALES,
        Kind.DATA,
    ),
    # held for what it says
    "REASON_UNKNOWN": Sentence(
        "Refund {name} is held: nothing is settled for the reason {reason}."
        " Finance: add it to the table of reasons, or sales: choose another; then tick Sync Now.",
        Owner.FINANCE,
        Kind.MAP,
        heals=False,
    ),
    "REASON_NEEDS_ITEM": Sentence(
        "Refund {name} is held: the reason {reason} needs an item of its own in the table of"
        " reasons. Finance: name the item; then tick Sync Now.",
        Owner.FINANCE,
        Kind.MAP,
        heals=False,
    ),
    "INVOICE_MISSING": Sentence(
        "Refund {name} is held: it names no invoice, cash sale, payment, deposit or credit of"
        " NetSuite. Sales: choose one; it follows by itself.",
        Owner.SALES,
        Kind.DATA,
    ),
    "CURRENCY_MISMATCH": Sentence(
        "Refund {name} is held: it is in {currency}, but {billed} is in {expected}."
        " Sales: make another request in {expected}.",
        Owner.SALES,
        Kind.DATA,
    ),
    "OVER_CREDIT": Sentence(
        "Refund {name} is held: {value} is more than is left to credit on {billed}: max {max}."
        " Sales: lower the amount or withdraw the request; it follows by itself.",
        Owner.SALES,
        Kind.DATA,
    ),
    "PAYMENT_APPLIED": Sentence(
        "Refund {name} is held: {value} is more than is unapplied of {billed}: max {max}."
        " Finance: unapply the payment from its invoice first; it follows by itself.",
        Owner.FINANCE,
        Kind.POLICY,
    ),
    "QUANTITY_OVER": Sentence(
        "Refund {name} is held: {value} of line {line} is more than is left of it: max {max}."
        " Sales: lower the quantity; it follows by itself.",
        Owner.SALES,
        Kind.DATA,
    ),
    "REFUND_AMOUNT_MISSING": Sentence(
        "Refund {name} is held: there is no amount above zero to give back."
        " Sales: enter the amount; it follows by itself.",
        Owner.SALES,
        Kind.DATA,
    ),
    "REFUND_NOT_PAYABLE": Sentence(
        "Refund {name} is held: {currency} cannot pay {value}."
        " Sales: round the amount; it follows by itself.",
        Owner.SALES,
        Kind.DATA,
    ),
    "REFUND_TOTAL_MISMATCH": Sentence(
        "Refund {name} is held: its amount is {value} but its lines add up to {expected}."
        " Sales: correct the amount or the lines; it follows by itself.",
        Owner.SALES,
        Kind.DATA,
    ),
    "REFUND_LINE_UNKNOWN": Sentence(
        "Refund {name} is held: one of its lines names no line of {billed}."
        " Sales: choose lines of that document; it follows by itself.",
        Owner.SALES,
        Kind.DATA,
    ),
    "PERIODS_CLOSED": Sentence(
        "Refund {name} is held: the accounting period of {value} is closed and no later one is"
        " open. Finance: open a period, then tick Sync Now.",
        Owner.FINANCE,
        Kind.POLICY,
        heals=False,
    ),
    "SOURCE_GONE": Sentence(
        "{record} is held: {source}, which it is to be made from, is not in NetSuite any more."
        " Finance: see what became of it, then tick Sync Now.",
        Owner.FINANCE,
        Kind.DATA,
        heals=False,
    ),
    # cancelled after something stands
    "REFUND_PAID_OUT": Sentence(
        "Refund {name} was cancelled, but its money has been paid back already."
        " Finance: ask the customer for it or leave it as it is; nothing is undone by itself.",
        Owner.FINANCE,
        Kind.POLICY,
        heals=False,
    ),
    "PAYMENT_UNAPPLIED": Sentence(
        "Refund {name} was withdrawn, but {billed} was taken off its invoice for it already."
        " Finance: apply the payment again or leave it unapplied.",
        Owner.FINANCE,
        Kind.POLICY,
        heals=False,
    ),
    "CREDIT_TO_VOID": Sentence(
        "Refund {name} was cancelled, but its credit or return (NetSuite id {credit}) stands and"
        " is left to finance to undo. Finance: void or close it, or leave it.",
        Owner.FINANCE,
        Kind.POLICY,
        heals=False,
    ),
    "REFUND_DELETED": Sentence(
        "Refund request {id} was deleted, but its credit or return (NetSuite id {credit}) stands."
        " Finance: void it or leave it; nothing is undone by itself.",
        Owner.FINANCE,
        Kind.POLICY,
        heals=False,
    ),
    "REFUND_VOIDED": Sentence(
        "Refund {name} is held: its credit was voided when it was cancelled."
        " Sales: make another request.",
        Owner.SALES,
        Kind.DATA,
        heals=False,
    ),
}
