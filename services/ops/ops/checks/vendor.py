"""HTTP to a vendor as the services speak it, one call after the other, refusals as findings."""

import asyncio
from collections.abc import Coroutine, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any, TypeVar

from kernel.errors import FatalError, RetryableError
from ops.checks.finding import Area, Finding, StopLookingError
from runtime.fetching import Answer, Fetching
from runtime.hosts import Hosts

T = TypeVar("T")
TIMEOUT_S = 20.0
SAID_MAX = 200
SKEW_MAX = timedelta(seconds=60)
"""The vendors let a signature in within five minutes; before that it should be seen."""


class Line:
    """`setting` names where the vendor is; `remedy` is for files that will not do."""

    def __init__(
        self, area: Area, fetching: Fetching, runner: asyncio.Runner, *, setting: str
    ) -> None:
        self.area, self.fetching = area, fetching
        self._runner, self._setting = runner, setting

    def ask(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> Answer:
        """StopLookingError where nothing answers."""
        return self.run(
            self.fetching.send(
                "a check", method, url, headers=headers, body=body, timeout_s=TIMEOUT_S
            )
        )

    def run(self, call: Coroutine[Any, Any, T]) -> T:
        try:
            return self._runner.run(call)
        except FatalError as error:
            what, _, how = str(error).rpartition(": ")
            remedy = f"SRE: {how}." if what else "SRE: correct what it names."
            raise StopLookingError(self.area.wrong(what or how, remedy)) from None
        except RetryableError as error:
            raise StopLookingError(
                self.area.wrong(
                    f"nothing answers: {error}",
                    f"SRE: correct {self._setting}, TLS_CA_FILE, or open the way to it.",
                )
            ) from None


@contextmanager
def open_line(
    area: Area, vendor: str, setting: str, hosts: Hosts, ca_file: Path | None
) -> Iterator[Line]:
    with asyncio.Runner() as runner:
        fetching = runner.run(_opened(vendor, hosts, ca_file))
        try:
            yield Line(area, fetching, runner, setting=setting)
        finally:
            runner.run(fetching.close())


async def _opened(vendor: str, hosts: Hosts, ca_file: Path | None) -> Fetching:
    return Fetching(vendor, hosts, ca_file=ca_file, connections=1)


def skew_findings(area: Area, theirs: datetime | None, ours: datetime) -> Iterator[Finding]:
    """One finding where the clocks differ so much that signatures will be refused."""
    if theirs is None:
        return
    ahead = ours - theirs
    if abs(ahead) > SKEW_MAX:
        way = "ahead of" if ahead > timedelta() else "behind"
        seconds = round(abs(ahead).total_seconds())
        yield area.wrong(
            f"this machine's clock is {seconds:,} s {way} {area.name}'s",
            "SRE: let the machine follow a time server.",
        )
    else:
        yield area.well("the clocks agree")


def date_of(answer: Answer) -> datetime | None:
    """When the other side says it answered."""
    try:
        return parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
    except ValueError:
        return None


def said_in(answer: Answer) -> str:
    """What the vendor says of a refusal, in the shapes the two of them use."""
    body = answer.json()
    first = body[0] if isinstance(body, list) and body else body
    if not isinstance(first, dict):
        return f"HTTP {answer.status}"
    details = first.get("o:errorDetails")
    detail = details[0] if isinstance(details, list) and details else {}
    texts = (
        first.get("error"),
        first.get("error_description"),
        first.get("errorCode"),
        first.get("message"),
        detail.get("detail") if isinstance(detail, dict) else None,
    )
    text = " ".join(" ".join(str(text) for text in texts if text).split())
    return f"HTTP {answer.status} {text}".strip()[:SAID_MAX].rstrip(".")
