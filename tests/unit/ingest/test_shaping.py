"""What the maps read is asked for first: an object that is not there stops the start."""

import pytest

from ingest.app.lifetime import Patience
from ingest.app.shaping import shapes_of
from kernel.errors import FatalError
from tests.builders import shipped_maps
from tests.unit.ingest.fakes import FakeSalesforce, context
from tests.unit.ingest.samples import readings


@pytest.mark.parametrize(
    ("kind", "maps"),
    [("Order", "map order-to-sales-order"), ("Account", "map account-to-customer")],
)
async def test_an_object_that_is_not_described_is_named_with_its_map_and_the_remedy(
    kind: str, maps: str
) -> None:
    with pytest.raises(FatalError) as caught:
        await shapes_of(
            [readings()[kind]], shipped_maps(), FakeSalesforce(), Patience(context()), ""
        )
    said = str(caught.value)
    assert f"Salesforce does not describe {kind}, which is read by {maps} (" in said
    assert "switch the map off in an overlay, with its name and 'enabled: no'" in said
    assert "deploy/overlays" in said
