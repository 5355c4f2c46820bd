"""Streets fit NetSuite's lines, and each address meets its own."""

import pytest

from kernel.values import Document
from netsuite_writer.domain.addresses import kept_addresses, with_short_streets

STREET = "addressBookAddress.addr1"


@pytest.mark.parametrize(
    ("street", "parts"),
    [
        ("Hauptstr. 1", ["Hauptstr. 1"]),
        ("Hauptstr. 1\r\nHinterhof", ["Hauptstr. 1", "Hinterhof"]),
        ("a\nb\nc\nd", ["a", "b", "c, d"]),
        ("word " * 40, [("word " * 30).strip(), ("word " * 10).strip()]),
    ],
)
def test_a_street_is_written_in_up_to_three_lines(street: str, parts: list[str]) -> None:
    document = Document({}, {"addressBook": ({"defaultBilling": True, STREET: street},)})
    (line,) = with_short_streets(document).lines["addressBook"]
    found = [line.get(f"addressBookAddress.addr{n}") for n in (1, 2, 3)]
    assert [part for part in found if part] == parts


def test_an_address_takes_the_place_of_the_one_with_its_mark_and_no_other_goes() -> None:
    held = [
        {"id": 1, "defaultBilling": False, "defaultShipping": True},
        {"id": 2, "defaultBilling": True, "defaultShipping": False},
        {"id": 3},
    ]
    wanted = [{"defaultBilling": True}, {"defaultShipping": True}]
    found = kept_addresses(wanted, {"addressBook": {"items": list(held)}})
    assert found == [
        {"id": 2, "defaultBilling": True},
        {"id": 1, "defaultShipping": True},
        {"id": 3},
    ]
