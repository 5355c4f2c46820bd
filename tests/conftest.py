"""What a run of the tests may be told."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--ledger-operations",
        type=int,
        default=60,
        help="random operations on NetSuite's ledger, after which both systems are compared",
    )
