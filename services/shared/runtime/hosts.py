"""Which hosts may be spoken to: a vendor's own, and those that a setting names."""

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from kernel.errors import FatalError

SALESFORCE_HOSTS = (
    "login.salesforce.com",
    "test.salesforce.com",
    ".my.salesforce.com",
    "api.pubsub.salesforce.com",
    ".pubsub.salesforce.com",
)
NETSUITE_HOSTS = (".suitetalk.api.netsuite.com", ".restlets.api.netsuite.com")
"""A name that begins with a dot stands for every host below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """`vendor` are names and endings of the vendor; `named` are exact names of test systems, which
    alone may be reached without TLS, and only with `plain`."""

    vendor: tuple[str, ...]
    named: frozenset[str] = frozenset()
    plain: bool = False

    def fault_of(self, url: str) -> str:
        """Why nothing may be sent there; empty where it may."""
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
        except ValueError:
            return "it does not read as an address"
        if parts.username is not None or parts.password is not None:
            return "an address holds no credentials"
        if not self.allows(host):
            return f"host {host[:100]} is neither the vendor's nor named in OUTBOUND_HOSTS"
        if parts.scheme == "https" or (parts.scheme == "http" and self._may_be_plain(host)):
            return ""
        return f"it is not https, and OUTBOUND_PLAIN_HTTP does not open {host[:100]}"

    def check(self, url: str) -> None:
        """FatalError before a byte leaves for a host that is not allowed."""
        if fault := self.fault_of(url):
            raise FatalError(f"nothing is sent: {fault}")

    def allows(self, host: str) -> bool:
        return host in self.named or any(
            host.endswith(name) if name.startswith(".") else host == name for name in self.vendor
        )

    def _may_be_plain(self, host: str) -> bool:
        return self.plain and host in self.named


def is_private(address: str) -> bool:
    """Whether an IP address leads into this machine or its own networks, where no vendor is."""
    return not ip_address(address.partition("%")[0]).is_global
