"""What a run of the tests may be told."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--story-steps", type=int, default=60, help="how long the random story is")
    parser.addoption("--story-seed", type=int, default=1, help="which random story is told")
