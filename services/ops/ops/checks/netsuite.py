"""NetSuite lets us in, its role reads the tables, and there are slots enough."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from ops.checks.finding import Area, Finding, StopLookingError
from ops.checks.settings import NetSuite
from ops.checks.vendor import body_of, open_client, said_in, sent
from ops.render.lines import counted
from runtime.vendor_settings import NetSuiteConnection

AREA = Area("NetSuite")
TOKEN = "/services/rest/auth/oauth2/v1/token"
QUERY = "/services/rest/query/v1/suiteql"
LIMITS = "/services/rest/system/v1/governanceLimits"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFE = timedelta(minutes=5)
CURVES = {256: "ES256", 384: "ES384", 521: "ES512"}
READER_SLOTS = 1
"""What reading takes beside the writer's slots."""

TABLES = {
    "customer": ("id", "Lists > Customers"),
    "transaction": (
        "id",
        "Transactions > Sales Order, Invoice, Customer Payment, Find Transaction",
    ),
    "transactionline": ("id", "Transactions > Sales Order, Invoice, Customer Payment"),
    "nexttransactionlink": ("nextdoc", "Transactions > Find Transaction"),
    "deletedrecord": ("recordid", "Lists > Deleted Records"),
    "currency": ("id", "Lists > Currency"),
    "subsidiary": ("id", "Lists > Subsidiaries"),
    "item": ("id", "Lists > Items"),
}
"""Table → a column of it, and what lets a role see it."""


def netsuite_findings(settings: NetSuite) -> Iterator[Finding]:
    there = settings.connection
    with open_client(settings.ca_file) as client:
        token = _token(there, client)
        yield AREA.well(f"the integration signs in at account {settings.account}")
        headers = {"Authorization": f"Bearer {token}"}
        yield from _tables(there, client, headers)
        yield from _slots(settings, client, headers)


def _token(there: NetSuiteConnection, client: httpx.Client) -> str:
    url = f"{there.url}{TOKEN}"
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": _assertion(there, url),
    }
    answer = sent(AREA, "NETSUITE_URL", client, client.build_request("POST", url, data=form))
    token = body_of(answer).get("access_token") if answer.is_success else None
    if not isinstance(token, str):
        raise StopLookingError(
            AREA.wrong(
                f"the sign-in is refused: {said_in(answer)}",
                "Administrator: see the login audit trail, the certificate's end and its role;"
                " SRE: NETSUITE_CLIENT_ID, NETSUITE_CERTIFICATE_ID, the machine's clock.",
            )
        )
    return token


def _assertion(there: NetSuiteConnection, url: str) -> str:
    try:
        key = load_pem_private_key(there.private_key_file.read_bytes(), password=None)
    except (OSError, ValueError, TypeError):
        key = None
    now = datetime.now(UTC)
    claims = {
        "iss": there.client_id,
        "scope": ["rest_webservices"],
        "aud": url,
        "iat": now,
        "exp": now + ASSERTION_LIFE,
        "jti": str(uuid4()),
    }
    headers = {"kid": there.certificate_id}
    if isinstance(key, RSAPrivateKey):
        return jwt.encode(claims, key, algorithm="PS256", headers=headers)
    if isinstance(key, EllipticCurvePrivateKey) and key.key_size in CURVES:
        return jwt.encode(claims, key, algorithm=CURVES[key.key_size], headers=headers)
    raise StopLookingError(
        AREA.wrong(
            "the file holds no RSA or elliptic curve private key in PEM form",
            "SRE: put the certificate's private key where NETSUITE_PRIVATE_KEY_FILE says.",
        )
    )


def _tables(
    there: NetSuiteConnection, client: httpx.Client, headers: dict[str, str]
) -> Iterator[Finding]:
    hidden = []
    for table, (column, permission) in TABLES.items():
        request = client.build_request(
            "POST",
            f"{there.url}{QUERY}",
            params={"limit": "1"},
            json={"q": f"SELECT {column} FROM {table}"},
            headers={**headers, "Prefer": "transient"},
        )
        answer = sent(AREA, "NETSUITE_URL", client, request)
        if not answer.is_success:
            hidden.append(
                AREA.wrong(
                    f"the role may not read {table}: {said_in(answer)}",
                    f"Administrator: give the integration's role the permission {permission}.",
                )
            )
    yield from hidden or [AREA.well(f"the role reads {counted(len(TABLES), 'table')}")]


def _slots(settings: NetSuite, client: httpx.Client, headers: dict[str, str]) -> Iterator[Finding]:
    request = client.build_request("GET", f"{settings.connection.url}{LIMITS}", headers=headers)
    answer = sent(AREA, "NETSUITE_URL", client, request)
    body = body_of(answer)
    told = (body.get("integrationConcurrencyLimit"), body.get("accountConcurrencyLimit"))
    limits = [number for number in told if isinstance(number, int) and number > 0]
    wanted = settings.slots + READER_SLOTS
    if not answer.is_success or not limits:
        yield AREA.well(f"takes {wanted} calls at once; the account's limit is told to admins only")
    elif wanted > min(limits):
        yield AREA.wrong(
            f"{wanted} calls at once, but the limit is {min(limits)}",
            f"SRE: set NETSUITE_WRITER_SLOTS to {max(1, min(limits) - READER_SLOTS)} or less.",
        )
    else:
        yield AREA.well(f"takes {wanted} of {min(limits)} calls at once")
