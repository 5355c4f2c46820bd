"""NetSuite's sign-in: OAuth 2.0 client credentials with a certificate, or signatures of TBA."""

from datetime import timedelta
from uuid import uuid4

from kernel.errors import FatalError, RetryableError, UnknownOutcomeError
from runtime.access import Access, SignedAccess, TokenAccess
from runtime.assertions import SigningKey, secret_in, signing_key
from runtime.clock import Clock
from runtime.fetching import Answer, Fetching, form_of
from runtime.oauth1 import Keys
from runtime.telemetry import Telemetry
from runtime.tokens import HeldToken, Token
from runtime.vendor_calls import VendorCalls
from runtime.vendor_settings import Certificate, NetSuiteConnection, TokenBased

PATH = "/services/rest/auth/oauth2/v1/token"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
RECORDS_HOST, SCRIPTS_HOST = ".suitetalk.", ".restlets."
SCOPE = ["rest_webservices", "restlets"]
ASSERTION_LIFE = timedelta(minutes=5)
TOKEN_LIFE_S = 3_600.0
TIMEOUT_S = 30.0
RSA_BITS_LEAST = 2048
"""NetSuite takes 3072 and 4096; it says so itself when a certificate is uploaded."""

REFUSALS = frozenset(
    {
        "invalid_request", "invalid_client", "invalid_grant", "invalid_scope",
        "unauthorized_client", "unsupported_grant_type",
    }
)  # fmt: skip
CERTIFICATE_CREDENTIAL = (
    "check NETSUITE_CLIENT_ID, NETSUITE_CERTIFICATE_ID, NETSUITE_PRIVATE_KEY_FILE, that the"
    " certificate is mapped and not past its end, and that the machine's clock is right"
)
TOKEN_CREDENTIAL = (
    "check NETSUITE_CONSUMER_KEY, NETSUITE_CONSUMER_SECRET_FILE, NETSUITE_TOKEN_ID,"
    " NETSUITE_TOKEN_SECRET_FILE, NETSUITE_ACCOUNT and the machine's clock; the login audit trail"
    " of the account says which it was"
)


def netsuite_access(fetching: Fetching, clock: Clock, there: NetSuiteConnection) -> Access:
    """As the settings choose. FatalError where a file holds no key or secret."""
    way = there.sign_in
    if isinstance(way, TokenBased):
        keys_of(way)
        return SignedAccess(lambda: keys_of(way), account=way.account, clock=clock)
    return TokenAccess(HeldToken(NetSuiteSignIn(fetching, clock, there.url, way), clock))


def credential_of(there: NetSuiteConnection) -> str:
    """What to check when it is refused."""
    is_token = isinstance(there.sign_in, TokenBased)
    return TOKEN_CREDENTIAL if is_token else CERTIFICATE_CREDENTIAL


def netsuite_calls(
    fetching: Fetching, access: Access, telemetry: Telemetry, there: NetSuiteConnection
) -> VendorCalls:
    return VendorCalls(
        fetching,
        access,
        telemetry,
        system="netsuite",
        url=there.url,
        credential=f"NetSuite refuses the integration: {credential_of(there)}",
    )


def netsuite_scripts(
    fetching: Fetching, access: Access, telemetry: Telemetry, there: NetSuiteConnection
) -> VendorCalls:
    """The same for RESTlets, which have a host of their own."""
    return VendorCalls(
        fetching,
        access,
        telemetry,
        system="netsuite",
        url=there.url.replace(RECORDS_HOST, SCRIPTS_HOST),
        credential=f"NetSuite refuses the integration: {credential_of(there)}",
    )


def keys_of(way: TokenBased) -> Keys:
    return Keys(
        consumer_key=way.consumer_key,
        consumer_secret=secret_in(way.consumer_secret_file, "NETSUITE_CONSUMER_SECRET_FILE"),
        token_id=way.token_id,
        token_secret=secret_in(way.token_secret_file, "NETSUITE_TOKEN_SECRET_FILE"),
    )


class NetSuiteSignIn:
    """Reads the key at every sign-in, so that it can be replaced while we run."""

    def __init__(self, fetching: Fetching, clock: Clock, url: str, way: Certificate) -> None:
        self._fetching, self._clock, self._way = fetching, clock, way
        self._url = f"{url}{PATH}"
        self._key()

    async def token(self) -> Token:
        answer = await self.asked()
        if token := granted(answer):
            return token
        raise _refusal(answer)

    async def asked(self) -> Answer:
        """The answer of the token endpoint, whatever it is."""
        form = form_of(
            {
                "grant_type": "client_credentials",
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": self._assertion(),
            }
        )
        try:
            return await self._fetching.send(
                "the sign-in", "POST", self._url, headers=FORM, body=form, timeout_s=TIMEOUT_S
            )
        except UnknownOutcomeError as error:  # a token nobody got does no harm
            raise RetryableError(str(error)) from error

    def _assertion(self) -> str:
        now = self._clock.now()
        claims = {
            "iss": self._way.client_id,
            "scope": SCOPE,
            "aud": self._url,
            "iat": now,
            "exp": now + ASSERTION_LIFE,
            "jti": str(uuid4()),
        }
        return self._key().signed(claims, {"kid": self._way.certificate_id})

    def _key(self) -> SigningKey:
        return signing_key(
            self._way.private_key_file,
            "NETSUITE_PRIVATE_KEY_FILE",
            rsa="PS256",
            bits_least=RSA_BITS_LEAST,
            curves=True,
        )


def granted(answer: Answer) -> Token | None:
    told = answer.fields()
    text = told.get("access_token")
    if answer.status == 200 and isinstance(text, str) and text:
        return Token(text, _life_s(told.get("expires_in")))
    return None


def _life_s(value: object) -> float:
    try:
        return max(float(str(value)), 0.0)
    except ValueError:
        return TOKEN_LIFE_S


def _refusal(answer: Answer) -> Exception:
    code = str(answer.fields().get("error", ""))[:100]
    if answer.status in {400, 401} and (code in REFUSALS or answer.status == 401):
        said = code or answer.status
        return FatalError(f"NetSuite refused the sign-in ({said}): {CERTIFICATE_CREDENTIAL}")
    if answer.is_redirect:
        return FatalError("NetSuite sends the sign-in elsewhere: correct NETSUITE_URL")
    return RetryableError(
        f"NetSuite answers {answer.status} to the sign-in {code}".rstrip(), after_s=answer.after_s
    )
