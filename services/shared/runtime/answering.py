"""Answers of a service to the command line: JSON, and a status that says whose fault it is."""

import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from kernel.errors import RetryableError
from runtime.health import Handler
from runtime.plain_json import JsonObject


def answering(answer: Callable[[web.Request], Awaitable[JsonObject]]) -> Handler:
    """ValueError is the asker's fault (400), RetryableError that of a part that is away (503)."""

    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            return _response(await answer(request), 200)
        except ValueError as error:
            return _response({"error": str(error)}, 400)
        except RetryableError as error:
            return _response({"error": str(error)}, 503)

    return handle


def _response(body: JsonObject, status: int) -> web.Response:
    text = json.dumps(body, ensure_ascii=False)
    return web.Response(text=text, status=status, content_type="application/json")
