"""The sign-in reaches records and scripts, and the RESTlet answers, through which refunds void."""

import base64
import json
from collections.abc import Callable, Iterator

from kernel.exact_json import Json
from ops.checks.finding import Area, Finding
from ops.checks.netsuite_needs import PROBE
from runtime.fetching import Answer
from runtime.netsuite_sign_in import RECORDS_HOST, SCOPE, SCRIPTS_HOST

RESTLET = (
    "/app/site/hosting/restlet.nl?script=customscript_tallystick_restlet"
    "&deploy=customdeploy_tallystick_restlet"
)
ASKS = f"&operation=get&type=customer&externalId={PROBE}"
"""Tells a record that is not there: nothing happens, and the script itself says so."""
NOT_THERE = "RCRD_DSNT_EXIST"
SAID_MAX = 200
SCOPES = (
    "Administrator: switch on the scopes REST Web Services and RESTlets in the integration record."
)
NO_SCRIPT = (
    "Administrator: deploy deploy/netsuite to the account, and release the script's deployment."
)
NO_ENTRY = (
    "Administrator: switch on the scope RESTlets in the integration record, let the role run the"
    " script (its deployment's audience), and give it to the integration's user."
)


def scope_findings(area: Area, token: str) -> Iterator[Finding]:
    """Of an access token; one that does not tell its scopes says nothing."""
    told = _scopes(token)
    missing = [one for one in SCOPE if told is not None and one not in told]
    if missing:
        yield area.wrong(f"the sign-in has no scope {' and '.join(missing)}", SCOPES)
    elif told is not None:
        yield area.well(f"the sign-in has the scopes {' and '.join(SCOPE)}")


def script_findings(area: Area, url: str, ask: Callable[[str], Answer]) -> Iterator[Finding]:
    """`url` is where records are."""
    answer = ask(f"{url.replace(RECORDS_HOST, SCRIPTS_HOST)}{RESTLET}{ASKS}")
    code, message = _refusal(answer)
    if answer.is_success or code == NOT_THERE:
        yield area.well("the RESTlet answers")
        return
    said = " ".join(f"HTTP {answer.status} {code} {message}".split())[:SAID_MAX].rstrip(".")
    is_missing = answer.status == 404 or "SCRIPT" in code.upper()
    what = "is not there" if is_missing else "does not let the integration in"
    yield area.wrong(f"the RESTlet {what}: {said}", NO_SCRIPT if is_missing else NO_ENTRY)


def _refusal(answer: Answer) -> tuple[str, str]:
    error = answer.fields().get("error")
    if not isinstance(error, dict):
        return str(error or ""), ""
    return str(error.get("code", "")), str(error.get("message", ""))


def _scopes(token: str) -> frozenset[str] | None:
    """What the token says of itself; whether that is true NetSuite knows."""
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims: Json = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return None
    scope = claims.get("scope") if isinstance(claims, dict) else None
    if isinstance(scope, str):
        return frozenset(scope.replace(",", " ").split())
    return frozenset(map(str, scope)) if isinstance(scope, list) else None
