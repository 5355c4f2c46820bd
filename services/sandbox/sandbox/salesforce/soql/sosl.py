"""A SOSL text search as one SOQL query an object."""

import re
from dataclasses import dataclass

from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.schema import Field, SObject

GROUPS = ("ALL", "NAME", "EMAIL", "PHONE", "SIDEBAR")
SEARCHED_TYPES = frozenset({"string", "email", "phone", "url", "picklist", "textarea"})
WORD = re.compile(r'"[^"]*"|[^\s"()]+')
FIND = re.compile(r"\s*FIND\s*\{((?:[^}\\]|\\.)*)\}", re.IGNORECASE | re.DOTALL)
IN = re.compile(r"\s*IN\s+(\w+)\s+FIELDS\b", re.IGNORECASE)
RETURNING = re.compile(r"\s*RETURNING\b", re.IGNORECASE)
NAME = re.compile(r"\s*([A-Za-z]\w*)\s*")
COMMA = re.compile(r"\s*,")
TAIL = re.compile(r"\s*(?:WITH\s+.*?)?\s*(?:LIMIT\s+(\d+))?\s*(?:UPDATE\s+\w+)?\s*$", re.I | re.S)
INSIDE = re.compile(r"\s+(?=WHERE\b|ORDER\s+BY\b|USING\b|LIMIT\b|OFFSET\b)", re.IGNORECASE)
WHERE = re.compile(r"WHERE\b", re.IGNORECASE)
AFTER_WHERE = re.compile(r"\b(?:ORDER\s+BY|LIMIT|OFFSET)\b", re.IGNORECASE)
TERM_MIN = 2
LIMIT_MAX = 2000
DEFAULT_OBJECTS = ("Account", "Contact", "Opportunity", "Case", "Product2", "Contract", "Order")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """`fields` empty takes the id alone; `where` and `rest` are SOQL."""

    name: str
    fields: tuple[str, ...] = ()
    where: str = ""
    rest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    term: str
    group: str = "ALL"
    wanted: tuple[Wanted, ...] = ()
    limit: int = LIMIT_MAX


def parse_sosl(text: str) -> Search:
    found = FIND.match(text)
    if found is None:
        message = "No search term found. The search term must be enclosed in braces."
        raise malformed(message)
    at = found.end()
    group = IN.match(text, at)
    at = group.end() if group else at
    wanted: list[Wanted] = []
    returning = RETURNING.match(text, at)
    if returning:
        at = _objects(text, returning.end(), wanted)
    tail = TAIL.match(text, at)
    if tail is None:
        raise malformed(f"unexpected token: {text[at:].split()[0]}")
    return Search(
        term=re.sub(r"\\(.)", r"\1", found[1]),
        group=group[1].upper() if group else "ALL",
        wanted=tuple(wanted),
        limit=min(int(tail[1]), LIMIT_MAX) if tail[1] else LIMIT_MAX,
    )


def _objects(text: str, at: int, wanted: list[Wanted]) -> int:
    """The list behind RETURNING; returns where it ends."""
    while True:
        name = NAME.match(text, at)
        if name is None:
            raise malformed("unexpected token: <EOF>")
        at, inside = name.end(), ""
        if text[at : at + 1] == "(":
            end = _closing(text, at)
            inside, at = text[at + 1 : end], end + 1
        wanted.append(_wanted(name[1], inside))
        comma = COMMA.match(text, at)
        if comma is None:
            return at
        at = comma.end()


def _closing(text: str, at: int) -> int:
    depth, quoted = 0, False
    for place in range(at, len(text)):
        character = text[place]
        if character == "'" and text[place - 1] != "\\":
            quoted = not quoted
        if not quoted and character in "()":
            depth += 1 if character == "(" else -1
            if depth == 0:
                return place
    raise malformed("unexpected token: <EOF>")


def _wanted(name: str, inside: str) -> Wanted:
    fields, _, rest = _cut(inside, INSIDE)
    where = ""
    if WHERE.match(rest):
        after = AFTER_WHERE.search(rest)
        end = after.start() if after else len(rest)
        where, rest = rest[len("WHERE") : end].strip(), rest[end:]
    names = tuple(entry.strip() for entry in fields.split(",") if entry.strip())
    return Wanted(name=name, fields=names, where=where, rest=rest.strip())


def _cut(text: str, pattern: re.Pattern[str]) -> tuple[str, str, str]:
    found = pattern.search(text)
    if found is None:
        return text, "", ""
    return text[: found.start()], found[0], text[found.end() :]


def soql_of(search: Search, wanted: Wanted, sobject: SObject) -> str:
    """Empty when nothing in this object can be searched."""
    fields = [found for found in sobject.fields if _is_searched(found, search.group)]
    condition = _matching(search.term, fields)
    if not fields or not condition:
        return ""
    if wanted.where:
        condition = f"({condition}) AND ({wanted.where})"
    columns = ", ".join(wanted.fields) or "Id"
    limit = "" if re.search(r"\bLIMIT\b", wanted.rest, re.I) else f" LIMIT {LIMIT_MAX}"
    return f"SELECT {columns} FROM {sobject.name} WHERE {condition} {wanted.rest}{limit}"


def _is_searched(field: Field, group: str) -> bool:
    if group == "NAME":
        return field.name_field
    if group in ("EMAIL", "PHONE"):
        return field.type == group.lower()
    return (
        field.type in SEARCHED_TYPES and field.filterable and field.stored and not field.long_text
    )


def _matching(term: str, fields: list[Field]) -> str:
    """Every word in some field; OR and AND NOT between words as written."""
    condition, joint, negated = "", "", False
    for word in WORD.findall(term):
        upper = word.upper()
        if upper in ("AND", "OR"):
            joint = upper
        elif upper == "NOT":
            negated = True
        else:
            pattern = _pattern(word)
            held = " OR ".join(f"{found.name} LIKE '{pattern}'" for found in fields)
            held = f"(NOT ({held}))" if negated else f"({held})"
            condition = f"({condition} {joint or 'AND'} {held})" if condition else held
            joint, negated = "", False
    return condition


def _pattern(word: str) -> str:
    text = word.strip('"')
    for character in "\\'%_":
        text = text.replace(character, f"\\{character}")
    return f"%{text.replace('*', '%').replace('?', '_')}%"


def check_term(term: str) -> None:
    if len(term.strip(' "*?')) < TERM_MIN:
        raise malformed(f"search term must be longer than one character: {term}")


def malformed(message: str) -> Refusal:
    return Refusal("MALFORMED_SEARCH", message)
