"""What the org's channels select now: the members of metadata files, and what was changed since."""

from dataclasses import dataclass, replace

from sandbox.salesforce.events.definitions import STANDARD_CHANNEL, Channel, Definitions
from sandbox.salesforce.ids import make_id
from sandbox.salesforce.org import Org

MEMBER_PREFIX = "0v8"
ADDED_FROM = 1000
SCHEMA = """
CREATE TABLE IF NOT EXISTS channel_member_added (
  id TEXT PRIMARY KEY, channel TEXT NOT NULL, event TEXT NOT NULL, UNIQUE (channel, event));
CREATE TABLE IF NOT EXISTS channel_member_removed (
  channel TEXT NOT NULL, event TEXT NOT NULL, PRIMARY KEY (channel, event));
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """`channel` is ChangeEvents or the name of a custom channel, `event` what it selects."""

    id: str
    channel: str
    event: str


class Channels:
    def __init__(self, org: Org, files: Definitions) -> None:
        self._org = org
        self._files = files
        org.connection.executescript(SCHEMA)
        self._fresh()

    @property
    def definitions(self) -> Definitions:
        """As they are now."""
        return self._now

    def members(self) -> list[Member]:
        """Those of the standard channel first; a member of a file keeps its id whatever goes."""
        return self._members

    def add(self, channel: str, event: str) -> str:
        """Its id. The caller has checked that both are there and that it is new."""
        identifier = make_id(MEMBER_PREFIX, ADDED_FROM + self._org.counters.take("id member"))
        self._org.connection.execute(
            "INSERT INTO channel_member_added VALUES (?, ?, ?)", (identifier, channel, event)
        )
        self._fresh()
        return identifier

    def remove(self, member: Member) -> None:
        where = (member.channel, member.event)
        done = self._org.connection.execute(
            "DELETE FROM channel_member_added WHERE channel = ? AND event = ?", where
        )
        if not done.rowcount:
            self._org.connection.execute("INSERT INTO channel_member_removed VALUES (?, ?)", where)
        self._fresh()

    def _fresh(self) -> None:
        rows = self._org.connection.execute("SELECT channel, event FROM channel_member_removed")
        removed = {(row["channel"], row["event"]) for row in rows}
        found = [made for made in self._of_files() if (made.channel, made.event) not in removed]
        for row in self._org.connection.execute("SELECT * FROM channel_member_added ORDER BY id"):
            found.append(Member(id=row["id"], channel=row["channel"], event=row["event"]))
        self._members = found
        self._now = replace(
            self._files,
            selected=self._events_of(STANDARD_CHANNEL),
            channels={topic: self._channel(made) for topic, made in self._files.channels.items()},
        )

    def _of_files(self) -> list[Member]:
        chosen = [(STANDARD_CHANNEL, event) for event in self._files.selected]
        for channel in self._files.channels.values():
            chosen += [(channel.name, event) for event in channel.entities]
        return [
            Member(id=make_id(MEMBER_PREFIX, serial), channel=channel, event=event)
            for serial, (channel, event) in enumerate(chosen, start=1)
        ]

    def _channel(self, made: Channel) -> Channel:
        events = self._events_of(made.name)
        kept = {event: names for event, names in made.enriched.items() if event in events}
        return replace(made, entities=events, enriched=kept)

    def _events_of(self, channel: str) -> tuple[str, ...]:
        return tuple(made.event for made in self._members if made.channel == channel)
