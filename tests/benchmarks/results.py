"""What a benchmark found, as lines to print and to keep."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """`compared` names the peer or limit measured in the same run, `ratio` is ours over it."""

    name: str
    measured: str
    target: str
    compared: str = ""
    ratio: str = ""


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all values do not exceed; with one value, that one."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]


def table(results: Sequence[Result]) -> list[str]:
    """A Markdown table."""
    rows = [[r.name, r.measured, r.target, r.compared, r.ratio] for r in results]
    head = ["benchmark", "measured", "target", "compared in the same run with", "ratio"]
    return [
        "| " + " | ".join(head) + " |",
        "|" + "---|" * len(head),
        *("| " + " | ".join(row) + " |" for row in rows),
    ]
