"""`tallystick errors`: what a code means, who acts, what to do."""

from collections.abc import Iterator, Mapping
from typing import Annotated

import typer

from kernel.sentences import KINDS, ROLES, SENTENCES, Owner, Sentence
from ops.commands.verify import Json as AsJson
from ops.local.errors import WrongUsageError
from ops.mapping.documents import goes_on
from ops.render.lines import hanging
from ops.render.page import ending_with_codes, tell, tell_json, width

LABEL = 16


def errors(
    code: Annotated[
        str, typer.Argument(metavar="[CODE]", help="One code, as in ITEM_UNMAPPED.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Print what a code of an outcome means, or every code in one line.

    Exit code 2: there is no such code.
    """
    with ending_with_codes():
        found = {name: item for name, item in SENTENCES.items() if code.upper() in ("", name)}
        if not found:
            raise WrongUsageError(f"no code is called {code}: `tallystick errors` lists them")
        if as_json:
            tell_json([facts_of(name, item) for name, item in found.items()])
        elif code:
            tell(line for name, item in found.items() for line in entry(name, item, width()))
        else:
            tell(_listed(found, width()))


def facts_of(code: str, sentence: Sentence) -> Mapping[str, object]:
    return {
        "code": code,
        "class": sentence.kind,
        "owner": sentence.owner,
        "sentence": sentence.text,
        "remedy": sentence.remedy or None,
        "goes_on_by_itself": sentence.heals,
    }


def entry(code: str, sentence: Sentence, columns: int) -> Iterator[str]:
    yield code
    yield from hanging("  says", sentence.what, columns, LABEL)
    yield from hanging("  remedy", sentence.remedy or "none is needed", columns, LABEL)
    yield from hanging("  class", f"{sentence.kind}: {KINDS[sentence.kind]}", columns, LABEL)
    yield from hanging("  who acts", f"{sentence.owner}: {ROLES[sentence.owner]}", columns, LABEL)
    yield from hanging("  goes on itself", goes_on(sentence), columns, LABEL + 2)


def _listed(found: Mapping[str, Sentence], columns: int) -> Iterator[str]:
    indent = max(map(len, found)) + 2
    for code, sentence in sorted(found.items()):
        owner = "" if sentence.owner is Owner.NOBODY else f", {sentence.owner} acts"
        yield from hanging(code, f"{sentence.kind}{owner}", columns, indent)
