"""The RESTlet's scripts, run outside the platform on records in memory."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from sandbox.netsuite.api.restlet import OPERATIONS

SCRIPTS = Path(__file__).parents[3] / "deploy/netsuite/src/FileCabinet/SuiteScripts/tallystick"
HARNESS = Path(__file__).parent / "restlet_harness.js"
NODE = shutil.which("node")
TIMEOUT_S = 60
Request = tuple[str, dict[str, Any]]
CUSTOMER = {"type": "customer", "externalId": "a-1"}
ORDER = {"type": "salesorder", "externalId": "o-1"}


def ran(*requests: Request) -> dict[str, Any]:
    """What each request was answered, and what was filed; one process for all of them."""
    assert NODE is not None
    done = subprocess.run(
        [NODE, str(HARNESS), str(SCRIPTS)],
        input=json.dumps(requests),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=True,
    )
    whole: dict[str, Any] = json.loads(done.stdout)
    return whole


def test_the_scripts_say_what_they_are() -> None:
    text = (SCRIPTS / "tallystick_restlet.js").read_text()
    for tag in ("@NApiVersion 2.1", "@NScriptType Restlet", "@NModuleScope SameAccount"):
        assert tag in text
    assert text.count("define(") == 1


def test_the_stand_in_knows_the_same_operations() -> None:
    text = (SCRIPTS / "tallystick_operations.js").read_text()
    named = text.split("const OPERATIONS = {")[1].split("}")[0]
    assert {part.split(":")[0].strip() for part in named.split(",")} == set(OPERATIONS)


if NODE is not None:

    def test_an_upsert_creates_once_and_its_lines_are_all_the_lines() -> None:
        first = {**ORDER, "values": {"trandate": "2026-11-20", "memo": "one"}}
        lines = [{"item": "101", "quantity": 2}, {"item": "102", "quantity": 1}]
        answers = ran(
            ("post", {**first, "lines": {"item": lines}}),
            ("put", {**ORDER, "values": {"memo": None}, "lines": {"item": lines[1:]}}),
            ("get", ORDER),
        )["answers"]
        assert answers[0] == {"id": "101", "type": "salesorder", "created": True}
        assert answers[1] == {"id": "101", "type": "salesorder", "created": False}
        assert answers[2] == {
            "id": "101",
            "type": "salesorder",
            "externalId": "o-1",
            "values": {"externalid": "o-1", "trandate": "2026-11-20"},
            "lines": {"item": lines[1:]},
        }

    def test_a_record_is_deleted_by_its_external_id() -> None:
        answers = ran(("post", CUSTOMER), ("delete", CUSTOMER), ("get", CUSTOMER))["answers"]
        assert answers[1] == {"id": "101", "type": "customer"}
        assert answers[2]["error"]["code"] == "RCRD_DSNT_EXIST"

    def test_a_transaction_is_voided_by_its_external_id() -> None:
        answers = ran(("post", ORDER), ("post", {**ORDER, "operation": "void"}))["answers"]
        assert answers[1] == {"id": "101", "type": "salesorder"}

    def test_a_file_is_kept_and_attached() -> None:
        sent = {"name": "order.pdf", "type": "PDF", "contents": "aGVsbG8="}
        large = {**sent, "contents": "x" * 13_981_020}
        whole = ran(
            ("post", ORDER),
            ("post", {**ORDER, "operation": "attach", "file": sent}),
            ("post", {**ORDER, "operation": "attach", "file": {"name": "empty"}}),
            (
                "post",
                {**ORDER, "operation": "attach", "file": large},
            ),
        )
        assert whole["answers"][1]["file"] == "1"
        assert [one["error"]["code"] for one in whole["answers"][2:]] == [
            "MISSING_REQD_ARGUMENT",
            "SSS_FILE_CONTENT_SIZE_EXCEEDED",
        ]
        (kept,) = whole["files"]
        assert (kept["fileType"], kept["contents"]) == ("PDF", "aGVsbG8=")
        assert whole["attached"] == [
            {"record": {"type": "file", "id": 1}, "to": {"type": "salesorder", "id": "101"}}
        ]

    def test_what_is_wrong_is_said_with_a_code() -> None:
        answers = ran(
            ("get", {"operation": "toString", "type": "customer"}),
            ("post", {"externalId": "x"}),
            ("post", {"type": "customer"}),
            ("get", {"type": "customer"}),
            ("post", {**CUSTOMER, "lines": {"item": "no list"}}),
            ("post", {**CUSTOMER, "values": {"nosuchfield": 1}}),
        )["answers"]
        assert [one["error"]["code"] for one in answers] == [
            "INVALID_REQUEST",
            "MISSING_REQD_ARGUMENT",
            "MISSING_REQD_ARGUMENT",
            "MISSING_REQD_ARGUMENT",
            "INVALID_REQUEST",
            "SSS_INVALID_FIELD",
        ]
