"""A small signed client of the NetSuite stand-in, written against the public documents."""

import time
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client

from tests.contract.conftest import Sandbox

ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
TOKEN = "/services/rest/auth/oauth2/v1/token"


class NetSuiteClient:
    """Signs each request: token-based by default, with a bearer token when one is given."""

    def __init__(self, sandbox: Sandbox, who: str = "", **changed: str) -> None:
        own = sandbox.netsuite[who] if who else sandbox.netsuite
        self.credentials: dict[str, Any] = {**own, **changed}
        self.base = str(sandbox.netsuite["http"])
        self.account = str(sandbox.netsuite["account"])
        self.http = sandbox.http
        self.bearer = ""

    def call(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> httpx.Response:
        url = f"{self.base}/services/rest{path}"
        request = self.http.build_request(method, url, json=body, headers=dict(headers or {}))
        request.headers["Authorization"] = self.authorization(method, str(request.url))
        return self.http.send(request)

    def authorization(self, method: str, url: str, **changed: Any) -> str:
        if self.bearer:
            return f"Bearer {self.bearer}"
        signer = Client(
            self.credentials["consumer_key"],
            client_secret=self.credentials["consumer_secret"],
            resource_owner_key=self.credentials["token_id"],
            resource_owner_secret=self.credentials["token_secret"],
            signature_method=SIGNATURE_HMAC_SHA256,
            realm=self.account,
            **changed,
        )
        _, headers, _ = signer.sign(url, method)
        return str(headers["Authorization"])

    def sign_in(self, **claims: Any) -> httpx.Response:
        """Client credentials; a good answer's token is used from then on."""
        answer = self.http.post(f"{self.base}{TOKEN}", data=self.form(**claims))
        if answer.status_code == 200:
            self.bearer = answer.json()["access_token"]
        return answer

    def form(self, *, kid: str = "", **claims: Any) -> dict[str, str]:
        key = load_pem_private_key(
            Path(self.credentials["private_key_file"]).read_bytes(), password=None
        )
        now = int(time.time())
        body = {
            "iss": self.credentials["client_id"],
            "scope": ["rest_webservices"],
            "aud": f"{self.base}{TOKEN}",
            "iat": now,
            "exp": now + 3600,
            "jti": str(uuid.uuid4()),
            **claims,
        }
        algorithm = "ES256" if isinstance(key, ec.EllipticCurvePrivateKey) else "PS256"
        assertion = jwt.encode(
            body,
            key,  # type: ignore[arg-type]  # the loader's type is wider than what is made here
            algorithm=algorithm,
            headers={"kid": kid or self.credentials["certificate_id"]},
        )
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION,
            "client_assertion": assertion,
        }

    def get(self, path: str) -> Any:
        answer = self.call("GET", f"/record/v1{path}")
        assert answer.status_code == 200, answer.text
        return answer.json()

    def post(self, path: str, body: Any) -> str:
        """Returns the new record's id."""
        answer = self.call("POST", f"/record/v1{path}", body)
        assert answer.status_code == 204, answer.text
        return answer.headers["Location"].rsplit("/", 1)[1]

    def patch(self, path: str, body: Any) -> None:
        answer = self.call("PATCH", f"/record/v1{path}", body)
        assert answer.status_code == 204, answer.text

    def put(self, path: str, body: Any) -> str:
        answer = self.call("PUT", f"/record/v1{path}", body)
        assert answer.status_code == 204, answer.text
        return answer.headers["Location"].rsplit("/", 1)[1]

    def refused(self, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        """The error object of a call that must fail, with its status."""
        answer = self.call(method, path, body, headers)
        assert answer.status_code >= 400, answer.text
        detail: dict[str, Any] = answer.json()["o:errorDetails"][0]
        return {"status": answer.status_code, **detail}

    def query(self, text: str, *parameters: str, page: str = "") -> list[dict[str, str]]:
        answer = self.search(text, *parameters, page=page)
        assert answer.status_code == 200, answer.text
        rows = answer.json()["items"]
        return [{name: value for name, value in row.items() if name != "links"} for row in rows]

    def search(self, text: str, *parameters: str, page: str = "") -> httpx.Response:
        body: dict[str, Any] = {"q": text}
        if parameters:
            body["params"] = list(parameters)
        return self.call("POST", f"/query/v1/suiteql{page}", body, {"Prefer": "transient"})

    def customer(self, **changed: Any) -> str:
        """A customer of the root subsidiary who pays in euro unless said otherwise."""
        body = {
            "companyName": f"Customer {uuid.uuid4().hex[:8]}",
            "subsidiary": {"id": "1"},
            "currency": {"id": "4"},
            **changed,
        }
        return self.post("/customer", body)

    def order(self, customer: str, *lines: dict[str, Any], **changed: Any) -> str:
        """Approved, unless `orderStatus` says otherwise."""
        body = {
            "entity": {"id": customer},
            "orderStatus": {"id": "B"},
            "item": {"items": list(lines)},
            **changed,
        }
        return self.post("/salesOrder", body)


def line(item: int, quantity: float, rate: float, **changed: Any) -> dict[str, Any]:
    return {"item": {"id": str(item)}, "quantity": quantity, "rate": rate, **changed}
