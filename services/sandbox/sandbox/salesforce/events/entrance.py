"""The one way into a call of the Pub/Sub API: faults, who calls, the journal, and the way out."""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import NoReturn

import grpc
from grpc.aio import ServicerContext as AnyContext

from sandbox.database import transaction
from sandbox.faults import Fault
from sandbox.frame import Frame
from sandbox.journal import Journal, Mutation
from sandbox.salesforce.events.status import (
    CODES,
    StreamRefusal,
    new_rpc_id,
    refusal,
    trailers,
)
from sandbox.salesforce.org import ORG_ID, Org
from sandbox.salesforce.sessions import Sessions

SERVICE = "/eventbus.v1.PubSub/"
TOKEN = "accesstoken"
ServicerContext = AnyContext[object, object]
log = logging.getLogger(__name__)


@dataclass(slots=True)
class Visit:
    """One call from its start to its end."""

    call: str
    rpc_id: str = field(default_factory=new_rpc_id)
    user: str = ""
    actor: str = ""
    fault: Fault | None = None


class Entrance:
    def __init__(self, frame: Frame, org: Org, sessions: Sessions, journal: Journal) -> None:
        self._frame = frame
        self._org = org
        self._sessions = sessions
        self._journal = journal

    @asynccontextmanager
    async def visit(self, context: ServicerContext, call: str) -> AsyncIterator[Visit]:
        """Refusals become a status with trailers; so does a mistake of ours, without its words."""
        visit = Visit(call=call)
        try:
            await self._enter(visit, context)
            yield visit
        except StreamRefusal as refused:
            await _refuse(context, refused, visit)
        except (asyncio.CancelledError, grpc.aio.AbortError):
            raise
        except Exception as error:
            # The sandbox never shows its own stack trace and never dies of one call.
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("failed %s %s\n%s", call, type(error), where)
            await _refuse(context, refusal("service.unavailable"), visit)

    def write(self, visit: Visit, mutations: Sequence[Mutation] = ()) -> None:
        """The journal's entry of a call; inside the transaction of what it changed."""
        effect = visit.fault.effect if visit.fault else None
        cut = effect is not None and effect.startswith("drop_")
        self._journal.write(
            actor=visit.actor,
            method="GRPC",
            path=SERVICE + visit.call,
            status=0 if cut else 200,
            effect=effect,
            mutations=mutations,
        )

    def check_token(self, context: ServicerContext) -> str:
        """The user; called again before each answer of a stream, because sessions end."""
        metadata = metadata_of(context)
        for name in (TOKEN, "instanceurl", "tenantid"):
            if not metadata.get(name):
                text = f"The {name} header is missing or empty."
                raise refusal("service.auth.headers.invalid", text)
        user = self._sessions.user_of(metadata[TOKEN])
        if user is None or metadata["tenantid"][:15] != ORG_ID[:15]:
            raise refusal("service.auth.error")
        return user

    def kill_token(self, context: ServicerContext) -> None:
        """The token that the call was made with is revoked for good."""
        with transaction(self._org.connection):
            self._sessions.revoke(metadata_of(context).get(TOKEN, ""))

    def check_refresh(self, token: str, code: str) -> None:
        """The field is the vendor's own; a token that lives is taken, anything else refused."""
        if token and self._sessions.user_of(token) is None:
            raise refusal(code)

    async def _enter(self, visit: Visit, context: ServicerContext) -> None:
        fault = self._frame.faults.match("salesforce", "GRPC", SERVICE + visit.call)
        visit.fault = fault
        if fault is not None:
            await self._suffer(fault, visit, context)
        visit.user = self.check_token(context)
        name = self._org.value('SELECT "Username" FROM "User" WHERE "Id" = ?', visit.user)
        visit.actor = str(name)
        if not visit.call.startswith("Publish"):
            with transaction(self._org.connection):
                self.write(visit)

    async def _suffer(self, fault: Fault, visit: Visit, context: ServicerContext) -> None:
        if fault.effect in ("delay", "commit_late"):
            await asyncio.sleep(fault.seconds)
        elif fault.effect == "token_dead":
            self.kill_token(context)
        elif fault.effect != "drop_after_commit" or not visit.call.startswith("Publish"):
            raise refusal_of(fault)


def metadata_of(context: ServicerContext) -> Mapping[str, str]:
    pairs = context.invocation_metadata() or ()
    return {str(key).lower(): _text(value) for key, value in pairs}


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def refusal_of(fault: Fault) -> StreamRefusal:
    """A fault's body may name the vendor's code, the gRPC status and the words: any of them."""
    if fault.effect.startswith("drop_"):
        text = "Stream removed"
        return StreamRefusal(grpc.StatusCode.UNAVAILABLE, "service.unavailable", text)
    body = fault.body if isinstance(fault.body, Mapping) else {}
    code = str(body.get("error_code") or "service.unavailable")
    plain = refusal(code if code in CODES else "service.unavailable")
    named = [status for status in grpc.StatusCode if status.value[0] == body.get("code")]
    status = named[0] if named else plain.status
    return StreamRefusal(status, code, str(body.get("details") or plain.text))


async def _refuse(context: ServicerContext, refused: StreamRefusal, visit: Visit) -> NoReturn:
    details = f"{refused.text} rpcId: {visit.rpc_id}"
    given = trailers(refused.code, visit.rpc_id, visit.call)
    await context.abort(refused.status, details, given)
    raise AssertionError("abort always raises")
