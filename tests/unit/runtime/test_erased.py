"""What a person had us forget stays out of what is written."""

from kernel.values import Document, Sealed
from runtime.sealing import without_erased

NAME = Sealed("salesforce:Account:001", "Account.Name", 1, b"sealed")


def test_an_erased_value_is_neither_written_nor_compared() -> None:
    sealed = Document({"companyName": NAME, "phone": "[erased]"}, {"x": ({"a": NAME, "b": 1},)})
    opened = Document(
        {"companyName": "[erased]", "phone": "[erased]"}, {"x": ({"a": "[erased]", "b": 1},)}
    )
    left = without_erased(sealed, opened)
    assert left == Document({"phone": "[erased]"}, {"x": ({"b": 1},)})
