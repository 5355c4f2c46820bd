"""Composite graphs: several lists of calls, each all or nothing on its own."""

import json
import re
from collections.abc import Mapping

from sandbox.salesforce.desk import Desk
from sandbox.salesforce.errors import Refusal
from sandbox.salesforce.rest.call import Answer, Call
from sandbox.salesforce.rest.composite import (
    REFERENCE,
    Dispatch,
    Part,
    Together,
    check_references,
    responses,
    together,
)

GRAPHS_MAX, NODES_MAX, LEVELS_MAX = 75, 500, 15
ALLOWED = re.compile(r"^/services/data/v[\d.]+/(composite/)?sobjects(/|$|\?)", re.IGNORECASE)


def graphs(desk: Desk, call: Call, dispatch: Dispatch) -> Answer:
    sent = call.json_object().get("graphs")
    if not isinstance(sent, list) or not all(isinstance(one, Mapping) for one in sent):
        message = "Missing or invalid value for the required field: graphs"
        raise Refusal("JSON_PARSER_ERROR", message)
    if not 0 < len(sent) <= GRAPHS_MAX:
        raise Refusal("LIMIT_EXCEEDED", f"The request must have 1 to {GRAPHS_MAX} graphs.")
    read = [(_identifier(one, sent), _nodes(one)) for one in sent]
    if sum(len(nodes) for _, nodes in read) > NODES_MAX:
        raise Refusal("LIMIT_EXCEEDED", f"The request can't have more than {NODES_MAX} nodes.")
    answered = []
    for identifier, nodes in read:
        done = _one(desk, call, nodes, dispatch)
        answered.append(
            {
                "graphId": identifier,
                "graphResponse": {"compositeResponse": done.responses},
                "isSuccessful": done.is_successful,
            }
        )
    return Answer(body={"graphs": answered})


def _one(desk: Desk, call: Call, nodes: list[Part], dispatch: Dispatch) -> Together:
    """A graph that is wrong in itself fails whole, and no other with it."""
    try:
        check_references(nodes)
        _check(nodes)
    except Refusal as refusal:
        refused = Answer(status=refusal.status, body=[refusal.entry()])
        named: list[Part] = [{"referenceId": None, **node} for node in nodes]
        return Together(responses(named, [refused] * len(named)), False)
    return together(desk, call, nodes, dispatch)


def _identifier(graph: Mapping[str, object], others: list[Mapping[str, object]]) -> str:
    identifier = graph.get("graphId")
    if not isinstance(identifier, str) or not identifier:
        raise Refusal("INVALID_INPUT", "Each graph needs a graphId.")
    if sum(1 for other in others if other.get("graphId") == identifier) > 1:
        raise Refusal("INVALID_INPUT", f"graphId {identifier} is used more than once.")
    return identifier


def _nodes(graph: Mapping[str, object]) -> list[Part]:
    nodes = graph.get("compositeRequest")
    if not isinstance(nodes, list) or not all(isinstance(node, Mapping) for node in nodes):
        message = "Missing or invalid value for the required field: compositeRequest"
        raise Refusal("JSON_PARSER_ERROR", message)
    if not nodes:
        raise Refusal("INVALID_INPUT", "A graph needs at least one node.")
    return nodes


def _check(nodes: list[Part]) -> None:
    """Only calls of records, and references no deeper than the limit."""
    levels: dict[str, int] = {}
    for node in nodes:
        if not ALLOWED.match(str(node.get("url", ""))):
            raise Refusal("INVALID_INPUT", f"A graph can't have the url {node.get('url')}.")
        text = json.dumps([node.get("url"), node.get("body")])
        above = [levels[name] for name, _ in REFERENCE.findall(text) if name in levels]
        level = 1 + max(above, default=0)
        if level > LEVELS_MAX:
            raise Refusal("LIMIT_EXCEEDED", f"A graph can't be more than {LEVELS_MAX} levels deep.")
        levels[str(node["referenceId"])] = level
