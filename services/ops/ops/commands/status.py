"""`tallystick status`: what runs, how far behind it is, and what waits for whom."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TypeVar, cast

import httpx

from ops.commands.up import State
from ops.commands.verify import Json as AsJson
from ops.lag import Lag, lags
from ops.local.errors import LocalError, UnreachableError, WrongUsageError
from ops.reach import SERVICES, NotWellError, Place, ask, find_place, setting_of
from ops.render.overview import AWAY, UNNAMED, WELL, ServiceState, overview
from ops.render.page import ending_with_codes, tell, tell_json, width
from ops.render.shapes import Json, Summary
from ops.render.values import Opened, sealed_in
from ops.signs import signs
from ops.unsealing import CLOSED, opened
from runtime.schemas import schemas_directory
from runtime.topics import load_topics

READY_WITHIN_S, SUMMARY_WITHIN_S = 3.0, 60.0
NOT_READY = 503
T = TypeVar("T")


def status(state: State = None, as_json: AsJson = False) -> None:
    """Show services and their health, lag, and waiting changes by cause with who acts next.

    Exit code 1: a service is not well. 3: the auditor cannot be reached.
    """
    with ending_with_codes():
        place = find_place(state)
        services = [_state_of(service, place) for service in SERVICES]
        lag = _or_why(lambda: _lags(place))
        summary = _or_why(lambda: _summary(place))
        if as_json:
            tell_json(_facts(services, lag, summary))
        else:
            shown = CLOSED if isinstance(summary, str) else _opened(summary, place)
            tell(overview(services, lag, summary, shown, datetime.now(UTC), width()))
        _end(services, summary)


def _state_of(service: str, place: Place) -> ServiceState:
    address = place.health_of(service)
    if address is None:
        where = "not in this stack" if place.state else f"{setting_of(service)} is not set"
        return ServiceState(service=service, state=UNNAMED, parts={}, detail=where)
    try:
        with httpx.Client(timeout=READY_WITHIN_S, trust_env=False) as client:
            answer = client.get(f"{address.rstrip('/')}/ready")
            metrics = client.get(f"{address.rstrip('/')}/metrics").text
        parts: dict[str, str] = answer.json()["parts"]
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, KeyError) as error:
        why = f"nothing answers at {address}: {error or type(error).__name__}"
        return ServiceState(service=service, state=AWAY, parts={}, detail=why)
    waiting = {part: why for part, why in parts.items() if why != WELL}
    state = "waits" if answer.status_code == NOT_READY else WELL
    detail = " · ".join(signs(metrics))
    return ServiceState(service=service, state=state, parts=waiting, detail=detail)


def _lags(place: Place) -> list[Lag]:
    bootstrap = place.bootstrap
    if not bootstrap:
        raise WrongUsageError("not known: KAFKA_BOOTSTRAP is not set")
    specs = load_topics(schemas_directory() / "topics")
    return lags(bootstrap, specs, SERVICES)


def _summary(place: Place) -> Summary:
    return cast(Summary, ask(place.auditor, "/summary", within_s=SUMMARY_WITHIN_S))


def _or_why(look: Callable[[], T]) -> T | str:
    """One part that is away does not hide the others."""
    try:
        return look()
    except LocalError as error:
        return str(error)


def _opened(summary: Summary, place: Place) -> Opened:
    values, why = opened(set(sealed_in(cast(Json, summary))), place)
    if why:
        print(f"tallystick: {why}", file=sys.stderr)
    return values


def _facts(
    services: Sequence[ServiceState], lag: list[Lag] | str, summary: Summary | str
) -> dict[str, object]:
    return {
        "services": [asdict(state) for state in services],
        "lag": lag if isinstance(lag, str) else [asdict(item) for item in lag],
        "changes": summary,
    }


def _end(services: Sequence[ServiceState], summary: Summary | str) -> None:
    if isinstance(summary, str):
        raise UnreachableError("")
    if not all(state.is_well or state.state == UNNAMED for state in services):
        raise NotWellError
