"""The vendor's way to say no: an error code, a sentence, sometimes the fields, and a status."""

from collections.abc import Mapping, Sequence

NO_PLACE = "[line:1, column:1]"
"""Where the place of a value in the body is not known."""


class Refusal(Exception):
    """An error that the caller gets; `fields` None leaves the key out of the body."""

    def __init__(
        self,
        code: str,
        message: str,
        *,
        status: int = 400,
        fields: Sequence[str] | None = None,
        extra: Mapping[str, object] | None = None,
        about: str = "",
    ) -> None:
        """`about` is the field whose value cannot be read, where the message tells its place."""
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields
        self.extra = dict(extra or {})
        self.about = about

    def entry(self) -> dict[str, object]:
        """As one element of a top-level error array, its keys in the order that was recorded."""
        if self.code == "NOT_FOUND":
            return {"errorCode": self.code, "message": self.message}
        if self.extra:
            return {**self.extra, "errorCode": self.code, "message": self.message}
        body: dict[str, object] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            body["fields"] = list(self.fields)
        return body

    def row(self) -> dict[str, object]:
        """As an error inside a collection's result."""
        return {
            **self.extra,
            "statusCode": self.code,
            "message": self.message,
            "fields": list(self.fields or ()),
        }


def not_found(message: str = "The requested resource does not exist") -> Refusal:
    return Refusal("NOT_FOUND", message, status=404)


def deleted() -> Refusal:
    return Refusal("ENTITY_IS_DELETED", "entity is deleted", status=404, fields=())


def session_invalid() -> Refusal:
    return Refusal("INVALID_SESSION_ID", "Session expired or invalid", status=401)


def bad_header() -> Refusal:
    return Refusal("INVALID_AUTH_HEADER", "INVALID_HEADER_TYPE", status=401)


def not_allowed(method: str, allowed: Sequence[str]) -> Refusal:
    message = f"HTTP Method '{method}' not allowed. Allowed are {','.join(allowed)}"
    return Refusal("METHOD_NOT_ALLOWED", message, status=405)


def json_error(message: str, about: str = "") -> Refusal:
    return Refusal("JSON_PARSER_ERROR", message, about=about)


def integrity(what: str, why: str, fields: Sequence[str] = ()) -> Refusal:
    message = f"field integrity exception: {what} ({why})"
    return Refusal("FIELD_INTEGRITY_EXCEPTION", message, fields=fields)


NAMED: Mapping[str, tuple[int, str]] = {
    "API_CURRENTLY_DISABLED": (403, "API is not currently enabled for this Organization"),
    "API_DISABLED_FOR_ORG": (403, "API is not enabled for this Organization or Partner"),
    "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY": (400, "bad value"),
    "CONFLICT": (409, "The request could not be completed due to a conflict"),
    "DUPLICATE_VALUE": (
        400,
        "duplicate value found: <unknown> duplicates value on record with id: {id}",
    ),
    "ENTITY_IS_DELETED": (404, "entity is deleted"),
    "ENTITY_IS_LOCKED": (400, "entity is locked for editing"),
    "EXCEEDED_ID_LIMIT": (400, "record limit reached"),
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": (400, "validation rule"),
    "FIELD_INTEGRITY_EXCEPTION": (400, "field integrity exception"),
    "FORBIDDEN": (403, "You don't have permission to view this record."),
    "GONE": (410, "The requested resource is no longer available"),
    "INACTIVE_OWNER_OR_USER": (400, "operation performed with inactive user [{id}] as owner"),
    "INSUFFICIENT_ACCESS": (403, "insufficient access rights on object id"),
    "INSUFFICIENT_ACCESS_OR_READONLY": (400, "insufficient access rights on object id"),
    "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": (
        400,
        "insufficient access rights on cross-reference id",
    ),
    "INVALID_CROSS_REFERENCE_KEY": (400, "invalid cross reference id"),
    "INVALID_EMAIL_ADDRESS": (400, "Email: invalid email address: "),
    "INVALID_FIELD": (400, "invalid field"),
    "INVALID_FIELD_FOR_INSERT_UPDATE": (400, "Unable to create/update fields"),
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": (400, "bad value for restricted picklist field"),
    "INVALID_QUERY_LOCATOR": (400, "invalid query locator"),
    "INVALID_REPLICATION_DATE": (400, "startDate cannot be more than 30 days ago"),
    "INVALID_SESSION_ID": (401, "Session expired or invalid"),
    "INVALID_TYPE": (400, "sObject type is not supported."),
    "JSON_PARSER_ERROR": (400, "Unexpected end-of-input"),
    "MALFORMED_ID": (400, "malformed id {id}"),
    "MALFORMED_QUERY": (400, "unexpected token"),
    "METHOD_NOT_ALLOWED": (405, "HTTP Method not allowed"),
    "NOT_FOUND": (404, "The requested resource does not exist"),
    "NUMBER_OUTSIDE_VALID_RANGE": (400, "value outside of valid range on numeric field"),
    "PRECONDITION_FAILED": (412, "The request failed because a precondition was not met"),
    "QUERY_TIMEOUT": (400, "Your query request was running for too long."),
    "REQUEST_HEADER_FIELDS_TOO_LARGE": (431, "Request Header Fields Too Large"),
    "REQUEST_LIMIT_EXCEEDED": (403, "TotalRequests Limit exceeded."),
    "REQUEST_RUNNING_TOO_LONG": (
        400,
        "Your request was running for too long, and has been stopped.",
    ),
    "REQUIRED_FIELD_MISSING": (400, "Required fields are missing: [Name]"),
    "SERVER_UNAVAILABLE": (503, "Service Unavailable"),
    "STANDARD_PRICE_NOT_DEFINED": (400, "No standard price defined for this product"),
    "STORAGE_LIMIT_EXCEEDED": (400, "storage limit exceeded"),
    "STRING_TOO_LONG": (400, "data value too large"),
    "UNABLE_TO_LOCK_ROW": (
        400,
        "unable to obtain exclusive access to this record or 1 records: {id}",
    ),
    "UNKNOWN_EXCEPTION": (
        500,
        "An unexpected error occurred. Please include this ErrorId if you contact support:"
        " 1452464078-314667 (-1173371248)",
    ),
    "UNSUPPORTED_MEDIA_TYPE": (415, "Unsupported Media Type"),
    "URI_TOO_LONG": (414, "URI Too Long"),
}
"""What can be had on request, by a rule: status and words."""
WITHOUT_FIELDS = frozenset(
    "API_CURRENTLY_DISABLED API_DISABLED_FOR_ORG CONFLICT FORBIDDEN GONE INSUFFICIENT_ACCESS"
    " INVALID_QUERY_LOCATOR INVALID_REPLICATION_DATE INVALID_SESSION_ID INVALID_TYPE"
    " JSON_PARSER_ERROR MALFORMED_QUERY METHOD_NOT_ALLOWED NOT_FOUND PRECONDITION_FAILED"
    " QUERY_TIMEOUT REQUEST_HEADER_FIELDS_TOO_LARGE REQUEST_LIMIT_EXCEEDED"
    " REQUEST_RUNNING_TOO_LONG SERVER_UNAVAILABLE UNKNOWN_EXCEPTION UNSUPPORTED_MEDIA_TYPE"
    " URI_TOO_LONG EXCEEDED_ID_LIMIT".split()
)
NO_RECORD = "001000000000000AAA"


def named(code: str, identifier: str = NO_RECORD) -> Refusal:
    """The error of this code in its usual words; an unknown code is its own message."""
    status, message = NAMED.get(code, (400, code))
    fields = None if code in WITHOUT_FIELDS else ()
    return Refusal(code, message.replace("{id}", identifier), status=status, fields=fields)
