"""Page layouts of an object: one section with all of its fields; no lists, no actions."""

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import not_found
from sandbox.salesforce.ids import make_id, normal
from sandbox.salesforce.rest.call import Answer, Call
from sandbox.salesforce.rest.describe import MASTER_RECORD_TYPE
from sandbox.salesforce.schema import Field, SObject

COLUMNS = 2
COMPACT_FIELDS = 4


def layouts(desk: Desk, call: Call) -> Answer:
    """The one layout and which record types use it."""
    sobject = desk.sobject(call.parts["object"], call.user)
    made = _layout(sobject)
    types = [*(found.id for found in sobject.record_types), MASTER_RECORD_TYPE]
    mappings = [
        {
            "available": True,
            "defaultRecordTypeMapping": identifier == types[0],
            "layoutId": made["id"],
            "master": identifier == MASTER_RECORD_TYPE,
            "picklistsForRecordType": [],
            "recordTypeId": identifier,
        }
        for identifier in types
    ]
    body = {
        "layouts": [made],
        "recordTypeMappings": mappings,
        "recordTypeSelectorRequired": [len(types) > COLUMNS],
    }
    return Answer(body=body)


def layout(desk: Desk, call: Call) -> Answer:
    sobject = desk.sobject(call.parts["object"], call.user)
    known = {found.id for found in sobject.record_types} | {MASTER_RECORD_TYPE}
    if normal(call.parts["type"]) not in known:
        raise not_found()
    return Answer(body=_layout(sobject))


def compact_layouts(desk: Desk, call: Call) -> Answer:
    sobject = desk.sobject(call.parts["object"], call.user)
    fields = [field for field in sobject.fields if field.createable and field.stored]
    made = {
        "actions": [],
        "fieldItems": [_item(field) for field in fields[:COMPACT_FIELDS]],
        "id": None,
        "imageItems": [],
        "label": "System Default",
        "name": "SYSTEM",
        "objectType": sobject.name,
    }
    types = [*(found.id for found in sobject.record_types), MASTER_RECORD_TYPE]
    mappings: list[dict[str, object]] = [
        {
            "available": True,
            "compactLayoutId": None,
            "compactLayoutName": "SYSTEM",
            "recordTypeId": identifier,
            "recordTypeName": _type_name(sobject, identifier),
            "urls": {},
        }
        for identifier in types
    ]
    body = {
        "compactLayouts": [made],
        "defaultCompactLayoutId": None,
        "recordTypeCompactLayoutMappings": mappings,
        "urls": {"primary": f"/services/data/v{call.version}/compactLayouts?q={sobject.name}"},
    }
    return Answer(body=body)


def list_views(desk: Desk, call: Call) -> Answer:
    sobject = desk.sobject(call.parts["object"], call.user)
    body = {
        "done": True,
        "listviews": [],
        "nextRecordsUrl": None,
        "size": 0,
        "sobjectType": sobject.name,
    }
    return Answer(body=body)


def quick_actions(desk: Desk, call: Call) -> Answer:
    desk.sobject(call.parts["object"], call.user)
    return Answer(body=[])


def approval_layouts(desk: Desk, call: Call) -> Answer:
    """No approval process has a page of its own here."""
    desk.sobject(call.parts["object"], call.user)
    return Answer(body={"approvalLayouts": []})


def _type_name(sobject: SObject, identifier: str) -> str:
    names = {found.id: found.name for found in sobject.record_types}
    return names.get(identifier, "Master")


def _layout(sobject: SObject) -> dict[str, object]:
    fields = [
        field
        for field in sobject.fields
        if field.name != "Id" and field.compound in ("", field.name)
    ]
    section = {
        "collapsed": False,
        "columns": COLUMNS,
        "heading": f"{sobject.label} Information",
        "layoutRows": [
            {"layoutItems": [_item(field) for field in fields[at : at + COLUMNS]]}
            for at in range(0, len(fields), COLUMNS)
        ],
        "rows": (len(fields) + 1) // COLUMNS,
        "tabOrder": "LeftToRight",
        "useCollapsibleSection": False,
        "useHeading": True,
    }
    return {
        "buttonLayoutSection": {"detailButtons": []},
        "detailLayoutSections": [section],
        "editLayoutSections": [section],
        "feedView": None,
        "highlightsPanelLayoutSection": None,
        "id": make_id("00h", 1),
        "multirowEditLayoutSections": [],
        "offlineLinks": [],
        "quickActionList": {"quickActionListItems": []},
        "relatedContent": None,
        "relatedLists": [],
        "saveOptions": [],
    }


def _item(field: Field) -> dict[str, object]:
    part = {
        "details": {"label": field.label, "name": field.name, "type": field.type},
        "displayLines": 1,
        "tabOrder": 1,
        "type": "Field",
        "value": field.name,
    }
    return {
        "editableForNew": field.createable,
        "editableForUpdate": field.updateable,
        "label": field.label,
        "layoutComponents": [part],
        "placeholder": False,
        "required": field.required,
    }
