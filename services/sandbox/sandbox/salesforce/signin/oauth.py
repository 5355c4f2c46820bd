"""The OAuth endpoints: token, userinfo, identity, revoke."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.org import MY_DOMAIN, ORG_ID
from sandbox.salesforce.rest.call import Answer
from sandbox.salesforce.signin.assertion import GrantError, username_of
from sandbox.salesforce.signin.credentials import Credentials
from sandbox.salesforce.signin.people import User, user_by_id, user_by_name

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
LOGIN_HOSTS = frozenset({"login.salesforce.com", "test.salesforce.com"})
Form = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Granted:
    """`with_signature`: flows whose answer carries a signature and the time of issue."""

    user: User
    with_signature: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """`base` is scheme and host as the client wrote them."""

    base: str
    host: str
    authorization: str


def token(desk: Desk, credentials: Credentials, visitor: Visitor, form: Form) -> tuple[Answer, str]:
    """The answer and the name of the user who signed in."""
    try:
        granted = _grant(desk, credentials, visitor, form)
    except GrantError as error:
        body = {"error": error.error, "error_description": error.description}
        return Answer(status=400, body=body, headers=NO_STORE), ""
    answer = _token_answer(desk, credentials, visitor, granted)
    return answer, granted.user.username


def instance_url(visitor: Visitor) -> str:
    """The host the client used; of the shared login hosts, the org's own domain."""
    return f"https://{MY_DOMAIN}" if visitor.host in LOGIN_HOSTS else visitor.base


def identity_url(visitor: Visitor, user: User) -> str:
    return f"{visitor.base}/id/{ORG_ID}/{user.id}"


def _grant(desk: Desk, credentials: Credentials, visitor: Visitor, form: Form) -> Granted:
    kind = form.get("grant_type", "")
    if kind == JWT_BEARER:
        now = desk.org.clock.machine_now()
        name = username_of(form.get("assertion", ""), credentials, now)
        return Granted(_approved(desk, name), with_signature=False)
    if kind not in ("client_credentials", "password", "refresh_token"):
        raise GrantError("unsupported_grant_type", "grant type not supported")
    _check_client(credentials, visitor, form, secret_needed=kind != "refresh_token")
    if kind == "client_credentials":
        if visitor.host in LOGIN_HOSTS:
            raise GrantError("invalid_grant", "request not supported on this domain")
        return Granted(_approved(desk, credentials.integration.username))
    if kind == "password":
        return Granted(_by_password(desk, credentials, form))
    if not hmac.compare_digest(form.get("refresh_token", ""), credentials.refresh_token):
        raise GrantError("invalid_grant", "expired access/refresh token")
    return Granted(_approved(desk, credentials.integration.username))


def _check_client(
    credentials: Credentials, visitor: Visitor, form: Form, *, secret_needed: bool
) -> None:
    """The client's id and secret stand in the body or in a Basic header."""
    identifier, secret = form.get("client_id", ""), form.get("client_secret", "")
    if not identifier and visitor.authorization.lower().startswith("basic "):
        identifier, secret = _basic(visitor.authorization)
    if identifier != credentials.consumer_key:
        raise GrantError("invalid_client_id", "client identifier invalid")
    if not secret and not secret_needed:
        return
    if not hmac.compare_digest(secret, credentials.consumer_secret):
        raise GrantError("invalid_client", "invalid client credentials")


def _basic(header: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(header[6:]).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    identifier, _, secret = text.partition(":")
    return identifier, secret


def _by_password(desk: Desk, credentials: Credentials, form: Form) -> User:
    name = form.get("username", "")
    if not is_password(credentials, name, form.get("password", "")):
        raise GrantError("invalid_grant", "authentication failure")
    return _approved(desk, name)


def is_password(credentials: Credentials, username: str, given: str) -> bool:
    """The password with the security token behind it."""
    secret = credentials.secret_of(username)
    if secret is None:
        return False
    return hmac.compare_digest(given.encode(), f"{secret.password}{secret.security_token}".encode())


def _approved(desk: Desk, username: str) -> User:
    user = user_by_name(desk.org, username)
    if user is None:
        raise GrantError("invalid_grant", "user hasn't approved this consumer")
    if not user.active:
        raise GrantError("invalid_grant", "inactive user")
    return user


def _token_answer(
    desk: Desk, credentials: Credentials, visitor: Visitor, granted: Granted
) -> Answer:
    identity = identity_url(visitor, granted.user)
    body: dict[str, object] = {
        "access_token": desk.sessions.open(granted.user.id),
        "scope": "api web refresh_token",
        "instance_url": instance_url(visitor),
        "id": identity,
        "token_type": "Bearer",
    }
    if granted.with_signature:
        issued = str(int(desk.org.clock.machine_now().timestamp() * 1000))
        body |= {"issued_at": issued, "signature": _signature(credentials, identity + issued)}
    return Answer(body=body, headers=NO_STORE)


def _signature(credentials: Credentials, text: str) -> str:
    digest = hmac.new(credentials.consumer_secret.encode(), text.encode(), hashlib.sha256)
    return base64.b64encode(digest.digest()).decode()


def userinfo(desk: Desk, visitor: Visitor, user_id: str) -> Answer:
    user = user_by_id(desk.org, user_id)
    if user is None:
        return Answer(status=403, content=b"Bad_OAuth_Token")
    return Answer(
        body={
            "sub": identity_url(visitor, user),
            "user_id": user.id,
            "organization_id": ORG_ID,
            "preferred_username": user.username,
            "nickname": user.alias,
            "name": user.name,
            "email": user.email,
            "email_verified": True,
            "given_name": user.first_name,
            "family_name": user.last_name,
            "zoneinfo": user.time_zone,
            "profile": f"{instance_url(visitor)}/{user.id}",
            "urls": _urls(visitor, user),
            "active": user.active,
            "user_type": "STANDARD",
            "language": user.language,
            "locale": user.locale,
            "utcOffset": 0,
        }
    )


def identity(desk: Desk, visitor: Visitor, org_id: str, user_id: str) -> Answer:
    user = user_by_id(desk.org, user_id)
    if user is None or org_id[:15] != ORG_ID[:15]:
        return Answer(status=404, content=b"Bad_Id")
    return Answer(
        body={
            "id": identity_url(visitor, user),
            "asserted_user": True,
            "user_id": user.id,
            "organization_id": ORG_ID,
            "username": user.username,
            "nick_name": user.alias,
            "display_name": user.name,
            "email": user.email,
            "email_verified": True,
            "first_name": user.first_name,
            "last_name": user.last_name,
            "timezone": user.time_zone,
            "urls": _urls(visitor, user),
            "active": user.active,
            "user_type": "STANDARD",
            "language": user.language,
            "locale": user.locale,
            "utcOffset": 0,
            "is_app_installed": True,
        }
    )


def _urls(visitor: Visitor, user: User) -> dict[str, str]:
    """`{version}` stays for the client to fill in."""
    base = instance_url(visitor)
    return {
        "enterprise": f"{base}/services/Soap/c/{{version}}/{ORG_ID[:15]}",
        "metadata": f"{base}/services/Soap/m/{{version}}/{ORG_ID[:15]}",
        "partner": f"{base}/services/Soap/u/{{version}}/{ORG_ID[:15]}",
        "rest": f"{base}/services/data/v{{version}}/",
        "sobjects": f"{base}/services/data/v{{version}}/sobjects/",
        "search": f"{base}/services/data/v{{version}}/search/",
        "query": f"{base}/services/data/v{{version}}/query/",
        "recent": f"{base}/services/data/v{{version}}/recent/",
        "profile": f"{base}/{user.id}",
    }


def revoke(desk: Desk, form: Form) -> Answer:
    if desk.sessions.revoke(form.get("token", "")):
        return Answer(content=b"")
    body = {
        "error": "invalid_token",
        "error_description": "invalid token: " + form.get("token", "")[:15],
    }
    return Answer(status=400, body=body)
