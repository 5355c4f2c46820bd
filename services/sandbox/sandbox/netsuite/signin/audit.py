"""The login audit trail: why a sign-in failed, in the vendor's codes; answers say less."""

from sandbox.netsuite.account import ACCOUNT_ID
from sandbox.netsuite.errors import LOGIN, NetSuiteError
from sandbox.netsuite.principals import User

SHORT = "Invalid login attempt."


class LoginError(Exception):
    """`code` is what the audit trail shows; `user` is whoever the token belongs to."""

    def __init__(
        self, code: str, detail: str = "", user: User | None = None, token: str = ""
    ) -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail
        self.user = user
        self.token = token


def refused_token(code: str) -> NetSuiteError:
    """The 401 of token-based authentication: the header carries the code."""
    return _refused(401, "INVALID_LOGIN", LOGIN, _challenge("OAuth", code))


def refused_bearer() -> NetSuiteError:
    return _refused(401, "INVALID_LOGIN", LOGIN, _challenge("Bearer", "invalid_token"))


def malformed_bearer() -> NetSuiteError:
    """No token in the header, or more than one header."""
    return _refused(400, "INVALID_REQUEST", SHORT, _challenge("Bearer", "invalid_request"))


def _refused(status: int, code: str, detail: str, challenge: str) -> NetSuiteError:
    return NetSuiteError(status, code, detail, headers={"WWW-Authenticate": challenge})


def _challenge(scheme: str, error: str) -> str:
    return f'{scheme} realm="{ACCOUNT_ID}", error="{error}", error_description="{SHORT}"'
