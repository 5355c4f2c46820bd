"""Bulk jobs as a test drives them, with nothing but HTTP."""

import csv
import io
import time
from typing import Any

import httpx

from tests.contract.sandbox.salesforce_client import WITHIN_S, Rest

ENDED = ("JobComplete", "Failed", "Aborted")


class Bulk:
    def __init__(self, rest: Rest) -> None:
        self.rest = rest

    def open(self, operation: str, sobject: str = "Account", **settings: Any) -> dict[str, Any]:
        body = {"object": sobject, "operation": operation, **settings}
        answer = self.rest.call("POST", "/jobs/ingest", body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def put(self, job: dict[str, Any], data: str | bytes, **headers: str) -> httpx.Response:
        content = data.encode() if isinstance(data, str) else data
        host = self.rest.root.partition("/services/")[0]
        return self.rest.sandbox.http.put(
            f"{host}/{job['contentUrl']}",
            content=content,
            headers={"Content-Type": "text/csv", **self.rest.headers, **headers},
        )

    def set_state(self, kind: str, job: dict[str, Any], state: str) -> httpx.Response:
        return self.rest.call("PATCH", f"/jobs/{kind}/{job['id']}", {"state": state})

    def told(self, kind: str, job: dict[str, Any]) -> dict[str, Any]:
        answer = self.rest.call("GET", f"/jobs/{kind}/{job['id']}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def ended(self, kind: str, job: dict[str, Any], within_s: float = WITHIN_S) -> dict[str, Any]:
        deadline = time.monotonic() + within_s
        while (found := self.told(kind, job))["state"] not in ENDED:
            assert time.monotonic() < deadline, found
            time.sleep(0.01)
        return found

    def load(
        self, operation: str, data: str, within_s: float = WITHIN_S, **settings: Any
    ) -> dict[str, Any]:
        """A whole ingest job, told when it has ended."""
        job = self.open(operation, **settings)
        assert self.put(job, data).status_code == 201
        assert self.set_state("ingest", job, "UploadComplete").status_code == 200
        return self.ended("ingest", job, within_s)

    def results(self, job: dict[str, Any], name: str) -> list[dict[str, str]]:
        answer = self.rest.call("GET", f"/jobs/ingest/{job['id']}/{name}")
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == "text/csv"
        return list(csv.DictReader(io.StringIO(answer.content.decode())))

    def ask(self, soql: str, **settings: Any) -> dict[str, Any]:
        """A query job, told when it was made."""
        body = {"operation": "query", "query": soql, **settings}
        answer = self.rest.call("POST", "/jobs/query", body)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def page(self, job: dict[str, Any], **parameters: Any) -> httpx.Response:
        return self.rest.call("GET", f"/jobs/query/{job['id']}/results", params=parameters)
