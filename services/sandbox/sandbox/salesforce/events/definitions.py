"""Platform events, custom channels and managed subscriptions, from metadata files.

The org has those of the deployed package and those of `practice/`: the events that the vendor's
published samples and a widely used client expect.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from sandbox.salesforce.ids import make_id
from sandbox.salesforce.package import read_package
from sandbox.salesforce.schema import Field

NAMESPACE = "{http://soap.sforce.com/2006/04/metadata}"
PRACTICE = Path(__file__).parents[1] / "practice"
FORCE_APP = "force-app"
SOURCE = Path(FORCE_APP) / "main" / "default"
STANDARD_CHANNEL = "ChangeEvents"
EVENT_SUFFIX = "__e"
MANAGED_PREFIX = "18x"


@dataclass(frozen=True, slots=True, kw_only=True)
class EventDefinition:
    """A platform event. Its name ends in `__e`."""

    name: str
    label: str
    prefix: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A custom channel: `entities` are names of change events or of platform events."""

    name: str
    label: str
    kind: str
    """`data` or `event`."""
    entities: tuple[str, ...]
    enriched: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Fields of an entity that come with each of its events, changed or not."""

    @property
    def topic(self) -> str:
        return f"/{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagedSubscription:
    """As it was deployed; what was committed since stands in the store."""

    id: str
    name: str
    label: str
    topic: str
    default_replay: str = "LATEST"
    recovery_replay: str = "LATEST"
    state: str = "RUN"
    version: str = "68.0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Definitions:
    events: Mapping[str, EventDefinition] = field(default_factory=dict)
    channels: Mapping[str, Channel] = field(default_factory=dict)
    """By topic."""
    managed: Sequence[ManagedSubscription] = ()
    selected: tuple[str, ...] = ()
    """The change events of the standard channel."""

    def captures(self, event: str) -> bool:
        """Whether any channel carries this change event; each that does brings its own channel."""
        made = self.channels.values()
        return event in self.selected or any(event in channel.entities for channel in made)

    def enrichments(self, event: str) -> dict[str, tuple[str, ...]]:
        """By topic, the fields that this change event is enriched with."""
        channels = self.channels.values()
        return {made.topic: made.enriched[event] for made in channels if event in made.enriched}


def read_definitions(roots: Sequence[Path]) -> Definitions:
    """Of all these source-format projects; a name that two of them have is the last one's."""
    events: dict[str, EventDefinition] = {}
    channels: dict[str, Channel] = {}
    managed: dict[str, ManagedSubscription] = {}
    selected: dict[str, None] = {}
    for root in roots:
        events |= {made.name: made for made in _events(root, len(events))}
        members = _members(root)
        channels |= {made.topic: made for made in _channels(root / SOURCE, members)}
        selected |= dict.fromkeys(event for event, _ in members.get(STANDARD_CHANNEL, ()))
        managed |= {made.name: made for made in _managed(root / SOURCE, len(managed))}
    return Definitions(
        events=events,
        channels=channels,
        managed=tuple(managed.values()),
        selected=tuple(selected),
    )


def _events(root: Path, known: int) -> Iterator[EventDefinition]:
    folders = sorted((root / SOURCE / "objects").glob(f"*{EVENT_SUFFIX}"))
    fields = read_package(root).fields if folders else {}
    for serial, folder in enumerate(folders, start=known):
        element = _read(folder / f"{folder.name}.object-meta.xml")
        yield EventDefinition(
            name=folder.name,
            label=_text(element, "label") or folder.name,
            prefix=f"e{serial:02d}",
            fields=fields.get(folder.name, ()),
        )


Members = Mapping[str, Sequence[tuple[str, tuple[str, ...]]]]
"""By channel, its events and the fields that come with each."""


def _members(root: Path) -> Members:
    """Of all package directories of the project."""
    members: dict[str, list[tuple[str, tuple[str, ...]]]] = defaultdict(list)
    for directory in _package_directories(root):
        folder = root / directory / "main" / "default" / "platformEventChannelMembers"
        for path in sorted(folder.glob("*-meta.xml")):
            element = _read(path)
            found = (_text(element, "selectedEntity"), _enriched(element))
            members[_text(element, "eventChannel")].append(found)
    return members


def _package_directories(root: Path) -> list[str]:
    project = root / "sfdx-project.json"
    if not project.exists():
        return [FORCE_APP]
    return [str(entry["path"]) for entry in json.loads(project.read_text())["packageDirectories"]]


def _channels(source: Path, members: Members) -> Iterator[Channel]:
    for path in sorted((source / "platformEventChannels").glob("*-meta.xml")):
        element = _read(path)
        name = path.name.partition(".")[0]
        yield Channel(
            name=name,
            label=_text(element, "label") or name,
            kind=_text(element, "channelType") or "data",
            entities=tuple(event for event, _ in members.get(name, ())),
            enriched={event: names for event, names in members.get(name, ()) if names},
        )


def _enriched(element: ElementTree.Element) -> tuple[str, ...]:
    found = element.findall(f"{NAMESPACE}enrichedFields/{NAMESPACE}name")
    return tuple(name.text.strip() for name in found if name.text)


def _managed(source: Path, known: int) -> Iterator[ManagedSubscription]:
    paths = sorted((source / "managedEventSubscriptions").glob("*-meta.xml"))
    for serial, path in enumerate(paths, start=known + 1):
        element = _read(path)
        name = path.name.partition(".")[0]
        yield ManagedSubscription(
            id=make_id(MANAGED_PREFIX, serial),
            name=name,
            label=_text(element, "label") or name,
            topic=_text(element, "topicName"),
            default_replay=_text(element, "defaultReplay") or "LATEST",
            recovery_replay=_text(element, "errorRecoveryReplay") or "LATEST",
            state=_text(element, "state") or "RUN",
            version=_text(element, "version") or "68.0",
        )


def _read(path: Path) -> ElementTree.Element:
    return ElementTree.parse(path).getroot()


def _text(element: ElementTree.Element, name: str) -> str:
    return element.findtext(f"{NAMESPACE}{name}") or ""
