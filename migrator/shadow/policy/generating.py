"""The router of an experiment in TypeScript and in SQL, written from its policy; in TypeScript also what dispatches and records."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from functools import cache
from itertools import count
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from migrator.shadow.config.fallback import Fallback
from migrator.shadow.identity import experiment_id
from migrator.shadow.modes import claims
from migrator.shadow.modes.ways import SENT_ELSEWHERE
from migrator.shadow.policy.policy import Decider, Policy, Rule
from migrator.shadow.policy.ramp import ramped
from migrator.shadow.policy.reading import LoadedPolicy
from migrator.shadow.policy.state import State
from migrator.shadow.recorder.stamping import TEXT
from migrator.shadow.routing import Split
from migrator.shadow.transport import waiting


def typescript(loaded: LoadedPolicy, *, dispatch: bool = False) -> str:
    """A module for Node.js that asks nothing of any package. `dispatch`: it sends jobs as well, and records what becomes of them."""
    policy = loaded.policy
    place = f"the key or row that {loaded.routing.state} holds" if loaded.routing.state else loaded.state_file.name
    excluded = {
        "jobs": policy.excluded_jobs,
        "tenants": sorted(policy.excluded_tenants),
        "payloadBytes": policy.payload_bytes,
        "deadline": policy.deadline,
    }
    values: dict[str, Any] = {
        "arms": " | ".join(_written(arm) for arm in policy.arms),
        "current": _written(policy.current),
        "salt": _written(policy.salt),
        "splits": _written([_split(split) for split in _splits(policy)]),
        "rules": _written([{"match": r.match, "exact": r.exact, "split": _split(r.split)} for r in policy.rules]),
        "excluded": _written(excluded),
    }
    if dispatch:
        values |= _dispatching(loaded)
    template = "dispatch.ts.j2" if dispatch else "router.ts.j2"
    return _environment().get_template(template).render(policy=policy, place=place, dispatch=dispatch, **values)


def _dispatching(loaded: LoadedPolicy) -> dict[str, str]:
    """What a module that dispatches knows beside the routing."""
    policy, arms = loaded.policy, loaded.arms
    fallback = loaded.fallback or Fallback(claims="-")
    values: dict[str, object] = {
        "experiment": policy.name,
        "experiment_id": experiment_id(policy.name, policy.salt),
        "digests": [Decider(policy, State(step=step)).digest for step in range(max(1, len(policy.steps)))],
        "jobs": {job.name: {name: arm.job_name_of(job) for name, arm in arms.items()} for job in loaded.jobs},
        "roles": {name: policy.role_of(name) for name in arms},
        "unit": loaded.heading.unit,
        "state_file": f".migrator/{loaded.state_file.name}",
        "poll": loaded.routing.poll,
        "folder": loaded.recorder.folder.replace("{name}", policy.name),
        "events": loaded.recorder.events,
        "disk_bytes": loaded.recorder.disk_bytes,
        "entries": waiting.ENTRIES,
        "lines": waiting.LINES,
        "events_table": waiting.TABLE,
        "text": TEXT,
        "current_only": SENT_ELSEWHERE if loaded.fallback is not None else "",
        "inherits": loaded.heading.mode != "mirror",
        "claims_keep": fallback.keep,
        "claim_patience": fallback.claim_patience,
        "claim_table": claims.TABLE,
        "claim": _numbered(claims.CLAIM),
        "claim_look": _numbered(claims.LOOK_AT_ONE),
        "claim_done": _numbered(claims.DONE),
    }
    return {name: _written(value) for name, value in values.items()}


def _numbered(statement: str) -> str:
    """A statement with the places of its values as Postgres itself writes them.

    >>> _numbered("UPDATE t SET a = %s WHERE b = %s")
    'UPDATE t SET a = $1 WHERE b = $2'
    """
    number = count(1)
    return re.sub("%s", lambda _: f"${next(number)}", statement)


def sql(loaded: LoadedPolicy) -> str:
    """Functions for Postgres: `migrator_route_NAME(job, unit, …)` gives arm and reason."""
    policy = loaded.policy
    splits = _splits(policy)
    name = "migrator_route_" + re.sub(r"\W", "_", policy.name.lower())
    # Names stand before patterns, as in the other routers.
    rules = sorted(policy.rules, key=lambda rule: not rule.exact)
    return (
        _environment()
        .get_template("router.sql.j2")
        .render(
            policy=policy,
            name=name,
            experiment=_quoted(policy.name),
            salt=_quoted(policy.salt),
            current=_quoted(policy.current),
            last_step=len(splits) - 1,
            excluded=_excluded(policy, name),
            rules=[_branch(rule, name) for rule in rules],
            owners=[_owner(split) for split in splits],
        )
    )


def _splits(policy: Policy) -> list[Split]:
    """Who owns what at each step of the ramp."""
    return [ramped(policy.split, policy.current, progress) for progress in policy.steps or (Fraction(1),)]


def _split(split: Split) -> dict[str, Any]:
    return {"arms": split.arms, "cuts": split.cuts}


def _written(value: object) -> str:
    # What JSON may hold and older JavaScript may not.
    return json.dumps(value, ensure_ascii=False).replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _quoted(text: str) -> str:
    """A text for SQL, whatever the server takes a backslash for.

    >>> _quoted("it's"), _quoted("a\\\\b")
    ("'it''s'", "E'a\\\\\\\\b'")
    """
    quoted = text.replace("'", "''")
    return "E'{}'".format(quoted.replace("\\", "\\\\")) if "\\" in quoted else f"'{quoted}'"


def _branch(rule: Rule, name: str) -> dict[str, str]:
    match = _quoted(rule.match)
    condition = f"job = {match}" if rule.exact else f"{name}_matches(job, {match})"
    return {"condition": condition, "reason": _quoted("job" if rule.exact else "pattern"), "owner": _owner(rule.split)}


def _owner(split: Split) -> str:
    branches = " ".join(f"WHEN bucket < {cut} THEN {_quoted(arm)}" for arm, cut in zip(split.arms, split.cuts, strict=True))
    return f"CASE {branches} END"


def _excluded(policy: Policy, name: str) -> str:
    parts = [f"{name}_matches(job, {_quoted(pattern)})" for pattern in policy.excluded_jobs]
    parts += [f"tenant = {_quoted(tenant)}" for tenant in sorted(policy.excluded_tenants)]
    if policy.payload_bytes is not None:
        parts.append(f"payload_bytes > {policy.payload_bytes}")
    if policy.deadline is not None:
        parts.append(f"deadline < {policy.deadline}")
    return " OR ".join(parts) or "false"


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("migrator.shadow.policy"),
        autoescape=False,  # noqa: S701 - code, not HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
