"""Profiles of the sandbox: each axis by name, several together, and what contradicts."""

import pytest

from sandbox.profile import DEFAULT, PROFILES, ProfileError, profile_of


def test_one_name_is_that_profile() -> None:
    for name, profile in PROFILES.items():
        assert profile_of(name) == profile


def test_several_names_set_several_axes() -> None:
    found = profile_of("salesforce-v66, legacy-tax,german-dates,enterprise")
    assert found.salesforce_api_version == "66.0"
    assert found.suite_tax is False
    assert found.account_date_format == "dd.MM.yyyy"
    assert found.concurrency_limit == 20
    assert found.netsuite_release == DEFAULT.netsuite_release


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ("nope", "'nope' is no profile; use as-documented, default"),
        ("salesforce-v66,salesforce-v68", "salesforce-v66 and salesforce-v68 contradict"),
        ("premium,enterprise", "premium and enterprise contradict each other: concurrency_limit"),
    ],
)
def test_a_wrong_name_and_a_contradiction_are_named(names: str, words: str) -> None:
    with pytest.raises(ProfileError, match=words):
        profile_of(names)
