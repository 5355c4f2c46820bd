"""Record types as JSON Schema: a component for the record, for each sublist and each subrecord."""

from collections.abc import Iterator, Mapping

from sandbox.netsuite.catalog import Property, RecordType, Shape
from sandbox.netsuite.records.references import target_family, target_kind
from sandbox.netsuite.values import Document, Value

SCHEMA_ROOT = "/services/rest/record/v1/metadata-catalog"
LINK, RESOURCE = "nsLink", "nsResource"
NOT_FILTERABLE = (Shape.SUBLIST, Shape.LINKS, Shape.SUBRECORD)
READ_ONLY = frozenset({"links", "refName"})
PAGING: Mapping[str, tuple[str, str]] = {
    "count": ("Count", "integer"),
    "hasMore": ("Has More Results", "boolean"),
    "offset": ("Query Offset", "integer"),
    "totalResults": ("Total Results", "integer"),
}
Types = Mapping[str, RecordType]


def shared() -> dict[str, Document]:
    """What every schema refers to."""
    return {
        LINK: {
            "type": "object",
            "properties": {
                "rel": _plain("Relationship", "string", read_only=True),
                "href": {
                    **_plain("Hypertext Reference", "string", read_only=True),
                    "format": "URI",
                },
            },
        },
        RESOURCE: {"type": "object", "properties": _reference_properties()},
        "nsResourceCollection": _collection({"$ref": _ref(RESOURCE)}),
        "nsError": {
            "type": "object",
            "properties": {
                "type": _plain("Type", "string", read_only=True),
                "title": _plain("Title", "string", read_only=True),
                "status": {**_plain("Status", "integer", read_only=True), "format": "int32"},
                "o:errorDetails": {
                    "type": "array",
                    "readOnly": True,
                    "items": {"type": "object", "properties": _error_details()},
                },
            },
        },
    }


def _error_details() -> Document:
    names = {
        "detail": "Detail",
        "o:errorCode": "Error Code",
        "o:errorHeader": "Error Header",
        "o:errorPath": "Error Path",
        "o:errorQueryParam": "Error Query Parameter",
        "o:errorUrl": "Error URL",
    }
    return {name: _plain(title, "string", read_only=True) for name, title in names.items()}


def components_of(record: RecordType, types: Types) -> Iterator[tuple[str, Document]]:
    """The record first, then everything inside it, then its collection."""
    names = [
        item.name
        for item in record.properties.values()
        if item.filterable is not False and item.shape not in NOT_FILTERABLE
    ]
    filterable: list[Value] = [*sorted(names, key=str.lower)]
    schema = _object(record.properties, record.name, types)
    yield record.name, {**schema, "x-ns-filterable": filterable}
    yield from _inside(record.properties, record.name, types)
    yield f"{record.name}Collection", _collection({"$ref": _ref(record.name)})


def component(name: str, types: Types) -> Document | None:
    """By its name; None when no record type that the caller sees has it."""
    found = shared().get(name)
    if found is not None:
        return found
    for record in types.values():
        if name.lower().startswith(record.name.lower()):
            inside = dict(components_of(record, types))
            if name in inside:
                return inside[name]
    return None


def _inside(
    properties: Mapping[str, Property], prefix: str, types: Types
) -> Iterator[tuple[str, Document]]:
    for name, item in sorted(properties.items(), key=lambda pair: pair[0].lower()):
        own = f"{prefix}-{name}"
        if item.shape is Shape.SUBLIST:
            yield f"{own}Collection", _collection({"$ref": _ref(f"{own}Element")})
            yield f"{own}Element", _object(item.inner, own, types)
            yield from _inside(item.inner, own, types)
        elif item.shape is Shape.SUBRECORD:
            yield own, _object(item.inner, own, types)
            yield from _inside(item.inner, own, types)


def _object(properties: Mapping[str, Property], prefix: str, types: Types) -> Document:
    body: Document = {}
    for name, item in sorted(properties.items(), key=lambda pair: pair[0].lower()):
        body[name] = _property(item, f"{prefix}-{name}", types)
    body.setdefault("links", _links())
    return {"type": "object", "properties": dict(sorted(body.items(), key=lambda p: p[0].lower()))}


def _property(item: Property, own: str, types: Types) -> Document:
    match item.shape:
        case Shape.LINKS:
            return _links()
        case Shape.REFERENCE:
            return {"$ref": _ref(_target(item, types))}
        case Shape.MULTISELECT:
            return {"$ref": _ref(f"{_target(item, types)}Collection")}
        case Shape.SUBLIST:
            return {"$ref": _ref(f"{own}Collection")}
        case Shape.SUBRECORD:
            return {"$ref": _ref(own)}
        case Shape.ENUMERATION:
            return _enumeration(item)
        case Shape.BOOLEAN | Shape.INTEGER | Shape.NUMBER:
            return _scalar(item, item.shape.value)
        case _:
            return _scalar(item, "string")


def _target(item: Property, types: Types) -> str:
    """A type that the role does not show is only a resource."""
    kind = target_kind(item)
    named = kind.name if kind else item.target.split("|")[0]
    if not target_family(item) or named.lower() not in types:
        return RESOURCE
    return types[named.lower()].name


def _scalar(item: Property, kind: str) -> Document:
    body: Document = {"title": item.title or item.name, "type": kind}
    if item.format:
        body["format"] = item.format
    if item.values:
        body["enum"] = [*item.values]
    if item.nullable is not None:
        body["nullable"] = item.nullable
    if item.name in READ_ONLY:
        body["readOnly"] = True
    if item.custom:
        body["x-ns-custom-field"] = True
    return body


def _enumeration(item: Property) -> Document:
    """`{id, refName}` with the ids that are known."""
    identifier: Document = {"title": "Internal identifier", "type": "string"}
    if item.values:
        identifier["enum"] = [*item.values]
    body: Document = {
        "type": "object",
        "title": item.title or item.name,
        "properties": {
            "id": identifier,
            "refName": _plain("Reference Name", "string", read_only=True),
        },
    }
    if item.nullable is not None:
        body["nullable"] = item.nullable
    if item.custom:
        body["x-ns-custom-field"] = True
    return body


def _collection(items: Document) -> Document:
    properties: Document = {
        name: _plain(title, kind, read_only=True) for name, (title, kind) in PAGING.items()
    }
    properties["items"] = {"type": "array", "items": items}
    properties["links"] = _links()
    ordered = dict(sorted(properties.items(), key=lambda pair: pair[0].lower()))
    return {"type": "object", "properties": ordered}


def _reference_properties() -> Document:
    return {
        "externalId": _plain("External identifier", "string"),
        "id": _plain("Internal identifier", "string"),
        "links": _links(),
        "refName": _plain("Reference Name", "string", read_only=True),
    }


def _links() -> Document:
    return {"title": "Links", "type": "array", "readOnly": True, "items": {"$ref": _ref(LINK)}}


def _plain(title: str, kind: str, *, read_only: bool = False) -> Document:
    body: Document = {"title": title, "type": kind}
    if read_only:
        body["readOnly"] = True
    return body


def _ref(name: str) -> str:
    return f"{SCHEMA_ROOT}/{name}"
