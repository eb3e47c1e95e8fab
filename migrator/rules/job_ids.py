"""The ids that make a second enqueue a no-op, taken apart into what is fixed, what is the clock or chance, and what is the business."""

from __future__ import annotations

import re

import msgspec

from migrator.jobs import Enqueue, Expression, Literal
from migrator.regex import regex

#: systems in which an enqueue can have an id that makes a second one a no-op
WITH_IDS = ("bullmq", "bull", "rq", "qstash", "sqs", "inngest", "pg-boss", "arq")
_CLOCK = regex(r"Date\.now\(\)|new Date\(\s*\)|time\.time\(|datetime\.(?:now|utcnow)\(|performance\.now\(|timezone\.now\(|hrtime")
#: a call: `order.uuid` is of the business
_CHANCE = regex(r"(?:Math\.random|nanoid|randomUUID|\buuid\w*(?:\.\w+)?|\brandom\.\w+|\bsecrets\.\w+|crypto\.random\w+)\s*\(")
_TEMPLATE = regex(r"\$\{((?:[^{}]|\{[^{}]*\})*)\}|(?<!\{)\{((?:[^{}])*)\}(?!\})")


class JobId(msgspec.Struct, frozen=True):
    """`text` as written; whether it holds a moment in time, chance, and anything of the business."""

    text: str
    clock: bool
    chance: bool
    business: bool


def job_id(enqueue: Enqueue) -> JobId | None:
    """The id of an enqueue; None where it has none, or one that only the run tells."""
    value = enqueue.dedupe
    if isinstance(value, Literal):
        return JobId(str(value.value), clock=False, chance=False, business=False) if isinstance(value.value, str) else None
    if not isinstance(value, Expression):
        return None
    return _taken_apart(value.source)


def _taken_apart(source: str) -> JobId | None:
    parts = [a or b for a, b in _TEMPLATE.findall(source)] or source.split("+")
    kinds = [_kind(part) for part in parts if part.strip() and not _is_text(part)]
    # A single name may stand for anything.
    if kinds == ["business"] and source.strip() == parts[0].strip() and source.strip().isidentifier():
        return None
    return JobId(source, "clock" in kinds, "chance" in kinds, "business" in kinds)


def _is_text(part: str) -> bool:
    return re.fullmatch(r"\s*([`'\"]).*\1\s*", part) is not None


def _kind(part: str) -> str:
    if _CLOCK.search(part):
        return "clock"
    return "chance" if _CHANCE.search(part) else "business"
