"""SOAP login, whose answer clients read by position and by pattern."""

from collections.abc import Mapping

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.org import ORG_ID
from sandbox.salesforce.rest.call import Answer
from sandbox.salesforce.signin.credentials import Credentials
from sandbox.salesforce.signin.oauth import is_password
from sandbox.salesforce.signin.people import User, user_by_name
from sandbox.salesforce.signin.visitor import Visitor, instance_url
from sandbox.salesforce.soap.envelope import Request, SoapFault, nil, reply, tag, text_of

BAD_LOGIN = "Invalid username, password, security token; or user locked out."
SHORT_ORG = ORG_ID[:15]


def login(
    desk: Desk,
    credentials: Credentials,
    visitor: Visitor,
    request: Request,
    kind: str,
    version: str,
) -> tuple[Answer, str]:
    """The answer and the name of the user who signed in."""
    username = text_of(request.operation, "username")
    password = text_of(request.operation, "password")
    user = user_by_name(desk.org, username)
    scope = request.header("LoginScopeHeader", "organizationId")
    elsewhere = scope != "" and scope[:15] != SHORT_ORG
    if user is None or not user.active or elsewhere:
        raise SoapFault("INVALID_LOGIN", BAD_LOGIN, kind="LoginFault")
    if not is_password(credentials, username, password):
        raise SoapFault("INVALID_LOGIN", BAD_LOGIN, kind="LoginFault")
    desk.usage.check_requests()
    token = desk.sessions.open(user.id)
    base = instance_url(visitor)
    result = (
        tag("metadataServerUrl", f"{base}/services/Soap/m/{version}/{SHORT_ORG}")
        + tag("passwordExpired", "false")
        + tag("sandbox", "false")
        + tag("serverUrl", f"{base}/services/Soap/{kind}/{version}/{SHORT_ORG}")
        + tag("sessionId", token)
        + tag("userId", user.id)
        + f"<userInfo>{user_info(desk, user)}</userInfo>"
    )
    answer = reply(kind, f"<loginResponse><result>{result}</result></loginResponse>")
    return answer, user.username


def user_info(desk: Desk, user: User) -> str:
    """In the order that clients count on."""
    facts: Mapping[str, str | None] = {
        "accessibilityMode": "false",
        "chatterExternal": "false",
        "currencySymbol": None if desk.org.multi_currency else "$",
        "orgAttachmentFileSizeLimit": "5242880",
        "orgDefaultCurrencyIsoCode": None if desk.org.multi_currency else "USD",
        "orgDefaultCurrencyLocale": "en_US",
        "orgDisallowHtmlAttachments": "false",
        "orgHasPersonAccounts": "false",
        "organizationId": ORG_ID,
        "organizationMultiCurrency": str(desk.org.multi_currency).lower(),
        "organizationName": str(desk.org.value('SELECT "Name" FROM "Organization"') or ""),
        "profileId": "00edx0000000001AAA",
        "roleId": None,
        "sessionSecondsValid": str(desk.org.profile.session_s),
        "userDefaultCurrencyIsoCode": _text(desk.org.user_currency(user.id)),
        "userEmail": user.email,
        "userFullName": user.name,
        "userId": user.id,
        "userLanguage": user.language,
        "userLocale": user.locale,
        "userName": user.username,
        "userTimeZone": user.time_zone,
        "userType": "Standard",
        "userUiSkin": "Theme3",
    }
    return "".join(
        nil(name) if value is None else tag(name, value) for name, value in facts.items()
    )


def _text(value: int | str | None) -> str | None:
    return None if value is None else str(value)
