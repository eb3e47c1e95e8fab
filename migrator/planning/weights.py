"""What the score of a job is made of: every weight in one place.

All of them are priors, set by judgement and not measured: they order jobs, they do not predict. A plan prints the parts of each score.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal as OneOf

from migrator.jobs.findings import Severity

Band = OneOf["codemod", "assisted", "manual", "redesign"]
SideEffect = OneOf["money", "message", "external write", "internal write", "read"]
Frequency = OneOf["every minute", "hourly", "daily", "less often"]
Cost = OneOf["same", "renamed", "adapted", "redesigned", "blocked"]

#: what a feature costs on the target: the same meaning, another name or unit, a few lines of code, another design; a blocker is no
#: matter of degree and costs nothing here
COSTS: Mapping[Cost, int] = {"same": 0, "renamed": 1, "adapted": 3, "redesigned": 8, "blocked": 0}

# --- difficulty: 4·features + 6·fan-out + 4·limits + 3·payload + 4·coupling + 5·opacity, at most 100 ---
FEATURES, FAN_OUT, LIMITS, PAYLOAD, COUPLING, OPACITY = 4, 6, 4, 3, 4, 5
#: share of a limit from which on it counts 1, and from which on 2; above 1 it is a blocker
NEAR, CLOSE = 0.5, 0.8
#: most of what is counted, for the middle of what is not known
MOST_FAN_OUT, MOST_LIMIT, MOST_PAYLOAD, MOST_OPACITY = 3, 2, 2, 4
#: number of places that enqueue a job, above which they count 1, and above which 2
SOME_SITES, MANY_SITES = 2, 10

# --- risk: findings + side effect + frequency + no test + no guard, at most 100 ---
FINDINGS: Mapping[Severity, int] = {"critical": 15, "high": 8, "medium": 3, "low": 0, "info": 0}
#: families of rules that say something of the application where they are mended once: monitoring, operation, what the audit could not know
OF_THE_APPLICATION = frozenset(("JOB4", "JOB8", "JOB9"))
SIDE_EFFECTS: Mapping[SideEffect, int] = {"money": 25, "message": 12, "external write": 8, "internal write": 4, "read": 0}
FREQUENCIES: Mapping[Frequency, int] = {"every minute": 8, "hourly": 4, "daily": 2, "less often": 0}
NO_TEST, NO_GUARD = 8, 12

# --- bands and hours ---
#: band -> (highest difficulty, hours of one job from, to)
BANDS: Mapping[Band, tuple[int, float, float]] = {
    "codemod": (20, 0.25, 1),
    "assisted": (45, 1, 4),
    "manual": (70, 4, 12),
    "redesign": (100, 12, 40),
}
BASIS = "priors: hours of one job by its band, added up from low to low and high to high; nobody has measured them on your code"
#: below this share of known facts a person has to look at the job before its figures are used
REVIEW = 0.6
#: above this risk a job moves with care
HIGH_RISK = 60
#: share of the groups that start no other that move first
PILOTS = 0.25

#: what can be said in another way with a few lines where the target does not have it
SMALL = frozenset(
    (
        *(
            "positional-arguments",
            "typed-arguments",
            "call-queue",
            "call-options",
            "routing",
            "enqueue-by-name",
            "bulk-enqueue",
            "timezone",
        ),
        *("sync-enqueue", "sync-handler", "async-handler", "context", "retention", "no-retry-error", "test-mode", "late-acknowledgement"),
    )
)
#: without these a job does not do its work: where the target has nothing for one, the job cannot move as it is
ESSENTIAL = frozenset(
    (
        *("delay", "long-delay", "run-at", "cron", "cron-seconds", "interval", "dynamic-schedule"),
        *("debounce", "batch", "ordering", "rate-limit", "concurrency-key", "singleton"),
        *("step-sleep", "wait-for-event", "invoke", "fan-out-event", "chain", "chord", "parent-child"),
        *("cancel-running", "result-wait", "pickle-payload", "binary-payload"),
    )
)
