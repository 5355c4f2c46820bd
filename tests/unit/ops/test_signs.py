from ops.signs import signs

METRICS = """\
# TYPE tallystick_heartbeat_age_seconds gauge
tallystick_heartbeat_age_seconds{channel="suiteql",system="netsuite"} 1.3
tallystick_heartbeat_age_seconds{channel="/data/ChangeEvents",system="salesforce"} +Inf
tallystick_slots_busy{system="netsuite"} 3.0
tallystick_lag{partition="0",topic="netsuite.commands.v1"} 0.0
"""


def test_metrics_tell_when_a_system_was_heard_and_how_many_calls_are_out() -> None:
    assert list(signs(METRICS)) == ["netsuite heard 1.3 s ago", "3 calls to netsuite under way"]


def test_a_service_without_such_metrics_gives_no_signs() -> None:
    assert list(signs("up 1\n")) == []
