"""Several calls in one: composite with references between them, and plain batches."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from urllib.parse import quote, unquote_plus

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.rest.call import Answer, Call
from sandbox.salesforce.work import Work

CALLS_MAX = 25
COSTLY_MAX = 5
COSTLY = ("/query", "/queryall", "/composite/sobjects")
REFERENCE = re.compile(r"@\{([A-Za-z0-9_]+)((?:\.[A-Za-z0-9_]+|\[\d+\])*)\}")
ENCODED = re.compile(r"(?:@|%40)(?:\{|%7B)[^{}]*?(?:\}|%7D)", re.IGNORECASE)
"""The same in an address, where clients write some of its characters as percents."""
STEP = re.compile(r"\.([A-Za-z0-9_]+)|\[(\d+)\]")
HALTED = Refusal(
    "PROCESSING_HALTED",
    "The transaction was rolled back since another operation in the same transaction failed.",
)
JSON = {"content-type": "application/json"}
Dispatch = Callable[[Desk, Call], Answer]
Part = Mapping[str, object]


class _Undo(Exception):
    """Takes back the whole composite."""


@dataclass(frozen=True, slots=True)
class Together:
    responses: list[dict[str, object]]
    is_successful: bool


def composite(desk: Desk, call: Call, dispatch: Dispatch) -> Answer:
    body = call.json_object()
    parts = _parts(body, "compositeRequest")
    _check_parts(parts)
    if body.get("allOrNone") is True:
        answers = _together(desk, call, parts, dispatch)
    else:
        answers = _one_by_one(desk, call, parts, dispatch)
    return Answer(body={"compositeResponse": responses(parts, answers)})


def together(desk: Desk, call: Call, parts: list[Part], dispatch: Dispatch) -> Together:
    """All of the parts in one transaction, or none: the responses, and whether they stand."""
    answers = _together(desk, call, parts, dispatch)
    return Together(responses(parts, answers), not any(_failed(answer) for answer in answers))


def responses(parts: list[Part], answers: list[Answer]) -> list[dict[str, object]]:
    return [
        {
            "body": answer.body,
            "httpHeaders": dict(answer.headers),
            "httpStatusCode": answer.status,
            "referenceId": part["referenceId"],
        }
        for part, answer in zip(parts, answers, strict=True)
    ]


def batch(desk: Desk, call: Call, dispatch: Dispatch) -> Answer:
    body = call.json_object()
    halts = body.get("haltOnError") is True
    results: list[dict[str, object]] = []
    failed = False
    for part in _parts(body, "batchRequests"):
        if failed and halts:
            skipped = {
                "errorCode": "BATCH_PROCESSING_HALTED",
                "message": "Batch processing halted per request",
            }
            results.append({"statusCode": 412, "result": [skipped]})
            continue
        inner = part.get("richInput")
        answer = dispatch(desk, _call_of(call, part, inner, {}))
        failed = failed or answer.status >= 400
        results.append({"statusCode": answer.status, "result": answer.body})
    return Answer(body={"hasErrors": failed, "results": results})


def _together(desk: Desk, call: Call, parts: list[Part], dispatch: Dispatch) -> list[Answer]:
    """One transaction for all; the first that fails takes the others back."""
    answers: list[Answer] = []
    try:
        with desk.transaction(call) as work:
            for part in parts:
                answers.append(_answer(desk, call, part, dispatch, answers, parts, work))
                if _failed(answers[-1]):
                    raise _Undo
    except _Undo:
        culprit = len(answers) - 1
        halted = Answer(status=400, body=[HALTED.entry()])
        answers = [answers[-1] if at == culprit else halted for at in range(len(parts))]
    return answers


def _failed(answer: Answer) -> bool:
    """A collection inside fails as soon as one of its records does."""
    if answer.status >= 400:
        return True
    body = answer.body
    return isinstance(body, list) and any(
        isinstance(row, dict) and row.get("success") is False for row in body
    )


def _one_by_one(desk: Desk, call: Call, parts: list[Part], dispatch: Dispatch) -> list[Answer]:
    answers: list[Answer] = []
    for part in parts:
        answers.append(_answer(desk, call, part, dispatch, answers, parts, None))
    return answers


def _answer(
    desk: Desk,
    call: Call,
    part: Part,
    dispatch: Dispatch,
    answers: list[Answer],
    parts: list[Part],
    work: Work | None,
) -> Answer:
    known = {
        str(earlier["referenceId"]): answer for earlier, answer in zip(parts, answers, strict=False)
    }
    try:
        inner = _call_of(call, part, part.get("body"), known)
    except Refusal as refusal:
        return Answer(status=refusal.status, body=[refusal.entry()])
    return dispatch(desk, inner if work is None else inner.within(work))


def _parts(body: Mapping[str, object], key: str) -> list[Part]:
    parts = body.get(key)
    if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
        raise Refusal(
            "JSON_PARSER_ERROR", f"Missing or invalid value for the required field: {key}"
        )
    if len(parts) > CALLS_MAX:
        message = f"The request can't contain more than {CALLS_MAX} operations."
        raise Refusal("LIMIT_EXCEEDED", message)
    return parts


def check_references(parts: list[Part]) -> None:
    seen = set()
    for part in parts:
        identifier = part.get("referenceId")
        if not isinstance(identifier, str) or not re.fullmatch(r"\w+", identifier):
            message = f"Provided referenceId ('{identifier}') must be an alphanumeric text."
            raise Refusal("INVALID_INPUT", message)
        if identifier in seen:
            message = f"ReferenceId {identifier} is used more than once."
            raise Refusal("INVALID_INPUT", message)
        seen.add(identifier)


def _check_parts(parts: list[Part]) -> None:
    check_references(parts)
    costly = [part for part in parts if _is_costly(str(part.get("url", "")))]
    if len(costly) > COSTLY_MAX:
        message = f"Cannot have more than {COSTLY_MAX} query or collection operations."
        raise Refusal("LIMIT_EXCEEDED", message)


def _is_costly(url: str) -> bool:
    path = re.sub(r"^/services/data/v[\d.]+", "", url.partition("?")[0].lower())
    return path.startswith(COSTLY)


def _call_of(call: Call, part: Part, body: object, known: Mapping[str, Answer]) -> Call:
    """The inner call; the version may be left out, and spaces may stand unencoded."""
    written = ENCODED.sub(lambda found: unquote_plus(found[0]), str(part.get("url", "")))
    url = _filled(written, known)
    path, _, query = str(url).partition("?")
    if not path.startswith("/services/"):
        path = f"/services/data/{path.lstrip('/')}"
    headers = part.get("httpHeaders")
    extra = headers if isinstance(headers, Mapping) else {}
    filled = _filled(body, known)
    return replace(
        call,
        method=str(part.get("method", "GET")).upper(),
        path=quote(path, safe="/%:@+'()*,;=!~$&-._"),
        query=_query(query),
        headers={**call.headers, **JSON, **{str(k).lower(): str(v) for k, v in extra.items()}},
        body=b"" if filled is None else json.dumps(filled, default=float).encode(),
        nested=True,
    )


def _query(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split("&") if part]
    return {unquote_plus(key): unquote_plus(value) for key, _, value in pairs}


def _filled(value: object, known: Mapping[str, Answer]) -> object:
    """Every @{reference} replaced by the value it names."""
    if isinstance(value, str):
        return REFERENCE.sub(lambda found: str(_looked_up(found, known)), value)
    if isinstance(value, Mapping):
        return {key: _filled(entry, known) for key, entry in value.items()}
    if isinstance(value, list):
        return [_filled(entry, known) for entry in value]
    return value


def _looked_up(found: re.Match[str], known: Mapping[str, Answer]) -> object:
    name, steps = found[1], found[2]
    if name not in known:
        raise Refusal(
            "PROCESSING_HALTED", f"Invalid reference specified. No value for {found[0]} found."
        )
    value = known[name].body
    for step in STEP.finditer(steps):
        value = _stepped(value, step)
        if value is None:
            message = f"Invalid reference specified. No value for {name}{steps} found in {name}."
            raise Refusal("PROCESSING_HALTED", message)
    return value


def _stepped(value: object, step: re.Match[str]) -> object:
    if step[1] is not None and isinstance(value, Mapping):
        wanted = step[1].lower()
        return next((entry for key, entry in value.items() if key.lower() == wanted), None)
    if step[2] is not None and isinstance(value, list) and int(step[2]) < len(value):
        return value[int(step[2])]
    return None
