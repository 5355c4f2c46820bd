"""Bad days on request: which calls and events go wrong, how, how often, by a seeded dice."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from http import HTTPStatus

HTTP_EFFECTS = frozenset(
    "delay status drop_before_commit drop_after_commit commit_late token_dead limit".split()
)
EVENT_EFFECTS = frozenset(
    "event_duplicate event_delay event_reorder event_gap event_overflow".split()
)
REPLAY_EFFECTS = frozenset({"retention_exceeded", "replay_corrupted"})
"""Meet a subscriber who wants to go on from a position of its own."""
METADATA_EFFECTS = frozenset("field_gone field_required field_retyped value_gone".split())
"""Stand as long as their rule does: how a record type differs from what was deployed."""
EVENT_METHOD = "EVENT"
RECORD_METHOD = "RECORD"
"""One record of a call, whatever call it came with; only rules that name this method match."""
METADATA_METHOD = "METADATA"
REPLAY_METHOD = "REPLAY"
SYSTEMS = ("salesforce", "netsuite")
KEYS = frozenset("system method path effect probability times seconds status body slots".split())
NEEDS_SECONDS = frozenset({"delay", "commit_late", "event_delay"})
RULES_MAX = 1000
STATUSES = frozenset({*(status.value for status in HTTPStatus if status >= 200), 420})
"""420 is Salesforce's edge."""
SECONDS_MAX = 3600.0


class FaultRuleError(ValueError):
    """A rule that cannot be applied; the message names key, value and remedy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What shall go wrong with one call or one event."""

    effect: str
    seconds: float = 0.0
    status: int = 503
    body: object = None
    slots: int = 0


@dataclass(slots=True)
class _Rule:
    system: str
    method: str
    path: str
    fault: Fault
    probability: float
    times: int | None
    source: Mapping[str, object]

    def covers(self, system: str, method: str, paths: Sequence[str]) -> bool:
        methods = (method,) if method in (RECORD_METHOD, REPLAY_METHOD) else ("*", method)
        return (
            self.times != 0
            and self.system in ("*", system)
            and self.method in methods
            and any(fnmatchcase(path, self.path) for path in paths)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A change of metadata: `path` is a glob of Object.Field in lower case."""

    effect: str
    path: str
    body: object


class Faults:
    """The rules in force. `match` spends a rule's `times`; a restart forgets all rules."""

    def __init__(self) -> None:
        self._rules: list[_Rule] = []
        self._seed = 0
        self._random = random.Random(0)
        self.generation = 0
        """Grows with each replacement, so that what is derived from the rules is kept till then."""

    def replace(self, seed: int, rules: Sequence[Mapping[str, object]]) -> None:
        if len(rules) > RULES_MAX:
            raise FaultRuleError(f"rules: {len(rules)} rules; at most {RULES_MAX}")
        read = [_read(rule) for rule in rules]
        self._rules = read
        self._seed = seed
        self._random = random.Random(seed)
        self.generation += 1

    def standing(self, system: str) -> list[Standing]:
        """How this system's metadata differs from what was deployed."""
        return [
            Standing(effect=rule.fault.effect, path=rule.path, body=rule.fault.body)
            for rule in self._rules
            if rule.fault.effect in METADATA_EFFECTS and rule.system in ("*", system)
        ]

    def match(self, system: str, method: str, path: str, *aliases: str) -> Fault | None:
        """The first rule that covers the call and whose dice fall; `aliases` are other paths
        under which the same thing is known."""
        return next(iter(self._matches(system, method, (path, *aliases), stop=True)), None)

    def match_all(self, system: str, method: str, path: str) -> list[Fault]:
        return self._matches(system, method, (path,), stop=False)

    def describe(self) -> dict[str, object]:
        rules = [{**rule.source, "times": rule.times} for rule in self._rules]
        return {"seed": self._seed, "rules": rules}

    def _matches(
        self, system: str, method: str, names: Sequence[str], *, stop: bool
    ) -> list[Fault]:
        if not self._rules:
            return []
        paths = [suffix for name in names for suffix in suffixes(name.lower())]
        found: list[Fault] = []
        for rule in self._rules:
            if not rule.covers(system, method.upper(), paths):
                continue
            if rule.probability < 1.0 and self._random.random() >= rule.probability:
                continue
            if rule.times is not None:
                rule.times -= 1
            found.append(rule.fault)
            if stop:
                break
        return found


def suffixes(path: str) -> list[str]:
    """The path and each of its ends that starts with a slash."""
    return [path, *(path[at:] for at in range(1, len(path)) if path[at] == "/")]


def _read(rule: Mapping[str, object]) -> _Rule:
    for key in rule:
        if key not in KEYS:
            raise FaultRuleError(f"{key}: unknown key; known are {', '.join(sorted(KEYS))}")
    effect = _effect(rule)
    seconds = _number(rule, "seconds", 0.0)
    if effect in NEEDS_SECONDS and seconds <= 0:
        raise FaultRuleError(f"seconds: {rule.get('seconds')!r}; {effect} needs a number above 0")
    if effect in ("field_retyped", "value_gone") and not rule.get("body"):
        what = "the new type" if effect == "field_retyped" else "the value"
        raise FaultRuleError(f"body: {rule.get('body')!r}; {effect} needs {what}")
    usual = dict.fromkeys(EVENT_EFFECTS, EVENT_METHOD)
    usual |= dict.fromkeys(METADATA_EFFECTS, METADATA_METHOD)
    fixed = REPLAY_METHOD if effect in REPLAY_EFFECTS else ""
    fault = Fault(
        effect=effect,
        seconds=seconds,
        status=int(_number(rule, "status", 503)),
        body=rule.get("body"),
        slots=int(_number(rule, "slots", 0)),
    )
    return _Rule(
        system=_system(rule),
        method=fixed or _word(rule, "method", usual.get(effect, "*")).upper(),
        path=_word(rule, "path", "*").lower(),
        fault=fault,
        probability=_probability(rule),
        times=_times(rule),
        source=dict(rule),
    )


def _effect(rule: Mapping[str, object]) -> str:
    effect = rule.get("effect")
    known = sorted(HTTP_EFFECTS | EVENT_EFFECTS | METADATA_EFFECTS | REPLAY_EFFECTS)
    if not isinstance(effect, str) or effect not in known:
        raise FaultRuleError(f"effect: {effect!r} is not known; use one of {', '.join(known)}")
    return effect


def _system(rule: Mapping[str, object]) -> str:
    system = rule.get("system")
    if system not in (*SYSTEMS, "*"):
        raise FaultRuleError(f"system: {system!r}; use salesforce, netsuite or *")
    return str(system)


def _word(rule: Mapping[str, object], key: str, default: str) -> str:
    value = rule.get(key)
    if value is None:
        return default
    if not isinstance(value, str) or not value:
        raise FaultRuleError(f"{key}: {value!r}; use a text or leave the key out")
    return value


def _number(rule: Mapping[str, object], key: str, default: float) -> float:
    value = rule.get(key)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise FaultRuleError(f"{key}: {value!r}; use a number of 0 or more, or null")
    if key == "seconds" and value > SECONDS_MAX:
        raise FaultRuleError(f"seconds: {value!r}; at most {SECONDS_MAX:.0f}")
    if key == "status" and value not in STATUSES:
        raise FaultRuleError(f"status: {value!r}; use an HTTP status from 200 to 599 that exists")
    return float(value)


def _probability(rule: Mapping[str, object]) -> float:
    value = _number(rule, "probability", 1.0)
    if value > 1.0:
        raise FaultRuleError(f"probability: {value!r}; use a number from 0 to 1")
    return value


def _times(rule: Mapping[str, object]) -> int | None:
    value = rule.get("times")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise FaultRuleError(f"times: {value!r}; use a whole number of 0 or more, or null")
    return value
