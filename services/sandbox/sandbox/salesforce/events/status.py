"""How the Pub/Sub API says no: a gRPC status, a code in the trailers, an id in the text."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from grpc import StatusCode

PREFIX = "sfdc.platform.eventbus.grpc."


@dataclass(frozen=True, slots=True)
class StreamRefusal(Exception):
    """`code` is the vendor's, without its prefix."""

    status: StatusCode
    code: str
    text: str

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"


CODES: Mapping[str, tuple[StatusCode, str]] = {
    "service.unavailable": (
        StatusCode.INTERNAL,
        "The service is unavailable. Try again later.",
    ),
    "service.auth.error": (
        StatusCode.UNAUTHENTICATED,
        "The Salesforce Authentication service could not authenticate the client because of an"
        " invalid session or token.",
    ),
    "service.auth.headers.invalid": (
        StatusCode.UNAUTHENTICATED,
        "The authentication headers are missing or invalid.",
    ),
    "service.auth.refresh.invalid": (
        StatusCode.UNAUTHENTICATED,
        "The authentication refresh of the stream is invalid.",
    ),
    "service.protection.triggered": (
        StatusCode.RESOURCE_EXHAUSTED,
        "The service protected itself from too many requests. Try again later.",
    ),
    "service.protection.stream.limit.triggered": (
        StatusCode.RESOURCE_EXHAUSTED,
        "The number of streams exceeds what one connection may hold.",
    ),
    "service.tenant.license": (
        StatusCode.PERMISSION_DENIED,
        "Your org has no license for this service.",
    ),
    "concurrent.client.limit.exceeded": (
        StatusCode.RESOURCE_EXHAUSTED,
        "You have exceeded the number of concurrent clients for your org.",
    ),
    "topic.not.found": (StatusCode.NOT_FOUND, "The topic was not found."),
    "topic.meta.permission": (
        StatusCode.PERMISSION_DENIED,
        "The topic does not exist or you have no access to it.",
    ),
    "topic.api.unavailable": (StatusCode.UNAVAILABLE, "The topic cannot be looked up now."),
    "topic.validation.empty": (StatusCode.INVALID_ARGUMENT, "The topic name is empty."),
    "schema.meta.permission": (
        StatusCode.PERMISSION_DENIED,
        "You have no access to the schema.",
    ),
    "schema.api.unavailable": (StatusCode.UNAVAILABLE, "The schema cannot be looked up now."),
    "schema.validation.failed": (StatusCode.INVALID_ARGUMENT, "The schema ID is invalid."),
    "subscription.fetch.replayid.corrupted": (
        StatusCode.INVALID_ARGUMENT,
        "The Replay ID validation failed. Ensure that the Replay ID is valid and that the event it"
        " names is still in the retention window.",
    ),
    "subscription.fetch.replayid.validation.failed": (
        StatusCode.INVALID_ARGUMENT,
        "The replay preset CUSTOM needs a replay id.",
    ),
    "subscription.fetch.replay.repeated": (
        StatusCode.INVALID_ARGUMENT,
        "A replay option may stand in the first request of a stream only.",
    ),
    "subscription.fetch.overflow": (
        StatusCode.RESOURCE_EXHAUSTED,
        "More events are requested than the service can hold for one subscription.",
    ),
    "subscription.fetch.requested.events.invalid": (
        StatusCode.INVALID_ARGUMENT,
        "The number of requested events must be greater than 0.",
    ),
    "subscription.fetch.topic.mismatch": (
        StatusCode.INVALID_ARGUMENT,
        "The topic name differs from the one of the first request.",
    ),
    "subscription.fetch.request.invalid": (
        StatusCode.INVALID_ARGUMENT,
        "The fetch request is invalid.",
    ),
    "subscription.topic.cannot.subscribe": (
        StatusCode.PERMISSION_DENIED,
        "The topic cannot be subscribed to.",
    ),
    "subscription.limit.exceeded": (
        StatusCode.RESOURCE_EXHAUSTED,
        "You have exceeded the event delivery limit for your org.",
    ),
    "subscription.internal.error": (
        StatusCode.INTERNAL,
        "The subscription ended because of an internal error.",
    ),
    "publish.event.count.invalid": (
        StatusCode.INVALID_ARGUMENT,
        "A publish request needs at least one event.",
    ),
    "publish.topic.mismatch": (
        StatusCode.INVALID_ARGUMENT,
        "The topic name differs from the one of the first request.",
    ),
    "publish.topic.validation.empty": (
        StatusCode.INVALID_ARGUMENT,
        "The topic name is empty.",
    ),
    "publish.stream.sweeper.timeout": (
        StatusCode.CANCELLED,
        "The publish stream was closed because no event came for too long.",
    ),
    "publish.auth.refresh.invalid": (
        StatusCode.UNAUTHENTICATED,
        "The authentication refresh of the publish stream is invalid.",
    ),
    "managed.subscription.already.active": (
        StatusCode.ALREADY_EXISTS,
        "The managed subscription has an active client already.",
    ),
    "managed.subscription.config.stopped": (
        StatusCode.FAILED_PRECONDITION,
        "The managed subscription is stopped.",
    ),
    "managed.subscription.config.deleted": (
        StatusCode.NOT_FOUND,
        "The managed subscription was deleted.",
    ),
    "managed.subscription.developer.name.not.found": (
        StatusCode.NOT_FOUND,
        "No managed subscription has this developer name.",
    ),
    "managed.subscription.subscription.id.not.found": (
        StatusCode.NOT_FOUND,
        "No managed subscription has this ID.",
    ),
    "managed.subscription.subscription.id.invalid": (
        StatusCode.INVALID_ARGUMENT,
        "The managed subscription ID is invalid.",
    ),
    "managed.subscription.id.or.developer.name.empty": (
        StatusCode.INVALID_ARGUMENT,
        "The first request needs a subscription ID or a developer name.",
    ),
    "managed.subscription.fetch.request.events.invalid": (
        StatusCode.INVALID_ARGUMENT,
        "The number of requested events must be greater than 0.",
    ),
    "managed.subscription.fetch.request.invalid": (
        StatusCode.INVALID_ARGUMENT,
        "The managed fetch request is invalid.",
    ),
    "managed.subscription.fetch.request.commit.request.restricted": (
        StatusCode.INVALID_ARGUMENT,
        "The first request may not commit a replay ID.",
    ),
    "managed.subscription.fetch.request.auth.request.restricted": (
        StatusCode.INVALID_ARGUMENT,
        "An authentication refresh may not be sent with this request.",
    ),
}
"""Each documented code with its status and words. The vendor's own words are known for
`service.unavailable`, `service.auth.error` and `subscription.limit.exceeded` only."""


def refusal(code: str, text: str = "") -> StreamRefusal:
    """A documented refusal, with words that name the thing where there are some."""
    status, plain = CODES[code]
    return StreamRefusal(status, code, text or plain)


def unreadable() -> StreamRefusal:
    """Bytes that are no message of this service."""
    return StreamRefusal(
        StatusCode.INTERNAL, "subscription.internal.error", "Invalid protobuf byte sequence"
    )


def no_topic(name: str) -> StreamRefusal:
    """A client's recorded test gets PERMISSION_DENIED for an unknown platform event; channels of
    changes answer NOT_FOUND."""
    text = f"Topic not found: {name}. Check the topic name, and that you can access it."
    code = "topic.meta.permission" if name.startswith("/event/") else "topic.not.found"
    return refusal(code, text)


def trailers(code: str, rpc_id: str, call: str) -> tuple[tuple[str, str], ...]:
    return (("error-code", PREFIX + code), ("rpc-id", rpc_id), ("type", call))


def new_rpc_id() -> str:
    return str(uuid.uuid4())
