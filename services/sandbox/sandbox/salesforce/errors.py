"""The vendor's way to say no: an error code, a sentence, sometimes the fields, and a status."""

from collections.abc import Mapping, Sequence


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
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.status = status
        self.fields = fields
        self.extra = dict(extra or {})

    def entry(self) -> dict[str, object]:
        """As one element of a top-level error array."""
        if self.code == "NOT_FOUND":
            return {"errorCode": self.code, "message": self.message}
        body: dict[str, object] = {
            **self.extra,
            "message": self.message,
            "errorCode": self.code,
        }
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


def not_allowed(method: str, allowed: Sequence[str]) -> Refusal:
    message = f"HTTP Method '{method}' not allowed. Allowed are {','.join(allowed)}"
    return Refusal("METHOD_NOT_ALLOWED", message, status=405)


def json_error(message: str) -> Refusal:
    return Refusal("JSON_PARSER_ERROR", message)


def integrity(what: str, why: str, fields: Sequence[str] = ()) -> Refusal:
    message = f"field integrity exception: {what} ({why})"
    return Refusal("FIELD_INTEGRITY_EXCEPTION", message, fields=fields)
