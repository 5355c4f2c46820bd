"""Salesforce's OAuth 2.0 sign-in: a signed assertion, or the app's own secret, for a token."""

from datetime import timedelta

from kernel.errors import FatalError, RetryableError, UnknownOutcomeError
from runtime.access import TokenAccess
from runtime.assertions import SigningKey, secret_in, signing_key
from runtime.clock import Clock
from runtime.fetching import Answer, Fetching, form_of
from runtime.telemetry import Telemetry
from runtime.tokens import HeldToken, Token
from runtime.vendor_calls import VendorCalls
from runtime.vendor_settings import ClientSecret, JwtBearer, SalesforceConnection

PATH = "/services/oauth2/token"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
ASSERTION_LIFE = timedelta(minutes=3)
TOKEN_LIFE_S = 3_600.0
"""Salesforce does not say how long a token lives; the usual session is two hours."""

TIMEOUT_S = 15.0
TRANSIENT = frozenset({"unknown_error", "server_error", "temporarily_unavailable"})
ASSERTION_BITS_LEAST = 2048
JWT_CREDENTIAL = (
    "check SALESFORCE_CONSUMER_KEY, SALESFORCE_USERNAME, SALESFORCE_PRIVATE_KEY_FILE,"
    " SALESFORCE_AUDIENCE, and that the connected app is approved for the user"
)
SECRET_CREDENTIAL = (
    "check SALESFORCE_CONSUMER_KEY, SALESFORCE_CONSUMER_SECRET_FILE, that SALESFORCE_URL is the"
    " org's My Domain, and that the app has a run-as user for the client credentials flow"
)


class SalesforceSignIn:
    """Reads key or secret at every sign-in, so that they can be replaced while we run. A file that
    holds none is found at once."""

    def __init__(self, fetching: Fetching, clock: Clock, org: SalesforceConnection) -> None:
        self._fetching, self._clock, self._org = fetching, clock, org
        self._form()

    async def token(self) -> Token:
        answer = await self.asked()
        if token := granted(answer):
            return token
        raise self._refusal(answer)

    async def asked(self) -> Answer:
        """The answer of the token endpoint, whatever it is."""
        url = f"{self._org.url}{PATH}"
        try:
            return await self._fetching.send(
                "the sign-in", "POST", url, headers=FORM, body=self._form(), timeout_s=TIMEOUT_S
            )
        except UnknownOutcomeError as error:  # a token nobody got does no harm
            raise RetryableError(str(error)) from error

    def _form(self) -> bytes:
        way = self._org.sign_in
        if isinstance(way, ClientSecret):
            secret = secret_in(way.consumer_secret_file, "SALESFORCE_CONSUMER_SECRET_FILE")
            return form_of(
                {
                    "grant_type": "client_credentials",
                    "client_id": self._org.consumer_key,
                    "client_secret": secret,
                }
            )
        return form_of({"grant_type": JWT_BEARER, "assertion": self._assertion(way)})

    def _assertion(self, way: JwtBearer) -> str:
        claims = {
            "iss": self._org.consumer_key,
            "sub": way.username,
            "aud": way.audience,
            "exp": self._clock.now() + ASSERTION_LIFE,
        }
        return _key_of(way).signed(claims, {})

    def _refusal(self, answer: Answer) -> Exception:
        told = answer.fields()
        code = str(told.get("error", ""))
        said = f"{code} {told.get('error_description', '')}".strip()[:200]
        if answer.status in {400, 401} and code and code not in TRANSIENT:
            return FatalError(
                f"Salesforce refused the sign-in ({said}): {credential_of(self._org)}"
            )
        if answer.is_redirect:
            return FatalError(
                "Salesforce sends the sign-in elsewhere: set SALESFORCE_URL to My Domain"
            )
        return RetryableError(
            f"Salesforce answers {answer.status} to the sign-in {said}".rstrip(),
            after_s=answer.after_s,
        )


def salesforce_calls(
    fetching: Fetching, tokens: HeldToken, telemetry: Telemetry, org: SalesforceConnection
) -> VendorCalls:
    return VendorCalls(
        fetching,
        TokenAccess(tokens),
        telemetry,
        system="salesforce",
        url=org.url,
        credential=f"Salesforce refuses the integration user: {credential_of(org)}",
    )


def credential_of(org: SalesforceConnection) -> str:
    """What to check when the sign-in is refused."""
    return JWT_CREDENTIAL if isinstance(org.sign_in, JwtBearer) else SECRET_CREDENTIAL


def granted(answer: Answer) -> Token | None:
    text = answer.fields().get("access_token")
    if answer.status == 200 and isinstance(text, str) and text:
        return Token(text, TOKEN_LIFE_S)
    return None


def _key_of(way: JwtBearer) -> SigningKey:
    return signing_key(
        way.private_key_file,
        "SALESFORCE_PRIVATE_KEY_FILE",
        rsa="RS256",
        bits_least=ASSERTION_BITS_LEAST,
        curves=False,
    )
