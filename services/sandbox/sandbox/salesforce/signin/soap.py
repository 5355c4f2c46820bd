"""SOAP login of the partner API, whose answer clients read by position and by pattern."""

import re
from collections.abc import Mapping
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.org import ORG_ID
from sandbox.salesforce.rest.call import Answer
from sandbox.salesforce.signin.credentials import Credentials
from sandbox.salesforce.signin.oauth import Visitor, instance_url, is_password
from sandbox.salesforce.signin.people import User, user_by_name

PATH = re.compile(r"^/services/Soap/([uc])/(\d+(?:\.\d)?)(?:/[^/]*)?/?$", re.IGNORECASE)
OLDEST, NEWEST = 31.0, 64.0
XML = {"Content-Type": "text/xml;charset=UTF-8"}
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
ENVELOPE = "http://schemas.xmlsoap.org/soap/envelope/"
FAULTS = "urn:fault.partner.soap.sforce.com"
BAD_LOGIN = "Invalid username, password, security token; or user locked out."
BODY_BYTES_MAX = 1_000_000


def login(
    desk: Desk, credentials: Credentials, visitor: Visitor, path: str, body: bytes
) -> tuple[Answer, str]:
    """The answer and the name of the user who signed in."""
    match = PATH.match(path)
    version = float(match[2]) if match else 0.0
    if not OLDEST <= version <= NEWEST:
        return _fault("UNSUPPORTED_API_VERSION", "Invalid Api version specified on URL"), ""
    given = _login_call(body)
    if given is None:
        return _fault("INVALID_OPERATION", "This sandbox serves only login over SOAP"), ""
    username, password = given
    user = user_by_name(desk.org, username)
    if user is None or not user.active or not is_password(credentials, username, password):
        return _fault("INVALID_LOGIN", BAD_LOGIN, login=True), ""
    token = desk.sessions.open(user.id)
    kind = match[1].lower() if match else "u"
    text = _result(desk, user, token, instance_url(visitor), f"{version:.1f}", kind)
    return Answer(content=text.encode(), headers=XML), user.username


def _login_call(body: bytes) -> tuple[str, str] | None:
    if len(body) > BODY_BYTES_MAX or b"<!DOCTYPE" in body:
        return None
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        return None
    for element in root.iter():
        if element.tag.rpartition("}")[2] == "login":
            parts = {child.tag.rpartition("}")[2]: child.text or "" for child in element}
            return parts.get("username", ""), parts.get("password", "")
    return None


def _result(desk: Desk, user: User, token: str, base: str, version: str, kind: str) -> str:
    """Children in the order that clients count on; the important ones carry no attributes."""
    server = f"{base}/services/Soap/{kind}/{version}/{ORG_ID[:15]}"
    metadata = f"{base}/services/Soap/m/{version}/{ORG_ID[:15]}"
    result = (
        _tag("metadataServerUrl", metadata)
        + _tag("passwordExpired", "false")
        + _tag("sandbox", "false")
        + _tag("serverUrl", server)
        + _tag("sessionId", token)
        + _tag("userId", user.id)
        + f"<userInfo>{_user_info(desk, user)}</userInfo>"
    )
    return (
        f'{DECLARATION}<soapenv:Envelope xmlns:soapenv="{ENVELOPE}"'
        ' xmlns="urn:partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<soapenv:Body><loginResponse><result>{result}</result></loginResponse></soapenv:Body>"
        "</soapenv:Envelope>"
    )


def _user_info(desk: Desk, user: User) -> str:
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
        f'<{name} xsi:nil="true"/>' if value is None else _tag(name, value)
        for name, value in facts.items()
    )


def _text(value: int | str | None) -> str | None:
    return None if value is None else str(value)


def _tag(name: str, value: str) -> str:
    return f"<{name}>{escape(value)}</{name}>"


def _fault(code: str, message: str, *, login: bool = False) -> Answer:
    kind = "LoginFault" if login else "UnexpectedErrorFault"
    detail = (
        f'<sf:{kind} xsi:type="sf:{kind}"><sf:exceptionCode>{code}</sf:exceptionCode>'
        f"<sf:exceptionMessage>{escape(message)}</sf:exceptionMessage></sf:{kind}>"
    )
    text = (
        f'{DECLARATION}<soapenv:Envelope xmlns:soapenv="{ENVELOPE}" xmlns:sf="{FAULTS}"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault>'
        f"<faultcode>sf:{code}</faultcode><faultstring>{code}: {escape(message)}</faultstring>"
        f"<detail>{detail}</detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>"
    )
    return Answer(status=500, content=text.encode(), headers=XML)
