"""What kind of NetSuite account it is, as far as writing differs."""

import json

from kernel.errors import RetryableError
from runtime.vendor_calls import VendorCalls

QUERY = "/services/rest/query/v1/suiteql"
SUBSIDIARY, CURRENCY = "subsidiary", "currency"
OF_ONE_WORLD, OF_CURRENCIES = (
    frozenset({SUBSIDIARY}),
    frozenset({CURRENCY, "exchangeRate", "currencyList"}),
)
PROBES = {
    SUBSIDIARY: (f"SELECT {SUBSIDIARY} FROM transactionline WHERE id = 0", OF_ONE_WORLD),
    CURRENCY: (f"SELECT {CURRENCY} FROM customer WHERE id = 0", OF_CURRENCIES),
}
"""Word that a search does not know in such an account → how to ask, and what is absent then."""
TIMEOUT_S = 30.0
BUSY_LEAST = 429


async def absent_fields(calls: VendorCalls) -> frozenset[str]:
    """Fields that a map may write and this account does not have: an account of one company has
    no subsidiaries, one with a single currency no currencies, and a search there does not know the
    word. RetryableError where it is busy."""
    absent = frozenset[str]()
    for word, (query, fields) in PROBES.items():
        if not await _knows(calls, word, query):
            absent |= fields
    return absent


async def _knows(calls: VendorCalls, word: str, query: str) -> bool:
    answer = await calls.send(
        "query",
        "POST",
        QUERY,
        query={"limit": "1"},
        headers={"Prefer": "transient", "Content-Type": "application/json"},
        body=json.dumps({"q": query}),
        timeout_s=TIMEOUT_S,
    )
    if answer.status >= BUSY_LEAST:
        raise RetryableError(
            f"NetSuite answers {answer.status} to the question what kind of account it is",
            after_s=answer.after_s,
        )
    said = answer.body.decode(errors="replace")
    return answer.is_success or f"Unknown identifier '{word}'" not in said
