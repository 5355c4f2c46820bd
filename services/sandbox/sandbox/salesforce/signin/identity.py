"""Whose token it is: userinfo, the identity URL; and how a token is revoked."""

from datetime import UTC, datetime

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.org import ORG_ID
from sandbox.salesforce.rest.call import Answer
from sandbox.salesforce.signin.oauth import identity_url, refused
from sandbox.salesforce.signin.people import User, user_by_id
from sandbox.salesforce.signin.visitor import Form, Visitor, instance_url

PLAIN = {"Content-Type": "text/html;charset=UTF-8"}
SHORT_ORG = ORG_ID[:15]
SERVICES = {
    "enterprise": f"/services/Soap/c/{{version}}/{SHORT_ORG}",
    "metadata": f"/services/Soap/m/{{version}}/{SHORT_ORG}",
    "partner": f"/services/Soap/u/{{version}}/{SHORT_ORG}",
    "rest": "/services/data/v{version}/",
    "sobjects": "/services/data/v{version}/sobjects/",
    "search": "/services/data/v{version}/search/",
    "query": "/services/data/v{version}/query/",
    "recent": "/services/data/v{version}/recent/",
    "tooling_soap": f"/services/Soap/T/{{version}}/{SHORT_ORG}",
    "tooling_rest": "/services/data/v{version}/tooling/",
    "profile": "/{user}",
    "feeds": "/services/data/v{version}/chatter/feeds",
    "groups": "/services/data/v{version}/chatter/groups",
    "users": "/services/data/v{version}/chatter/users",
    "feed_items": "/services/data/v{version}/chatter/feed-items",
    "feed_elements": "/services/data/v{version}/chatter/feed-elements",
}
BAD_TOKEN = "Bad_OAuth_Token"


def denied(word: str, status: int = 403) -> Answer:
    """These two addresses answer errors with a bare word."""
    return Answer(status=status, content=word.encode(), headers=PLAIN)


def userinfo(desk: Desk, visitor: Visitor, user_id: str, form: Form) -> Answer:
    user = user_by_id(desk.org, user_id)
    if user is None:
        return denied(BAD_TOKEN)
    base = instance_url(visitor)
    body: dict[str, object] = {
        "sub": identity_url(visitor, user),
        "user_id": user.id,
        "organization_id": ORG_ID,
        "preferred_username": user.username,
        "nickname": user.nickname,
        "name": user.name,
        "email": user.email,
        "email_verified": True,
        "given_name": user.first_name or None,
        "family_name": user.last_name,
        "zoneinfo": user.time_zone,
        "photos": _photos(base),
        "profile": f"{base}/{user.id}",
        "picture": _photos(base)["picture"],
        "address": {},
        "is_salesforce_integration_user": False,
        "urls": _urls(base, user, form),
        "active": user.active,
        "user_type": "STANDARD",
        "language": user.language,
        "locale": user.locale,
        "utcOffset": 0,
        "updated_at": _time(user.modified_s),
    }
    return Answer(body=body)


def identity(desk: Desk, visitor: Visitor, org_id: str, user_id: str, form: Form) -> Answer:
    if org_id[:15] != SHORT_ORG:
        return denied("Wrong_Org")
    user = user_by_id(desk.org, user_id)
    if user is None:
        return denied("Bad_Id", status=404)
    base = instance_url(visitor)
    body: dict[str, object] = {
        "id": identity_url(visitor, user),
        "asserted_user": True,
        "user_id": user.id,
        "organization_id": ORG_ID,
        "username": user.username,
        "nick_name": user.nickname,
        "display_name": user.name,
        "email": user.email,
        "email_verified": True,
        "first_name": user.first_name or None,
        "last_name": user.last_name,
        "timezone": user.time_zone,
        "photos": _photos(base),
        "addr_street": None,
        "addr_city": None,
        "addr_state": None,
        "addr_country": None,
        "addr_zip": None,
        "mobile_phone": None,
        "mobile_phone_verified": False,
        "is_lightning_login_user": False,
        "status": {"created_date": None, "body": None},
        "urls": _urls(base, user, form),
        "active": user.active,
        "user_type": "STANDARD",
        "language": user.language,
        "locale": user.locale,
        "utcOffset": 0,
        "last_modified_date": _time(user.modified_s),
        "is_app_installed": True,
    }
    return Answer(body=body)


def _time(seconds: int) -> str:
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _photos(base: str) -> dict[str, str]:
    return {"picture": f"{base}/profilephoto/005/F", "thumbnail": f"{base}/profilephoto/005/T"}


def _urls(base: str, user: User, form: Form) -> dict[str, str]:
    """`{version}` stays for the client to fill in, unless it asked for one."""
    version = form.get("version", "")
    found = {name: f"{base}{path}".replace("{user}", user.id) for name, path in SERVICES.items()}
    if not version:
        return found
    return {name: url.replace("{version}", version) for name, url in found.items()}


def revoke(desk: Desk, form: Form) -> Answer:
    """A refresh token takes its user's sessions with it."""
    given = form.get("token", "")
    if desk.sessions.revoke(given) or desk.sessions.revoke_refresh(given):
        return Answer(content=b"")
    return refused("invalid_token", f"invalid token: {given[:15]}")
