"""How much of a record is answered, and the record as it is shown."""

from dataclasses import replace

from sandbox.netsuite.account import Work
from sandbox.netsuite.api.attachments import with_contacts
from sandbox.netsuite.api.wire import Call
from sandbox.netsuite.catalog import RecordType
from sandbox.netsuite.errors import bad_parameter
from sandbox.netsuite.records.computed import with_choices, with_computed
from sandbox.netsuite.records.render import View
from sandbox.netsuite.store import Entry


def view_of(call: Call, record: RecordType) -> View:
    fields = call.names("fields")
    expand = call.flag("expandSubResources")
    if fields and expand:
        raise bad_parameter(
            "fields", "The parameters fields and expandSubResources cannot be used together."
        )
    return View(
        base=f"{call.base}/record/v1",
        expand=expand,
        expanded=frozenset(record.own_name(name) for name in call.names("expand")),
        simple_enumerations=call.flag("simpleEnumFormat"),
        fields=frozenset(record.own_name(name) for name in fields) if fields else None,
    )


def shown(work: Work, entry: Entry) -> Entry:
    """With what is reckoned, what could be chosen and who is attached."""
    whole = with_choices(work, with_computed(work, entry))
    return replace(whole, document=with_contacts(work, whole))
