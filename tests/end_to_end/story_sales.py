"""What sales does in a random story."""

from tests.end_to_end.story import CURRENCIES, Customer, Sold, Step, Story, picked, today
from tests.world import OPEN, WON

PRODUCTS = ("SUB-PLAT", "SUP-SILVER")
REASONS = ("Price concession", "Cancellation", "Overpayment")
METHODS = (None, "Pay back", "Leave as credit", "Apply to invoice")


def open_account(story: Story, step: Step) -> bool:
    currency = list(CURRENCIES)[step.pick % len(CURRENCIES)]
    name = f"Kunde {len(story.customers)} {step.size} GmbH"
    account = story.world.account(name, CurrencyIsoCode=currency, Phone=f"+49 30 {step.size}")
    story.customers.append(Customer(account=account, currency=currency, name=name))
    return True


def sell(story: Story, step: Step) -> bool:
    """A deal that is won at once, in the account's currency or now and then in another."""
    customer = story.customer(step)
    if customer is None:
        return False
    others = list(CURRENCIES)
    currency = customer.currency if step.size % 3 else others[step.size // 3 % len(others)]
    deal = story.world.open_deal(
        customer.account,
        product=PRODUCTS[step.size % 2],
        currency=currency,
        quantity=1 + step.size % 5,
        price=story.price(step, currency),
    )
    rows = story.world.rep.query(
        f"SELECT Id FROM OpportunityLineItem WHERE OpportunityId = '{deal.opportunity_id}'"
    )
    story.deals.append(Sold(deal=deal, currency=currency, lines=[str(rows[0]["Id"])]))
    if step.size % 7:
        story.world.win(deal)
    return True


def win(story: Story, step: Step) -> bool:
    return _set(story, step, StageName=WON)


def lose(story: Story, step: Step) -> bool:
    return _set(story, step, StageName=OPEN)


def rename_deal(story: Story, step: Step) -> bool:
    return _set(story, step, Name=f"Deal {step.size}")


def number_deal(story: Story, step: Step) -> bool:
    return _set(story, step, NS_PO_Number__c=f"PO-{step.size}")


def ask_for_sync(story: Story, step: Step) -> bool:
    return _set(story, step, NS_Sync_Now__c=True)


def add_line(story: Story, step: Step) -> bool:
    sold = story.deal(step)
    if sold is None:
        return False
    made = story.world.rep.create(
        "OpportunityLineItem",
        OpportunityId=sold.deal.opportunity_id,
        PricebookEntryId=story.world.price_of(PRODUCTS[step.size % 2], sold.currency),
        Quantity=1 + step.size % 4,
        UnitPrice=story.price(step, sold.currency),
    )
    sold.lines.append(made)
    return True


def change_amount(story: Story, step: Step) -> bool:
    sold = story.deal(step)
    if sold is None:
        return False
    line = sold.lines[step.size % len(sold.lines)]
    price = story.price(step, sold.currency)
    fields = {"Quantity": 1 + step.size % 6, "UnitPrice": price}
    story.world.rep.update("OpportunityLineItem", line, **fields)
    return True


def delete_or_undelete(story: Story, step: Step) -> bool:
    sold = picked(story.deals, step)
    if sold is None:
        return False
    if sold.is_deleted:
        story.world.rep.undelete(sold.deal.opportunity_id)
    else:
        story.world.rep.delete("Opportunity", sold.deal.opportunity_id)
    sold.is_deleted = not sold.is_deleted
    return True


def activate_order(story: Story, step: Step) -> bool:
    """An order is made of a deal and activated in the moment in which the deal is won."""
    without = [sold for sold in story.deals if not sold.order and not sold.is_deleted]
    sold = picked(without, step)
    if sold is None:
        return False
    world = story.world
    entry = world.price_of(PRODUCTS[0], sold.currency)
    book = world.rep.one(f"SELECT Pricebook2Id FROM PricebookEntry WHERE Id = '{entry}'")
    sold.order = world.rep.create(
        "Order",
        AccountId=sold.deal.account_id,
        OpportunityId=sold.deal.opportunity_id,
        EffectiveDate=today(),
        Status="Draft",
        CurrencyIsoCode=sold.currency,
        Pricebook2Id=book["Pricebook2Id"],
    )
    world.rep.create(
        "OrderItem",
        OrderId=sold.order,
        PricebookEntryId=entry,
        Quantity=1 + step.size % 3,
        UnitPrice=story.price(step, sold.currency),
    )
    world.rep.update("Order", sold.order, Status="Activated")
    world.win(sold.deal)
    return True


def edit_account(story: Story, step: Step) -> bool:
    customer = story.customer(step)
    if customer is None:
        return False
    if step.size % 2:
        customer.name = f"Kunde {step.pick} {step.size} AG"
        story.world.rep.update("Account", customer.account, Name=customer.name)
    else:
        story.world.rep.update("Account", customer.account, Phone=f"+49 40 {step.size}")
    return True


def edit_what_netsuite_owns(story: Story, step: Step) -> bool:
    """An administrator may write what field-level security keeps from others."""
    customer, sold = story.customer(step), story.deal(step)
    if customer is None or sold is None:
        return False
    owner = story.world.catalogue_owner
    if step.size % 2:
        owner.update("Account", customer.account, NS_Customer_Number__c=f"MINE-{step.size}")
    else:
        owner.update("Opportunity", sold.deal.opportunity_id, NS_SO_Status__c="Whatever I like")
    return True


def ask_refund(story: Story, step: Step) -> bool:
    """Of an invoice that Salesforce shows, for some of its total."""
    accounts = ", ".join(f"'{customer.account}'" for customer in story.customers)
    if not accounts:
        return False
    rows = story.world.rep.query(
        "SELECT Id, Total__c, CurrencyIsoCode FROM NS_Transaction__c WHERE Type__c = 'Invoice'"
        f" AND Account__c IN ({accounts}) AND Total__c > 0 ORDER BY NS_Internal_Id__c"
    )
    row = picked(rows, step)
    if row is None:
        return False
    currency = str(row["CurrencyIsoCode"])
    share = (1, 2, 3, 4)[step.size % 4]
    amount = row["Total__c"] if share == 1 else round(row["Total__c"] / share, _digits(currency))
    request = story.desk.ask(
        str(row["Id"]),
        float(amount),
        CurrencyIsoCode=currency,
        Reason__c=REASONS[step.size % len(REASONS)],
        Refund_Method__c=METHODS[step.size // 3 % len(METHODS)],
    )
    story.requests[request] = ""
    return True


def cancel_refund(story: Story, step: Step) -> bool:
    request = picked(list(story.requests), step)
    if request is None:
        return False
    story.desk.change(request, Status__c="Cancelled")
    story.requests[request] = "Cancelled"
    return True


def _digits(currency: str) -> int:
    return 2 if CURRENCIES[currency][1] == 100 else 0


def _set(story: Story, step: Step, **fields: object) -> bool:
    sold = story.deal(step)
    if sold is None:
        return False
    story.world.rep.update("Opportunity", sold.deal.opportunity_id, **fields)
    return True
