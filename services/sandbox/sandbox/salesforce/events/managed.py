"""Managed subscriptions: what is configured, who is connected, and how far each was committed."""

import time
from dataclasses import dataclass, field

from sandbox.database import transaction
from sandbox.salesforce.events.bus import Bus, ReplayLost, replay_number
from sandbox.salesforce.events.definitions import ManagedSubscription
from sandbox.salesforce.events.pubsub_api_pb2 import (
    CommitReplayRequest,
    CommitReplayResponse,
    Error,
    ErrorCode,
    ManagedFetchRequest,
)
from sandbox.salesforce.events.status import refusal
from sandbox.salesforce.events.subscription import Subscription
from sandbox.salesforce.events.topics import Topic, Topics
from sandbox.salesforce.ids import is_id, normal
from sandbox.salesforce.org import Org

SCHEMA = """
CREATE TABLE IF NOT EXISTS managed_subscription (
  id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, label TEXT NOT NULL, topic TEXT NOT NULL,
  default_replay TEXT NOT NULL, recovery_replay TEXT NOT NULL, state TEXT NOT NULL,
  version TEXT NOT NULL, committed INTEGER);
"""
RUN = "RUN"
MANAGED_SUBSCRIBE = "/eventbus.v1.PubSub/ManagedSubscribe"
EARLIEST = "EARLIEST"


class ManagedSubscriptions:
    """The configured ones. Metadata files add what is missing and change nothing that is there."""

    def __init__(self, org: Org, topics: Topics) -> None:
        self._org = org
        org.connection.executescript(SCHEMA)
        for made in topics.definitions.managed:
            self.add(made)
        self._active: set[str] = set()

    def all(self) -> list[ManagedSubscription]:
        rows = self._org.connection.execute("SELECT * FROM managed_subscription ORDER BY id")
        return [
            ManagedSubscription(
                id=row["id"],
                name=row["name"],
                label=row["label"],
                topic=row["topic"],
                default_replay=row["default_replay"],
                recovery_replay=row["recovery_replay"],
                state=row["state"],
                version=row["version"],
            )
            for row in rows
        ]

    def find(self, identifier: str, name: str) -> ManagedSubscription:
        """By id, or by developer name; raises the refusal that says what is wrong."""
        if not identifier and not name:
            raise refusal("managed.subscription.id.or.developer.name.empty")
        if identifier and (not is_id(identifier) or not identifier.startswith("18x")):
            text = f"The managed subscription ID {identifier} is invalid."
            raise refusal("managed.subscription.subscription.id.invalid", text)
        for made in self.all():
            if made.id == normal(identifier) if identifier else made.name == name:
                return made
        if identifier:
            text = f"No managed subscription has the ID {identifier}."
            raise refusal("managed.subscription.subscription.id.not.found", text)
        text = f"No managed subscription has the developer name {name}."
        raise refusal("managed.subscription.developer.name.not.found", text)

    def change(self, identifier: str, **settings: str) -> None:
        """`state`, `topic`, `default_replay`, `recovery_replay`, `label`, `version`."""
        for column, value in settings.items():
            self._org.connection.execute(
                f"UPDATE managed_subscription SET {column} = ? WHERE id = ?", (value, identifier)
            )

    def add(self, made: ManagedSubscription) -> None:
        """Nothing happens when its name or id is taken."""
        self._org.connection.execute(
            "INSERT OR IGNORE INTO managed_subscription VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)",
            (
                made.id,
                made.name,
                made.label,
                made.topic,
                made.default_replay,
                made.recovery_replay,
                made.state,
                made.version,
            ),
        )

    def remove(self, identifier: str) -> None:
        self._org.connection.execute("DELETE FROM managed_subscription WHERE id = ?", (identifier,))

    def committed(self, identifier: str) -> int | None:
        found = self._org.value(
            "SELECT committed FROM managed_subscription WHERE id = ?", identifier
        )
        return None if found is None else int(found)

    def commit(self, identifier: str, position: int) -> None:
        with transaction(self._org.connection):
            self._org.connection.execute(
                "UPDATE managed_subscription SET committed = ? WHERE id = ?",
                (position, identifier),
            )

    def connect(self, made: ManagedSubscription) -> None:
        if made.state != RUN:
            text = f"The managed subscription {made.name} is stopped."
            raise refusal("managed.subscription.config.stopped", text)
        if made.id in self._active:
            raise refusal("managed.subscription.already.active")
        self._active.add(made.id)

    def disconnect(self, made: ManagedSubscription) -> None:
        self._active.discard(made.id)

    def check(self, made: ManagedSubscription) -> None:
        """Raises when the configuration was stopped or deleted since."""
        state = self._org.value("SELECT state FROM managed_subscription WHERE id = ?", made.id)
        if state is None:
            raise refusal("managed.subscription.config.deleted")
        if state != RUN:
            raise refusal("managed.subscription.config.stopped")


@dataclass(slots=True)
class ManagedFetch:
    """Reads the requests of one managed stream into its subscription."""

    subscriptions: ManagedSubscriptions
    topics: Topics
    bus: Bus
    subscription: Subscription
    made: ManagedSubscription | None = field(default=None)

    def take(self, request: ManagedFetchRequest) -> None:
        commits = request.HasField("commit_replay_id_request")
        if self.made is None:
            self._first(request, commits=commits)
        else:
            self._check_same(request, self.made)
            self.subscriptions.check(self.made)
        if request.num_requested < 0 or (request.num_requested == 0 and not commits):
            raise refusal("managed.subscription.fetch.request.events.invalid")
        if commits:
            self._commit(request.commit_replay_id_request)
        if request.num_requested:
            self.subscription.ask(request.num_requested)

    def close(self) -> None:
        if self.made is not None:
            self.subscriptions.disconnect(self.made)

    def _first(self, request: ManagedFetchRequest, *, commits: bool) -> None:
        if request.auth_refresh:
            raise refusal("managed.subscription.fetch.request.auth.request.restricted")
        if commits:
            raise refusal("managed.subscription.fetch.request.commit.request.restricted")
        made = self.subscriptions.find(request.subscription_id, request.developer_name)
        topic = self.topics.find(made.topic)
        self.subscriptions.connect(made)
        self.made = made
        self.subscription.begin(topic, self._start(made, topic))

    def _start(self, made: ManagedSubscription, topic: Topic) -> int:
        """Where the last commit left it; else, and after a loss, as the configuration says."""
        committed = self.subscriptions.committed(made.id)
        if committed is None:
            return self._preset(made.default_replay)
        try:
            self.bus.suffer(topic.name, MANAGED_SUBSCRIBE)
            self.bus.check(committed)
        except ReplayLost:
            return self._preset(made.recovery_replay)
        return committed

    def _preset(self, name: str) -> int:
        return self.bus.earliest() if name == EARLIEST else self.bus.latest()

    def _check_same(self, request: ManagedFetchRequest, made: ManagedSubscription) -> None:
        other_id = request.subscription_id and request.subscription_id[:15] != made.id[:15]
        if other_id or (request.developer_name and request.developer_name != made.name):
            text = "The subscription differs from the one of the first request."
            raise refusal("managed.subscription.fetch.request.invalid", text)

    def _commit(self, wish: CommitReplayRequest) -> None:
        """A commit that fails is told in its answer; the stream goes on."""
        answer = CommitReplayResponse(
            commit_request_id=wish.commit_request_id,
            replay_id=wish.replay_id,
            process_time=int(time.time() * 1000),
        )
        try:
            position = replay_number(wish.replay_id)
            self.bus.check(position)
        except ReplayLost:
            text = "The replay ID to commit is invalid or out of the retention window."
            answer.error.CopyFrom(Error(code=ErrorCode.COMMIT, msg=text))
        else:
            if self.made is not None:
                self.subscriptions.commit(self.made.id, position)
        self.subscription.commits.append(answer)
