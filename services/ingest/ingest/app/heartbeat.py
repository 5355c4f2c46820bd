"""How long ago a channel last proved that it lives, as a metric."""

from kernel.records import System
from runtime import names
from runtime.process import Context


class Heartbeat:
    """Begins to age when it is made."""

    def __init__(self, system: System, channel: str, ctx: Context) -> None:
        self._clock = ctx.clock
        self._beat_at = ctx.clock.monotonic()
        labels = {"system": str(system), "channel": channel}
        ctx.telemetry.watch(names.HEARTBEAT_AGE, lambda: [(self.age_s, labels)])

    def beat(self) -> None:
        self._beat_at = self._clock.monotonic()

    @property
    def age_s(self) -> float:
        return self._clock.monotonic() - self._beat_at
