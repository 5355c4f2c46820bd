"""The token endpoint: who may have a session, by which of the flows."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.org import ORG_ID
from sandbox.salesforce.rest.call import Answer
from sandbox.salesforce.signin.assertion import GrantError, username_of
from sandbox.salesforce.signin.credentials import Credentials
from sandbox.salesforce.signin.people import User, user_by_id, user_by_name
from sandbox.salesforce.signin.visitor import LOGIN_HOSTS, Form, Visitor, instance_url

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
SCOPE = "api web refresh_token"


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """`signed`: flows whose answer carries a signature and the time of issue."""

    user: User
    signed: bool = True
    refresh_token: str = ""
    source: str = ""
    """The refresh token that was used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One request to the token endpoint."""

    desk: Desk
    credentials: Credentials
    visitor: Visitor
    form: Form


def token(desk: Desk, credentials: Credentials, visitor: Visitor, form: Form) -> tuple[Answer, str]:
    """The answer and the name of the user who signed in."""
    asking = Asking(desk=desk, credentials=credentials, visitor=visitor, form=form)
    kind = form.get("grant_type", "")
    try:
        if kind not in FLOWS:
            raise GrantError("unsupported_grant_type", "grant type not supported")
        granted = FLOWS[kind](asking)
    except GrantError as error:
        return refused(error.error, error.description), ""
    return _token_answer(asking, granted), granted.user.username


def refused(error: str, description: str) -> Answer:
    body = {"error": error, "error_description": description}
    return Answer(status=400, body=body, headers=NO_STORE)


def identity_url(visitor: Visitor, user: User) -> str:
    return f"{visitor.base}/id/{ORG_ID}/{user.id}"


def _by_assertion(asking: Asking) -> Granted:
    now = asking.desk.org.clock.machine_now()
    name = username_of(asking.form.get("assertion", ""), asking.credentials, now)
    return Granted(user=_approved(asking.desk, name), signed=False)


def _by_client(asking: Asking) -> Granted:
    """The app signs in as the user it runs as, and only at the org's own address."""
    if asking.visitor.host in LOGIN_HOSTS:
        raise GrantError("invalid_grant", "request not supported on this domain")
    _check_client(asking, secret_needed=True)
    return Granted(user=_approved(asking.desk, asking.credentials.integration.username))


def _by_password(asking: Asking) -> Granted:
    _check_client(asking, secret_needed=True)
    name = asking.form.get("username", "")
    if not is_password(asking.credentials, name, asking.form.get("password", "")):
        raise GrantError("invalid_grant", "authentication failure")
    return Granted(user=_approved(asking.desk, name))


def _by_refresh(asking: Asking) -> Granted:
    """With rotation each token serves once and its successor comes along."""
    _check_client(asking, secret_needed=False)
    org = asking.desk.org
    given = asking.form.get("refresh_token", "")
    owner = org.value("SELECT user FROM refresh_token WHERE token = ? AND live = 1", given)
    user = user_by_id(org, str(owner)) if owner is not None else None
    if user is None:
        raise GrantError("invalid_grant", "expired access/refresh token")
    approved = _approved(asking.desk, user.username)
    if not org.profile.rotates_refresh_tokens:
        return Granted(user=approved, source=given)
    successor = asking.desk.sessions.rotate(given, user.id)
    return Granted(user=approved, refresh_token=successor, source=successor)


def _by_code(asking: Asking) -> Granted:
    """This org has no page where a person could approve an app, so no code is ever good."""
    _check_client(asking, secret_needed=False)
    raise GrantError("invalid_grant", "expired authorization code")


FLOWS: Mapping[str, Callable[[Asking], Granted]] = {
    JWT_BEARER: _by_assertion,
    "client_credentials": _by_client,
    "password": _by_password,
    "refresh_token": _by_refresh,
    "authorization_code": _by_code,
}


def _check_client(asking: Asking, *, secret_needed: bool) -> None:
    """The client's id and secret stand in the body or in a Basic header."""
    form, credentials = asking.form, asking.credentials
    identifier, secret = form.get("client_id", ""), form.get("client_secret", "")
    if not identifier and asking.visitor.authorization.lower().startswith("basic "):
        identifier, secret = _basic(asking.visitor.authorization)
    if identifier != credentials.consumer_key:
        raise GrantError("invalid_client_id", "client identifier invalid")
    if not secret and not secret_needed:
        return
    if not hmac.compare_digest(secret.encode(), credentials.consumer_secret.encode()):
        raise GrantError("invalid_client", "invalid client credentials")


def _basic(header: str) -> tuple[str, str]:
    try:
        text = base64.b64decode(header[6:]).decode()
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    identifier, _, secret = text.partition(":")
    return identifier, secret


def is_password(credentials: Credentials, username: str, given: str) -> bool:
    """The password, with or without the security token behind it: every caller's address is in
    the trusted range of this org."""
    secret = credentials.secret_of(username)
    if secret is None:
        return False
    whole = f"{secret.password}{secret.security_token}"
    return any(
        hmac.compare_digest(given.encode(), known.encode()) for known in (whole, secret.password)
    )


def _approved(desk: Desk, username: str) -> User:
    user = user_by_name(desk.org, username)
    if user is None:
        raise GrantError("invalid_grant", "user hasn't approved this consumer")
    if not user.active:
        raise GrantError("inactive_user", "user is inactive")
    return user


def _token_answer(asking: Asking, granted: Granted) -> Answer:
    identity = identity_url(asking.visitor, granted.user)
    access = asking.desk.sessions.open(granted.user.id)
    if granted.source:
        asking.desk.sessions.note_source(access, granted.source)
    body: dict[str, object] = {
        "access_token": access,
        "scope": SCOPE,
        "instance_url": instance_url(asking.visitor),
        "id": identity,
        "token_type": "Bearer",
    }
    if granted.refresh_token:
        body["refresh_token"] = granted.refresh_token
    if granted.signed:
        issued = str(int(asking.desk.org.clock.machine_now().timestamp() * 1000))
        signature = _signature(asking.credentials, identity + issued)
        body |= {"issued_at": issued, "signature": signature}
    return Answer(body=body, headers=NO_STORE)


def _signature(credentials: Credentials, text: str) -> str:
    digest = hmac.new(credentials.consumer_secret.encode(), text.encode(), hashlib.sha256)
    return base64.b64encode(digest.digest()).decode()
