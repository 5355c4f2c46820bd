"""The small services: the server's clock, the concurrency limits, preferences, the token."""

from aiohttp import web

from sandbox.netsuite.account import ACCOUNT_ID, Work
from sandbox.netsuite.api.wire import PLAIN, Call, answer
from sandbox.netsuite.errors import no_permission, not_allowed
from sandbox.netsuite.slots import Slots
from sandbox.netsuite.timing import ZONE
from sandbox.netsuite.values import Document

COMPANY = "Tallystick Demo"
ZONE_NAME = "(GMT-08:00) Pacific Time (US & Canada)"


def server_time(work: Work, call: Call) -> web.Response:
    """Needs no permission."""
    _only_get(call)
    text = f"{work.now:%Y-%m-%dT%H:%M:%S}.{work.now.microsecond // 1000:03}Z"
    return answer(200, {"serverTime": text})


def governance_limits(work: Work, call: Call, slots: Slots) -> web.Response:
    """No integration has slots of its own here: all of them share the account's."""
    _only_get(call)
    if not work.user.administrator:
        raise no_permission()
    body: Document = {
        "accountConcurrencyLimit": slots.limit,
        "accountUnallocatedConcurrencyLimit": slots.limit,
        "integrationConcurrencyLimit": slots.limit,
        "integrationLimitType": "accountLimit",
    }
    return answer(200, body)


def preferences(work: Work, call: Call) -> web.Response:
    _only_get(call)
    body: Document = {
        "dateFormat": work.account.profile.account_date_format.upper(),
        "timeFormat": "h:mm a",
        "timeZone": {"id": str(ZONE), "refName": ZONE_NAME},
    }
    return answer(200, body)


def token_info(work: Work) -> web.Response:
    """Whose token it is: asked on the RESTlets' host."""
    body: Document = {
        "companyName": COMPANY,
        "companyId": ACCOUNT_ID,
        "name": work.user.name,
        "email": work.user.email,
        "roleName": work.user.role,
        "roleId": work.user.role_id,
    }
    return answer(200, body, PLAIN)


def _only_get(call: Call) -> None:
    if call.method != "GET":
        raise not_allowed("Use GET.")
