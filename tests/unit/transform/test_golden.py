"""Each golden file: this document, with this known, makes these commands."""

import pytest

from tests.golden.files import Golden, golden_files, what_follows


@pytest.mark.parametrize("golden", golden_files(), ids=lambda golden: golden.name)
def test_a_document_makes_the_commands_of_its_golden_file(golden: Golden) -> None:
    assert what_follows(golden) == golden.then, "if this is meant: `make golden`, then look at it"
