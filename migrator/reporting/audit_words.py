"""Inventory items in words that fit a line."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Sequence

from migrator.jobs import (
    Candidate,
    Client,
    Dependency,
    Endpoint,
    Enqueue,
    Expression,
    Inventory,
    Item,
    Job,
    Kind,
    Literal,
    Reason,
    ReasonKind,
    Schedule,
    Setting,
    Value,
    Worker,
)
from migrator.jobs.findings import Check, Finding, Spot
from migrator.jobs.live import Census, Live
from migrator.jobs.redaction import redact_lines, redact_text
from migrator.jobs.runtime import Difference, Source
from migrator.live.amounts import span

#: kind -> (heading of a section, heading of a narrow column)
HEADINGS: dict[Kind, tuple[str, str]] = {
    "definition": ("Jobs", "jobs"),
    "enqueue": ("Enqueues", "enqueues"),
    "schedule": ("Schedules", "schedules"),
    "worker": ("Workers", "workers"),
    "client": ("Clients", "clients"),
    "endpoint": ("Endpoints", "routes"),
    "dependency": ("Dependencies", "deps"),
    "setting": ("Settings", "config"),
}
#: why synchronous work could be a job
REASONS: dict[ReasonKind, str] = {
    "mail": "sends mail",
    "service": "calls another service",
    "model": "asks a language model",
    "program": "runs a program or converts a file",
    "bulk": "works through bulk data",
    "wait": "waits",
    "after": "leaves work to the web process, where it is lost when that ends",
}
_LONGEST = 60
#: what a number in the code counts, by the seconds of one
_UNITS = {0.001: "ms", 1.0: "s", 60.0: "min", 3600.0: "h", 86400.0: "d"}


def title(system: str) -> str:
    """A system's name as people write it."""
    from migrator.systems import SYSTEMS

    known = SYSTEMS.get(system)
    return known.title if known is not None else system


def where(item: Item) -> str:
    """`path:line`; of what a running system knows, the place there."""
    return item.location.place if item.location.line else item.location.path


def scope(inventory: Inventory) -> str:
    """What the report was narrowed to, in a sentence; empty if to nothing."""
    asked = inventory.scope
    parts = [f"systems {', '.join(map(title, asked.systems))}"] if asked.systems else []
    parts += [f"files {', '.join(asked.include)}"] if asked.include else []
    parts += [f"files changed since {asked.since}"] if asked.since else []
    shown = f"Shows only {' and '.join(parts)}. " if parts else ""
    unread = f"Not read: {', '.join(asked.exclude)}." if asked.exclude else ""
    return f"{shown}{unread}".strip()


def tally(inventory: Inventory) -> list[tuple[str, dict[Kind, int]]]:
    """(system, kind -> number), the systems with most jobs first."""
    counts = inventory.counts()
    return sorted(counts.items(), key=lambda row: (-row[1].get("definition", 0), -sum(row[1].values()), row[0]))


def by_kind(items: tuple[Item, ...]) -> dict[Kind, list[Item]]:
    """Items grouped by kind, in the order of `HEADINGS`."""
    groups: dict[Kind, list[Item]] = defaultdict(list)
    for item in items:
        groups[item.kind].append(item)
    return {kind: groups[kind] for kind in HEADINGS if kind in groups}


def describe(item: Item) -> str:
    """What matters about an item, in a phrase; empty when its name says it all."""
    match item:
        case Job():
            parts = _job(item)
        case Enqueue():
            parts = _enqueue(item)
        case Schedule():
            parts = [when(item), f"starts {item.job_name}" if item.job_name and item.job_name != item.name else ""]
        case Worker():
            parts = [item.role if item.role != "worker" else "", redact_text(item.command)]
        case Client():
            parts = [item.role]
        case Endpoint():
            parts = ["serves 1 job" if len(item.serves) == 1 else f"serves {len(item.serves)} jobs" if item.serves else ""]
        case Dependency():
            parts = [item.version]
        case Setting():
            parts = []
        case _:
            parts = []
    if item.confidence != "certain":
        parts.append(f"{item.confidence}: {item.reason}" if item.reason else item.confidence)
    return " · ".join(p for p in parts if p)


def checked(inventory: Inventory) -> str:
    """How many rules said what, in a phrase; they look at everything, also where the report shows a part."""
    states = Counter(check.state for check in inventory.checks)
    narrowed = inventory.scope.systems or inventory.scope.include or inventory.scope.since
    whole = " in all that was read" if narrowed else ""
    parts = [f"{states['fail']} of {len(inventory.checks)} rules are broken{whole}", f"{states['pass']} hold"]
    if states["unknown"]:
        parts.append(f"{states['unknown']} cannot be told" + ("" if inventory.live is not None else " from the code"))
    return ", ".join(parts)


def untold(inventory: Inventory) -> list[Check]:
    """The rules of which it cannot be said whether they are kept; also where that is so of one place or queue among others."""
    return [check for check in inventory.checks if check.reason]


def said(finding: Finding) -> str:
    """What a finding says, and how sure that is where it is not certain."""
    return finding.message if finding.confidence == "certain" else f"{finding.message} ({finding.confidence})"


def place(spot: Finding | Spot) -> str:
    """`path:line`; of what stands in a running server, the place there."""
    return f"{spot.path}:{spot.line}" if spot.line else spot.path


def places(finding: Finding, most: int = 3) -> str:
    """Where a finding is, the first places by name."""
    return listed((finding, *finding.others), most)


def listed(spots: Sequence[Finding | Spot], most: int = 3) -> str:
    """The first of several places by name, each once, and how many more there are."""
    named = list(dict.fromkeys(map(place, spots)))
    more = f" and {len(named) - most} more" if len(named) > most else ""
    return ", ".join(named[:most]) + more


def handler(candidate: Candidate) -> str:
    """A request handler by its route, or else its name."""
    return candidate.route if "/" in candidate.route else " ".join(part for part in (candidate.route, candidate.name) if part)


def in_short(candidate: Candidate) -> str:
    """All that a request handler does that could be a job's work."""
    return ", ".join(dict.fromkeys(REASONS[reason.kind] for reason in candidate.reasons))


def because(reason: Reason) -> str:
    """Why a request handler could be a job, in a phrase, with the place."""
    often = ", once for each of many" if reason.in_loop else ""
    way = f", through {' → '.join(reason.via)}" if reason.via else ""
    return f"{REASONS[reason.kind]}{often}: {redact_text(reason.call)}, {reason.location.place}{way}"


def seconds(value: Value | None) -> str:
    """A duration in words: 90 -> `1.5 min`; what the code computes with the unit that it has there.

    >>> seconds(Expression("config.delay", scale=0.001))
    '`config.delay` ms'
    """
    if isinstance(value, Expression):
        factor = _UNITS.get(value.scale, f"× {value.scale:g} s")
        return f"{_code(value.source)} {factor}" + (f" + {value.offset:g} s" if value.offset else "")
    amount = value.value if value is not None else ""
    if not isinstance(amount, int | float) or isinstance(amount, bool):
        return str(amount)
    for unit, name in ((86400, "d"), (3600, "h"), (60, "min")):
        if amount >= unit:
            return f"{amount / unit:g} {name}"
    return f"{amount:g} s"


def short(value: Value | None) -> str:
    """A value as it can stand in a line; what the code computes stands between backticks, as code does, with the arithmetic of its unit.

    >>> short(Literal("mail")), short(Expression("queueName")), short(Expression("retries", offset=1))
    ('mail', '`queueName`', '`retries` + 1')
    """
    match value:
        case None:
            return ""
        case Literal():
            return _cut(_plain(value.value))
        case Expression():
            factor = f" × {value.scale:g}" if value.scale != 1 else ""
            return _code(value.source) + factor + (f" + {value.offset:g}" if value.offset else "")


def _code(source: str) -> str:
    """Source text between backticks; a template of JavaScript has its own."""
    text = _cut(source)
    inside = text[1:-1]
    if text == f"`{inside}`" and "`" not in inside:
        return text
    quoted = text.replace("`", "'")
    return f"`{quoted}`"


def _cut(text: str) -> str:
    text = redact_text(" ".join(text.split()))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def when(schedule: Schedule) -> str:
    """When a schedule runs, as written."""
    text = f"cron {short(schedule.cron)}" if schedule.cron is not None else f"every {seconds(schedule.interval)}"
    return f"{text} {schedule.timezone}".strip()


def facts(item: Item) -> tuple[tuple[str, str], ...]:
    """Everything else that is known about an item, as (what, value), for whoever wants to know more than `describe` says."""
    shown = [(name.replace("_", " "), short(value)) for name, value in item.options.items() if name != "..."]
    match item:
        case Job():
            more = [
                ("handler", f"{item.handler.name or 'inline'}, {item.handler.location.place}")
                if item.handler is not None
                else ("handler", ""),
                ("form", item.form),
                ("steps", ", ".join(f"{s.kind} {short(s.id)}".strip() for s in item.steps)),
                ("uses", ", ".join(dict.fromkeys(f"{u.feature} {u.detail}".strip() for u in item.uses))),
            ]
        case Enqueue():
            more = [("form", item.form), ("job", item.job), ("inside", item.inside)]
        case Schedule():
            more = [("job", item.job or item.job_name), ("defined in", item.defined_in)]
        case Worker():
            more = [("queues", ", ".join(item.queues)), ("concurrency", short(item.concurrency)), ("service", item.service)]
        case Endpoint():
            more = [("serves", ", ".join(item.serves))]
        case _:
            more = []
    if item.via:
        more.append(("through", " → ".join(item.via)))
    return tuple((name, value) for name, value in [*more, *shown] if value)


def _plain(value: object) -> str:
    """A literal as it is written in JSON, texts without their quotes."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _job(job: Job) -> list[str]:
    parts = [_trigger(t.kind, t.value) for t in job.triggers if t.kind != "direct"]
    parts.append(_queue(job.name, job.queue))
    if job.retry is not None:
        attempts = job.retry.max_attempts
        if isinstance(attempts, Literal) and attempts.value is None:
            parts.append("retried without end")
        elif isinstance(attempts, Literal):
            parts.append("runs once" if attempts.value == 1 else f"up to {attempts.value} runs")
        else:
            parts.append(f"up to {short(attempts)} runs")
    if job.timeout is not None:
        parts.append(f"at most {seconds(job.timeout)}")
    if job.steps:
        parts.append("1 step" if len(job.steps) == 1 else f"{len(job.steps)} steps")
    if job.live is False:
        parts.append("not registered anywhere")
    return parts


def _enqueue(enqueue: Enqueue) -> list[str]:
    return [
        f"after {seconds(enqueue.delay)}" if enqueue.delay is not None else "",
        _queue(enqueue.name, enqueue.queue),
        "in a loop" if enqueue.in_loop else "",
        "in a transaction" if enqueue.in_transaction else "",
        f"through {' → '.join(enqueue.via)}" if enqueue.via else "",
    ]


def _queue(name: str, queue: Value | None) -> str:
    """The queue of what has this name, where it is another: systems whose jobs are queues have but one name for both."""
    return f"queue {short(queue)}" if queue not in (None, Literal(name)) else ""


def _trigger(kind: str, value: Value) -> str:
    return f"every {seconds(value)}" if kind == "interval" else f"{kind} {short(value)}"


def masked(source: str) -> str:
    """A line of code as it may be shown: without passwords and tokens."""
    return redact_lines(source, code=True)


def asked(source: Source) -> str:
    """What one running system was found to know, in a sentence."""
    counts = ", ".join(f"{number} of {title(system)}" for system, number in source.found.items())
    return f"{source.address}: {counts or 'nothing of a job system'}"


def looked(live: Live) -> str:
    """Which servers were looked at, and how, in a sentence."""
    servers = ", ".join(f"{address} ({product})" if product else address for address, product in live.servers.items())
    if live.window_seconds is None:
        return f"Looked once at {servers}; nothing was written."
    return f"Looked twice at {servers}, {live.window_seconds:g} s apart; nothing was written."


#: headings of the count of queues
CENSUS = ("queue", "system", "due", "delayed", "running", "waiting", "failed", "oldest", "workers", "names")


def census(queue: Census) -> tuple[str, ...]:
    """A line of the count of queues; a question mark is what could not be told."""
    counts = (queue.due, queue.delayed, queue.active, queue.blocked, queue.failed)
    names = ", ".join(f"{name} {number}" for name, number in list(queue.names.items())[:3])
    more = f" and {len(queue.names) - 3} more" if len(queue.names) > 3 else ""
    return (
        queue.queue,
        title(queue.system),
        *("?" if number is None else f"{number:,}" for number in counts),
        span(queue.oldest_seconds) if queue.oldest_seconds is not None else "?" if queue.due else "",
        "?" if queue.workers is None else f"{queue.workers:,}",
        f"{names}{more}",
    )


def difference(told: Difference) -> str:
    """One difference between the code and what runs, in a sentence without the places."""
    what = f"{_KINDS.get(told.about, told.about)} {told.name or '(without a name)'}"
    detail = f" ({told.detail})" if told.detail and told.kind != "differs" else ""
    match told.kind:
        case "not running":
            return f"{what}{detail} is in the code and does not run"
        case "not in code":
            return f"{what}{detail} runs and is not in the code"
        case "differs":
            return f"{what}: {told.detail}"


_KINDS: dict[Kind, str] = {"schedule": "schedule", "definition": "job"}
