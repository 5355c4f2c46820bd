"""Which service an address leads to."""

from aiohttp import web

from sandbox.netsuite.account import Work
from sandbox.netsuite.api import catalogue, certificates, jobs, queries, records, restlet, system
from sandbox.netsuite.api.desk import Desk
from sandbox.netsuite.api.wire import ROOT, Call
from sandbox.netsuite.errors import NetSuiteError
from sandbox.netsuite.signin.m2m import REST, RESTLETS
from sandbox.profile import Latency

NO_RESOURCE = "The requested resource does not exist."
TOKEN_INFO = "/rest/tokeninfo"


def scope_of(path: str) -> str:
    """What an access token must be good for."""
    return RESTLETS if path in (restlet.PATH, TOKEN_INFO) else REST


def is_script(path: str) -> bool:
    return path == restlet.PATH


def is_known(path: str) -> bool:
    return path.startswith(f"{ROOT}/") or path in (restlet.PATH, TOKEN_INFO)


def template_of(call: Call) -> str:
    """The address without ids: for the log."""
    if not call.path.startswith(f"{ROOT}/"):
        return call.path if is_known(call.path) else "?"
    named = [
        "{id}" if (at in (3, 5) and call.parts[0] == "record") or part.isdigit() else part
        for at, part in enumerate(call.parts[:6])
    ]
    return f"{ROOT}/{'/'.join(named)}"


def pause_s(latency: Latency, request: web.Request) -> float:
    """How long a request of this kind takes."""
    path = request.path
    if path.startswith(f"{ROOT}/auth/"):
        return 0.0
    if is_script(path):
        return latency.restlet_s
    if jobs.RESPOND in request.headers.get("Prefer", "").lower():
        return latency.submit_s
    if path.startswith(f"{ROOT}/query/"):
        return latency.search_s
    return latency.read_s if request.method in ("GET", "HEAD") else latency.write_s


def allowed(call: Call) -> str:
    """The methods of an address, for OPTIONS."""
    if call.path == restlet.PATH:
        return "GET, POST, PUT, DELETE"
    match call.parts:
        case ["record", "v1", "metadata-catalog", *_] | ["async" | "system", *_]:
            return "GET, HEAD, OPTIONS"
        case ["record", "v1", _]:
            return "GET, HEAD, POST, OPTIONS"
        case ["record", "v1", _, _]:
            return "GET, HEAD, PATCH, PUT, DELETE, OPTIONS"
        case ["record", "v1", _, _, operation, *_] if operation.startswith("!"):
            return "POST, OPTIONS"
        case ["query" | "auth", *_]:
            return "POST, OPTIONS"
    return "GET, HEAD, OPTIONS"


def dispatch(desk: Desk, work: Work, call: Call) -> web.Response:
    if call.path == restlet.PATH:
        return restlet.handle(work, call)
    if call.path == TOKEN_INFO:
        return system.token_info(work)
    if jobs.wants_job(call):
        return jobs.submit(work, call)
    return now(desk, work, call)


def now(desk: Desk, work: Work, call: Call) -> web.Response:
    """Without regard to a wish for a later answer."""
    match call.parts:
        case ["record", "v1", "metadata-catalog", *_]:
            return catalogue.handle(work, call)
        case ["record", "v1", _, *_]:
            return records.handle(work, call)
        case ["query", "v1", "suiteql"]:
            return queries.handle(desk, work, call)
        case ["async", "v1", *_]:
            return jobs.handle(work, call)
        case ["system", "v1", "serverTime"]:
            return system.server_time(work, call)
        case ["system", "v1", "governanceLimits"]:
            return system.governance_limits(work, call, desk.slots)
        case ["auth", "oauth2", "v1", "clients", client, "certificates", *rest]:
            return certificates.handle(desk, work, call, client, rest)
        case [*_, "preference", "userPreference"]:
            return system.preferences(work, call)
        case _:
            raise NetSuiteError(404, "NOT_FOUND", NO_RESOURCE)
