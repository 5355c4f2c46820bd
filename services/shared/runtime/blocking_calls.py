"""Calls of a library that blocks, sent by the one way out."""

import asyncio
from decimal import Decimal

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from runtime.fetching import Answer
from runtime.lean_salesforce import Salesforce
from runtime.vendor_calls import VendorCalls

UNFOLDED = frozenset({"content-encoding", "content-length", "location", "transfer-encoding"})
"""Headers that do not hold for a body that has been read, or that lead elsewhere."""
TOKEN_OF_CALLS = "put in by the calls"
SCHEMES = ("http://", "https://")


class BlockingCalls(BaseAdapter):
    """The transport of `session`, for one call that a thread makes while the loop runs elsewhere.

    Whatever address the library builds, only its path is taken: the host and the token are those
    of `calls`. To be built on the loop that `calls` belongs to.
    """

    def __init__(self, calls: VendorCalls, operation: str, timeout_s: float) -> None:
        super().__init__()
        self._calls, self._operation, self._timeout_s = calls, operation, timeout_s
        self._loop = asyncio.get_running_loop()
        self.answer: Answer | None = None
        """The last one."""
        self.session = requests.Session()
        self.session.trust_env = False
        for scheme in SCHEMES:
            self.session.mount(scheme, self)

    def salesforce(self, version: str) -> Salesforce:
        """simple-salesforce on this line; numbers keep their decimals."""
        return Salesforce(
            session_id=TOKEN_OF_CALLS,
            instance_url=self._calls.url,
            version=version,
            session=self.session,
            parse_float=Decimal,
            object_pairs_hook=dict,
        )

    def send(
        self, request: requests.PreparedRequest, *_: object, **__: object
    ) -> requests.Response:
        """Raises as `VendorCalls.send` does."""
        body = request.body.decode() if isinstance(request.body, bytes) else request.body
        sending = self._calls.send(
            self._operation,
            str(request.method),
            request.path_url,
            headers=dict(request.headers),
            body=body,
            timeout_s=self._timeout_s,
        )
        self.answer = asyncio.run_coroutine_threadsafe(sending, self._loop).result()
        return _response(request, self.answer)

    def close(self) -> None:
        """There is nothing of its own to close."""


def _response(request: requests.PreparedRequest, answer: Answer) -> requests.Response:
    found = requests.Response()
    found.status_code, found.url, found.request = answer.status, str(request.url), request
    kept = {name: text for name, text in answer.headers.items() if name not in UNFOLDED}
    found.headers = CaseInsensitiveDict(kept)
    found.encoding = "utf-8"
    found._content = answer.body
    return found
