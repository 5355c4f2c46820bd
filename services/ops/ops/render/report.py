"""The doctor's report: one line a check, with the remedy where one is needed."""

from collections.abc import Iterator, Sequence

from ops.checks.finding import Finding
from ops.render.lines import counted, hanging

LABEL = 15


def report(findings: Sequence[Finding], width: int) -> list[str]:
    wrong = sum(not finding.is_well for finding in findings)
    checks = counted(len(findings), "check")
    verdict = f"{checks}, {wrong:,} not well." if wrong else f"{checks}, all well."
    return [*(line for finding in findings for line in _line(finding, width)), verdict]


def _line(finding: Finding, width: int) -> Iterator[str]:
    mark = "✓" if finding.is_well else "✗"
    text = f"{finding.detail}. {finding.remedy}" if finding.remedy else finding.detail
    yield from hanging(f" {mark} {finding.area}", text, width, LABEL)
