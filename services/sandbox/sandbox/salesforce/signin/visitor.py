"""Who calls, and from which of the org's addresses."""

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.salesforce.org import MY_DOMAIN

LOGIN_HOSTS = frozenset({"login.salesforce.com", "test.salesforce.com"})
Form = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """`base` is scheme and host as the client wrote them."""

    base: str
    host: str
    authorization: str
    accept: str = ""


def instance_url(visitor: Visitor) -> str:
    """The host the client used; of the shared login hosts, the org's own domain."""
    return f"https://{MY_DOMAIN}" if visitor.host in LOGIN_HOSTS else visitor.base
