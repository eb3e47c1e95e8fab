"""Which calls of a job reach somebody outside: a mail, a message, money."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from migrator.jobs import Enqueue, Expression, Job, literal_of
from migrator.regex import regex
from migrator.rules.evidence import Evidence, number
from migrator.rules.worker_options import queue_of
from migrator.scanners.bodies import Reached
from migrator.scanners.candidates.slow_calls import kind_of
from migrator.syntax.tree import ancestors, callee_of
from migrator.systems import SYSTEMS
from migrator.systems.effects import EFFECTS, Effect

_PATTERNS: tuple[tuple[re.Pattern[str], Effect], ...] = tuple((regex(pattern), effect) for pattern, effect in EFFECTS.items())


def effect_of(call: Reached) -> Effect | None:
    """What a call does outside; None if nothing that we know."""
    return _effect(call.meaning.key)


@cache
def _effect(key: str) -> Effect | None:
    if not key or key.startswith("?"):
        return None
    if kind_of(key, in_loop=False) == "mail":
        # Resend keeps contacts and audiences as well.
        return "mail" if not key.startswith("resend.") or re.search(r"\.(?:emails|batch)\.", key) else None
    return next((effect for pattern, effect in _PATTERNS if pattern.search(key)), None)


def effects(evidence: Evidence, job: Job) -> Iterator[tuple[Reached, Effect]]:
    """Every call of a job that reaches somebody outside."""
    for call in evidence.calls(job):
        effect = effect_of(call)
        if effect is not None:
            yield call, effect


#: what makes a step of its own of the function that it is handed
_STEPS = regex(r"(?:step|context)\.(?:run|invoke)$")


def is_step(call: Reached) -> bool:
    """True if a call stands in a durable step, which is not run a second time when what comes after it fails."""
    for around in ancestors(call.node):
        if around.id == call.function.id:
            break
        callee = callee_of(around) if around.type == "call_expression" else None
        if callee is not None and _STEPS.search((callee.text or b"").decode("utf-8", "replace")):
            return True
    return False


def is_retried(evidence: Evidence, job: Job) -> bool | None:
    """Whether a job that fails is tried again; None where only the run tells."""
    attempts = [job.retry.max_attempts] if job.retry is not None else []
    queue = queue_of(job)
    attempts += [
        e.max_attempts
        for e in evidence.of(Enqueue, job.system)
        if e.max_attempts is not None and ((queue and literal_of(e.queue) == queue) or e.job == f"{job.module}:{job.symbol}")
    ]
    if any((count := number(value)) is not None and count > 1 for value in attempts):
        return True
    if any(isinstance(value, Expression) for value in attempts):
        return None
    if attempts:
        return any(literal_of(value) is None for value in attempts)
    facts = SYSTEMS[job.system].retry
    return facts is not None and facts.automatic and (facts.default_attempts is None or facts.default_attempts > 1)
