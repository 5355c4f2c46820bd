"""The Pub/Sub API over gRPC: topics, schemas and subscriptions."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from typing import NoReturn

import grpc
from grpc.aio import ServicerContext as AnyContext

from sandbox.database import transaction
from sandbox.faults import Fault
from sandbox.frame import Frame
from sandbox.journal import Journal
from sandbox.salesforce.events import pubsub_api_pb2 as pb
from sandbox.salesforce.events.bus import Bus, Delivery, replay_bytes
from sandbox.salesforce.events.capture import EventSchemas
from sandbox.salesforce.events.status import (
    StreamRefusal,
    bad_headers,
    bad_token,
    new_rpc_id,
    trailers,
    unavailable,
)
from sandbox.salesforce.events.subscription import Subscription
from sandbox.salesforce.events.topics import captured_object
from sandbox.salesforce.org import ORG_ID, Org
from sandbox.salesforce.sessions import Sessions

SERVICE = "/eventbus.v1.PubSub/"
TOKEN = "accesstoken"
ServicerContext = AnyContext[object, object]


class PubSub:
    """The servicer. Publishing and managed subscriptions are not served yet."""

    def __init__(
        self,
        frame: Frame,
        org: Org,
        bus: Bus,
        schemas: EventSchemas,
        sessions: Sessions,
        journal: Journal,
    ) -> None:
        self._frame = frame
        self._org = org
        self._bus = bus
        self._schemas = schemas
        self._sessions = sessions
        self._journal = journal

    async def GetTopic(self, request: pb.TopicRequest, context: ServicerContext) -> pb.TopicInfo:
        rpc_id = new_rpc_id()
        try:
            await self._enter(context, "GetTopic")
            name = request.topic_name
            sobject = captured_object(self._org.schema, name)
            return pb.TopicInfo(
                topic_name=name,
                tenant_guid=f"core/prod/{ORG_ID}",
                can_publish=False,
                can_subscribe=True,
                schema_id=self._schemas.of(sobject).id if sobject else "",
                rpc_id=rpc_id,
            )
        except StreamRefusal as refusal:
            await _refuse(context, refusal, rpc_id, "GetTopic")

    async def GetSchema(self, request: pb.SchemaRequest, context: ServicerContext) -> pb.SchemaInfo:
        rpc_id = new_rpc_id()
        try:
            await self._enter(context, "GetSchema")
            schema = self._schemas.by_id(request.schema_id)
            if schema is None:
                text = f"The schema ID {request.schema_id} is not known."
                raise StreamRefusal(grpc.StatusCode.NOT_FOUND, "schema.validation.failed", text)
            return pb.SchemaInfo(schema_json=schema.text, schema_id=schema.id, rpc_id=rpc_id)
        except StreamRefusal as refusal:
            await _refuse(context, refusal, rpc_id, "GetSchema")

    async def Subscribe(
        self, requests: AsyncIterator[pb.FetchRequest], context: ServicerContext
    ) -> None:
        rpc_id = new_rpc_id()
        subscription = Subscription(bus=self._bus, wake=self._bus.join())
        listening = asyncio.create_task(subscription.listen(requests, self._org.schema))
        try:
            await self._enter(context, "Subscribe")
            await self._deliver(subscription, context, rpc_id)
        except StreamRefusal as refusal:
            await _refuse(context, refusal, rpc_id, "Subscribe")
        finally:
            self._bus.leave(subscription.wake)
            listening.cancel()

    async def Publish(
        self, request: pb.PublishRequest, context: ServicerContext
    ) -> pb.PublishResponse:
        await self._unserved(context, "Publish")

    async def PublishStream(
        self, requests: AsyncIterator[pb.PublishRequest], context: ServicerContext
    ) -> None:
        await self._unserved(context, "PublishStream")

    async def ManagedSubscribe(
        self, requests: AsyncIterator[pb.ManagedFetchRequest], context: ServicerContext
    ) -> None:
        await self._unserved(context, "ManagedSubscribe")

    async def _deliver(
        self, subscription: Subscription, context: ServicerContext, rpc_id: str
    ) -> None:
        profile = self._frame.profile
        while True:
            subscription.wake.clear()
            if subscription.refusal is not None:
                raise subscription.refusal
            batch = subscription.next_batch()
            if batch:
                self._check_token(context)
                await self._send(subscription, batch, context, rpc_id)
                continue
            if subscription.half_closed and subscription.pending <= 0:
                return
            owed = subscription.pending > 0
            wait_s = profile.keep_alive_s if owed else profile.idle_end_s
            if await _woken(subscription.wake, wait_s):
                continue
            if not owed:
                return
            self._check_token(context)
            await context.write(_response(subscription, [], rpc_id))

    async def _send(
        self,
        subscription: Subscription,
        batch: list[Delivery],
        context: ServicerContext,
        rpc_id: str,
    ) -> None:
        """A fault of method STREAM cuts the stream before or after what is about to be sent."""
        fault = self._frame.faults.match("salesforce", "STREAM", subscription.topic)
        if fault is not None and fault.effect == "delay":
            await asyncio.sleep(fault.seconds)
        elif fault is not None and fault.effect != "drop_after_commit":
            raise _refusal_of(fault)
        await context.write(_response(subscription, batch, rpc_id))
        if fault is not None and fault.effect == "drop_after_commit":
            raise _refusal_of(fault)

    async def _enter(self, context: ServicerContext, call: str) -> None:
        """Faults, then who calls; the call is journaled as method GRPC."""
        path = SERVICE + call
        fault = self._frame.faults.match("salesforce", "GRPC", path)
        if fault is not None:
            await self._suffer(fault, context)
        user = self._check_token(context)
        name = self._org.value('SELECT "Username" FROM "User" WHERE "Id" = ?', user)
        with transaction(self._org.connection):
            effect = fault.effect if fault else None
            self._journal.write(
                actor=str(name), method="GRPC", path=path, status=200, effect=effect
            )

    async def _suffer(self, fault: Fault, context: ServicerContext) -> None:
        if fault.effect in ("delay", "commit_late"):
            await asyncio.sleep(fault.seconds)
        elif fault.effect == "token_dead":
            self._sessions.revoke(_metadata(context).get(TOKEN, ""))
        else:
            raise _refusal_of(fault)

    def _check_token(self, context: ServicerContext) -> str:
        metadata = _metadata(context)
        for name in (TOKEN, "instanceurl", "tenantid"):
            if not metadata.get(name):
                raise bad_headers(f"The {name} header is missing or empty.")
        user = self._sessions.user_of(metadata[TOKEN])
        if user is None or metadata["tenantid"][:15] != ORG_ID[:15]:
            raise bad_token()
        return user

    async def _unserved(self, context: ServicerContext, call: str) -> NoReturn:
        text = f"This sandbox does not serve {call} yet."
        refusal = StreamRefusal(grpc.StatusCode.UNIMPLEMENTED, "service.unavailable", text)
        await _refuse(context, refusal, new_rpc_id(), call)


def _metadata(context: ServicerContext) -> Mapping[str, str]:
    pairs = context.invocation_metadata() or ()
    return {str(key).lower(): str(value) for key, value in pairs}


async def _woken(wake: asyncio.Event, wait_s: float) -> bool:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(wait_s):
            await wake.wait()
    return wake.is_set()


def _response(subscription: Subscription, batch: list[Delivery], rpc_id: str) -> pb.FetchResponse:
    events = [
        pb.ConsumerEvent(
            event=pb.ProducerEvent(id=event.id, schema_id=event.schema_id, payload=event.payload),
            replay_id=replay_bytes(event.replay),
        )
        for event in batch
    ]
    return pb.FetchResponse(
        events=events,
        latest_replay_id=subscription.latest_replay_id(),
        rpc_id=rpc_id,
        pending_num_requested=subscription.pending,
    )


def _refusal_of(fault: Fault) -> StreamRefusal:
    """A fault's body may name the gRPC status and the vendor's code."""
    if fault.effect.startswith("drop_"):
        text = "Stream removed"
        return StreamRefusal(grpc.StatusCode.UNAVAILABLE, "service.unavailable", text)
    body = fault.body if isinstance(fault.body, Mapping) else {}
    plain = unavailable()
    named = [status for status in grpc.StatusCode if status.value[0] == body.get("code")]
    return StreamRefusal(
        named[0] if named else plain.status,
        str(body.get("error_code", plain.code)),
        str(body.get("details", plain.text)),
    )


async def _refuse(
    context: ServicerContext, refusal: StreamRefusal, rpc_id: str, call: str
) -> NoReturn:
    details = f"{refusal.text} rpcId: {rpc_id}"
    await context.abort(refusal.status, details, trailers(refusal.code, rpc_id, call))
    raise AssertionError("abort always raises")
