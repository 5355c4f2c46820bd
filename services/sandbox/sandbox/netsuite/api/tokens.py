"""The token address of OAuth 2.0."""

from urllib.parse import parse_qsl

from aiohttp import web

from sandbox.netsuite.account import ACCOUNT_ID
from sandbox.netsuite.api.wire import Call
from sandbox.netsuite.signin.gate import Gate
from sandbox.netsuite.signin.m2m import GrantError
from sandbox.netsuite.values import Document, dump

FORM_BYTES_MAX = 100_000


def handle(gate: Gate, call: Call, request: web.Request) -> tuple[web.Response, str]:
    """The answer and who it was for."""
    if call.method != "POST" or len(call.raw) > FORM_BYTES_MAX:
        return _answer(400, {"error": "invalid_request"}), ""
    try:
        pairs = parse_qsl(call.raw.decode(), keep_blank_values=True)
    except ValueError:
        return _answer(400, {"error": "invalid_request"}), ""
    form = dict(pairs)
    if len(form) != len(pairs):
        return _answer(400, {"error": "invalid_request"}), ""
    try:
        grant = gate.grant(request, form)
    except GrantError as error:
        headers = {"WWW-Authenticate": f'Basic realm="{ACCOUNT_ID}"'} if error.status == 401 else {}
        return _answer(error.status, {"error": error.code}, headers), ""
    body: Document = {
        "access_token": grant.token,
        "expires_in": grant.expires_in,
        "token_type": "Bearer",
    }
    return _answer(200, body), grant.user.actor


def _answer(status: int, body: Document, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(
        status=status,
        text=dump(body),
        content_type="application/json",
        headers={"Cache-Control": "no-store", "Pragma": "no-cache", **(headers or {})},
    )
