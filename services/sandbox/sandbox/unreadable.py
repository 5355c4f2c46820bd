"""Refuses what is no HTTP in the vendor's words, where the server library would use its own."""

import logging
from collections.abc import Callable
from http import HTTPStatus

from aiohttp import hdrs, web
from aiohttp.http_exceptions import LineTooLong
from aiohttp.web_protocol import RequestHandler

LINE_BYTES_MAX = 1024 * 1024
FIELD_BYTES_MAX = 256 * 1024
"""Above what a vendor takes, so that its own refusal of a long line or header is seen."""
Refuse = Callable[[int], web.Response]
log = logging.getLogger("sandbox.access")


class Connection(RequestHandler):
    """One connection; its library answers all that can be read."""

    __slots__ = ("_refuse", "_system")

    def __init__(self, server: web.Server, system: str, refuse: Refuse) -> None:
        super().__init__(
            server,
            loop=server._loop,
            access_log=None,  # type: ignore[arg-type]  # none is known at run time: ours says it
            max_line_size=LINE_BYTES_MAX,
            max_field_size=FIELD_BYTES_MAX,
        )
        self._system = system
        self._refuse = refuse

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The connection ends with it: where the next request would begin is not known."""
        if isinstance(exc, LineTooLong):
            status = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
        if request.writer.output_size > 0:
            raise ConnectionError("a part of the answer has been sent already")
        log.info("%s unreadable %s %s", self._system, status, type(exc).__name__)
        answer = self._refuse(status)
        answer.headers[hdrs.SERVER] = ""
        answer.force_close()
        return answer
