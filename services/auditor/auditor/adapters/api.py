"""The auditor's answers over HTTP, as JSON, beside its health."""

import json
from collections.abc import Awaitable, Callable

from aiohttp import web

from auditor.adapters.wire.report import summary_to_json, verification_to_json
from auditor.adapters.wire.story import answer_to_json
from auditor.domain.history import Answer
from auditor.domain.report import Summary, Verification
from kernel.errors import RetryableError
from runtime.health import Handler, Health
from runtime.plain_json import JsonObject

VERIFY, SUMMARY, TRACE = "/verify", "/summary", "/trace/"
WAIT_MAX_S = 300.0


def serve(
    health: Health,
    *,
    verify: Callable[[float], Awaitable[Verification]],
    summary: Callable[[], Awaitable[Summary]],
    trace: Callable[[str], Awaitable[Answer]],
) -> None:
    async def answer_verify(request: web.Request) -> JsonObject:
        wait_s = _wait_s(request.query.get("wait_s", "0"))
        return verification_to_json(await verify(wait_s))

    async def answer_summary(_: web.Request) -> JsonObject:
        return summary_to_json(await summary())

    async def answer_trace(request: web.Request) -> JsonObject:
        return answer_to_json(await trace(request.path.removeprefix(TRACE)))

    health.add_get(VERIFY, _answering(answer_verify))
    health.add_get(SUMMARY, _answering(answer_summary))
    health.add_get(TRACE, _answering(answer_trace))


def _answering(answer: Callable[[web.Request], Awaitable[JsonObject]]) -> Handler:
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


def _wait_s(text: str) -> float:
    try:
        wait_s = float(text)
    except ValueError:
        wait_s = -1.0
    if not 0 <= wait_s <= WAIT_MAX_S:
        raise ValueError(f"wait_s is '{text}': give seconds from 0 to {WAIT_MAX_S:g}")
    return wait_s
