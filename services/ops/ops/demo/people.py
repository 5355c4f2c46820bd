"""The people of the demo: two who work in Salesforce, an accountant in NetSuite."""

import json
import ssl
from collections.abc import Generator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import httpx
from oauthlib.oauth1 import SIGNATURE_HMAC_SHA256, Client

from ops.local.errors import PartFailedError

CALL_WITHIN_S = 15.0
RECORD = "/services/rest/record/v1"
SUITEQL = "/services/rest/query/v1/suiteql"
Record = Mapping[str, Any]
SOAP = (
    '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"'
    ' xmlns="urn:partner.soap.sforce.com"><e:Header><SessionHeader><sessionId>{session}</sessionId>'
    "</SessionHeader></e:Header><e:Body>{operation}</e:Body></e:Envelope>"
)


class SalesforceUser:
    """Signs in with a password, as people do, and works on records by REST."""

    def __init__(
        self, endpoint: Mapping[str, Any], tls: ssl.SSLContext, role: str = "sales"
    ) -> None:
        """`role`: whose password, of those in `endpoints.json`; `sales` or `admin`."""
        self._endpoint = endpoint
        self._role = role
        self._client = httpx.Client(
            base_url=endpoint["https"], verify=tls, timeout=CALL_WITHIN_S, trust_env=False
        )
        self._data = f"/services/data/v{endpoint['api_version']}"

    def sign_in(self) -> None:
        person = self._endpoint["users"][self._role]
        asked = {
            "grant_type": "password",
            "client_id": self._endpoint["consumer_key"],
            "client_secret": self._endpoint["consumer_secret"],
            "username": person["username"],
            "password": person["password"] + person["security_token"],
        }
        answer = _good(self._client.post("/services/oauth2/token", data=asked))
        self._client.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def query(self, soql: str) -> Sequence[Record]:
        answer = _good(self._client.get(f"{self._data}/query", params={"q": soql}))
        records: Sequence[Record] = _exact(answer)["records"]
        return records

    def one(self, soql: str) -> Record:
        records = self.query(soql)
        if len(records) != 1:
            raise PartFailedError(f"Salesforce holds {len(records)} records for: {soql}")
        return records[0]

    def update(self, kind: str, record_id: str, **fields: object) -> None:
        _good(self._client.patch(f"{self._data}/sobjects/{kind}/{record_id}", json=fields))

    def update_many(self, kind: str, field: str, values: Mapping[str, object]) -> None:
        """One field of up to 200 records in one call; fails if one of them was refused."""
        records = [
            {"attributes": {"type": kind}, "id": record_id, field: value}
            for record_id, value in values.items()
        ]
        body = {"allOrNone": False, "records": records}
        answer = _good(self._client.patch(f"{self._data}/composite/sobjects", json=body))
        refused = [row for row in answer.json() if not row["success"]]
        if refused:
            raise PartFailedError(f"Salesforce refused {len(refused)} records: {refused[0]}")

    def create(self, kind: str, **fields: object) -> str:
        answer = _good(self._client.post(f"{self._data}/sobjects/{kind}", json=fields))
        return str(answer.json()["id"])

    def create_many(self, kind: str, records: Sequence[Mapping[str, object]]) -> list[str]:
        """Up to 200 records in one call; fails if one of them was refused."""
        rows = [{"attributes": {"type": kind}, **record} for record in records]
        body = {"allOrNone": True, "records": rows}
        answer = _good(self._client.post(f"{self._data}/composite/sobjects", json=body)).json()
        refused = [row for row in answer if not row["success"]]
        if refused:
            raise PartFailedError(f"Salesforce refused {len(refused)} records: {refused[0]}")
        return [str(row["id"]) for row in answer]

    def delete(self, kind: str, record_id: str) -> None:
        _good(self._client.delete(f"{self._data}/sobjects/{kind}/{record_id}"))

    def undelete(self, record_id: str) -> None:
        self._soap(f"<undelete><ids>{record_id}</ids></undelete>")

    def merge(self, kind: str, master_id: str, loser_id: str) -> None:
        """The loser goes to the recycle bin; what hung on it hangs on the master."""
        master = f"<masterRecord><type>{kind}</type><Id>{master_id}</Id></masterRecord>"
        loser = f"<recordToMergeIds>{loser_id}</recordToMergeIds>"
        self._soap(f"<merge><request>{master}{loser}</request></merge>")

    def _soap(self, operation: str) -> None:
        """What REST does not have."""
        session = self._client.headers["Authorization"].partition(" ")[2]
        text = SOAP.format(session=session, operation=operation)
        version, org = self._endpoint["api_version"], self._endpoint["org_id"]
        path = f"/services/Soap/u/{version}/{org}"
        answer = _good(self._client.post(path, content=text.encode()))
        if "<success>true</success>" not in answer.text:
            raise PartFailedError(f"Salesforce refused: {answer.text}")

    def curl(self, kind: str, record_id: str, **fields: object) -> str:
        """The same update as a command to copy, for as long as this session lasts."""
        address = f"{self._endpoint['http']}{self._data}/sobjects/{kind}/{record_id}"
        return (
            f"   curl -X PATCH {address} \\\n"
            f"     -H 'Authorization: {self._client.headers['Authorization']}' \\\n"
            f"     -H 'Content-Type: application/json' -d '{json.dumps(fields)}'"
        )

    def close(self) -> None:
        self._client.close()


class Accountant:
    """Signs every call by token-based authentication and posts documents by REST."""

    def __init__(self, endpoint: Mapping[str, Any], tls: ssl.SSLContext) -> None:
        self._client = httpx.Client(
            base_url=endpoint["https"],
            verify=tls,
            timeout=CALL_WITHIN_S,
            trust_env=False,
            auth=_Signed(endpoint["finance"], endpoint["account"]),
        )
        self._restlet = str(endpoint["restlet"])

    def query(self, suiteql: str) -> Sequence[Record]:
        headers = {"Prefer": "transient"}
        answer = _good(self._client.post(SUITEQL, json={"q": suiteql}, headers=headers))
        rows: Sequence[Record] = _exact(answer)["items"]
        return rows

    def record(self, kind: str, record_id: str) -> Record:
        query = {"expandSubResources": "true"}
        found: Record = _exact(
            _good(self._client.get(f"{RECORD}/{kind}/{record_id}", params=query))
        )
        return found

    def update(self, kind: str, record_id: str, **fields: object) -> None:
        _good(self._client.patch(f"{RECORD}/{kind}/{record_id}", json=fields))

    def create(self, kind: str, **fields: object) -> str:
        """The id of the new record."""
        answer = _good(self._client.post(f"{RECORD}/{kind}", json=fields))
        return answer.headers["Location"].rpartition("/")[2]

    def put(self, kind: str, external_id: str, **fields: object) -> None:
        _good(self._client.put(f"{RECORD}/{kind}/eid:{external_id}", json=fields))

    def delete(self, kind: str, record_id: str) -> None:
        _good(self._client.delete(f"{RECORD}/{kind}/{record_id}"))

    def transform(self, kind: str, record_id: str, into: str, **fields: object) -> str:
        """The id of the new document."""
        path = f"{RECORD}/{kind}/{record_id}/!transform/{into}"
        answer = _good(self._client.post(path, json=fields))
        return answer.headers["Location"].rpartition("/")[2]

    def void(self, kind: str, record_id: str) -> None:
        """Only a script can."""
        body = {"operation": "void", "type": kind, "id": record_id}
        _good(self._client.post(self._restlet, json=body))

    def close(self) -> None:
        self._client.close()


class _Signed(httpx.Auth):
    def __init__(self, person: Mapping[str, str], account: str) -> None:
        self._client = Client(
            person["consumer_key"],
            client_secret=person["consumer_secret"],
            resource_owner_key=person["token_id"],
            resource_owner_secret=person["token_secret"],
            signature_method=SIGNATURE_HMAC_SHA256,
            realm=account,
        )

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        url, method = str(request.url), request.method
        _, headers, _ = self._client.sign(url, method)  # type: ignore[arg-type]  # any method
        request.headers["Authorization"] = headers["Authorization"]
        yield request


def _good(answer: httpx.Response) -> httpx.Response:
    if answer.is_success:
        return answer
    where = f"{answer.request.method} {answer.request.url.path}"
    raise PartFailedError(f"{where} answered {answer.status_code}: {answer.text[:300]}")


def _exact(answer: httpx.Response) -> Any:
    return json.loads(answer.content, parse_float=Decimal)
