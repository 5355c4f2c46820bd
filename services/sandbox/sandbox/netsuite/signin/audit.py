"""The login audit trail: why a sign-in failed, in the vendor's codes; answers say less."""

from sandbox.netsuite.account import ACCOUNT_ID
from sandbox.netsuite.errors import LOGIN, NetSuiteError


class LoginError(Exception):
    """`code` is what the audit trail shows."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


def refused_token(error: LoginError) -> NetSuiteError:
    """The 401 of token-based authentication: the header carries the code."""
    challenge = (
        f'OAuth realm="{ACCOUNT_ID}", error="{error.code}", '
        'error_description="Invalid login attempt."'
    )
    return NetSuiteError(401, "INVALID_LOGIN", LOGIN, headers={"WWW-Authenticate": challenge})


def refused_bearer() -> NetSuiteError:
    challenge = (
        f'Bearer realm="{ACCOUNT_ID}", error="invalid_token", '
        'error_description="Invalid login attempt."'
    )
    return NetSuiteError(401, "INVALID_LOGIN", LOGIN, headers={"WWW-Authenticate": challenge})
