"""What the caller's role allows: asked before a record is touched."""

from sandbox.netsuite.account import Work
from sandbox.netsuite.catalog import RecordType
from sandbox.netsuite.errors import no_permission, no_such_type, not_allowed, not_your_action
from sandbox.netsuite.kinds import KINDS, Kind
from sandbox.netsuite.roles import NEEDED, Level, rights_of


def find_kind(work: Work, name: str) -> Kind:
    """A record type of this account, by its name in any case."""
    kind = KINDS.get(name.lower())
    if kind is None or kind.path not in work.account.catalog:
        raise no_such_type(name)
    return kind


def require(work: Work, kind: Kind, method: str) -> None:
    """Raises the refusal of a role that may not do this to records of the type."""
    level = rights_of(work.user).level(kind.path)
    if level is Level.NONE:
        raise no_permission()
    if level < NEEDED.get(method, Level.FULL):
        raise not_your_action()
    if kind.reckoned and method != "GET":
        raise not_allowed()


def seen(work: Work) -> dict[str, RecordType]:
    """The record types that the caller's role shows, by lower-case name."""
    rights = rights_of(work.user)
    return {
        name: record
        for name, record in work.account.catalog.items()
        if name in KINDS and rights.level(name) >= Level.VIEW
    }
