"""OAuth 1.0a signatures with HMAC-SHA256 (RFC 5849): NetSuite's token-based authentication."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlsplit

METHOD = "HMAC-SHA256"
DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """Of an integration record and of an access token."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    token_id: str = field(repr=False)
    token_secret: str = field(repr=False)


def authorization(
    keys: Keys, method: str, url: str, *, realm: str, nonce: str, timestamp_s: int
) -> str:
    """The value of the header. The realm is not signed; every parameter of the query is."""
    named = {
        "oauth_consumer_key": keys.consumer_key,
        "oauth_token": keys.token_id,
        "oauth_signature_method": METHOD,
        "oauth_timestamp": str(timestamp_s),
        "oauth_nonce": nonce,
        "oauth_version": "1.0",
    }
    named["oauth_signature"] = signature(keys, method, url, named)
    told = ", ".join(f'{name}="{_quoted(value)}"' for name, value in named.items())
    return f'OAuth realm="{realm}", {told}'


def signature(keys: Keys, method: str, url: str, named: Mapping[str, str]) -> str:
    key = f"{_quoted(keys.consumer_secret)}&{_quoted(keys.token_secret)}"
    text = base_string(method, url, named.items())
    digest = hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()
    return base64.b64encode(digest).decode()


def base_string(method: str, url: str, named: Iterable[tuple[str, str]]) -> str:
    parts = urlsplit(url)
    pairs = [*parse_qsl(parts.query, keep_blank_values=True), *named]
    quoted = sorted((_quoted(name), _quoted(value)) for name, value in pairs)
    parameters = "&".join(f"{name}={value}" for name, value in quoted)
    host = (parts.hostname or "").lower()
    if parts.port not in {None, DEFAULT_PORTS.get(parts.scheme)}:
        host = f"{host}:{parts.port}"
    address = f"{parts.scheme}://{host}{parts.path or '/'}"
    return "&".join((method.upper(), _quoted(address), _quoted(parameters)))


def _quoted(text: str) -> str:
    return quote(text, safe="~")
