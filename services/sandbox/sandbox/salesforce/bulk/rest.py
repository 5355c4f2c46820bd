"""Which path and method of the Bulk API lead where."""

from collections.abc import Callable

from sandbox.salesforce.bulk import ingest, query
from sandbox.salesforce.desk import Desk
from sandbox.salesforce.rest.call import Answer, Call

Entry = tuple[tuple[str, ...], str, Callable[[Desk, Call], Answer]]
READ = ("GET", "HEAD")
BULK: tuple[Entry, ...] = (
    (("POST",), "/jobs/query", query.create_query),
    (READ, "/jobs/query", query.list_queries),
    (READ, "/jobs/query/{job}", query.read_query),
    (("PATCH",), "/jobs/query/{job}", query.stop_query),
    (("DELETE",), "/jobs/query/{job}", query.delete_query),
    (READ, "/jobs/query/{job}/results", query.query_results),
    (READ, "/jobs/query/{job}/resultPages", query.result_pages),
    (("POST",), "/jobs/ingest", ingest.create_ingest),
    (READ, "/jobs/ingest", ingest.list_ingests),
    (READ, "/jobs/ingest/{job}", ingest.read_ingest),
    (("PATCH",), "/jobs/ingest/{job}", ingest.change_ingest),
    (("DELETE",), "/jobs/ingest/{job}", ingest.delete_ingest),
    (("PUT",), "/jobs/ingest/{job}/batches", ingest.upload),
    (READ, "/jobs/ingest/{job}/successfulResults", ingest.successful_results),
    (READ, "/jobs/ingest/{job}/failedResults", ingest.failed_results),
    (READ, "/jobs/ingest/{job}/unprocessedRecords", ingest.unprocessed_records),
)
"""Methods, template, endpoint; templates are matched in any case."""
