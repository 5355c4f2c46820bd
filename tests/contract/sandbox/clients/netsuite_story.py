"""What a user of the public client `netsuite` does, from records to scripts; run beside it.

Its environment has the client's own pins, which are not this project's. Reads its settings from
standard input and writes what it saw to standard output, both JSON.
"""

import asyncio
import json
import sys
from typing import Any

from netsuite import (  # type: ignore[import-not-found]  # installed in an environment of its own
    Config,
    NetSuiteRestApi,
    NetSuiteRestlet,
)

SCRIPT = 1451


async def story(told: dict[str, Any]) -> dict[str, Any]:
    """`base` is empty when the client shall find the vendor's host itself."""
    config = Config(account=told["account"], auth=told["auth"])
    rest, restlet = NetSuiteRestApi(config), NetSuiteRestlet(config)

    def at(path: str, root: str = "/services/rest") -> dict[str, str]:
        return {"url": f"{told['base']}{root}{path}"} if told["base"] else {}

    key = told["external_id"]
    record = f"/record/v1/customer/eid:{key}"
    body = {"companyName": "Client", **told["required"]}
    saw: dict[str, Any] = {"put": await rest.put(record, json=body, **at(record))}
    await rest.patch(record, json={"phone": "42"}, **at(record))
    saw["get"] = await rest.get(record, **at(record))
    listed = "/record/v1/customer"
    query = {"q": f'externalId IS "{key}"', "limit": 5}
    saw["list"] = await rest.get(listed, params=query, **at(listed))
    posted = await rest.request("POST", listed, json=body, **at(listed))
    saw["location"] = posted.headers["Location"]
    suiteql = "/query/v1/suiteql"
    text = f"SELECT id, companyName FROM customer WHERE externalid = '{key}'"
    saw["suiteql"] = await rest.suiteql(text, **at(suiteql))
    schema = "/record/v1/metadata-catalog/customer"
    saw["schema"] = sorted(await rest.jsonschema("customer", **at(schema)))
    catalogue = "/record/v1/metadata-catalog"
    saw["openapi"] = (await rest.openapi(["term"], **at(catalogue)))["openapi"]
    if not told["base"]:
        saw["token"] = await rest.token_info()
    script = at(f"?script={SCRIPT}&deploy=1", "/app/site/hosting/restlet.nl")
    sent = {"type": "customer", "externalId": key, "values": {"phone": "43"}}
    saw["restlet"] = await restlet.post(SCRIPT, json=sent, **script)
    wrong = await rest.request("POST", listed, json={"nosuch": 1}, **at(listed))
    saw["refused"] = [wrong.status_code, wrong.json()["o:errorDetails"][0]["o:errorPath"]]
    await rest.delete(record, **at(record))
    return saw


if __name__ == "__main__":
    json.dump(asyncio.run(story(json.load(sys.stdin))), sys.stdout)
