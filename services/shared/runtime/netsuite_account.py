"""What kind of NetSuite account it is, as far as writing differs."""

import json

from kernel.errors import RetryableError
from runtime.vendor_calls import VendorCalls

QUERY = "/services/rest/query/v1/suiteql"
SUBSIDIARY = "subsidiary"
KNOWS_SUBSIDIARY = "SELECT subsidiary FROM transactionline WHERE id = 0"
UNKNOWN = f"Unknown identifier '{SUBSIDIARY}'"
TIMEOUT_S = 30.0
BUSY_LEAST = 429


async def absent_fields(calls: VendorCalls) -> frozenset[str]:
    """Fields that a map may write and this account does not have: an account of one company has
    no subsidiaries, and a search there does not know the word. RetryableError where it is busy."""
    answer = await calls.send(
        "query",
        "POST",
        QUERY,
        query={"limit": "1"},
        headers={"Prefer": "transient", "Content-Type": "application/json"},
        body=json.dumps({"q": KNOWS_SUBSIDIARY}),
        timeout_s=TIMEOUT_S,
    )
    if answer.status >= BUSY_LEAST:
        raise RetryableError(
            f"NetSuite answers {answer.status} to the question what kind of account it is",
            after_s=answer.after_s,
        )
    said = answer.body.decode(errors="replace")
    return frozenset({SUBSIDIARY}) if not answer.is_success and UNKNOWN in said else frozenset()
