"""Spans and metrics of one process, passed in and never global."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from opentelemetry import metrics, trace
from opentelemetry.exporter.prometheus import PrometheusMetricReader
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter
from prometheus_client import CollectorRegistry, generate_latest

from runtime import logs
from runtime.names import Counter, Gauge, Histogram
from runtime.tracing import (
    KEPT,
    ShareOfTraces,
    TraceIds,
    carried_on,
    context_under,
    parent_of,
    trace_id_of,
    traceparent_of,
)

SPANS_QUEUED_MAX, SPANS_A_BATCH_MAX = 4_096, 512
EXPORT_EVERY_MS, EXPORT_TIMEOUT_MS, EXPORT_TIMEOUT_S = 2_000, 5_000, 5
Reading = Callable[[], Iterable[tuple[float, Mapping[str, str]]]]


@dataclass(frozen=True, slots=True)
class Span:
    """A step that runs now. `traceparent` makes what it sends its child."""

    traceparent: str
    _span: trace.Span

    def note(self, **ids: str | int | float | bool) -> None:
        """Add ids and codes, never what a field holds."""
        self._span.set_attributes(ids)


class Telemetry:
    def __init__(
        self,
        tracers: TracerProvider,
        meters: MeterProvider,
        registry: CollectorRegistry,
        ids: TraceIds,
        *,
        is_silent: bool = False,
    ) -> None:
        """`is_silent`: spans go nowhere, so none is made; messages carry their trace on."""
        self._tracers, self._meters, self._registry, self._ids = tracers, meters, registry, ids
        self._is_silent = is_silent
        self._tracer = tracers.get_tracer(logs.OURS)
        self._meter = meters.get_meter(logs.OURS)
        self._counters: dict[str, metrics.Counter] = {}
        self._histograms: dict[str, metrics.Histogram] = {}
        self._readings: dict[str, list[Reading]] = {}

    def count(self, counter: Counter, amount: int = 1, **labels: str) -> None:
        if counter.name not in self._counters:
            self._counters[counter.name] = self._meter.create_counter(
                counter.name, unit=counter.unit, description=counter.meaning
            )
        self._counters[counter.name].add(amount, labels)

    def observe(self, histogram: Histogram, value: float, **labels: str) -> None:
        if histogram.name not in self._histograms:
            self._histograms[histogram.name] = self._meter.create_histogram(
                histogram.name,
                unit=histogram.unit,
                description=histogram.meaning,
                explicit_bucket_boundaries_advisory=histogram.buckets,
            )
        self._histograms[histogram.name].record(value, labels)

    def watch(self, gauge: Gauge, reading: Reading) -> None:
        """Ask `reading` for values with their labels whenever somebody looks; it runs in the
        thread of the one who looks. Several readings of one gauge add up to one picture."""
        if gauge.name in self._readings:
            self._readings[gauge.name].append(reading)
            return
        readings = self._readings[gauge.name] = [reading]
        self._meter.create_observable_gauge(
            gauge.name,
            callbacks=[lambda _: list(_observations(readings))],
            unit=gauge.unit,
            description=gauge.meaning,
        )

    @contextmanager
    def span(
        self,
        name: str,
        event_id: str,
        parent: str | None = None,
        **ids: str | int | float | bool,
    ) -> Iterator[Span]:
        """One step of a change's story. `parent` is the traceparent of the record that caused it.

        A parent of another trace becomes a link: the trace id always is the event id.
        """
        if self._is_silent:
            yield Span(carried_on(parent, event_id), trace.INVALID_SPAN)
            return
        trace_id, above = trace_id_of(event_id), parent_of(parent)
        is_same = above is not None and above.trace_id == trace_id
        links = [trace.Link(above)] if above and not is_same else None
        started_ns = time.time_ns()

        def start(**more: bool) -> trace.Span:
            with self._ids.wanted(trace_id):
                return self._tracer.start_span(
                    name,
                    context_under(above if is_same else None),
                    attributes={"event.id": event_id, **ids, **more},
                    links=links,
                    start_time=started_ns,
                )

        span = start()
        try:
            yield Span(traceparent_of(span), span)
        except Exception as error:
            failed = span if span.is_recording() else start(**{KEPT: True})
            failed.set_attribute("error.type", type(error).__name__)
            failed.set_status(trace.StatusCode.ERROR)
            if failed is not span:
                failed.end()
            raise
        finally:
            span.end()

    def exposition(self) -> bytes:
        """All metrics as Prometheus reads them."""
        return generate_latest(self._registry)

    def close(self) -> None:
        """Send what is left, within the export's time limit."""
        self._tracers.shutdown()
        self._meters.shutdown()


def open_telemetry(
    service: str,
    version: str,
    *,
    endpoint: str | None = None,
    ratio: float = 1.0,
    exporter: SpanExporter | None = None,
) -> Telemetry:
    """Spans go to `exporter`, else by OTLP/HTTP to the endpoint, else nowhere."""
    resource = Resource({"service.name": service, "service.version": version})
    ids, registry = TraceIds(), CollectorRegistry()
    spans_to = exporter or (_otlp(endpoint) if endpoint else None)
    share = ShareOfTraces(ratio if spans_to else 0.0)  # what goes nowhere is not recorded either
    tracers = TracerProvider(
        sampler=share, resource=resource, id_generator=ids, shutdown_on_exit=False
    )
    if spans_to:
        tracers.add_span_processor(
            BatchSpanProcessor(
                spans_to,
                max_queue_size=SPANS_QUEUED_MAX,
                max_export_batch_size=SPANS_A_BATCH_MAX,
                schedule_delay_millis=EXPORT_EVERY_MS,
                export_timeout_millis=EXPORT_TIMEOUT_MS,
            )
        )
    reader = PrometheusMetricReader(registry=registry, scope_info_enabled=False)
    meters = MeterProvider([reader], resource=resource, shutdown_on_exit=False)
    return Telemetry(tracers, meters, registry, ids, is_silent=spans_to is None)


def _otlp(endpoint: str) -> SpanExporter:
    # imported only here: it costs a third of a second at the start of every process
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    return OTLPSpanExporter(endpoint=f"{endpoint}/v1/traces", timeout=EXPORT_TIMEOUT_S)


def _observations(readings: Iterable[Reading]) -> Iterator[metrics.Observation]:
    for reading in readings:
        for value, labels in reading():
            yield metrics.Observation(value, labels)
