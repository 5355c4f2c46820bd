"""Traces found by their change: the trace id of everything about a change is the change's id."""

import hashlib
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

from opentelemetry.context import Context
from opentelemetry.sdk.trace.id_generator import IdGenerator, RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    Span,
    SpanContext,
    SpanKind,
    TraceFlags,
    TraceState,
    get_current_span,
    set_span_in_context,
)
from opentelemetry.util.types import Attributes

KEPT = "tallystick.kept"
RANDOM_BITS = 56
"""The low bits of an id of ours that are evenly spread; above them stands the UUID's variant."""


class TraceIds(IdGenerator):
    """Random span ids; as trace id the one that `wanted` names at that moment."""

    def __init__(self) -> None:
        self._random = RandomIdGenerator()
        self._wanted: ContextVar[int] = ContextVar("wanted trace id", default=0)

    @contextmanager
    def wanted(self, trace_id: int) -> Iterator[None]:
        token = self._wanted.set(trace_id)
        try:
            yield
        finally:
            self._wanted.reset(token)

    def generate_span_id(self) -> int:
        return self._random.generate_span_id()

    def generate_trace_id(self) -> int:
        return self._wanted.get() or self._random.generate_trace_id()


class ShareOfTraces(Sampler):
    """As the parent decided, else by the trace id; a span marked as kept always."""

    def __init__(self, ratio: float) -> None:
        self._bound = round(ratio * (1 << RANDOM_BITS))

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        parent = get_current_span(parent_context).get_span_context()
        if attributes and KEPT in attributes:
            wanted = True
        elif parent.is_valid:
            wanted = parent.trace_flags.sampled
        else:
            wanted = trace_id & ((1 << RANDOM_BITS) - 1) < self._bound
        if not wanted:
            return SamplingResult(Decision.DROP)
        return SamplingResult(Decision.RECORD_AND_SAMPLE, attributes)

    def get_description(self) -> str:
        return f"ShareOfTraces({self._bound / (1 << RANDOM_BITS):g})"


def trace_id_of(event_id: str) -> int:
    """The 16 bytes of the event id; of any other text a hash, never zero."""
    try:
        return UUID(event_id).int or 1
    except ValueError:
        return int.from_bytes(hashlib.sha256(event_id.encode()).digest()[:16]) or 1


def traceparent_of(span: Span) -> str:
    """W3C Trace Context, version 00."""
    context = span.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"


def carried_on(traceparent: str | None, event_id: str) -> str:
    """The traceparent where it is of this event's trace, else the first of that trace."""
    if traceparent and traceparent[3:35] == event_id.replace("-", "") and parent_of(traceparent):
        return traceparent
    span_id = random.getrandbits(64) or 1
    return f"00-{trace_id_of(event_id):032x}-{span_id:016x}-00"


def parent_of(traceparent: str | None) -> SpanContext | None:
    """None where the header is missing or malformed: the trace then starts here."""
    parts = (traceparent or "").split("-")
    if len(parts) < 4 or [len(part) for part in parts[:4]] != [2, 32, 16, 2]:
        return None
    try:
        trace_id, span_id, flags = (int(part, 16) for part in parts[1:4])
    except ValueError:
        return None
    context = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags & 1))
    return context if context.is_valid and parts[0] != "ff" else None


def context_under(parent: SpanContext | None) -> Context:
    """A context of its own, so that nothing else of this process becomes the parent."""
    return set_span_in_context(NonRecordingSpan(parent), Context()) if parent else Context()
