"""Spans and metrics: a change's trace has the change's id, and metrics their names and labels."""

import uuid

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from runtime import names
from runtime.telemetry import Telemetry, open_telemetry
from runtime.tracing import parent_of, trace_id_of


class Watched:
    """A telemetry and what it exports."""

    def __init__(self, ratio: float = 1.0) -> None:
        self._exporter = InMemorySpanExporter()
        self.telemetry: Telemetry = open_telemetry(
            "test", "0", ratio=ratio, exporter=self._exporter
        )

    def spans(self) -> list[ReadableSpan]:
        self.telemetry.close()
        return list(self._exporter.get_finished_spans())


def test_the_trace_id_is_the_event_id_with_and_without_a_parent() -> None:
    event = str(uuid.uuid4())
    watched = Watched()
    with watched.telemetry.span("first", event) as first:
        pass
    with watched.telemetry.span("second", event, parent=first.traceparent, target="x"):
        pass
    one, two = watched.spans()
    assert one.context is not None
    assert two.context is not None
    assert one.context.trace_id == two.context.trace_id == uuid.UUID(event).int
    assert two.parent is not None
    assert two.parent.span_id == one.context.span_id
    assert dict(two.attributes or {}) == {"event.id": event, "target": "x"}
    assert first.traceparent == f"00-{uuid.UUID(event).hex}-{one.context.span_id:016x}-01"


def test_a_parent_of_another_trace_becomes_a_link() -> None:
    event, other = str(uuid.uuid4()), str(uuid.uuid4())
    watched = Watched()
    with watched.telemetry.span("elsewhere", other) as above:
        pass
    with watched.telemetry.span("here", event, parent=above.traceparent):
        pass
    _, here = watched.spans()
    assert here.context is not None
    assert here.context.trace_id == uuid.UUID(event).int
    assert here.parent is None
    assert [link.context.trace_id for link in here.links] == [uuid.UUID(other).int]


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "nonsense",
        "00-0-0-00",
        f"00-{'0' * 32}-{'0' * 16}-01",
        f"ff-{'1' * 32}-{'1' * 16}-01",
        f"00-{'x' * 32}-{'1' * 16}-01",
    ],
)
def test_a_malformed_parent_is_no_parent(text: str | None) -> None:
    assert parent_of(text) is None


def test_an_id_that_is_no_uuid_still_gives_one_trace() -> None:
    assert trace_id_of("an operation") == trace_id_of("an operation") != trace_id_of("another")


def test_the_share_of_traces_is_kept_and_all_services_choose_the_same_ones() -> None:
    events = [str(uuid.uuid5(uuid.NAMESPACE_URL, str(number))) for number in range(2_000)]
    kept = [traced(events, 0.25), traced(events, 0.25)]
    assert kept[0] == kept[1]
    assert 400 < len(kept[0]) < 600
    assert traced(events, 0.0) == set()
    assert len(traced(events, 1.0)) == 2_000


def test_an_unsampled_parent_is_followed_but_an_error_is_kept() -> None:
    event = str(uuid.uuid4())
    parent = f"00-{uuid.UUID(event).hex}-00f067aa0ba902b7-00"
    watched = Watched()
    with watched.telemetry.span("fine", event, parent=parent) as span:
        assert span.traceparent.endswith("-00")
    with pytest.raises(ZeroDivisionError), watched.telemetry.span("failed", event, parent=parent):
        raise ZeroDivisionError("ada@example.com")
    (failed,) = watched.spans()
    assert failed.name == "failed"
    assert (failed.attributes or {})["error.type"] == "ZeroDivisionError"
    assert not failed.status.is_ok
    assert "ada@example.com" not in failed.to_json()


def test_metrics_show_by_their_names_with_labels_and_units() -> None:
    telemetry = open_telemetry("test", "0")
    telemetry.count(names.RECORDS_CONSUMED, 3, topic="a")
    telemetry.count(names.RECORDS_CONSUMED, topic="a")
    telemetry.observe(names.HANDLE_SECONDS, 0.02)
    telemetry.watch(names.LAG, lambda: [(5, {"topic": "a", "partition": "1"})])
    telemetry.watch(names.LAG, lambda: [(6, {"topic": "b", "partition": "2"})])
    text = telemetry.exposition().decode()
    assert 'tallystick_records_consumed_total{topic="a"} 4.0' in text
    assert 'tallystick_handle_seconds_bucket{le="0.025"} 1.0' in text
    assert 'tallystick_lag{partition="1",topic="a"} 5.0' in text
    assert 'tallystick_lag{partition="2",topic="b"} 6.0' in text
    assert "# HELP tallystick_records_consumed_total records handed to the service" in text


def test_every_metric_has_a_name_of_its_own_and_a_meaning() -> None:
    kinds = names.Counter | names.Histogram | names.Gauge
    metrics = [value for value in vars(names).values() if isinstance(value, kinds)]
    assert len({metric.name for metric in metrics}) == len(metrics) > 15
    assert all(metric.name.startswith("tallystick.") and metric.meaning for metric in metrics)


def traced(events: list[str], ratio: float) -> set[str]:
    watched = Watched(ratio)
    for event in events:
        with watched.telemetry.span("step", event):
            pass
    return {str((span.attributes or {})["event.id"]) for span in watched.spans()}
