"""Platform events, custom channels and managed subscriptions, from metadata files.

The org has those of the deployed package and those of `practice/`: the events that the vendor's
published samples and a widely used client expect.
"""

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
SOURCE = Path("force-app") / "main" / "default"
EVENT_SUFFIX = "__e"
CHANNEL_SUFFIX = "__chn"
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

    def enrichments(self, event: str) -> dict[str, tuple[str, ...]]:
        """By topic, the fields that this change event is enriched with."""
        channels = self.channels.values()
        return {made.topic: made.enriched[event] for made in channels if event in made.enriched}


def read_definitions(roots: Sequence[Path]) -> Definitions:
    """Of all these source-format projects; a name that two of them have is the last one's."""
    events: dict[str, EventDefinition] = {}
    channels: dict[str, Channel] = {}
    managed: dict[str, ManagedSubscription] = {}
    for root in roots:
        events |= {made.name: made for made in _events(root, len(events))}
        channels |= {made.topic: made for made in _channels(root / SOURCE)}
        managed |= {made.name: made for made in _managed(root / SOURCE, len(managed))}
    return Definitions(events=events, channels=channels, managed=tuple(managed.values()))


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


def _channels(source: Path) -> Iterator[Channel]:
    members: dict[str, list[str]] = defaultdict(list)
    enriched: dict[str, dict[str, tuple[str, ...]]] = defaultdict(dict)
    for path in sorted((source / "platformEventChannelMembers").glob("*-meta.xml")):
        element = _read(path)
        channel, entity = _text(element, "eventChannel"), _text(element, "selectedEntity")
        members[channel].append(entity)
        if names := _enriched(element):
            enriched[channel][entity] = names
    for path in sorted((source / "platformEventChannels").glob("*-meta.xml")):
        element = _read(path)
        name = path.name.partition(".")[0]
        yield Channel(
            name=name,
            label=_text(element, "label") or name,
            kind=_text(element, "channelType") or "data",
            entities=tuple(members[name]),
            enriched=enriched[name],
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
