"""How everything stands: services, lag, and what waits for whom."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kernel.money import Money
from kernel.sentences import SEALED_TEXT, Owner, owner_of, say
from ops.lag import Lag
from ops.render.lines import WIDTH, counted, hanging, listed
from ops.render.shapes import Summary, WaitingGroup
from ops.render.times import since
from ops.render.values import Opened, fields_of, short_ref, value_of

LABEL = 21
GROUPS_SHOWN_MAX = 20
WELL, AWAY, UNNAMED = "well", "away", "unnamed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceState:
    """`state` is well, waits, away or unnamed; `parts` are those that are not well, and why."""

    service: str
    state: str
    parts: Mapping[str, str]
    detail: str = ""

    @property
    def is_well(self) -> bool:
        return self.state == WELL


def overview(
    services: Sequence[ServiceState],
    lags: Sequence[Lag] | str,
    summary: Summary | str,
    opened: Opened,
    now: datetime,
    width: int = WIDTH,
) -> list[str]:
    """`lags` and `summary` are sentences where they could not be had."""
    return [
        *(line for state in services for line in _service(state, lags, width)),
        *([] if isinstance(lags, list | tuple) else hanging("Lag".ljust(LABEL), str(lags), width)),
        *_summary(summary, opened, now, width),
    ]


def _service(state: ServiceState, lags: Sequence[Lag] | str, width: int) -> Iterator[str]:
    mark = "●" if state.is_well else "○"
    is_named = state.state != UNNAMED
    own = [
        lag for lag in lags if isinstance(lag, Lag) and lag.service == state.service and is_named
    ]
    words = [state.state] if is_named else []
    words += [*([state.detail] if state.detail else []), *_lag(own)]
    yield from hanging(f"{mark} {state.service}", " · ".join(words), width, LABEL)
    for part, why in state.parts.items():
        yield from hanging(" " * LABEL, f"{part}: {why}", width)


def _lag(own: Sequence[Lag]) -> Iterator[str]:
    behind = [f"{lag.records:,} behind in {lag.topic}" for lag in own if lag.records]
    if own and not behind:
        yield "at the end of the log"
    yield from behind


def _summary(summary: Summary | str, opened: Opened, now: datetime, width: int) -> Iterator[str]:
    if isinstance(summary, str):
        yield from hanging("Changes".ljust(LABEL), summary, width)
        return
    states = summary["states"]
    waiting = states["parked"] + states["review"]
    in_flight, oldest = states["in_flight"], summary["oldest_in_flight"]
    ended = summary["captured"] - waiting - in_flight
    age = f" (oldest {since(oldest, now)})" if oldest else ""
    text = (
        f"{counted(summary['captured'], 'change')}: {ended:,} ended, {in_flight:,} in flight{age}"
    )
    reviews = f" ({states['review']:,} for a review)" if states["review"] else ""
    yield from hanging("Changes".ljust(LABEL), f"{text}, {waiting:,} waiting{reviews}", width)
    if waiting:
        yield from _waiting(summary["waiting"], waiting, opened, now, width)


def _waiting(
    groups: Sequence[WaitingGroup], waiting: int, opened: Opened, now: datetime, width: int
) -> Iterator[str]:
    worth = _worth(groups)
    of_worth = f" worth {worth}" if worth else ""
    yield from hanging("Waiting: ", f"{counted(waiting, 'change')}{of_worth}", width, 0)
    for group in groups[:GROUPS_SHOWN_MAX]:
        yield from hanging(f"{group['changes']:>6,}  ", _cause(group, now), width)
        yield from hanging(" " * 8, _sentence(group, opened), width)
    if len(groups) > GROUPS_SHOWN_MAX:
        yield from hanging(
            " " * 8, f"and {counted(len(groups) - GROUPS_SHOWN_MAX, 'cause')} more", width
        )


def _cause(group: WaitingGroup, now: datetime) -> str:
    on = f" · waits on {short_ref(group['waits_on'])}" if group["waits_on"] else ""
    return f"oldest {since(group['oldest'], now)} · {_actor(group['code'])}{on}"


def _actor(code: str) -> str:
    owner = owner_of(code)
    return "nobody has to act" if owner is Owner.NOBODY else f"{owner} acts next"


def _sentence(group: WaitingGroup, opened: Opened) -> str:
    """Of the oldest change, as an example."""
    return say(
        group["code"],
        fields_of(group["params"]),
        lambda sealed: str(opened.get(sealed, SEALED_TEXT)),
    )


def _worth(groups: Sequence[WaitingGroup]) -> str:
    """By currency; nothing where any group does not say."""
    totals: dict[str, Money] = {}
    for group in groups:
        for item in group["worth"]:
            money = value_of(item)
            assert isinstance(money, Money)
            before = totals.get(money.currency, Money(money.amount * 0, money.currency))
            totals[money.currency] = Money(before.amount + money.amount, money.currency)
    return ", ".join(listed([str(totals[name]) for name in sorted(totals)], 5))
