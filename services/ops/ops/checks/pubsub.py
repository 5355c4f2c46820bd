"""The channel of change events is there and may be listened to."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc

from ops.checks.finding import Area, Finding
from ops.checks.settings import Salesforce
from runtime.trust import roots
from runtime.vendor_settings import SalesforceEvents

GET_TOPIC = "/eventbus.v1.PubSub/GetTopic"
TIMEOUT_S = 15.0
NAME_FIELD, CAN_SUBSCRIBE_FIELD = 1, 4
"""Numbers in the public definition of TopicRequest and TopicInfo."""
VARINT, BYTES = 0, 2
CAPTURE = (
    "Administrator: select the mapped objects for change data capture and give the integration"
    " user access to them."
)


def channel_findings(area: Area, settings: Salesforce, token: str) -> Iterator[Finding]:
    events = settings.events
    metadata = (
        ("accesstoken", token),
        ("instanceurl", settings.connection.url),
        ("tenantid", events.org_id),
    )
    with _channel(events, settings.ca_file) as channel:
        get_topic: Any = channel.unary_unary(GET_TOPIC, encoded_name, decoded_topic)
        try:
            is_open = get_topic(events.channel, metadata=metadata, timeout=TIMEOUT_S)
        except grpc.RpcError as error:
            yield _refused(area, events, error)
            return
    if is_open:
        yield area.well(f"{events.channel} may be listened to")
    else:
        yield area.wrong(f"{events.channel} may not be listened to", CAPTURE)


def _channel(events: SalesforceEvents, ca_file: Path | None) -> grpc.Channel:
    if not events.pubsub_tls:
        return grpc.insecure_channel(events.pubsub)
    return grpc.secure_channel(events.pubsub, grpc.ssl_channel_credentials(roots(ca_file)))


def _refused(area: Area, events: SalesforceEvents, error: grpc.RpcError) -> Finding:
    status: Any = error  # what is raised is a call as well, which the stubs do not say
    name, said = status.code().name, (status.details() or "")[:200]
    if status.code() in {grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED}:
        return area.wrong(
            f"the Pub/Sub API does not answer at {events.pubsub}: {said}",
            "SRE: correct SALESFORCE_PUBSUB, or open the way to it.",
        )
    if status.code() is grpc.StatusCode.UNAUTHENTICATED:
        return area.wrong(
            f"the Pub/Sub API refuses the session: {said}",
            "SRE: correct SALESFORCE_ORG_ID and SALESFORCE_URL.",
        )
    return area.wrong(f"{events.channel} is refused: {name} {said}".strip(), CAPTURE)


def encoded_name(name: str) -> bytes:
    data = name.encode()
    return bytes([NAME_FIELD << 3 | BYTES]) + _varint(len(data)) + data


def decoded_topic(data: bytes) -> bool:
    """Reads the one field that matters out of a TopicInfo."""
    at = 0
    while at < len(data):
        tag, at = _number(data, at)
        number, at = _number(data, at)
        if tag == CAN_SUBSCRIBE_FIELD << 3 | VARINT:
            return bool(number)
        if tag & 7 == BYTES:
            at += number
    return False


def _varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low]) if not rest else bytes([low | 0x80]) + _varint(rest)


def _number(data: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        number |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return number, at
