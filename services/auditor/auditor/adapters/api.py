"""The auditor's answers over HTTP, as JSON, beside its health."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from auditor.adapters.wire.report import summary_to_json, verification_to_json
from auditor.adapters.wire.story import answer_to_json
from auditor.domain.history import Answer
from auditor.domain.report import Summary, Verification
from runtime.answering import answering
from runtime.health import Health
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

    health.add_get(VERIFY, answering(answer_verify))
    health.add_get(SUMMARY, answering(answer_summary))
    health.add_get(TRACE, answering(answer_trace))


def _wait_s(text: str) -> float:
    try:
        wait_s = float(text)
    except ValueError:
        wait_s = -1.0
    if not 0 <= wait_s <= WAIT_MAX_S:
        raise ValueError(f"wait_s is '{text}': give seconds from 0 to {WAIT_MAX_S:g}")
    return wait_s
