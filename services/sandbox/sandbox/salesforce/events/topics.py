"""Channel names and what they carry: one an object, one for all changes, custom ones, events."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sandbox.salesforce.events.bus import ALL_CHANGES
from sandbox.salesforce.events.capture import EventSchemas
from sandbox.salesforce.events.channels import Channels
from sandbox.salesforce.events.definitions import EVENT_SUFFIX, Definitions
from sandbox.salesforce.events.platform_schema import PlatformSchema, platform_schema
from sandbox.salesforce.events.status import no_topic, refusal
from sandbox.salesforce.org import Org

DATA = "/data/"
EVENT = "/event/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """`entities` are the objects or platform events whose messages it carries. `platform` is set
    where events may be published."""

    name: str
    entities: tuple[str, ...]
    schema_id: str = ""
    platform: PlatformSchema | None = None
    enriches: bool = False
    """Whether its events may carry more fields than those of other channels."""


class Topics:
    """All channels of the org."""

    def __init__(self, org: Org, schemas: EventSchemas, channels: Channels) -> None:
        self._org = org
        self._schemas = schemas
        self._channels = channels
        self._platform: Mapping[str, PlatformSchema] = {
            name: platform_schema(made) for name, made in channels.definitions.events.items()
        }

    @property
    def definitions(self) -> Definitions:
        return self._channels.definitions

    def find(self, name: str) -> Topic:
        """Raises the refusal of an empty or unknown name."""
        if not name:
            raise refusal("topic.validation.empty")
        found = self._custom(name) or self._event(name) or self._changes(name)
        if found is None:
            raise no_topic(name)
        return found

    def platform(self, event: str) -> PlatformSchema | None:
        return self._platform.get(event)

    def schema(self, identifier: str) -> tuple[str, str] | None:
        """Id and text of a schema that any topic has."""
        for made in self._platform.values():
            if made.id == identifier:
                return made.id, made.text
        found = self._schemas.by_id(identifier)
        return (found.id, found.text) if found else None

    def _changes(self, name: str) -> Topic | None:
        if name == ALL_CHANGES:
            return Topic(name=name, entities=self._entities(self.definitions.selected))
        found = self._org.schema.by_event(name.removeprefix(DATA))
        if found is None or not found.capture or not name.startswith(DATA):
            return None
        if not self.definitions.captures(found.event):
            return None
        return Topic(name=name, entities=(found.name,), schema_id=self._schemas.of(found).id)

    def _event(self, name: str) -> Topic | None:
        made = self._platform.get(name.removeprefix(EVENT)) if name.startswith(EVENT) else None
        if made is None:
            return None
        entities = (made.definition.name,)
        return Topic(name=name, entities=entities, schema_id=made.id, platform=made)

    def _custom(self, name: str) -> Topic | None:
        channel = self.definitions.channels.get(name)
        if channel is None:
            return None
        entities = self._entities(channel.entities)
        return Topic(name=name, entities=entities, enriches=bool(channel.enriched))

    def _entities(self, events: Iterable[str]) -> tuple[str, ...]:
        return tuple(filter(None, (self._entity(event) for event in events)))

    def _entity(self, event: str) -> str | None:
        """A member's name is that of a change event or of a platform event."""
        if event.endswith(EVENT_SUFFIX):
            return event if event in self._platform else None
        found = self._org.schema.by_event(event)
        return found.name if found else None
