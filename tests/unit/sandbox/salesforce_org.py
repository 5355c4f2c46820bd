"""A Salesforce org in memory, with its users and the fields of a package."""

from pathlib import Path

from sandbox.clock import Clock
from sandbox.database import open_database
from sandbox.faults import Faults
from sandbox.profile import DEFAULT
from sandbox.salesforce.metadata import Metadata
from sandbox.salesforce.org import Org
from sandbox.salesforce.package import read_package
from sandbox.salesforce.setup import set_up
from sandbox.salesforce.signin.credentials import load_credentials
from sandbox.salesforce.standard import org_schema
from sandbox.salesforce.storage import Counters, prepare

PACKAGE = Path(__file__).parents[3] / "deploy" / "salesforce"


def org_in_memory(directory: Path, root: Path = PACKAGE) -> Org:
    """`directory` takes the keys of its users."""
    package, faults = read_package(root), Faults()
    schema = org_schema(package, frozenset({"multi_currency"}))
    connection = open_database(":memory:")
    prepare(connection, schema)
    org = Org(
        metadata=Metadata(schema, connection, faults),
        connection=connection,
        counters=Counters(connection),
        clock=Clock(),
        profile=DEFAULT,
        faults=faults,
        validations=package.validations,
    )
    set_up(org, load_credentials(directory), package)
    return org
