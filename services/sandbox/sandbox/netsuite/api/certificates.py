"""Certificate rotation: an integration lists, maps and revokes its own certificates."""

from aiohttp import web

from sandbox.netsuite.account import Work
from sandbox.netsuite.api.desk import Desk
from sandbox.netsuite.api.wire import PLAIN, Call, answer
from sandbox.netsuite.errors import NetSuiteError, bad_body, no_permission, not_allowed, not_found
from sandbox.netsuite.roles import rights_of
from sandbox.netsuite.signin.audit import refused_bearer
from sandbox.netsuite.signin.certificates import CertificateError, Mapped
from sandbox.netsuite.values import Document, Value

PEM_BEGIN = b"-----BEGIN CERTIFICATE-----"
NAMES = ("fileContent", "certificate")


def handle(desk: Desk, work: Work, call: Call, client: str, rest: list[str]) -> web.Response:
    """GET and POST on the list, POST to revoke one; with an access token only."""
    if not call.header("Authorization").lower().startswith("bearer "):
        raise refused_bearer()
    if not rights_of(work.user).certificates:
        raise no_permission()
    if not desk.certificates.knows(client, work.user.id):
        raise not_found()
    match (call.method, rest):
        case ("GET", []):
            held = desk.certificates.of(client, work.user.id)
            items: list[Value] = [_shown(one) for one in held]
            return answer(200, {"items": items, "totalResults": len(items)}, PLAIN)
        case ("POST", []):
            now = desk.frame.clock.machine_now()
            try:
                added = desk.certificates.add(client, work.user.id, _pem(work, call), now)
            except CertificateError as error:
                raise NetSuiteError(400, "INVALID_CONTENT", str(error)) from error
            return answer(201, _shown(added), PLAIN)
        case ("POST", [identifier, "revoke"]):
            if identifier not in {one.id for one in desk.certificates.of(client, work.user.id)}:
                raise not_found()
            desk.certificates.revoke(identifier)
            return answer(204, None)
    raise not_allowed()


def _pem(work: Work, call: Call) -> str:
    """`fileContent` of a JSON object, or the body itself; role and entity are the caller's own."""
    if PEM_BEGIN in call.raw[:200] and not call.raw.lstrip().startswith(b"{"):
        return call.raw.decode("ascii", "replace")
    body = call.body()
    own = {"role": work.user.role_id, "entity": work.user.id}
    if any(str(body[name]) != str(value) for name, value in own.items() if name in body):
        raise no_permission()
    sent = next((body[name] for name in NAMES if name in body), None)
    if not isinstance(sent, str):
        raise bad_body("Send the certificate in PEM form.", NAMES[0])
    return sent


def _shown(one: Mapped) -> Document:
    return {
        "certificateId": one.id,
        "validFrom": f"{one.begins:%Y-%m-%dT%H:%M:%SZ}",
        "validUntil": f"{one.ends:%Y-%m-%dT%H:%M:%SZ}",
        "revoked": one.revoked,
        "algorithms": [*one.algorithms],
    }
