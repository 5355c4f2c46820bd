"""What a deployment settles about money, out of the environment."""

from pathlib import Path

import pytest

from runtime.settings import SettingsError
from transform.__main__ import money_rules
from transform.domain.money_rules.rules import HeaderDiscount, MoneyRules
from transform.settings import Settings


def environment(directory: Path) -> dict[str, str]:
    key = directory / "kek"
    key.write_text("")
    return {
        "KAFKA_BOOTSTRAP": "localhost:9092",
        "SYNC_DSN": "postgresql://sync",
        "KEYS_DSN": "postgresql://keys",
        "KEK_FILE": str(key),
        "SALESFORCE_ORG_ID": "00Dxx0000001gPLEAY",
    }


def rules(directory: Path, **more: str) -> MoneyRules:
    return money_rules(Settings.from_env(environment(directory) | more).money)


def test_what_is_not_said_is_as_the_rules_have_it(tmp_path: Path) -> None:
    assert rules(tmp_path) == MoneyRules()


def test_ages_are_said_by_pair_and_can_be_switched_off(tmp_path: Path) -> None:
    said = rules(
        tmp_path,
        RATE_AGE_MAX_DAYS="off",
        RATE_AGE_MAX_BY_PAIR="EUR/USD=3, JPY/USD=off",
        RATE_WEEKEND="friday,saturday",
    )
    assert said.rates.age_max_days is None
    assert said.rates.by_pair == {"EUR/USD": 3, "JPY/USD": None}
    assert said.rates.weekend == frozenset({4, 5})


def test_a_discount_item_is_named_by_its_id(tmp_path: Path) -> None:
    said = rules(tmp_path, HEADER_DISCOUNT="item", DISCOUNT_ITEM="77", PINNED_RATES="approved")
    assert (said.header_discount, said.discount_item) == (HeaderDiscount.ITEM, "77")
    assert said.pinned_rates


def test_the_corporate_currency_is_named_where_rates_are_told(tmp_path: Path) -> None:
    assert rules(tmp_path, RATES_TO_SALESFORCE="EUR").corporate_currency == "EUR"
    with pytest.raises(SettingsError, match="RATES_TO_SALESFORCE"):
        rules(tmp_path, RATES_TO_SALESFORCE="on")


def test_every_fault_is_named_at_once_with_what_is_due(tmp_path: Path) -> None:
    wrong = {
        "RATE_AGE_MAX_DAYS": "99",
        "RATE_AGE_MAX_BY_PAIR": "euro=1",
        "RATE_WEEKEND": "sunnyday",
        "CLOSED_PERIOD": "tomorrow",
        "HEADER_DISCOUNT": "item",
        "PINNED_RATES": "yes",
    }
    with pytest.raises(SettingsError) as error:
        rules(tmp_path, **wrong)
    named = {fault.partition(":")[0] for fault in error.value.faults}
    assert named == {*wrong, "DISCOUNT_ITEM"} - {"HEADER_DISCOUNT"}
