"""HTTP to a vendor: one client, JSON answers, refusals as findings."""

import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from ops.checks.finding import Area, StopLookingError

TIMEOUT_S = 20.0
SAID_MAX = 200


def open_client(ca_file: Path | None) -> httpx.Client:
    context = ssl.create_default_context(cafile=str(ca_file) if ca_file else None)
    return httpx.Client(verify=context, timeout=TIMEOUT_S, follow_redirects=False)


def sent(area: Area, setting: str, client: httpx.Client, request: httpx.Request) -> httpx.Response:
    """StopLookingError where nothing answers."""
    try:
        return client.send(request)
    except (httpx.TransportError, httpx.InvalidURL) as error:
        raise StopLookingError(
            area.wrong(
                f"nothing answers at {request.url.host}: {error or type(error).__name__}",
                f"SRE: correct {setting}, or open the way to it.",
            )
        ) from None


def body_of(answer: httpx.Response) -> Any:
    """The JSON of an answer; an empty object where it holds none."""
    try:
        return answer.json()
    except ValueError:
        return {}


def said_in(answer: httpx.Response) -> str:
    """What the vendor says of a refusal, in the shapes the two of them use."""
    body = body_of(answer)
    if isinstance(body, list) and body:
        body = body[0]
    if not isinstance(body, Mapping):
        return f"HTTP {answer.status_code}"
    details = body.get("o:errorDetails") or [{}]
    texts = (
        body.get("error"),
        body.get("error_description"),
        body.get("errorCode"),
        body.get("message"),
        details[0].get("detail"),
    )
    text = " ".join(str(text) for text in texts if text)
    return f"HTTP {answer.status_code} {text}".strip()[:SAID_MAX]
