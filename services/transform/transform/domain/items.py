"""A NetSuite item becomes a product, or is told to the one that sells it already; its prices
follow the product."""

from kernel.messages import Result, WriteCommand
from kernel.values import Document
from transform.domain.decisions import Decision, ended, news_for
from transform.domain.facts import Case, Facts, Policy, Wanted
from transform.domain.last_sync import is_alone, with_moment
from transform.domain.mapping import mapped
from transform.domain.prices import (
    enabled,
    entries_target,
    prices_command,
    product_target,
    waits_for_product,
)

MAP = "item-to-product"


def wanted(case: Case, policy: Policy) -> Wanted:
    item = case.change.ref
    return Wanted(targets=frozenset({product_target(item), entries_target(item)}))


def decide(case: Case, document: Document, facts: Facts, policy: Policy) -> Decision:
    product = _product(case, document, facts, policy)
    prices = prices_command(case, document, facts, policy)
    if product and prices and (outcome := waits_for_product(case, facts, policy)):
        return Decision(case=case, commands=(product,), outcome=outcome)
    commands = tuple(sent for sent in (product, prices) if sent)
    if not commands:
        ends = ended(case.cause, Result.UNCHANGED, "UNCHANGED", map_hash=policy.maps.hash)
        return Decision(case=case, outcome=ends)
    return Decision(case=case, commands=commands)


def _product(case: Case, document: Document, facts: Facts, policy: Policy) -> WriteCommand | None:
    record_map = enabled(MAP, policy)
    if record_map is None:
        return None
    fields = document.fields
    name = fields.get("displayName") or fields.get("itemId")
    target = product_target(case.change.ref)
    complete = with_moment(Document({**fields, "item.name": name}), case.change.version)
    told = mapped(record_map, complete, facts)
    news = news_for(target, told, case, facts, policy, part=record_map.part)
    return None if news and is_alone(news.document) else news
