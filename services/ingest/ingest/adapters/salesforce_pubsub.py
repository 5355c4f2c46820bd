"""Salesforce's Pub/Sub API over gRPC: one channel of change events with flow control."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc

from ingest.adapters.change_events import ReadableSchema, readable, source_event
from ingest.adapters.pubsub_proto import pubsub_api_pb2 as pb
from ingest.ports import Delivery, ReplayLost, SourceEvent, Start
from kernel.errors import FatalError, PermanentError, RetryableError
from runtime import logs, names
from runtime.hosts import Hosts
from runtime.telemetry import Telemetry
from runtime.tokens import HeldToken
from runtime.trust import roots

SERVICE = "/eventbus.v1.PubSub/"
SILENCE_MAX_S = 300.0
"""Salesforce gives a sign of life within 270 seconds."""

CALL_TIMEOUT_S = 15.0
REQUESTED_MAX = 100
"""More than this is outstanding in vain."""

MESSAGE_BYTES_MAX = 8_000_000
SCHEMAS_MAX = 200
REFUSALS_MAX = 10
"""New sessions in a row that the stream may refuse."""

REPLAY = "replayid"
REFUSED = frozenset({grpc.StatusCode.NOT_FOUND, grpc.StatusCode.PERMISSION_DENIED})
SYSTEM = "salesforce"
OPTIONS = [
    ("grpc.max_receive_message_length", MESSAGE_BYTES_MAX),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 5_000),
    ("grpc.enable_http_proxy", 0),
]
EOF: Any = grpc.aio.EOF  # type: ignore[attr-defined]  # its stubs leave this out
Room = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a call ended: gRPC's status and Salesforce's own code or sentence."""

    status: grpc.StatusCode
    said: str

    @property
    def is_replay_lost(self) -> bool:
        return self.status is grpc.StatusCode.INVALID_ARGUMENT and REPLAY in self.said

    def __str__(self) -> str:
        return f"{self.status.name} {self.said}".strip()


def open_channel(target: str, *, tls: bool, ca_file: Path | None, hosts: Hosts) -> grpc.aio.Channel:
    """`target` is host:port. FatalError where the host, or going there without TLS, is not
    allowed."""
    hosts.check(f"{'https' if tls else 'http'}://{target}")
    if not tls:
        return grpc.aio.insecure_channel(target, OPTIONS)
    return grpc.aio.secure_channel(target, grpc.ssl_channel_credentials(roots(ca_file)), OPTIONS)


class SalesforcePubSub:
    """A subscriber to one channel such as `/data/ChangeEvents`."""

    def __init__(
        self,
        channel: grpc.aio.Channel,
        tokens: HeldToken,
        telemetry: Telemetry,
        *,
        topic: str,
        org_url: str,
        org_id: str,
        batch: int,
    ) -> None:
        self._tokens, self._telemetry = tokens, telemetry
        self._topic, self._batch = topic, min(batch, REQUESTED_MAX)
        self._identity = (("instanceurl", org_url), ("tenantid", org_id))
        self._schemas: OrderedDict[str, ReadableSchema] = OrderedDict()
        self._refusals = 0
        self._get_topic: Any = channel.unary_unary(
            f"{SERVICE}GetTopic", pb.TopicRequest.SerializeToString, pb.TopicInfo.FromString
        )
        self._get_schema: Any = channel.unary_unary(
            f"{SERVICE}GetSchema", pb.SchemaRequest.SerializeToString, pb.SchemaInfo.FromString
        )
        self._subscribe: Any = channel.stream_stream(
            f"{SERVICE}Subscribe", pb.FetchRequest.SerializeToString, pb.FetchResponse.FromString
        )

    async def probe(self) -> None:
        topic = await self._ask(
            "get_topic", self._get_topic, pb.TopicRequest(topic_name=self._topic)
        )
        if not topic.can_subscribe:
            raise FatalError(
                f"Salesforce does not let the integration user subscribe to {self._topic}:"
                " give it read access to the captured objects"
            )

    async def deliveries(
        self, start: Start, room: Room
    ) -> AsyncGenerator[Delivery | ReplayLost, None]:
        token = await self._tokens.current()
        call = self._subscribe(metadata=self._metadata(token))
        try:
            await call.write(self._first_request(start))
            while True:
                async with asyncio.timeout(SILENCE_MAX_S):  # wait_for can swallow a cancellation
                    response = await call.read()
                if response is EOF:
                    raise await self._ended(call, token)
                self._refusals = 0
                yield await self._delivery(response)
                await room()
                await self._top_up(call, response.pending_num_requested)
        except TimeoutError:
            raise RetryableError(f"no sign of life for {SILENCE_MAX_S:g} s") from None
        except grpc.aio.AioRpcError as error:
            ending = _ending(error)
            if not ending.is_replay_lost:
                raise await self._translated(ending, token) from error
            yield ReplayLost(str(ending))
        except (grpc.aio.UsageError, asyncio.InvalidStateError) as error:
            raise await self._ended(call, token) from error
        finally:
            call.cancel()

    def _first_request(self, start: Start) -> Any:
        preset = pb.ReplayPreset.LATEST
        if start.replay_id is not None:
            preset = pb.ReplayPreset.CUSTOM
        elif start.earliest:
            preset = pb.ReplayPreset.EARLIEST
        return pb.FetchRequest(
            topic_name=self._topic,
            replay_preset=preset,
            replay_id=start.replay_id or b"",
            num_requested=self._batch,
        )

    async def _top_up(self, call: Any, pending: int) -> None:
        """Asked for in small portions: what is outstanding is what may pile up here."""
        if pending <= self._batch // 2:
            request = pb.FetchRequest(topic_name=self._topic, num_requested=self._batch - pending)
            await call.write(request)

    async def _delivery(self, response: Any) -> Delivery:
        events: list[SourceEvent] = []
        unreadable = False
        for item in response.events:
            try:
                schema = await self._schema(item.event.schema_id)
                events.append(source_event(schema, item.event.payload, item.replay_id))
            except PermanentError as error:
                unreadable = True
                logs.error(names.EVENT_UNREADABLE, str(error), error, position=item.replay_id.hex())
        return Delivery(
            events=tuple(events), latest=response.latest_replay_id, unreadable=unreadable
        )

    async def _schema(self, schema_id: str) -> ReadableSchema:
        if schema_id not in self._schemas:
            request = pb.SchemaRequest(schema_id=schema_id)
            info = await self._ask("get_schema", self._get_schema, request)
            self._schemas[schema_id] = readable(info.schema_json)
            if len(self._schemas) > SCHEMAS_MAX:
                self._schemas.popitem(last=False)
        return self._schemas[schema_id]

    async def _ask(self, operation: str, call: Any, request: Any) -> Any:
        token, status = await self._tokens.current(), "none"
        try:
            answer = await call(request, metadata=self._metadata(token), timeout=CALL_TIMEOUT_S)
            status = "2xx"
            return answer
        except grpc.aio.AioRpcError as error:
            status = error.code().name.lower()
            raise await self._translated(_ending(error), token) from error
        finally:
            self._telemetry.count(
                names.API_CALLS, system=SYSTEM, operation=operation, status=status
            )

    def _metadata(self, token: str) -> tuple[tuple[str, str], ...]:
        return (("accesstoken", token), *self._identity)

    async def _ended(self, call: Any, token: str) -> Exception:
        """The stream is over; a status that is an error has mostly been raised before."""
        status = await call.code()
        if status is grpc.StatusCode.OK:
            return RetryableError("Salesforce ended the event stream")
        ending = Ending(status, _said(await call.trailing_metadata(), await call.details()))
        return await self._translated(ending, token)

    async def _translated(self, ending: Ending, token: str) -> Exception:
        if ending.status is grpc.StatusCode.UNAUTHENTICATED:
            self._refusals += 1
            if self._refusals > REFUSALS_MAX:
                return FatalError(
                    f"Salesforce refuses the event stream to every new session ({ending}):"
                    " check SALESFORCE_ORG_ID, SALESFORCE_URL and the integration user"
                )
            await self._tokens.renewed(token)
        elif ending.status in REFUSED:
            return FatalError(
                f"Salesforce refuses the channel {self._topic} ({ending}): select the objects for"
                " change data capture and give the integration user access to them"
            )
        return RetryableError(f"Salesforce events: {ending}")


def _ending(error: grpc.aio.AioRpcError) -> Ending:
    return Ending(error.code(), _said(error.trailing_metadata(), error.details()))


def _said(trailers: Any, details: str | None) -> str:
    return str(dict(trailers or ()).get("error-code") or (details or "")[:200])
