"""How often each thing happens in a random story, and the story that a seed tells."""

from hypothesis import HealthCheck, assume, given, seed, settings

from tests.end_to_end import story_finance as finance
from tests.end_to_end import story_sales as sales
from tests.end_to_end.story import Action, Step, stories

OFTEN: dict[Action, int] = {
    sales.open_account: 3,
    sales.sell: 8,
    sales.win: 3,
    sales.lose: 3,
    sales.rename_deal: 2,
    sales.number_deal: 2,
    sales.ask_for_sync: 1,
    sales.add_line: 2,
    sales.change_amount: 3,
    sales.delete_or_undelete: 1,
    sales.activate_order: 2,
    sales.edit_account: 3,
    sales.edit_what_netsuite_owns: 2,
    sales.ask_refund: 5,
    sales.cancel_refund: 2,
    finance.approve: 2,
    finance.bill: 4,
    finance.bill_in_part: 2,
    finance.keep_books: 10,
    finance.pay_order_invoice: 3,
    finance.take_deposit: 1,
    finance.void_invoice: 1,
    finance.edit_customer: 2,
    finance.edit_what_salesforce_owns: 2,
    finance.set_rate: 2,
    finance.shut_or_open_last_month: 1,
    finance.kill: 1,
    finance.disturb: 3,
    finance.deliver_again: 1,
}
ACTIONS = {action.__name__: action for action in OFTEN}
WEIGHTS = {action.__name__: weight for action, weight in OFTEN.items()}
BEGINNING = [Step("open_account", 1, 7), Step("open_account", 3, 8), Step("sell", 0, 3)]


def drawn(steps: int, number: int) -> list[Step]:
    """The story of this seed, so many steps after its beginning. The first that comes is the
    simplest, in which little happens."""
    found: list[list[Step]] = []

    @seed(number)
    @settings(max_examples=1, database=None, suppress_health_check=list(HealthCheck))
    @given(stories(WEIGHTS, steps))
    def draw(story: list[Step]) -> None:
        assume(len({step.action for step in story}) > 1)
        found.append(story)

    draw()
    return [*BEGINNING, *found[0]]
