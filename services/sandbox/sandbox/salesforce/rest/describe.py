"""What objects and fields are: the global describe and the describe of one object."""

import hashlib
import json
from collections.abc import Mapping

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.rest.call import Answer, Call
from sandbox.salesforce.rest.conditional import is_fresh
from sandbox.salesforce.schema import (
    ID_TYPES,
    SCALED_TYPES,
    TEXT_TYPES,
    Child,
    Field,
    Schema,
    SObject,
)

MASTER_RECORD_TYPE = "012000000000000AAA"
LAST_MODIFIED = "Fri, 14 Aug 2020 20:53:02 GMT"
"""Older than any clock that a test may set."""
SOAP_TYPES = {
    "id": "tns:ID", "reference": "tns:ID", "boolean": "xsd:boolean", "int": "xsd:int",
    "double": "xsd:double", "currency": "xsd:double", "percent": "xsd:double", "date": "xsd:date",
    "datetime": "xsd:dateTime", "address": "urn:address", "location": "urn:location",
}  # fmt: skip
BYTES_A_CHARACTER = 3
CURRENCY_FIELDS = frozenset({"CurrencyIsoCode", "DefaultCurrencyIsoCode"})
DIGITS = {"NumberOfEmployees": 8, "FiscalQuarter": 8, "FiscalYear": 8, "ContractTerm": 4}


def describe_global(desk: Desk, call: Call) -> Answer:
    objects = [_summary(call, sobject) for sobject in _view(desk, call).objects.values()]
    body = {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": objects}
    return _cached(call, body)


def describe_object(desk: Desk, call: Call) -> Answer:
    sobject = desk.sobject(call.parts["object"], call.user)
    return _cached(call, describe(desk, call, sobject))


def object_basics(desk: Desk, call: Call) -> Answer:
    sobject = desk.sobject(call.parts["object"], call.user)
    return Answer(body={"objectDescribe": _summary(call, sobject), "recentItems": []})


def describe(desk: Desk, call: Call, sobject: SObject) -> dict[str, object]:
    """In alphabetical order of the keys, as recorded."""
    currencies = sorted(desk.org.active_currencies()) if desk.org.multi_currency else []
    body = _summary(call, sobject) | {
        "actionOverrides": [],
        "childRelationships": [
            _child(child) for child in sobject.children if _view(desk, call).find(child.child)
        ],
        "compactLayoutable": "L" not in sobject.flags,
        "defaultImplementation": None,
        "extendedBy": None,
        "extendsInterfaces": None,
        "fields": [_field(field, currencies) for field in sobject.fields],
        "implementedBy": None,
        "implementsInterfaces": None,
        "listviewable": None,
        "lookupLayoutable": None,
        "namedLayoutInfos": [],
        "networkScopeFieldName": None,
        "recordTypeInfos": _record_types(call, sobject),
        "searchLayoutable": "s" in sobject.flags,
        "sobjectDescribeOption": "FULL",
        "supportedScopes": [
            {"label": f"All {sobject.plural.lower()}", "name": "everything"},
            {"label": f"My {sobject.plural.lower()}", "name": "mine"},
        ],
    }
    return dict(sorted(body.items()))


def _view(desk: Desk, call: Call) -> Schema:
    return desk.org.metadata.view(call.user)


def _cached(call: Call, body: Mapping[str, object]) -> Answer:
    """304 when the caller has this very answer, or when it asks for what is newer."""
    digest = hashlib.md5(json.dumps(body).encode(), usedforsecurity=False).hexdigest()[:8]
    headers = {"ETag": f'"{digest}"', "Last-Modified": LAST_MODIFIED}
    known = digest in call.headers.get("if-none-match", "")
    if known or is_fresh(call.headers.get("if-modified-since", ""), LAST_MODIFIED):
        return Answer(status=304, headers=headers)
    return Answer(body=body, headers=headers)


def _summary(call: Call, sobject: SObject) -> dict[str, object]:
    flags = sobject.flags
    return {
        "activateable": False,
        "associateEntityType": None,
        "associateParentEntity": None,
        "createable": "c" in flags,
        "custom": sobject.custom,
        "customSetting": False,
        "deepCloneable": False,
        "deletable": "d" in flags,
        "deprecatedAndHidden": False,
        "feedEnabled": "s" in flags,
        "hasSubtypes": False,
        "isInterface": False,
        "isSubtype": False,
        "keyPrefix": sobject.prefix,
        "label": sobject.label,
        "labelPlural": sobject.plural,
        "layoutable": "s" in flags,
        "mergeable": "m" in flags,
        "mruEnabled": "s" in flags,
        "name": sobject.name,
        "queryable": True,
        "replicateable": True,
        "retrieveable": True,
        "searchable": "s" in flags,
        "triggerable": "t" in flags,
        "undeletable": "U" in flags,
        "updateable": "u" in flags,
        "urls": _urls(call, sobject),
    }


def _urls(call: Call, sobject: SObject) -> dict[str, str]:
    base = f"/services/data/v{call.version}/sobjects/{sobject.name}"
    return {
        "compactLayouts": f"{base}/describe/compactLayouts",
        "rowTemplate": f"{base}/{{ID}}",
        "approvalLayouts": f"{base}/describe/approvalLayouts",
        "listviews": f"{base}/listviews",
        "describe": f"{base}/describe",
        "quickActions": f"{base}/quickActions",
        "layouts": f"{base}/describe/layouts",
        "sobject": base,
    }


def _child(child: Child) -> dict[str, object]:
    return {
        "cascadeDelete": child.on_delete == "cascade",
        "childSObject": child.child,
        "deprecatedAndHidden": False,
        "field": child.field,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": child.relationship or None,
        "restrictedDelete": child.on_delete == "restrict",
    }


def _record_types(call: Call, sobject: SObject) -> list[dict[str, object]]:
    """The object's own, then the master, which is the default where there is no other."""
    active = [found for found in sobject.record_types if found.active]
    first = active[0].id if active else MASTER_RECORD_TYPE
    made = [
        _record_type(call, sobject, found.id, found.name, found.label, found.active, first)
        for found in sobject.record_types
    ]
    master = _record_type(call, sobject, MASTER_RECORD_TYPE, "Master", "Master", True, first)
    return [*made, master]


def _record_type(
    call: Call,
    sobject: SObject,
    identifier: str,
    name: str,
    label: str,
    active: bool,
    default: str,
) -> dict[str, object]:
    url = f"/services/data/v{call.version}/sobjects/{sobject.name}/describe/layouts"
    return {
        "active": active,
        "available": active,
        "defaultRecordTypeMapping": identifier == default,
        "developerName": name,
        "master": identifier == MASTER_RECORD_TYPE,
        "name": label,
        "recordTypeId": identifier,
        "urls": {"layout": f"{url}/{identifier}"},
    }


def _field(field: Field, currencies: list[str]) -> dict[str, object]:
    """Every key, whatever the type."""
    return dict(sorted((_nature(field) | _shape(field, currencies) | _links(field)).items()))


def _nature(field: Field) -> dict[str, object]:
    sortable = not field.long_text and field.stored and field.type != "multipicklist"
    return {
        "aggregatable": field.type not in ("boolean", "address", "location")
        and not field.long_text,
        "aiPredictionField": False,
        "autoNumber": field.auto_number,
        "calculated": field.calculated,
        "calculatedFormula": field.formula or None,
        "caseSensitive": field.case_sensitive,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": field.default if isinstance(field.default, bool) else _false(field),
        "defaultValueFormula": None,
        "defaultedOnCreate": field.defaulted,
        "dependentPicklist": False,
        "deprecatedAndHidden": False,
        "displayLocationInDecimal": False,
        "encrypted": False,
        "externalId": field.external_id,
        "extraTypeInfo": _extra_type(field),
        "filterable": field.filterable,
        "filteredLookupInfo": None,
        "formulaTreatNullNumberAsZero": field.blank_is_zero,
        "groupable": sortable and field.type not in SCALED_TYPES | {"datetime"},
        "highScaleNumber": False,
        "htmlFormatted": field.html,
        "idLookup": field.id_lookup,
        "mask": None,
        "maskType": None,
        "nameField": field.name_field,
        "namePointing": len(field.reference_to) > 1,
        "nillable": field.nillable,
        "permissionable": field.createable
        and field.nillable
        and field.type not in ID_TYPES - {"reference"},
        "queryByDistance": field.type in ("address", "location"),
        "searchPrefilterable": field.type == "reference",
        "sortable": sortable,
        "unique": field.unique,
        "updateable": field.updateable,
    }


def _extra_type(field: Field) -> str | None:
    """Recorded for the parts of a person's name."""
    if field.type == "textarea":
        return "richtextarea" if field.html else "plaintextarea"
    is_name = field.compound == "Name" and field.type == "string" and not field.name_field
    return "personname" if is_name else None


def _false(field: Field) -> bool | None:
    return False if field.type == "boolean" else None


def _shape(field: Field, currencies: list[str]) -> dict[str, object]:
    length = 18 if field.type in ID_TYPES else field.length
    width = length if field.type in ID_TYPES else length * BYTES_A_CHARACTER
    values = currencies if field.name in CURRENCY_FIELDS else list(field.values)
    has_length = field.type in TEXT_TYPES | ID_TYPES
    return {
        "byteLength": width if has_length else 0,
        "compoundFieldName": field.compound or None,
        "controllerName": None,
        "digits": DIGITS.get(field.name, 9) if field.type == "int" else 0,
        "inlineHelpText": field.help_text or None,
        "label": field.label,
        "length": length if has_length else 0,
        "name": field.name,
        "picklistValues": [_picklist_value(value, field) for value in values],
        "precision": field.precision if field.type in SCALED_TYPES else 0,
        "restrictedPicklist": field.restricted,
        "scale": field.scale if field.type in SCALED_TYPES else 0,
        "soapType": SOAP_TYPES.get(field.type, "xsd:string"),
        "type": field.type,
    }


def _picklist_value(value: str, field: Field) -> dict[str, object]:
    return {
        "active": True,
        "defaultValue": value == field.default,
        "label": value,
        "validFor": None,
        "value": value,
    }


def _links(field: Field) -> dict[str, object]:
    return {
        "cascadeDelete": field.parent_deletion == "cascade",
        "polymorphicForeignKey": len(field.reference_to) > 1,
        "referenceTargetField": None,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship or None,
        "relationshipOrder": field.order,
        "restrictedDelete": field.parent_deletion == "restrict",
        "writeRequiresMasterRead": field.master_read_is_enough,
    }
