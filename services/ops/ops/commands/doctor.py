"""`tallystick doctor`: what must be right before anything can be synced, one line each."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from kernel.errors import FatalError
from kernel.maps import Maps
from ops.checks.databases import database_findings, key_findings
from ops.checks.finding import Area, Finding, looked_at
from ops.checks.kafka import kafka_findings
from ops.checks.netsuite import netsuite_findings
from ops.checks.salesforce import salesforce_findings
from ops.checks.settings import Settings, settings_of
from ops.commands.up import State
from ops.commands.verify import Json as AsJson
from ops.reach import NotWellError, find_place
from ops.render.page import ending_with_codes, tell, tell_json, width
from ops.render.report import report
from runtime.maps import load_maps
from runtime.schemas import schemas_directory
from runtime.topics import load_topics


def doctor(state: State = None, as_json: AsJson = False) -> None:
    """Check settings, Kafka, databases, keys, and what the real systems grant: a line each.

    Looks at a local stack, or at what the environment's settings name. Exit code 1: a check
    failed, and its line says who does what.
    """
    with ending_with_codes():
        findings = list(_findings(settings_of(find_place(state))))
        if as_json:
            tell_json([asdict(finding) for finding in findings])
        else:
            tell(report(findings, width()))
        if not all(finding.is_well for finding in findings):
            raise NotWellError


def _findings(settings: Settings) -> Iterator[Finding]:
    yield from settings.findings
    if bootstrap := settings.kafka:
        specs = load_topics(schemas_directory() / "topics")
        yield from looked_at(lambda: kafka_findings(bootstrap, specs))
    if databases := settings.databases:
        yield from looked_at(lambda: database_findings(databases))
        yield from looked_at(lambda: key_findings(databases))
    if salesforce := settings.salesforce:
        maps = _maps(salesforce.overlay)
        if isinstance(maps, Finding):
            yield maps
        else:
            yield from looked_at(lambda: salesforce_findings(salesforce, maps))
    if netsuite := settings.netsuite:
        yield from looked_at(lambda: netsuite_findings(netsuite))


def _maps(overlay: Path | None) -> Maps | Finding:
    try:
        return load_maps(overlay)
    except (FatalError, ValueError) as error:
        return Area("map").wrong(str(error), "Administrator: correct the table.")
