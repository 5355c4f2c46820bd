"""Puts the event half together: bus, topics, publishing, managed subscriptions, gRPC server."""

from dataclasses import dataclass

from sandbox.frame import Frame
from sandbox.journal import Journal
from sandbox.salesforce.events.bus import Bus
from sandbox.salesforce.events.capture import EventSchemas
from sandbox.salesforce.events.channels import Channels
from sandbox.salesforce.events.definitions import PRACTICE, read_definitions
from sandbox.salesforce.events.entrance import Entrance
from sandbox.salesforce.events.managed import ManagedSubscriptions
from sandbox.salesforce.events.publishing import Publishing
from sandbox.salesforce.events.pubsub import PubSub
from sandbox.salesforce.events.server import PubSubServer
from sandbox.salesforce.events.topics import Topics
from sandbox.salesforce.org import Org
from sandbox.salesforce.sessions import Sessions


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    schemas: EventSchemas
    channels: Channels
    bus: Bus
    topics: Topics
    publishing: Publishing
    managed: ManagedSubscriptions
    server: PubSubServer


def open_events(frame: Frame, org: Org, sessions: Sessions, journal: Journal) -> Events:
    channels = Channels(org, read_definitions([PRACTICE, frame.package]))
    schemas = EventSchemas(org)
    bus = Bus(org, schemas, frame.faults, channels)
    topics = Topics(org, schemas, channels)
    entrance = Entrance(frame, org, sessions, journal)
    publishing = Publishing(org=org, bus=bus, topics=topics, entrance=entrance)
    managed = ManagedSubscriptions(org, topics)
    servicer = PubSub(frame, entrance, bus, topics, publishing, managed)
    return Events(
        schemas=schemas,
        channels=channels,
        bus=bus,
        topics=topics,
        publishing=publishing,
        managed=managed,
        server=PubSubServer(frame, servicer),
    )
