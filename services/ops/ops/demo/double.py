"""An account that NetSuite may have as a customer already stops until a person has looked."""

import textwrap
import time
from typing import cast

from kernel.messages import OperationKind
from ops.demo.deals import WON, open_deal
from ops.demo.stage import Stage, after
from ops.operations import asked, put_into_log
from ops.reach import NotWellError, ask
from ops.render.shapes import Review

ACCOUNT, CUSTOMER, DEAL = "Harbour Line Ltd", "Harbour Line Limited", "Pilot 2027"
MESSAGE_WIDTH = 64
WITHIN_S, LOOK_EVERY_S = 30.0, 0.2


def a_double_stops(stage: Stage) -> None:
    stage.say("")
    stage.say("6. A customer that may be there already")
    customer = stage.accountant.create(
        "customer", companyName=CUSTOMER, subsidiary={"id": "1"}, currency={"id": "4"}
    )
    _known(stage, customer)
    account_id = stage.rep.create("Account", Name=ACCOUNT, CurrencyIsoCode="EUR")
    deal_id = open_deal(stage, DEAL, account_id, price=2_500)
    stage.rep.update("Opportunity", deal_id, StageName=WON)
    held = stage.salesforce.wait_for(
        "the sentence on the opportunity",
        lambda w: w.id == deal_id and "reviews" in str(w.after.get("NS_Sync_Message__c")),
    )
    stage.tell(f'Finance has "{CUSTOMER}"; the rep closes "{DEAL}" of "{ACCOUNT}":')
    for line in textwrap.wrap(str(held.after["NS_Sync_Message__c"]), MESSAGE_WIDTH):
        stage.tell(f"            {line}")
    review = _reviews(stage)[0]
    selection = {"review": review["id"], "action": "link"}
    said = asked(OperationKind.LINK, selection, reason="the same company", actor="RevOps")
    put_into_log(said, str(stage.stack.endpoints["kafka"]["bootstrap"]))
    told = stage.salesforce.wait_for(
        "the order's number on the opportunity",
        lambda w: w.id == deal_id and bool(w.after.get("NS_SO_Number__c")),
    )
    stage.tell(f"RevOps says link (`tallystick reviews link {review['id'][:8]}`); order")
    stage.tell(
        f"            {told.after['NS_SO_Number__c']} follows"
        f" {after(said.requested_at, told.at)} later."
    )
    count = _customers(stage)
    stage.tell(f"NetSuite:   holds {count} customer of that name.")
    if count != 1:
        raise NotWellError(f"NetSuite holds {count} customers for one company")


def _known(stage: Stage, customer: str) -> None:
    """Until the new customer has been read: accounts are compared with those that are known."""
    auditor = str(stage.stack.endpoints["services"]["auditor"]["health"])
    deadline = time.monotonic() + WITHIN_S
    while time.monotonic() < deadline:
        story = ask(auditor, f"/trace/netsuite:customer:{customer}", within_s=WITHIN_S)
        if "outcome" in str(story):
            return
        time.sleep(LOOK_EVERY_S)
    raise NotWellError(f"the new customer was not read within {WITHIN_S:g} s")


def _reviews(stage: Stage) -> list[Review]:
    transform = str(stage.stack.endpoints["services"]["transform"]["health"])
    found = cast(list[Review], ask(transform, "/reviews", within_s=WITHIN_S)["reviews"])
    if not found:
        raise NotWellError("nothing waits for a person, though an account may be a customer")
    return found


def _customers(stage: Stage) -> int:
    rows = stage.accountant.query(
        "SELECT id FROM customer WHERE companyname LIKE 'Harbour Line%' AND isinactive = 'F'"
    )
    return len(rows)
