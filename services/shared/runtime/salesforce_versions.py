"""Whether an org still serves the version of the API that is pinned."""

from kernel.errors import FatalError, RetryableError
from kernel.exact_json import Json
from runtime.vendor_calls import VendorCalls

VERSIONS = "/services/data"
TIMEOUT_S = 20.0


async def check_version(calls: VendorCalls, pinned: str) -> None:
    """FatalError with the remedy where it is retired or not there yet."""
    answer = await calls.send(
        "versions", "GET", VERSIONS, headers={"Accept": "application/json"}, timeout_s=TIMEOUT_S
    )
    offered = offered_in(answer.json())
    if answer.is_redirect:
        raise FatalError("the org has another address: set SALESFORCE_URL to its My Domain")
    if not answer.is_success or not offered:
        raise RetryableError(f"Salesforce answers {answer.status} to the question for its versions")
    if fault := fault_of(pinned, offered):
        raise FatalError(fault)


def offered_in(body: Json) -> list[str]:
    """Versions in an answer, such as 68.0, oldest first."""
    rows = body if isinstance(body, list) else []
    found = {str(row.get("version")) for row in rows if isinstance(row, dict)}
    return sorted((text for text in found if _number(text)), key=_number)


def fault_of(pinned: str, offered: list[str]) -> str:
    """Empty where it is served."""
    if pinned in offered:
        return ""
    is_old = _number(pinned) < _number(offered[0])
    why = "is retired there" if is_old else "is not served there"
    return (
        f"Salesforce's API version {pinned} {why}: set SALESFORCE_API_VERSION to one of"
        f" {offered[0]} to {offered[-1]}"
    )


def _number(version: str) -> float:
    try:
        return float(version)
    except ValueError:
        return 0.0
