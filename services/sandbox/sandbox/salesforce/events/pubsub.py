"""The Pub/Sub API over gRPC: topics, schemas, subscriptions, publishing."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

import grpc

from sandbox.frame import Frame
from sandbox.salesforce.events import pubsub_api_pb2 as pb
from sandbox.salesforce.events.bus import Bus
from sandbox.salesforce.events.delivery import Delivering, Response
from sandbox.salesforce.events.entrance import Entrance, ServicerContext, Visit, refusal_of
from sandbox.salesforce.events.managed import ManagedFetch, ManagedSubscriptions
from sandbox.salesforce.events.publishing import Publishing
from sandbox.salesforce.events.status import StreamRefusal, refusal, unreadable
from sandbox.salesforce.events.subscription import Request, Subscription, checked_position
from sandbox.salesforce.events.topics import Topic, Topics
from sandbox.salesforce.org import ORG_ID


class PubSub:
    """The servicer. A request of None is one whose bytes could not be read."""

    def __init__(
        self,
        frame: Frame,
        entrance: Entrance,
        bus: Bus,
        topics: Topics,
        publishing: Publishing,
        managed: ManagedSubscriptions,
    ) -> None:
        self._frame = frame
        self._entrance = entrance
        self._bus = bus
        self._topics = topics
        self._publishing = publishing
        self._managed = managed

    async def GetTopic(
        self, request: pb.TopicRequest | None, context: ServicerContext
    ) -> pb.TopicInfo:
        async with self._entrance.visit(context, "GetTopic") as visit:
            topic = self._topics.find(_read(request).topic_name)
            return pb.TopicInfo(
                topic_name=topic.name,
                tenant_guid=f"core/prod/{ORG_ID}",
                can_publish=topic.platform is not None,
                can_subscribe=True,
                schema_id=topic.schema_id,
                rpc_id=visit.rpc_id,
            )
        raise AssertionError("a refused visit has raised")

    async def GetSchema(
        self, request: pb.SchemaRequest | None, context: ServicerContext
    ) -> pb.SchemaInfo:
        async with self._entrance.visit(context, "GetSchema") as visit:
            wanted = _read(request).schema_id
            found = self._topics.schema(wanted)
            if found is None:
                text = f"The schema ID {wanted} is not known."
                raise StreamRefusal(grpc.StatusCode.NOT_FOUND, "schema.validation.failed", text)
            return pb.SchemaInfo(schema_json=found[1], schema_id=found[0], rpc_id=visit.rpc_id)
        raise AssertionError("a refused visit has raised")

    async def Subscribe(
        self, requests: AsyncIterator[pb.FetchRequest | None], context: ServicerContext
    ) -> None:
        async with self._entrance.visit(context, "Subscribe") as visit:
            subscription = Subscription(bus=self._bus, wake=self._bus.join())

            def take(request: pb.FetchRequest | None) -> None:
                self._take(subscription, _read(request))

            def response(
                subscription: Subscription, events: list[pb.ConsumerEvent]
            ) -> pb.FetchResponse:
                return pb.FetchResponse(
                    events=events,
                    latest_replay_id=subscription.latest_replay_id(),
                    rpc_id=visit.rpc_id,
                    pending_num_requested=subscription.pending,
                )

            await self._serve(subscription, requests, take, response, context)

    async def ManagedSubscribe(
        self, requests: AsyncIterator[pb.ManagedFetchRequest | None], context: ServicerContext
    ) -> None:
        async with self._entrance.visit(context, "ManagedSubscribe") as visit:
            subscription = Subscription(bus=self._bus, wake=self._bus.join())
            fetch = ManagedFetch(self._managed, self._topics, self._bus, subscription)

            def take(request: pb.ManagedFetchRequest | None) -> None:
                fetch.take(_read(request))

            def response(
                subscription: Subscription, events: list[pb.ConsumerEvent]
            ) -> pb.ManagedFetchResponse:
                if fetch.made is not None:
                    self._managed.check(fetch.made)
                said = subscription.commits.popleft() if subscription.commits else None
                return pb.ManagedFetchResponse(
                    events=events,
                    latest_replay_id=subscription.latest_replay_id(),
                    rpc_id=visit.rpc_id,
                    pending_num_requested=subscription.pending,
                    commit_response=said,
                )

            with contextlib.closing(fetch):
                await self._serve(subscription, requests, take, response, context)

    async def Publish(
        self, request: pb.PublishRequest | None, context: ServicerContext
    ) -> pb.PublishResponse:
        async with self._entrance.visit(context, "Publish") as visit:
            wish = _read(request)
            self._entrance.check_refresh(wish.auth_refresh, "publish.auth.refresh.invalid")
            topic = self._publishing.topic(wish)
            return self._published(visit, wish, topic)
        raise AssertionError("a refused visit has raised")

    async def PublishStream(
        self, requests: AsyncIterator[pb.PublishRequest | None], context: ServicerContext
    ) -> None:
        """Each request has its answer, in order; a stream without events for too long ends."""
        async with self._entrance.visit(context, "PublishStream") as visit:
            topic: Topic | None = None
            source = aiter(requests)
            while True:
                try:
                    async with asyncio.timeout(self._frame.profile.idle_end_s):
                        wish = _read(await anext(source))
                except StopAsyncIteration:
                    return
                except TimeoutError:
                    raise refusal("publish.stream.sweeper.timeout") from None
                self._entrance.check_refresh(wish.auth_refresh, "publish.auth.refresh.invalid")
                self._entrance.check_token(context)
                topic = self._publishing.topic(wish, topic)
                await context.write(self._published(visit, wish, topic))

    def _published(self, visit: Visit, wish: pb.PublishRequest, topic: Topic) -> pb.PublishResponse:
        answer = self._publishing.publish(visit, wish, topic)
        if visit.fault is not None and visit.fault.effect == "drop_after_commit":
            raise refusal_of(visit.fault)
        return answer

    async def _serve(
        self,
        subscription: Subscription,
        requests: AsyncIterator[Request],
        take: Callable[[Request], None],
        response: Response,
        context: ServicerContext,
    ) -> None:
        delivering = Delivering(
            frame=self._frame, entrance=self._entrance, context=context, response=response
        )
        listening = asyncio.create_task(subscription.listen(requests, take))
        try:
            await delivering.run(subscription)
        finally:
            self._bus.leave(subscription.wake)
            listening.cancel()

    def _take(self, subscription: Subscription, request: pb.FetchRequest) -> None:
        """Replay settings count in the first request only; the topic may not change."""
        if request.num_requested <= 0:
            raise refusal("subscription.fetch.requested.events.invalid")
        self._entrance.check_refresh(request.auth_refresh, "service.auth.refresh.invalid")
        topic = subscription.topic
        if topic is None:
            found = self._topics.find(request.topic_name)
            subscription.begin(found, self._start(request, found))
        elif request.topic_name and request.topic_name != topic.name:
            text = (
                f"The topic name {request.topic_name} differs from {topic.name}, the one of the"
                " first request."
            )
            raise refusal("subscription.fetch.topic.mismatch", text)
        subscription.ask(request.num_requested)

    def _start(self, request: pb.FetchRequest, topic: Topic) -> int:
        if request.replay_preset == pb.ReplayPreset.EARLIEST:
            return self._bus.earliest()
        if request.replay_preset == pb.ReplayPreset.CUSTOM:
            return checked_position(self._bus, topic, request.replay_id)
        return self._bus.latest()


def _read(request: Request | None) -> Request:
    if request is None:
        raise unreadable()
    return request
