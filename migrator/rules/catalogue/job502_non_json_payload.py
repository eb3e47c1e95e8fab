"""JOB502: what a job is given arrives as something else, or not at all."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from migrator.jobs import Enqueue
from migrator.rules.evidence import Evidence, spot
from migrator.rules.payloads import Given, given
from migrator.rules.rule import Effort, Example, Fail, Outcome, Pass, Rule, Undecided
from migrator.rules.serialising import payload_of
from migrator.rules.value_kinds import kind_of, text_of
from migrator.systems import SYSTEMS
from migrator.systems.payload import PAYLOADS, PICKLE, ValueKind

_SYSTEMS = tuple(dict.fromkeys(system for system, _ in PAYLOADS))
_WORDS: dict[ValueKind, str] = {
    "date": "a moment",
    "duration": "a span of time",
    "map": "a map",
    "set": "a set",
    "bigint": "a `BigInt`",
    "bytes": "bytes",
    "function": "a function",
    "decimal": "a decimal",
    "uuid": "a UUID",
    "instance": "an object of a class",
}
#: what makes a moment of a text again
_PARSERS = (b"new Date(", b"parseISO(", b"dayjs(", b"moment(", b"fromISO(", b"coerce", b"toDate(")
_PARSED = (
    r"(?:new Date|parseISO|dayjs|moment|fromISO|toDate)\(\s*(?:[\w.?!\[\]]*[.?!])?{name}\b|\b{name}\b[\"']?\s*:\s*\w+\s*\.coerce\s*\.date\b"
)


def check(evidence: Evidence) -> Iterator[Outcome]:
    """One outcome for each name under which values are handed over that do not arrive as they are; or for a system where all do."""
    found: defaultdict[tuple[str, str, ValueKind], list[Given]] = defaultdict(list)
    clean: dict[str, Enqueue] = {}
    for enqueue in evidence.of(Enqueue, *_SYSTEMS):
        odd = False
        for value in given(evidence, enqueue):
            kind = kind_of(value)
            if kind is not None and kind in _WORDS:
                odd = True
                found[enqueue.system, value.key or text_of(value.place.node), kind].append(value)
        if not odd and enqueue.arguments:
            clean.setdefault(enqueue.system, enqueue)
    for (_, name, kind), values in found.items():
        yield from _outcome(evidence, name, kind, values)
    for enqueue in clean.values():
        yield Pass(spot(enqueue, "is given what JSON knows"))


def _outcome(evidence: Evidence, name: str, kind: ValueKind, values: list[Given]) -> Iterator[Outcome]:
    first = values[0].enqueue
    system = SYSTEMS[first.system].title
    payload = payload_of(evidence, first)
    if isinstance(payload, str):
        yield Undecided(f"`{name}` is {_WORDS[kind]}, and {payload or 'what becomes of it is not known'}", spot(first))
        return
    places = list(dict.fromkeys(spot(value.enqueue, value.enqueue.name) for value in values))
    if kind in payload.refused:
        message = f"`{name}` is {_WORDS[kind]}: {system} cannot write it down, and the call fails."
        yield Fail(places[0], message, (first.system,), tuple(places[1:]), "likely")
    elif kind in payload.changed:
        if kind == "date" and _is_parsed(evidence, values[0].name or name):
            yield Pass(spot(first, f"`{name}` is made a moment again where it arrives"))
            return
        message = f"`{name}` is {_WORDS[kind]}, and the job is given {payload.changed[kind]}."
        yield Fail(places[0], message, (first.system,), tuple(places[1:]), "likely", severity="medium" if kind == "date" else None)
    elif payload is not PICKLE or kind != "function":
        yield Pass(spot(first, f"`{name}` arrives as it is"))


def _is_parsed(evidence: Evidence, name: str) -> bool:
    """True if the code makes a moment of something of this name anywhere: by a call, or by what a schema says of it."""
    wanted = re.compile(_PARSED.format(name=re.escape(name)).encode())
    return any(evidence.said(path, wanted) for path in evidence.containing(*_PARSERS))


_QUEUE = (
    'import { Queue } from "bullmq";\nconst mails = new Queue("mail", { connection: { host: "redis" } });\n'
    'export const remind = (ids: string[], at: Date) => mails.add("remind", GIVEN);\n'
)
_ACTOR = "import datetime\n\nimport dramatiq\n\n\n@dramatiq.actor\ndef remind(at):\n    ...\n\n\ndef later():\n    remind.send(GIVEN)\n"

RULE = Rule(
    id="JOB502",
    name="non-json-payload",
    title="Values that arrive as something else",
    severity="high",
    systems=_SYSTEMS,
    what="Moments, maps, sets, `BigInt`, bytes, functions and objects of classes among the values that a job is given in TypeScript or "
    "JavaScript; in Python what the system's own serializer refuses.",
    why="What jobs are given is written down as JSON. Measured with BullMQ 6.7.0: a `Date` arrived as a string, a `Map` as `{}`, a "
    "function not at all, and a `BigInt` was a TypeError; the types of TypeScript go on saying `Date`. Measured with Dramatiq 2.2.1: "
    "datetimes, UUIDs, decimals, sets and bytes are a TypeError. Celery's JSON (kombu 5.7.0) knows the "
    "first three and bytes, no sets and no spans.",
    how="What a value stands for is followed to the call or the class that it comes from, or the type that it is said to have. A moment of "
    "which the code makes a `Date` again, somewhere, is right; others are medium. Systems and settings that pickle are left out.",
    false_alarms="A moment that the job only passes on as text.",
    migration="The target's JSON may refuse what the source took: kombu's UUIDs and moments are a TypeError with Dramatiq.",
    fix="unsafe",
    hint="Hand over texts and numbers: `date.toISOString()`, `[...set]`, `str(uuid)`, and make the value again in the job.",
    effort=Effort(10, 20, "place", "an estimate"),
    sources=("measured with bullmq 6.7.0, dramatiq 2.2.1 and kombu 5.7.0", "BullMQ guide, Job data"),
    examples=(
        Example(
            "bullmq",
            bad={"mail.ts": _QUEUE.replace("GIVEN", "{ ids: new Set(ids), at }")},
            good={"mail.ts": _QUEUE.replace("GIVEN", "{ ids: [...new Set(ids)], at: at.toISOString() }")},
        ),
        Example(
            "dramatiq",
            bad={"mail.py": _ACTOR.replace("GIVEN", "datetime.datetime.now()")},
            good={"mail.py": _ACTOR.replace("GIVEN", "datetime.datetime.now().isoformat()")},
        ),
    ),
    check=check,
    related=("JOB501",),
)
