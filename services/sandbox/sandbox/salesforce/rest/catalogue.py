"""What the org is made of, as rows that Tooling queries and metadata tools ask for."""

from collections.abc import Callable, Iterator, Mapping

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.ids import make_id
from sandbox.salesforce.rest.call import Call
from sandbox.salesforce.schema import Field, SObject
from sandbox.salesforce.soql.rows import Source, run_on_rows
from sandbox.salesforce.soql.tree import Query

Record = dict[str, object]
TYPE_NAMES = {
    "string": "Text", "textarea": "Text Area", "picklist": "Picklist", "boolean": "Checkbox",
    "multipicklist": "Picklist (Multi-Select)", "int": "Number", "double": "Number",
    "currency": "Currency", "percent": "Percent", "date": "Date", "datetime": "Date/Time",
    "reference": "Lookup", "id": "Id", "email": "Email", "phone": "Phone", "url": "URL",
    "address": "Address", "location": "Geolocation",
}  # fmt: skip
NO_CODE = ("Id", "Name", "NamespacePrefix", "ApiVersion", "Status", "Body", "CreatedDate")
EMPTY: Mapping[str, tuple[str, ...]] = {
    "ApexClass": NO_CODE,
    "ApexTrigger": (*NO_CODE, "TableEnumOrId"),
    "ApexPage": ("Id", "Name", "NamespacePrefix", "ApiVersion", "Markup"),
    "ApexComponent": ("Id", "Name", "NamespacePrefix", "ApiVersion", "Markup"),
    "ApexLog": ("Id", "LogUserId", "Operation", "Status", "StartTime", "LogLength"),
    "TraceFlag": ("Id", "TracedEntityId", "DebugLevelId", "LogType", "ExpirationDate"),
    "DebugLevel": ("Id", "DeveloperName", "MasterLabel"),
    "InstalledSubscriberPackage": ("Id", "SubscriberPackageId", "SubscriberPackageVersionId"),
    "SourceMember": ("Id", "MemberType", "MemberName", "RevisionCounter", "IsNameObsolete"),
    "StaticResource": ("Id", "Name", "NamespacePrefix", "ContentType"),
    "Flow": ("Id", "Definition", "Status", "VersionNumber", "MasterLabel"),
}
"""Objects of which this org has none, with the columns that can be asked for."""


def catalogue_query(
    desk: Desk, call: Call, soql: str, query: Query
) -> tuple[str, dict[str, object]] | None:
    """The entity's proper name and the page; None when it is no part of the catalogue."""
    found = source_of(desk, call.user, query.source.text)
    if found is None:
        return None
    name, columns, rows = found
    base = f"/services/data/v{call.version}/tooling"
    made = run_on_rows(soql, query, Source(name=name, columns=columns, rows=rows, base=base))
    if isinstance(made, int):
        return name, {"totalSize": made, "done": True, "records": []}
    return name, {"totalSize": len(made), "done": True, "records": made}


def source_of(desk: Desk, user: str, name: str) -> tuple[str, tuple[str, ...], list[Record]] | None:
    """The proper name, the columns and the rows; None for what is no part of the catalogue."""
    wanted = name.lower()
    for known, columns in EMPTY.items():
        if known.lower() == wanted:
            return known, columns, []
    for known, make in SOURCES.items():
        if known.lower() == wanted:
            rows = list(make(desk, user))
            return known, tuple(rows[0]) if rows else ("Id",), rows
    return None


def _objects(desk: Desk, user: str) -> Iterator[SObject]:
    yield from desk.org.metadata.view(user).objects.values()


def _stem(name: str) -> str:
    return name.removesuffix("__c")


def _entity(sobject: SObject) -> Record:
    return {
        "Id": sobject.name,
        "DurableId": sobject.name,
        "QualifiedApiName": sobject.name,
        "DeveloperName": _stem(sobject.name),
        "Label": sobject.label,
        "PluralLabel": sobject.plural,
        "KeyPrefix": sobject.prefix,
        "NamespacePrefix": None,
        "IsCustomizable": True,
        "IsCustomSetting": False,
        "IsQueryable": True,
        "IsRetrieveable": True,
        "IsReplicateable": True,
        "IsSearchable": "s" in sobject.flags,
        "IsTriggerable": "t" in sobject.flags,
        "IsApexTriggerable": "t" in sobject.flags,
        "IsLayoutable": "s" in sobject.flags,
        "IsWorkflowEnabled": "t" in sobject.flags,
    }


def _entities(desk: Desk, user: str) -> Iterator[Record]:
    for sobject in _objects(desk, user):
        yield _entity(sobject)


def _fields(desk: Desk, user: str) -> Iterator[Record]:
    for sobject in _objects(desk, user):
        entity = _entity(sobject)
        for field in sobject.fields:
            yield _field(sobject, entity, field)


def _field(sobject: SObject, entity: Record, field: Field) -> Record:
    return {
        "Id": f"{sobject.name}.{field.name}",
        "DurableId": f"{sobject.name}.{field.name}",
        "QualifiedApiName": field.name,
        "DeveloperName": _stem(field.name),
        "Label": field.label,
        "MasterLabel": field.label,
        "DataType": _type_name(field),
        "Length": field.length,
        "Precision": field.precision,
        "Scale": field.scale,
        "IsNillable": field.nillable,
        "IsIndexed": field.id_lookup or field.type in ("id", "reference"),
        "IsCalculated": field.calculated,
        "IsNameField": field.name_field,
        "IsCompound": not field.stored,
        "RelationshipName": field.relationship or None,
        "NamespacePrefix": None,
        "EntityDefinitionId": sobject.name,
        "EntityDefinition": entity,
    }


def _type_name(field: Field) -> str:
    name = "Auto Number" if field.auto_number else TYPE_NAMES.get(field.type, field.type)
    if field.type in ("string", "textarea") and field.length and not field.auto_number:
        return f"{name}({field.length})"
    if field.type in ("double", "currency", "percent"):
        return f"{name}({field.precision - field.scale}, {field.scale})"
    if field.type == "reference":
        return f"{name}({','.join(field.reference_to)})"
    return name


def _custom_fields(desk: Desk, user: str) -> Iterator[Record]:
    serial = 0
    for sobject in _objects(desk, user):
        for field in sobject.fields:
            if field.custom:
                serial += 1
                yield {
                    "Id": make_id("00N", serial),
                    "DeveloperName": _stem(field.name),
                    "FullName": f"{sobject.name}.{field.name}",
                    "TableEnumOrId": sobject.name,
                    "EntityDefinitionId": sobject.name,
                    "EntityDefinition": _entity(sobject),
                    "NamespacePrefix": None,
                    "InlineHelpText": field.help_text or None,
                    "Length": field.length or None,
                }


def _custom_objects(desk: Desk, user: str) -> Iterator[Record]:
    made = [sobject for sobject in _objects(desk, user) if sobject.custom]
    for serial, sobject in enumerate(made, start=1):
        yield {
            "Id": make_id("01I", serial),
            "DeveloperName": _stem(sobject.name),
            "FullName": sobject.name,
            "NamespacePrefix": None,
        }


def _validation_rules(desk: Desk, user: str) -> Iterator[Record]:
    serial = 0
    for name, rules in desk.org.validations.items():
        for rule in rules:
            serial += 1
            yield {
                "Id": make_id("03d", serial),
                "ValidationName": rule.name,
                "FullName": f"{name}.{rule.name}",
                "Active": True,
                "ErrorMessage": rule.message,
                "ErrorDisplayField": rule.field or None,
                "EntityDefinitionId": name,
                "EntityDefinition": {"QualifiedApiName": name},
                "NamespacePrefix": None,
            }


SOURCES: Mapping[str, Callable[[Desk, str], Iterator[Record]]] = {
    "EntityDefinition": _entities,
    "FieldDefinition": _fields,
    "CustomField": _custom_fields,
    "CustomObject": _custom_objects,
    "ValidationRule": _validation_rules,
}
