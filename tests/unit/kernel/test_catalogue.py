"""The error catalogue: no code without its sentence, none without owner, class and remedy."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from kernel.sentences import KINDS, ROLES, SENTENCES, Kind, Owner, Sentence
from netsuite_writer.domain import replies as netsuite_replies
from salesforce_writer.domain import replies as salesforce_replies
from tests.tidy.rooms import SERVICES

CODE = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+")
DECIDING = (
    *(SERVICES / "transform" / "transform").glob("*.py"),
    *(SERVICES / "transform" / "transform" / "domain").rglob("*.py"),
    *(SERVICES / "netsuite-writer" / "netsuite_writer" / "app").rglob("*.py"),
    *(SERVICES / "netsuite-writer" / "netsuite_writer" / "domain").rglob("*.py"),
    *(SERVICES / "salesforce-writer" / "salesforce_writer" / "app").rglob("*.py"),
    *(SERVICES / "salesforce-writer" / "salesforce_writer" / "domain").rglob("*.py"),
    SERVICES / "shared" / "kernel" / "verdicts.py",
)
NOT_OUR_CODES = frozenset({"settings.py", "replies.py"})
"""Names of settings; the vendors' own codes, whose meanings are looked at as data below."""

HELD = {code: item for code, item in SENTENCES.items() if item.kind is not Kind.END}


def codes_in(path: Path) -> Iterator[str]:
    """Every text that looks like a code. `result.code = "X"` is one wherever it stands."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if CODE.fullmatch(node.value):
                yield node.value
        elif isinstance(node, ast.keyword) and node.arg == "code":
            value = node.value
            if isinstance(value, ast.Constant) and isinstance(value.value, str) and value.value:
                yield value.value


@pytest.mark.parametrize(
    "path",
    [path for path in DECIDING if path.name not in NOT_OUR_CODES],
    ids=lambda path: str(path.relative_to(SERVICES)),
)
def test_every_code_that_a_decision_can_give_stands_in_the_catalogue(path: Path) -> None:
    unknown = sorted(set(codes_in(path)) - SENTENCES.keys())
    assert not unknown, f"put {', '.join(unknown)} into services/shared/kernel/sentences"


def test_every_meaning_of_a_vendor_s_answer_stands_in_the_catalogue() -> None:
    named = {rule.code for rule in netsuite_replies.RULES}
    named |= {netsuite_replies.REFUSED_OTHERWISE, salesforce_replies.REFUSED}
    named |= {code for _, code in salesforce_replies.ERRORS.values()}
    assert named - {""} <= SENTENCES.keys()
    assert "PERMISSION_MISSING" in named


def test_t9_every_class_of_error_and_every_owner_is_said_in_words() -> None:
    assert set(KINDS) == set(Kind)
    assert set(ROLES) == set(Owner)


@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_can_be_filled_and_ends_as_one(code: str) -> None:
    text = SENTENCES[code].text
    names = [name for _, name, _, _ in Formatter().parse(text) if name is not None]
    assert all(name.isidentifier() for name in names)
    assert text.endswith(".")
    assert "!" not in text


@pytest.mark.parametrize("code", HELD)
def test_whoever_has_to_act_is_named_with_the_remedy(code: str) -> None:
    sentence = HELD[code]
    if sentence.owner is Owner.NOBODY:
        assert sentence.heals, "somebody must act where it does not go on by itself"
        assert sentence.remedy == ""
    else:
        role = str(sentence.owner).casefold()
        assert sentence.remedy.casefold().startswith(f"{role}: "), f"say '{role}: do this'"
        assert sentence.what.endswith(".")
    assert f"{sentence.what} {sentence.remedy}".rstrip() == sentence.text


@pytest.mark.parametrize("code", sorted(SENTENCES.keys() - HELD.keys()))
def test_nobody_has_to_act_on_what_ended_as_it_should(code: str) -> None:
    assert SENTENCES[code].owner is Owner.NOBODY
    assert SENTENCES[code].heals


def test_a_sentence_is_parted_where_it_turns_to_its_owner() -> None:
    sentence = Sentence(
        "Order waits: no item. Catalogue owner: set it; the order follows by itself.",
        Owner.CATALOGUE,
        Kind.DEPENDENCY,
    )
    assert sentence.what == "Order waits: no item."
    assert sentence.remedy == "Catalogue owner: set it; the order follows by itself."
    assert Sentence("Nothing to do.").remedy == ""


def test_a_planted_code_is_found(tmp_path: Path) -> None:
    planted = tmp_path / "planted.py"
    planted.write_text('x = Fault(code="ODD")\ny = "NOT_IN_ANY_CATALOGUE"\nz = "WRITTEN"\n')
    assert set(codes_in(planted)) - SENTENCES.keys() == {"ODD", "NOT_IN_ANY_CATALOGUE"}
