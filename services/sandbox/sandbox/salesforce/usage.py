"""What the org has used of its daily limits, and what is left of them."""

from collections.abc import Mapping

from sandbox.salesforce.errors import Refusal, named
from sandbox.salesforce.org import Org

REQUESTS = "DailyApiRequests"
BATCHES = "DailyBulkApiBatches"
QUERY_JOBS = "DailyBulkV2QueryJobs"
BATCHES_MAX = 15_000
QUERY_JOBS_MAX = 10_000
BATCH_RECORDS = 10_000
"""Records of an ingest job that count as one batch."""


class Usage:
    """Counted by the day of the business clock. A limit is soft, as the vendor's, until the profile
    or somebody who set what is left makes it hard for the day."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self.most: Mapping[str, int] = {
            REQUESTS: org.profile.daily_requests,
            BATCHES: BATCHES_MAX,
            QUERY_JOBS: QUERY_JOBS_MAX,
        }

    def used(self, limit: str) -> int:
        return self._org.counters.read(self._today(limit))

    def left(self, limit: str) -> int:
        return max(0, self.most[limit] - self.used(limit))

    def take(self, limit: str, count: int = 1) -> int:
        """How many were used today, these included."""
        return self._org.counters.take(self._today(limit), count) + count - 1

    def leave(self, limit: str, left: int) -> None:
        """From now on there are so many until the day ends, and not one more."""
        self._org.counters.take(self._today(limit), self.most[limit] - left - self.used(limit))
        self._org.counters.at_least(self._hard(limit), 1)

    def renew(self, limit: str) -> None:
        """As at the beginning of the day: nothing used, and soft."""
        for name in (self._today(limit), self._hard(limit)):
            self._org.counters.take(name, -self._org.counters.read(name))

    def check_requests(self) -> None:
        """Raises the refusal of a request too many."""
        if self._is_spent(REQUESTS):
            raise named("REQUEST_LIMIT_EXCEEDED")

    def take_request(self) -> int:
        """How many there were today with this one; raises the refusal of one too many, which is
        not counted. One look at the store, for every request comes by here."""
        used = self.take(REQUESTS)
        if used > self.most[REQUESTS] and self._is_hard(REQUESTS):
            self.take(REQUESTS, -1)
            raise named("REQUEST_LIMIT_EXCEEDED")
        return used

    def check_query_jobs(self) -> None:
        if self._is_spent(QUERY_JOBS):
            most = self.most[QUERY_JOBS]
            message = f"Max bulk v2 query jobs ({most}) per 24 hrs has been reached ({most + 1})"
            raise Refusal("LIMIT_EXCEEDED", message)

    def check_batches(self) -> None:
        if self._is_spent(BATCHES):
            message = "ExceededQuota : ApiBatchItems Limit exceeded."
            raise Refusal("EXCEEDEDQUOTA", message)

    def take_batches(self, before: int, after: int) -> None:
        """Of an ingest job that has come from so many records to so many."""
        begun = -(-after // BATCH_RECORDS) - -(-before // BATCH_RECORDS)
        if begun:
            self.take(BATCHES, begun)

    def _is_spent(self, limit: str) -> bool:
        return self._is_hard(limit) and self.left(limit) == 0

    def _is_hard(self, limit: str) -> bool:
        return bool(self._org.profile.app_requests or self._org.counters.read(self._hard(limit)))

    def _today(self, limit: str) -> str:
        return f"{limit} {self._org.clock.now().date().isoformat()}"

    def _hard(self, limit: str) -> str:
        return f"hard {self._today(limit)}"
