"""Answers as XML when a caller accepts only that, and bodies that come as XML."""

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from xml.etree import ElementTree
from xml.sax.saxutils import escape, quoteattr

from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.json_text import java_double

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
XML_TYPE = "application/xml;charset=UTF-8"
DEPTH_MAX = 20
FORBIDDEN = re.compile(r"[^\t\n\r\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]")
"""Characters that XML cannot hold."""


def wants_xml(accept: str) -> bool:
    """XML is named, and JSON is not."""
    lower = accept.lower()
    named = "application/xml" in lower or "text/xml" in lower
    return named and "json" not in lower and "*/*" not in lower


def dump_xml(body: object) -> str:
    return DECLARATION + "".join(_document(body))


def _document(body: object) -> Iterator[str]:
    if isinstance(body, list):
        yield from _list_document(body)
    elif isinstance(body, Mapping):
        yield from _element(_root(body), body)
    else:
        yield from _element("Result", body)


def _list_document(rows: list[object]) -> Iterator[str]:
    first = rows[0] if rows else None
    entry = first if isinstance(first, Mapping) else {}
    if "errorCode" in entry:
        root, name = "Errors", "Error"
    elif "version" in entry:
        root, name = "Versions", "Version"
    elif "success" in entry:
        root, name = "Results", "Result"
    else:
        root, name = "list", "element"
    yield f"<{root}>"
    for row in rows:
        yield from _element(name, row)
    yield f"</{root}>"


def _root(body: Mapping[str, object]) -> str:
    attributes = body.get("attributes")
    if isinstance(attributes, Mapping):
        return str(attributes.get("type"))
    roots = {
        "records": "QueryResult",
        "searchRecords": "SearchResults",
        "maxBatchSize": "DescribeGlobal",
        "fields": "DescribeSObject",
        "objectDescribe": "SObjectBasicInfo",
        "success": "Result",
        "identity": "urls",
        "deletedRecords": "GetDeletedResult",
        "ids": "GetUpdatedResult",
        "DailyApiRequests": "LimitsSnapshot",
        "compositeResponse": "CompositeResults",
        "hasErrors": "SObjectTreeResponse",
    }
    return next((root for key, root in roots.items() if key in body), "Result")


def _element(name: str, value: object) -> Iterator[str]:
    if isinstance(value, list | tuple):
        for entry in value:
            yield from _element(name, entry)
    elif value is None:
        yield f'<{name} xsi:nil="true" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"/>'
    elif isinstance(value, Mapping):
        yield f"<{name}{_attributes(value)}>"
        for key, entry in value.items():
            if key != "attributes":
                yield from _element(_tag(key), entry)
        yield f"</{name}>"
    else:
        yield f"<{name}>{escape(FORBIDDEN.sub('', _scalar(value)))}</{name}>"


def _tag(key: str) -> str:
    """jobs/query and the like are no names of elements."""
    return key.replace("/", "_").replace(" ", "_")


def _attributes(value: Mapping[str, object]) -> str:
    found = value.get("attributes")
    if not isinstance(found, Mapping):
        return ""
    return "".join(f" {key}={quoteattr(str(entry))}" for key, entry in found.items())


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return java_double(value) if isinstance(value, Decimal) else str(value)


def read_xml(body: bytes) -> dict[str, object]:
    """The fields of one record; a nil element is null, nested ones are objects."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise _bad("document type declarations are not allowed")
    try:
        root = ElementTree.fromstring(body)
    except (ElementTree.ParseError, ValueError) as error:
        raise _bad(str(error)) from None
    return _record(root, 0)


def _record(element: ElementTree.Element, depth: int) -> dict[str, object]:
    if depth > DEPTH_MAX:
        raise _bad("the document is too deeply nested")
    found: dict[str, object] = {}
    for child in element:
        name = child.tag.rpartition("}")[2]
        nil = any(key.endswith("nil") and value == "true" for key, value in child.attrib.items())
        found[name] = None if nil else _record(child, depth + 1) if len(child) else child.text
    return found


def _bad(why: str) -> Refusal:
    return Refusal("XML_PARSER_ERROR", f"The XML in the request body is not well formed: {why}")
