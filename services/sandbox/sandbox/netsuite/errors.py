"""Refusals in the vendor's shape and wording."""

from dataclasses import dataclass, field

from sandbox.netsuite.values import dump

RFC = "https://www.rfc-editor.org/rfc/rfc9110.html#section-15."
SECTIONS = {429: "5.1"}
"""Of statuses that the RFC does not describe; all others have a section of their own."""
TITLES = {
    202: "Accepted",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    409: "Conflict",
    415: "Unsupported Media Type",
    429: "Bad Request",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
"""The vendor's own sample of 429 has the title of another status."""
BESIDE_DETAILS = {429: {"o:errorCode": "USER_ERROR"}}
"""And this beside its details."""
RESOURCE = "Error while accessing a resource. "
LOGIN = (
    "Invalid login attempt. For more details, see the Login Audit Trail in the NetSuite UI at "
    "Setup > Users/Roles > User Management > View Login Audit Trail."
)
PERMISSION = (
    "Your current role does not have permission to perform this action. "
    "Please contact your account administrator."
)
MALFORMED = "The request could not be understood by the server due to malformed syntax."
BODY = "Invalid content in the request body."
NO_RECORD = "Record does not exist."
SLOTS = "Concurrent request limit exceeded. Request blocked."
QUERY = "Invalid search query. "
DETAILED = "Detailed unprocessed description follows. "


@dataclass
class NetSuiteError(Exception):
    """A refusal. `where` holds the pointer: errorPath, urlPath, errorHeader or errorQueryParam."""

    status: int
    code: str
    detail: str
    where: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)

    def body(self) -> str:
        return error_body(self.status, self.code, self.detail, self.where)


def error_body(status: int, code: str, detail: str, where: dict[str, str]) -> str:
    section = SECTIONS.get(status, f"{status // 100 + 1}.{status % 100 + 1}")
    pointer = {f"o:{name}": value for name, value in where.items()}
    return dump(
        {
            "type": f"{RFC}{section}",
            "title": TITLES.get(status, "Error"),
            "status": status,
            "o:errorDetails": [{"detail": detail, **pointer, "o:errorCode": code}],
            **BESIDE_DETAILS.get(status, {}),
        }
    )


def user_error(detail: str, path: str = "") -> NetSuiteError:
    """A business rule said no."""
    where = {"errorPath": path} if path else {}
    return NetSuiteError(400, "USER_ERROR", RESOURCE + detail, where)


def missing(*labels: str) -> NetSuiteError:
    return user_error(f"Please enter value(s) for: {', '.join(labels)}.")


def invalid_field(value: object, field_name: str, path: str) -> NetSuiteError:
    """A value that exists but does not fit here (another subsidiary, another customer)."""
    return user_error(
        f"You have entered an Invalid Field Value {value} for the following field: {field_name}.",
        path,
    )


def invalid_content(value: object, field_name: str, path: str) -> NetSuiteError:
    """A value that cannot be read, or a reference that leads nowhere."""
    detail = (
        "Error while accessing resource: You have entered an Invalid Field Value "
        f"{value} for the following field: {field_name}"
    )
    return NetSuiteError(400, "INVALID_CONTENT", detail, {"errorPath": path})


def bad_body(detail: str = "", path: str = "") -> NetSuiteError:
    where = {"errorPath": path} if path else {}
    return NetSuiteError(400, "INVALID_CONTENT", f"{BODY} {detail}".strip(), where)


def malformed() -> NetSuiteError:
    """A body that is no JSON object."""
    return NetSuiteError(400, "INVALID_REQUEST", MALFORMED)


def bad_header(name: str, detail: str) -> NetSuiteError:
    return NetSuiteError(400, "INVALID_HEADER", detail, {"errorHeader": name})


def not_allowed(detail: str = "The method is not allowed on this resource.") -> NetSuiteError:
    return NetSuiteError(405, "METHOD_NOT_ALLOWED", detail)


def no_permission() -> NetSuiteError:
    """The role does not reach this kind of record at all."""
    return NetSuiteError(403, "INSUFFICIENT_PERMISSION", PERMISSION)


def not_your_action() -> NetSuiteError:
    """The role may see it but not do this to it; a role without SuiteAnalytics gets it too."""
    return NetSuiteError(400, "USER_ERROR", PERMISSION)


def bad_parameter(name: str, detail: str) -> NetSuiteError:
    return NetSuiteError(400, "INVALID_PARAMETER", detail, {"errorQueryParam": name})


def bad_query(message: str) -> NetSuiteError:
    """A search that cannot be run; `message` starts with whose words it is."""
    return bad_parameter("q", QUERY + DETAILED + message)


def search_error(message: str) -> NetSuiteError:
    return bad_query(f"Search error occurred: {message}")


def not_found() -> NetSuiteError:
    return NetSuiteError(404, "NONEXISTENT_ID", NO_RECORD)


def no_such_type(name: str) -> NetSuiteError:
    return NetSuiteError(404, "NOT_FOUND", f"Record type '{name}' does not exist.")
