"""Killed again and again while both vendors change: nothing is lost, ids stay what they are.

The last file of its directory: after many ends the stack waits longer before it starts ingest.
"""

import threading
import time
from functools import partial

import pytest

from kernel.records import RecordRef
from tests.contract.sandbox.netsuite_client import line
from tests.integration.ingest.desk import (
    Desk,
    fields,
    is_pending_approval,
    one_content_an_id,
    opportunity_ref,
    order_ref,
)
from tests.log import eventually

pytestmark = pytest.mark.real


def test_a_crash_at_any_moment_loses_nothing(desk: Desk) -> None:
    """R1: killed again and again while both vendors change."""
    opportunities = [desk.opportunity() for _ in range(4)]
    customer = desk.books.customer()
    orders = [desk.books.order(customer, line(101, 1, 100.0)) for _ in range(4)]
    over = threading.Event()

    def kill() -> None:
        while not over.wait(1.3):
            if desk.stack.pid("ingest"):
                desk.kill()

    killer = threading.Thread(target=kill)
    killer.start()
    for number in range(30):
        for opportunity in opportunities:
            desk.people.update("Opportunity", opportunity, NS_PO_Number__c=f"PO-{number}")
        for order in orders:
            state = "A" if number % 2 else "B"
            desk.books.patch(f"/salesOrder/{order}", {"orderStatus": {"id": state}})
        time.sleep(0.1)
    over.set()
    killer.join()
    for opportunity in opportunities:
        ref = opportunity_ref(opportunity)
        desk.change(ref, lambda c: fields(c).get("NS_PO_Number__c") == "PO-29", within_s=90)
        told = [x for c in desk.changes(ref) for x in c.captures if "NS_PO_Number__c" in x.changed]
        assert len({capture.position for capture in told}) == 30
        assert one_content_an_id(desk.changes(ref))
    for order in orders:
        ref = order_ref(order)
        desk.change(ref, is_pending_approval, within_s=90)
        eventually(partial(ends_pending, desk, ref))
        versions = [change.version for change in desk.changes(ref)]
        assert versions == sorted(versions)
        assert one_content_an_id(desk.changes(ref))


def ends_pending(desk: Desk, ref: RecordRef) -> bool:
    return is_pending_approval(max(desk.changes(ref), key=lambda change: change.version))
