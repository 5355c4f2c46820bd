"""How the Pub/Sub API says no: a gRPC status, a code in the trailers, an id in the text."""

import uuid
from dataclasses import dataclass

import grpc

PREFIX = "sfdc.platform.eventbus.grpc."


@dataclass(frozen=True, slots=True)
class StreamRefusal(Exception):
    """`code` is the vendor's, without its prefix."""

    status: grpc.StatusCode
    code: str
    text: str

    def __str__(self) -> str:
        return f"{self.code}: {self.text}"


def bad_token() -> StreamRefusal:
    text = (
        "The Salesforce Authentication service could not authenticate the client because of an"
        " invalid session or token."
    )
    return StreamRefusal(grpc.StatusCode.UNAUTHENTICATED, "service.auth.error", text)


def bad_headers(text: str) -> StreamRefusal:
    return StreamRefusal(grpc.StatusCode.UNAUTHENTICATED, "service.auth.headers.invalid", text)


def unavailable() -> StreamRefusal:
    """Recorded as INTERNAL, not as UNAVAILABLE."""
    text = "The service is unavailable. Try again later."
    return StreamRefusal(grpc.StatusCode.INTERNAL, "service.unavailable", text)


def invalid(code: str, text: str) -> StreamRefusal:
    return StreamRefusal(grpc.StatusCode.INVALID_ARGUMENT, code, text)


def no_topic(name: str) -> StreamRefusal:
    text = f"Topic not found: {name}. Check the topic name, and that you can access it."
    return StreamRefusal(grpc.StatusCode.NOT_FOUND, "topic.not.found", text)


def replay_lost() -> StreamRefusal:
    text = (
        "The Replay ID validation failed. Ensure that the Replay ID is valid and that the event it"
        " names is still in the retention window."
    )
    return invalid("subscription.fetch.replayid.corrupted", text)


def trailers(code: str, rpc_id: str, call: str) -> tuple[tuple[str, str], ...]:
    return (("error-code", PREFIX + code), ("rpc-id", rpc_id), ("type", call))


def new_rpc_id() -> str:
    return str(uuid.uuid4())
