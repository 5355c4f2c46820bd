"""A paid invoice is given back in part: sales asks, finance approves, NetSuite books it once."""

import time
from decimal import Decimal

from ops.demo.stage import Stage, money
from ops.reach import NotWellError

REQUEST = "NS_Refund_Request__c"
AMOUNT, REASON = 1_000, "Price concession"
WITHIN_S, LOOK_EVERY_S = 30.0, 0.2
SHOWN = "Status__c, Credit_Memo_Number__c, Customer_Refund_Number__c, Refunded__c"


def money_goes_back(stage: Stage, invoice_id: str, currency: str) -> None:
    """`invoice_id`: NetSuite's id of an invoice that is paid."""
    row = _shown(stage, invoice_id)
    asked = stage.rep.create(
        REQUEST,
        Invoice__c=row,
        Amount__c=AMOUNT,
        CurrencyIsoCode=currency,
        Reason__c=REASON,
        Refund_Method__c="Pay back",
        Status__c="Submitted",
    )
    stage.tell(f"Salesforce: the rep asks to pay {money(AMOUNT, currency)} back ({REASON});")
    stage.tell("            somebody else approves it.")
    approver = _somebody_else(stage, asked)
    stage.catalogue_owner.update(REQUEST, asked, Status__c="Approved", Approved_By__c=approver)
    stage.salesforce.wait_for(
        "the end of the refund", lambda w: w.id == asked and w.after.get("Status__c") == "Done"
    )
    done = stage.catalogue_owner.one(f"SELECT {SHOWN} FROM {REQUEST} WHERE Id = '{asked}'")
    stage.tell(
        f"NetSuite:   credit memo {done['Credit_Memo_Number__c']} and customer refund"
        f" {done['Customer_Refund_Number__c']}."
    )
    back = Decimal(str(done["Refunded__c"]))
    stage.tell(f"Salesforce: the request is done, {money(back, currency)} paid back.")
    if back != AMOUNT or _credits(stage, asked) != 1:
        raise NotWellError(f"{money(AMOUNT, currency)} were asked for, {back} went back")


def _shown(stage: Stage, invoice_id: str) -> str:
    """The Salesforce id of NetSuite's invoice, once it shows that it is paid."""
    query = (
        f"SELECT Id FROM NS_Transaction__c WHERE NS_Internal_Id__c = '{invoice_id}'"
        " AND Remaining__c = 0"
    )
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        if rows := stage.catalogue_owner.query(query):
            return str(rows[0]["Id"])
        time.sleep(LOOK_EVERY_S)
    raise NotWellError(f"the paid invoice was not shown in Salesforce within {WITHIN_S:g} s")


def _somebody_else(stage: Stage, request_id: str) -> str:
    """The id of a user who did not ask for it."""
    request = stage.catalogue_owner.one(
        f"SELECT CreatedById FROM {REQUEST} WHERE Id = '{request_id}'"
    )
    asker = request["CreatedById"]
    people = stage.catalogue_owner.query(
        f"SELECT Id FROM User WHERE IsActive = true AND Id != '{asker}' LIMIT 1"
    )
    return str(people[0]["Id"])


def _credits(stage: Stage, request_id: str) -> int:
    return len(
        stage.accountant.query(
            "SELECT id FROM transaction WHERE type = 'CustCred'"
            f" AND externalid LIKE '%-Refund-{request_id}-%'"
        )
    )
