"""What the Metadata API alone needs of simple-salesforce is loaded when somebody uses it."""

import subprocess
import sys

PROGRAM = """
import sys
from runtime.lean_salesforce import Salesforce

assert not {"zeep", "lxml"} & sys.modules.keys()
org = Salesforce(session_id="none", instance_url="https://localhost")
metadata = org.mdapi
from zeep import Client

assert isinstance(metadata._client, Client)
"""


def test_the_soap_client_is_loaded_by_who_uses_the_metadata_api_and_no_sooner() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=120, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")
