"""Certificate rotation: an integration lists, maps and revokes its own certificates."""

from aiohttp import web

from sandbox.netsuite.account import Work
from sandbox.netsuite.api.desk import Desk
from sandbox.netsuite.api.wire import PLAIN, Call, answer
from sandbox.netsuite.errors import NetSuiteError, bad_body, no_permission, not_allowed, not_found
from sandbox.netsuite.roles import rights_of
from sandbox.netsuite.signin.certificates import CertificateError, Mapped
from sandbox.netsuite.values import Document, Value

PEM_BEGIN = b"-----BEGIN CERTIFICATE-----"


def handle(desk: Desk, work: Work, call: Call, client: str, rest: list[str]) -> web.Response:
    """The paths are documented in words only: GET and POST on the list, POST to revoke one."""
    if not rights_of(work.user).certificates:
        raise no_permission()
    match (call.method, rest):
        case ("GET", []):
            held = desk.certificates.of(client, work.user.id)
            items: list[Value] = [_shown(one) for one in held]
            return answer(200, {"items": items, "totalResults": len(items)}, PLAIN)
        case ("POST", []):
            now = desk.frame.clock.machine_now()
            try:
                added = desk.certificates.add(client, work.user.id, _pem(call), now)
            except CertificateError as error:
                raise NetSuiteError(400, "INVALID_CONTENT", str(error)) from error
            return answer(201, _shown(added), PLAIN)
        case ("POST", [identifier, "revoke"]):
            if identifier not in {one.id for one in desk.certificates.of(client, work.user.id)}:
                raise not_found()
            desk.certificates.revoke(identifier)
            return answer(204, None)
    raise not_allowed()


def _pem(call: Call) -> str:
    """As the body itself or as `certificate` in a JSON object."""
    if PEM_BEGIN in call.raw[:200] and not call.raw.lstrip().startswith(b"{"):
        return call.raw.decode("ascii", "replace")
    sent = call.body().get("certificate")
    if not isinstance(sent, str):
        raise bad_body("Send the certificate in PEM form.", "certificate")
    return sent


def _shown(one: Mapped) -> Document:
    return {
        "certificateId": one.id,
        "validFrom": f"{one.begins:%Y-%m-%dT%H:%M:%SZ}",
        "validUntil": f"{one.ends:%Y-%m-%dT%H:%M:%SZ}",
        "revoked": one.revoked,
        "algorithms": [*one.algorithms],
    }
