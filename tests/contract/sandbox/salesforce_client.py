"""Clients of the Salesforce sandbox made only from public parts: httpx and raw gRPC."""

import base64
import io
import json
import queue
import threading
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import fastavro
import grpc
import httpx
import jwt
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpc_tools import protoc

from tests.contract.conftest import Sandbox

PROTO = Path(__file__).parents[3] / "services/sandbox/sandbox/salesforce/events/pubsub_api.proto"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
WITHIN_S = 30.0


def assertion(sandbox: Sandbox, **claims: Any) -> str:
    """A JWT bearer assertion of the integration user, unless a claim says otherwise."""
    salesforce = sandbox.salesforce
    body = {
        "iss": salesforce["consumer_key"],
        "sub": salesforce["username"],
        "aud": "https://login.salesforce.com",
        "exp": int(time.time()) + 180,
        **claims,
    }
    key = Path(salesforce["private_key_file"]).read_text()
    return jwt.PyJWS().encode(json.dumps(body).encode(), key, algorithm="RS256")


def sign_in(sandbox: Sandbox, **claims: Any) -> dict[str, Any]:
    """The answer of the token endpoint."""
    form = {"grant_type": JWT_BEARER, "assertion": assertion(sandbox, **claims)}
    answer = sandbox.http.post(f"{sandbox.salesforce['http']}/services/oauth2/token", data=form)
    return dict(answer.json())


class Rest:
    """A signed-in REST client of one user."""

    def __init__(self, sandbox: Sandbox, role: str = "integration", *, client: str = "") -> None:
        self.sandbox = sandbox
        username = sandbox.salesforce["users"][role]["username"]
        self.token = str(sign_in(sandbox, sub=username)["access_token"])
        self.headers = {"Authorization": f"Bearer {self.token}"}
        if client:
            self.headers["Sforce-Call-Options"] = f"client={client}"
        self.root = f"{sandbox.salesforce['http']}/services/data/v68.0"

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> httpx.Response:
        headers = self.headers | more.pop("headers", {})
        address = path if path.startswith("http") else f"{self.root}{path}"
        return self.sandbox.http.request(method, address, json=body, headers=headers, **more)

    def create(self, sobject: str, **fields: Any) -> str:
        answer = self.call("POST", f"/sobjects/{sobject}", fields)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    def get(self, sobject: str, identifier: str) -> dict[str, Any]:
        answer = self.call("GET", f"/sobjects/{sobject}/{identifier}")
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    def update(self, sobject: str, identifier: str, **fields: Any) -> None:
        answer = self.call("PATCH", f"/sobjects/{sobject}/{identifier}", fields)
        assert answer.status_code == 204, answer.text

    def delete(self, sobject: str, identifier: str) -> None:
        answer = self.call("DELETE", f"/sobjects/{sobject}/{identifier}")
        assert answer.status_code == 204, answer.text

    def query(self, soql: str, resource: str = "query") -> list[dict[str, Any]]:
        answer = self.call("GET", f"/{resource}", params={"q": soql})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["records"])

    def refused(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        """Status and the first error of a call that must fail."""
        answer = self.call(method, path, body, **more)
        assert answer.status_code >= 400, answer.text
        return answer.status_code, answer.json()[0]


@cache
def _messages() -> dict[str, Any]:
    """Message classes in a pool of their own, so that no generated module is needed."""
    out = Path(__file__).parent / "__pycache__" / "pubsub_api.desc"
    out.parent.mkdir(exist_ok=True)
    arguments = ["protoc", f"-I{PROTO.parent}", f"--descriptor_set_out={out}", str(PROTO)]
    assert protoc.main(arguments) == 0
    files = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes())
    pool = descriptor_pool.DescriptorPool()
    for file in files.file:
        pool.Add(file)
    found = {
        message.name: message_factory.GetMessageClass(
            pool.FindMessageTypeByName(f"eventbus.v1.{message.name}")
        )
        for message in files.file[0].message_type
    }
    return found


class PubSub:
    """The Pub/Sub API over a plaintext or a TLS channel."""

    def __init__(self, sandbox: Sandbox, token: str, *, tls: bool = False, **metadata: str) -> None:
        address = sandbox.salesforce["pubsub_tls" if tls else "pubsub"]
        if tls:
            ca = Path(sandbox.ca_file).read_bytes()
            self.channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(ca))
        else:
            self.channel = grpc.insecure_channel(address)
        headers = {
            "accesstoken": token,
            "instanceurl": sandbox.salesforce["http"],
            "tenantid": sandbox.salesforce["org_id"],
        } | metadata
        self.metadata = tuple(headers.items())

    def close(self) -> None:
        self.channel.close()

    def unary(self, call: str, request: str, answer: str, **fields: Any) -> Any:
        method = self.channel.unary_unary(
            f"/eventbus.v1.PubSub/{call}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=_messages()[answer].FromString,
        )
        return method(_messages()[request](**fields), metadata=self.metadata, timeout=WITHIN_S)

    def topic(self, name: str) -> Any:
        return self.unary("GetTopic", "TopicRequest", "TopicInfo", topic_name=name)

    def schema(self, identifier: str) -> Any:
        return self.unary("GetSchema", "SchemaRequest", "SchemaInfo", schema_id=identifier)

    def subscribe(self, topic: str, **first: Any) -> "Subscriber":
        return Subscriber(self, topic, **first)


class Subscriber:
    """One Subscribe stream; `events` waits for as many as it is asked for."""

    def __init__(self, pubsub: PubSub, topic: str, **first: Any) -> None:
        self._pubsub = pubsub
        self._requests: queue.Queue[Any] = queue.Queue()
        self._schemas: dict[str, Any] = {}
        self._responses: queue.Queue[Any] = queue.Queue()
        self._decoded: list[dict[str, Any]] = []
        method = pubsub.channel.stream_stream(
            "/eventbus.v1.PubSub/Subscribe",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=_messages()["FetchResponse"].FromString,
        )
        self.ask(topic_name=topic, **{"num_requested": 100, **first})
        self.stream = method(self._outgoing(), metadata=pubsub.metadata, timeout=WITHIN_S)
        threading.Thread(target=self._listen, daemon=True).start()

    def ask(self, **fields: Any) -> None:
        self._requests.put(_messages()["FetchRequest"](**fields))

    def finish(self) -> None:
        self._requests.put(None)

    def response(self) -> Any:
        """The next FetchResponse; raises what ended the stream."""
        found = self._responses.get(timeout=WITHIN_S)
        if isinstance(found, Exception):
            raise found
        return found

    def has_more(self) -> bool:
        """Whether something comes within a moment."""
        deadline = time.monotonic() + 0.2
        while self._responses.empty() and time.monotonic() < deadline:
            time.sleep(0.01)
        return not self._responses.empty()

    def events(self, count: int) -> list[dict[str, Any]]:
        """Decoded, each with its `_replay`, `_id` and `_schema`."""
        while len(self._decoded) < count:
            self._decoded += [self._decode(event) for event in self.response().events]
        found, self._decoded = self._decoded[:count], self._decoded[count:]
        return found

    def _listen(self) -> None:
        try:
            for response in self.stream:
                self._responses.put(response)
            self._responses.put(StopIteration())
        except grpc.RpcError as error:
            self._responses.put(error)

    def cancel(self) -> None:
        self.stream.cancel()
        self.finish()

    def _outgoing(self) -> Iterator[Any]:
        while (request := self._requests.get()) is not None:
            yield request

    def _decode(self, consumed: Any) -> dict[str, Any]:
        event = consumed.event
        if event.schema_id not in self._schemas:
            text = self._pubsub.schema(event.schema_id).schema_json
            self._schemas[event.schema_id] = fastavro.parse_schema(json.loads(text))
        schema = self._schemas[event.schema_id]
        body = fastavro.schemaless_reader(io.BytesIO(event.payload), schema, None)
        assert isinstance(body, dict)
        return body | {
            "_replay": consumed.replay_id,
            "_id": event.id,
            "_schema": event.schema_id,
            "_fields": [field["name"] for field in schema["fields"]],
        }


def changed_fields(event: dict[str, Any], key: str = "changedFields") -> list[str]:
    """Names of the top-level fields in a header's bitmap, compounds as Name.position."""
    names = event["_fields"]
    found = []
    for text in event["ChangeEventHeader"][key]:
        position, _, bits = text.rpartition("-")
        number = int(bits, 16)
        places = [at for at in range(number.bit_length()) if number >> at & 1]
        if position:
            found += [f"{names[int(position)]}.{place}" for place in places]
        else:
            found += [names[place] for place in places]
    return found


def replay_number(raw: bytes) -> int:
    assert len(raw) == 10
    assert raw[8:] == b"\0\0"
    return int.from_bytes(raw[:8], "big")


def basic(user: str, password: str) -> dict[str, str]:
    text = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"Authorization": f"Basic {text}"}
